"""The report: one file in both languages, sums that hold as shown, nothing fetched, and every empty state."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capillary.content import load_benchmark, load_capabilities, load_standard, standard_ids
from capillary.diagnosis import diagnose
from capillary.diagnosis.diagnose import Diagnosis
from capillary.model import text
from capillary.model.problems import InputError
from capillary.model.standard import Boolean, Grid, Level, Multiple, Question, Ticks
from capillary.report import render_html, render_pdf
from capillary.report.accounting import ShownAccount
from capillary.report.build import build_page
from capillary.report.page import Accounting, AccountLine, Amounts, Page
from capillary.report.rounding import Line, round_line
from capillary.sheets import read_sheet

from .strategies import full_sheets, partial_sheets

HOSTILE = '<script>alert("1")</script>\'"{name}%(x)s{{ 7 * 7 }}</title>'
LARGEST = 400_000
STANDARDS = {name: load_standard(name) for name in standard_ids()}


def diagnosed(standard: str, answers: dict[str, Any], **more: Any) -> Diagnosis:
    sheet = read_sheet({"standard": standard, "answers": answers, **more}, load_standard)
    benchmark = load_benchmark(standard)
    return diagnose(STANDARDS[standard], sheet, load_capabilities(), list(STANDARDS.values()), benchmark)


def context(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "capabilities": load_capabilities(),
        "standards": STANDARDS,
        "benchmark": load_benchmark(diagnosis.standard.id),
        "written_on": "2026-03-09",
    }


def html_of(diagnosis: Diagnosis, language: str = "en") -> str:
    return render_html(diagnosis, language=language, **context(diagnosis))  # type: ignore[arg-type]


def page_of(diagnosis: Diagnosis) -> Page:
    return build_page(diagnosis, **context(diagnosis))


def best(question: Question) -> Any:
    match question:
        case Level():
            return question.levels[-1].level
        case Boolean():
            return True
        case Multiple():
            return [option.key for option in question.options if not option.exclusive]
        case Grid():
            return {row.key: question.scale[-1].key for row in question.rows}
        case Ticks():
            return {column.key: [row.key for row in question.rows] for column in question.columns}
        case _:
            return question.options[-1].key


def everything(standard: str) -> dict[str, Any]:
    return {question.id: best(question) for question in STANDARDS[standard].questions}


def sample(standard: str, *, full: bool = False) -> Diagnosis:
    raw = (full_sheets if full else partial_sheets)(STANDARDS[standard], 8, 5)[-1]
    raw["enterprise"] = {"name": "Ferretti Meccanica", "region": "IT", "employees": 42}
    return diagnosed(**raw)


class Reader(HTMLParser):
    """Gathers tags with their attributes, and the text of each article."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.article = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "article":
            self.article = dict(attrs).get("lang") or ""

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self.article, []).append(data)

    def words(self, language: str) -> str:
        return " ".join(" ".join(self.text[language]).split())


# --- one file, two languages -------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", standard_ids())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_file_holds_both_languages_and_opens_in_the_chosen_one(standard: str, language: str) -> None:
    html = html_of(sample(standard), language)
    page = Reader(html)
    file = STANDARDS[standard].file
    assert file.title.en in page.words("en")
    assert file.title.zh in page.words("zh-Hans")
    assert file.title.zh not in page.words("en")
    picked = [attrs["id"] for tag, attrs in page.tags if tag == "input" and "checked" in attrs]
    assert picked == [f"pick-{language}"]
    labels = {attrs["for"] for tag, attrs in page.tags if tag == "label"}
    assert labels == {"pick-zh", "pick-en"}
    assert len(html.encode()) < LARGEST


class Marked(NullTranslations):
    """Marks every message that goes through the catalogue."""

    def gettext(self, message: str) -> str:
        return f"§{message}"


def test_every_fixed_sentence_goes_through_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = NullTranslations()
    monkeypatch.setattr(text, "catalogue", lambda language: Marked() if language == "zh" else plain)
    page = Reader(html_of(sample("miit-2024", full=True)))
    assert "§" not in page.words("en")
    for sentence in ("What to do first", "Level reached", "points of the option chosen", "No smaller set of"):
        assert f"§{sentence}" in page.words("zh-Hans")
        assert not re.search(f"(?<!§){sentence}", page.words("zh-Hans"))


@pytest.mark.parametrize("standard", standard_ids())
def test_nothing_is_fetched_and_no_script_runs(standard: str) -> None:
    html = html_of(sample(standard))
    page = Reader(html)
    for tag, attrs in page.tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {name for name in attrs if name.startswith("on") or name in {"src", "srcset", "action"}}
        if "href" in attrs:
            assert tag == "a"
            assert re.match(r"https?://|#source-\d+-(zh|en)$", attrs["href"] or "")
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_links_to_sources_lead_somewhere_and_no_id_stands_twice() -> None:
    page = Reader(html_of(sample("eu-dma")))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = {
        (attrs["href"] or "")[1:]
        for tag, attrs in page.tags
        if tag == "a" and (attrs["href"] or "").startswith("#")
    }
    assert inner
    assert inner <= set(ids)


def test_a_hostile_name_stays_text() -> None:
    found = diagnosed(
        "miit-2024", {"Q05": "B"}, enterprise={"name": HOSTILE, "region": HOSTILE, "sector": HOSTILE}
    )
    html = html_of(found)
    page = Reader(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert html.count("</title>") == 1
    assert HOSTILE in page.words("en")
    assert HOSTILE in page.words("zh-Hans")


# --- sums --------------------------------------------------------------------------------------------------


def number(text: str) -> Fraction:
    return Fraction(text)


def four(amounts: Amounts) -> list[Fraction]:
    return [number(x) for x in (amounts.earned, amounts.lost, amounts.unknown, amounts.not_applicable)]


def below(lines: tuple[AccountLine, ...], index: int) -> list[AccountLine]:
    found = []
    for line in lines[index + 1 :]:
        if line.depth <= lines[index].depth:
            break
        if line.depth == lines[index].depth + 1:
            found.append(line)
    return found


def check_sums(accounting: Accounting) -> None:
    for index, line in enumerate(accounting.lines):
        assert sum(four(line.amounts)) == number(line.amounts.potential)
        children = [*below(accounting.lines, index), *line.parts]
        if children:
            columns = zip(*(four(child.amounts) for child in children), strict=True)
            assert [sum(column) for column in columns] == four(line.amounts)
            total = sum((number(child.amounts.potential) for child in children), Fraction(0))
            assert total == number(line.amounts.potential)


@pytest.mark.parametrize("standard", standard_ids())
def test_all_sums_hold_as_shown(standard: str) -> None:
    for raw in partial_sheets(STANDARDS[standard], 30, 11):
        found = read_sheet(raw, load_standard)
        result = diagnose(STANDARDS[standard], found, load_capabilities())
        page = build_page(result, load_capabilities(), STANDARDS, None, None)
        check_sums(page.accounting)
        top = page.accounting.lines[0].amounts
        if len(STANDARDS[standard].file.variants) < 2 or found.variant:
            ends = [number(end) for end in page.head.score.split("–")]
            assert ends[0] == number(top.earned)
            assert ends[-1] == number(top.earned) + number(top.unknown)
        costs = [number(row.cost or "0") for row in (*page.shortcomings.first, *page.shortcomings.rest)]
        assert costs == sorted(costs, reverse=True)


def test_the_table_on_the_page_shows_these_sums() -> None:
    result = sample("eu-dma")
    article = html_of(result).split("<article")[1]
    account = article[article.index('class="stack account') :]
    line = ShownAccount(result.account)
    cells = re.findall(r'<td class="n[^"]*" data-label="[^"]*">([\d.]+)</td>', account)
    width = 5 if line.account.not_applicable else 4
    *parts, most = (Fraction(cell) for cell in cells[:width])
    assert sum(parts) == most
    assert parts[0] == line.earned


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Line:
    if depth and draw(st.booleans()):
        children = tuple(draw(st.lists(trees(depth=depth - 1), min_size=1, max_size=4)))
        columns = zip(*(child.amounts for child in children), strict=True)
        return Line(tuple(sum(column, Fraction(0)) for column in columns), children)
    amount = st.fractions(min_value=0, max_value=20, max_denominator=24) | st.just(Fraction(0))
    return Line(tuple(draw(st.lists(amount, min_size=4, max_size=4))))


def check_rounding(exact: Line, shown: Line, unit: Fraction) -> None:
    for before, after in zip(exact.amounts, shown.amounts, strict=True):
        assert (after / unit).denominator == 1
        assert abs(after - before) < unit
    assert abs(sum(shown.amounts) - sum(exact.amounts)) < unit
    if shown.children:
        columns = zip(*(child.amounts for child in shown.children), strict=True)
        assert tuple(sum(column) for column in columns) == shown.amounts
    for child, rounded in zip(exact.children, shown.children, strict=True):
        check_rounding(child, rounded, unit)


@given(trees(), st.integers(min_value=0, max_value=2))
def test_rounding_keeps_every_sum_and_moves_nothing_by_a_whole_unit(line: Line, digits: int) -> None:
    unit = Fraction(1, 10**digits)
    shown = round_line(line, digits)
    check_rounding(line, shown, unit)
    assert abs(shown.amounts[0] - line.amounts[0]) <= unit / 2


# --- states ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", standard_ids())
def test_nothing_answered(standard: str) -> None:
    found = diagnosed(standard, {})
    page = page_of(found)
    assert page.shortcomings.first == ()
    assert page.obstacles.rows == ()
    words = Reader(html_of(found)).words("en")
    assert "Nothing has been answered yet" in words
    count = len(STANDARDS[standard].questions)
    assert f"{count} of {count} questions are still open" in words
    assert "No answer that was given costs anything" in words


@pytest.mark.parametrize("standard", standard_ids())
def test_everything_reached(standard: str) -> None:
    found = diagnosed(standard, everything(standard))
    page = page_of(found)
    assert page.needs is None
    words = Reader(html_of(found)).words("en")
    assert "Nothing is missing" in words
    assert "still open" not in words
    if found.score.level is not None:
        assert [rung.state for rung in page.head.rungs][-1] == "certain"


def test_the_top_level_with_shortcomings_left() -> None:
    answers = {**everything("miit-2024"), "Q05": "B"}
    words = Reader(html_of(diagnosed("miit-2024", answers))).words("en")
    assert "The highest level is reached. What still costs most:" in words


def test_a_standard_without_levels() -> None:
    found = sample("cis-ig1", full=True)
    page = page_of(found)
    assert page.head.level is None
    assert page.head.rungs == ()
    words = Reader(html_of(found)).words("en")
    assert "This standard has no levels." in words
    assert "What stands between" not in words
    assert [step.title for step in page.steps.first] == [row.title for row in page.shortcomings.first[:3]]


def test_an_uncertain_level_names_both_ends_and_the_open_questions() -> None:
    found = diagnosed("eu-dma", {"Q2": ["1", "2", "3"]})
    words = Reader(html_of(found)).words("en")
    assert "Between Basic and" in words
    assert "10 of 11 questions are still open" in words


def test_the_first_steps_are_those_of_the_nearest_way() -> None:
    found = diagnosed(
        "miit-2024",
        {
            **everything("miit-2024"),
            "S01": 3,
            "Q05": "A",
            **dict.fromkeys(["S03", "S06", "S07", "S08", "S09", "S10"], 3),
        },
    )
    assert found.nearest is not None
    page = page_of(found)
    questions = list(dict.fromkeys(item.question for item in found.nearest.ways[0].improvements))
    steps = [*page.steps.first, *page.steps.then]
    assert [step.title for step in steps] == [found.standard.by_id[name].title for name in questions]
    level = found.standard.level_title(found.nearest.level).en
    assert f"No smaller set of improvements reaches “{level}” (proven)." in Reader(html_of(found)).words("en")


def test_evidence_puts_supported_beside_declared() -> None:
    found = diagnosed("miit-2024", everything("miit-2024"), evidence={"Q05": "documented"})
    rows = {
        str(row.name.in_("en")): row for row in page_of(found).head.weighed if not isinstance(row.name, str)
    }
    assert rows["Score"].declared == "100"
    assert rows["Score"].supported == "10"


def test_a_cut_that_must_be_passed_is_not_shown_as_one_to_be_reached() -> None:
    found = diagnosed("eu-dma", {})
    words = Reader(html_of(found)).words("en")
    assert "more than 25" in words
    assert "25.1" not in words


def test_questions_that_do_not_apply_are_named() -> None:
    dropped = diagnosed("cmmm-2020", {"product-design": "na"}, variant="discrete")
    assert [
        title.in_("en") for title in page_of(dropped).accounting.left_out if not isinstance(title, str)
    ] == ["Product design"]
    skipped = page_of(diagnosed("miit-2024", {"Q12": "na"})).accounting
    assert skipped.some_not_applicable
    check_sums(skipped)


def test_an_unknown_variant_is_said() -> None:
    words = Reader(html_of(diagnosed("cmmm-2020", {"data": 2}))).words("en")
    assert "The kind of firm is not known" in words


def test_unverified_figures_are_marked_and_listed() -> None:
    page = page_of(diagnosed("eu-dma", {}))
    assert page.foot.doubts
    assert any(line.reference.certainty == "unverified" for line in page.accounting.lines)
    html = html_of(diagnosed("eu-dma", {}))
    assert html.count("‡") > 4
    assert "Some figures behind this result are unverified" in html


def test_peers_with_and_without_figures() -> None:
    firm = {"name": "F", "region": "IT", "employees": 42}
    with_figures = page_of(diagnosed("eu-dii-v3", everything("eu-dii-v3"), enterprise=firm)).peers
    assert [row.own for row in with_figures.rows] == ["", "", "", "certain"]
    words = Reader(html_of(diagnosed("eu-dii-v3", everything("eu-dii-v3"), enterprise=firm))).words("en")
    assert "of 100 such firms score lower" in words
    assert "Compared with: Italy, 10–49 persons (small), 2025." in words
    too_small = page_of(diagnosed("eu-dii-v3", {}, enterprise={"employees": 4})).peers
    assert too_small.rows == ()
    none = Reader(html_of(diagnosed("miit-2024", {}))).words("en")
    assert "There are no published figures of other firms under this standard" in none


def test_other_standards_say_how_much_is_settled() -> None:
    found = sample("miit-2024", full=True)
    rows = page_of(found).across
    assert len(rows) == len(STANDARDS) - 1
    for row, across in zip(rows, found.across, strict=True):
        assert row.settled == f"{len(across.settled)} / {len(STANDARDS[across.standard].questions)}"


# --- PDF ---------------------------------------------------------------------------------------------------


def no_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return True
    return not subprocess.run([lister, ":lang=zh-cn"], capture_output=True, check=False).stdout


needs_font = pytest.mark.skipif(no_chinese_font(), reason="no font with Chinese characters")


def write_pdf(diagnosis: Diagnosis, path: Path, language: str) -> None:
    render_pdf(diagnosis, path, language=language, **context(diagnosis))  # type: ignore[arg-type]


@needs_font
@pytest.mark.slow
@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_the_pdf_holds_the_chosen_language_only(tmp_path: Path, language: Any, other: Any) -> None:
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    found = sample("miit-2024")
    path = tmp_path / "report.pdf"
    write_pdf(found, path, language)
    pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    every = re.sub(r"\s", "", "".join(pages))
    title = found.standard.file.title
    assert re.sub(r"\s", "", title.in_(language)) in every
    assert re.sub(r"\s", "", title.in_(other)) not in every
    for position, page in enumerate(pages, start=1):
        assert f"{position}/{len(pages)}" in page.replace(" ", "")
        assert "FerrettiMeccanica" in page.replace(" ", "")
    width, height = (float(side) for side in pypdf.PdfReader(path).pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


def test_without_weasyprint_the_problem_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError) as caught:
        write_pdf(diagnosed("eu-dma", {}), tmp_path / "report.pdf", "en")
    problem = caught.value.problems[0]
    assert problem.code == "pdf-unavailable"
    assert "pip install" in problem.remedy.in_("en")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("listed", [None, ""])
def test_without_a_chinese_font_there_is_no_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: str | None
) -> None:
    pytest.importorskip("weasyprint")
    tools = tmp_path / "tools"
    tools.mkdir()
    if listed is not None:
        lister = tools / "fc-list"
        lister.write_text("#!/bin/sh\n", encoding="utf-8")
        lister.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools) + (os.pathsep + "/bin" if listed is not None else ""))
    path = tmp_path / "report.pdf"
    with pytest.raises(InputError) as caught:
        write_pdf(diagnosed("eu-dma", {}), path, "zh")
    assert caught.value.problems[0].code == "pdf-unavailable"
    assert not path.exists()
