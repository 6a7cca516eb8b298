"""The roadmap on paper: both languages, every empty state, figures that equal the roadmap's own, offers there and back."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from gettext import NullTranslations
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from capillary.content.library import Library
from capillary.model import text
from capillary.model.problems import InputError
from capillary.report.roadmap import roadmap_html, roadmap_pdf, roadmap_xlsx
from capillary.report.roadmap.build import build_roadmap
from capillary.report.roadmap.charts import cash_chart, climb_chart, gantt_head
from capillary.report.roadmap.plans import proof_words
from capillary.report.roadmap.words import Calendar, Money, about, chance
from capillary.roadmap import Goal, Question, Roadmap, Subsidy, make_roadmap
from capillary.roadmap.clash import Clash, Demand
from capillary.roadmap.firm import Offer
from capillary.roadmap.offers import OFFER_SHEET, OWN_HEADINGS, read_offers
from capillary.roadmap.planner import Proof
from capillary.scoring.solver import Limits
from capillary.sheets import read_json

from .test_report import HOSTILE, Marked, Reader, needs_font

LIBRARY = Library()
CATALOGUE = LIBRARY.measures()
EXAMPLE = Path(__file__).parent.parent / "examples" / "metal-parts.json"
FIRST = (2027, 1)
IDLE = {"owner": 0, "shop-floor": 0, "office": 0, "it": 0}


def made(goal: Goal, **more: Any) -> Roadmap:
    sheet = read_json(EXAMPLE, LIBRARY.find)
    question = Question(
        LIBRARY.find(sheet.standard), sheet, goal, sections=("C",), limits=Limits(seconds=3), **more
    )
    return make_roadmap(question, LIBRARY)


@pytest.fixture(scope="module")
def roadmap() -> Roadmap:
    subsidy = Subsidy(percent=30, cap=5000, from_level=2)
    return made(Goal(quarters=5, level=2, budget=300_000, subsidies=(subsidy,)), revenue=52_000_000)


@pytest.fixture(scope="module")
def large() -> Roadmap:
    return made(Goal(quarters=6, budget=300_000, cash=200_000), aims=("highest",))


@pytest.fixture(scope="module")
def idle() -> Roadmap:
    return made(Goal(quarters=3, hours=IDLE), aims=("highest",))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def clash() -> Roadmap:
    return made(Goal(quarters=3, level=4, budget=20_000, pinned=frozenset({"hr-system"})))


def html_of(roadmap: Roadmap, language: Any = "en") -> str:
    return roadmap_html(roadmap, LIBRARY, language, FIRST, written_on="2026-11-27")


def named(roadmap: Roadmap, name: str) -> Roadmap:
    sheet = roadmap.question.sheet
    enterprise = replace(sheet.enterprise, name=name)
    return replace(roadmap, question=replace(roadmap.question, sheet=replace(sheet, enterprise=enterprise)))


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


# --- the page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_file_holds_both_languages_and_opens_in_the_chosen_one(roadmap: Roadmap, language: str) -> None:
    page = Reader(html_of(roadmap, language))
    title = roadmap.question.standard.file.title
    assert title.en in page.words("en")
    assert title.zh in page.words("zh-Hans")
    assert title.zh not in page.words("en")
    picked = [attrs["id"] for tag, attrs in page.tags if tag == "input" and "checked" in attrs]
    assert picked == [f"pick-{language}"]


def test_the_page_says_the_figures_of_the_roadmap(roadmap: Roadmap) -> None:
    data = roadmap.as_json()
    page = Reader(html_of(roadmap))
    for tongue in ("en", "zh-Hans"):
        words = page.words(tongue)
        for plan in data["plans"]:
            assert f"{plan['money']['spent']:,}" in words
            assert f"{plan['money']['ownership']:,}" in words
            assert f"{plan['money']['subsidy']:,}" in words
            assert f"{plan['score']:g}" in words
            for measure in plan["measures"]:
                title = CATALOGUE.measures[measure["id"]].title
                assert (title.en if tongue == "en" else title.zh) in words
    first = data["plans"][0]
    year, quarter = Calendar(FIRST).place(first["reached"])
    assert f"reached at the end of {year} Q{quarter}" in page.words("en")
    assert f"{year}年第{quarter}季度末达到" in page.words("zh-Hans")


def test_nothing_is_fetched_and_no_script_runs(roadmap: Roadmap) -> None:
    html = html_of(roadmap)
    page = Reader(html)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed"}
    assert not re.search(r"url\(|@import|\son\w+=", html)
    for tag, attrs in page.tags:
        assert not {"src", "srcset", "data"} & attrs.keys(), tag
        assert tag != "a" or (attrs["href"] or "").startswith(("#", "https://", "http://"))


def test_every_link_and_label_leads_somewhere_and_no_name_stands_twice(roadmap: Roadmap) -> None:
    page = Reader(html_of(roadmap))
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    wanted = [
        attrs["href"] for tag, attrs in page.tags if tag == "a" and (attrs["href"] or "").startswith("#")
    ]
    assert wanted
    assert {str(link)[1:] for link in wanted} <= set(ids)
    named_by = [attrs["aria-labelledby"] for _, attrs in page.tags if attrs.get("aria-labelledby")]
    assert {name for names in named_by for name in str(names).split()} <= set(ids)


def test_charts_can_be_read_without_seeing_them(roadmap: Roadmap) -> None:
    page = Reader(html_of(roadmap))
    pictures = [attrs for tag, attrs in page.tags if tag == "svg"]
    steps = sum(len(view.plan.steps) for view in roadmap.plans)
    assert len(pictures) == 2 * (2 * len(roadmap.plans) + steps)
    assert all(item["role"] == "img" for item in pictures)
    assert all(item.get("aria-labelledby") or item.get("aria-label") for item in pictures)
    assert sum(tag == "desc" for tag, _ in page.tags) == 2 * 2 * len(roadmap.plans)
    state = roadmap.plans[0].plan.states[1]
    assert f"2027 Q1 {state.paid:,}" in page.words("en")


def test_every_fixed_sentence_goes_through_the_catalogue(
    roadmap: Roadmap, large: Roadmap, clash: Roadmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = NullTranslations()
    monkeypatch.setattr(text, "catalogue", lambda language: Marked() if language == "zh" else plain)
    for case in (roadmap, large, clash):
        page = Reader(html_of(case))
        assert "§" not in page.words("en")
        # what stands between marks is a message, a text of the content, or a figure
        letters = re.sub(r"§[^§]*", "", page.words("zh-Hans"))
        assert not re.search(r"[A-Za-z]{4,}", letters), letters


@pytest.mark.parametrize("case", ["roadmap", "large", "idle", "clash"])
def test_the_chinese_page_has_no_english_sentence(case: str, request: pytest.FixtureRequest) -> None:
    words = Reader(html_of(request.getfixturevalue(case), "zh")).words("zh-Hans")
    assert not re.search(r"[a-z]{3,} [a-z]{2,}", words)


def test_a_name_with_markup_stays_text(roadmap: Roadmap) -> None:
    hostile = named(roadmap, HOSTILE)
    html = html_of(hostile)
    assert "<script" not in html
    assert HOSTILE in " ".join(Reader(html).text["en"])
    book = load_workbook(io.BytesIO(roadmap_xlsx(named(roadmap, '=HYPERLINK("x")'), LIBRARY, "en", FIRST)))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_plans_that_are_one_and_the_same_stand_once(roadmap: Roadmap) -> None:
    view = replace(roadmap.plans[0], aims=("cheapest", "fastest", "safest"))
    page = Reader(html_of(replace(roadmap, plans=(view,))))
    assert "Cheapest, fastest and safest" in page.words("en")
    assert "One and the same plan is the cheapest, the fastest and the safest" in page.words("en")
    assert "同一个方案既是最省钱的、最快的、最稳妥的" in page.words("zh-Hans")
    assert "The plan in short" in page.words("en")


def test_five_plans_stand_in_two_tables(roadmap: Roadmap) -> None:
    views = tuple(
        replace(roadmap.plans[0], aims=(aim,), plan=replace(roadmap.plans[0].plan, aim=aim))
        for aim in ("cheapest", "fastest", "safest", "highest", "steady")
    )
    page = build_roadmap(replace(roadmap, plans=views), LIBRARY, FIRST)  # type: ignore[arg-type]
    assert [len(item.titles) for item in page.comparisons] == [3, 2]
    assert all(len(line.cells) == len(item.titles) for item in page.comparisons for line in item.lines)


# --- proofs, chances, assumptions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (Proof("optimal", 10, 10.0, 0.0, 0.1), "Proven: no cheaper plan exists."),
        (Proof("feasible", 1000, 969.0, 0.0311, 1.0), "one could be at most 3.2 % better."),
        (Proof("feasible", 1000, None, None, 1.0), "how much better one could be is not known."),
        # within the gap that was asked for: that is no proof that nothing is better
        (Proof("optimal", 1000, 990.0, 0.01, 1.0), "one could be at most 1 % better."),
    ],
)
def test_the_proof_in_words_never_says_more_than_is_proven(proof: Proof, words: str) -> None:
    assert proof_words("cheapest", proof).in_("en").endswith(words)  # type: ignore[union-attr]


def test_unverified_costs_are_marked_and_own_figures_are_not(roadmap: Roadmap) -> None:
    page = build_roadmap(roadmap, LIBRARY, FIRST)
    rows = {row.title: row for row in page.details[0].rows}
    measures = [CATALOGUE.measures[step.measure] for step in roadmap.plans[0].plan.steps]
    dear = next(item for item in measures if roadmap.plans[0].terms[item.id].one_off[2])
    free = next(item for item in measures if not roadmap.plans[0].terms[item.id].one_off[2])
    assert CATALOGUE.certainty_of(dear, dear.cost) == "unverified"
    assert rows[dear.title].one_off.doubt
    assert not rows[free.title].one_off.doubt
    assert page.foot.doubts
    assert "‡" in Reader(html_of(roadmap)).words("en")
    sure = build_roadmap(with_offers(roadmap, {dear.id: Offer(one_off=5)}), LIBRARY, FIRST)
    own = {row.title: row for row in sure.details[0].rows}[dear.title]
    assert not own.one_off.doubt


def with_offers(roadmap: Roadmap, offers: dict[str, Offer]) -> Roadmap:
    return replace(roadmap, question=replace(roadmap.question, offers=offers))


def test_what_is_assumed_is_said(roadmap: Roadmap, large: Roadmap) -> None:
    words = Reader(html_of(roadmap)).words("en")
    size = roadmap.firm.size
    assert f"Assumed, because the firm did not state it: {size.users} users of office software" in words
    assert "Turnover as stated: CNY 52,000,000 a year." in words
    words = Reader(html_of(large)).words("en")
    turnover = large.plans[0].returns.turnover
    assert f"The turnover is assumed, because the firm did not state it: CNY {about(turnover[1])}" in words


def test_a_plan_that_will_likely_fail_is_called_so(roadmap: Roadmap) -> None:
    view = roadmap.plans[0]
    shaky = replace(view, robustness=replace(view.robustness, both=(0.0, 0.3)))
    assert "more likely than not miss budget or date" in Reader(
        html_of(replace(roadmap, plans=(shaky,)))
    ).words("en")
    sure = replace(view, robustness=replace(view.robustness, both=(0.7, 0.9)))
    assert "more likely than not" not in Reader(html_of(replace(roadmap, plans=(sure,)))).words("en")


@pytest.mark.parametrize(("given", "words"), [((0.95, 1.0), "95–100 %"), ((0.0, 0.05), "0–5 %")])
def test_chances_are_ranges(given: tuple[float, float], words: str) -> None:
    assert chance(given).in_("en") == words


# --- no plan, empty plan -----------------------------------------------------------------------------------


def test_the_page_of_a_clash_says_which_demands_and_what_would_do(clash: Roadmap) -> None:
    assert clash.clash is not None
    page = build_roadmap(clash, LIBRARY, FIRST)
    assert page.clash is not None
    assert len(page.clash.demands) == len(clash.clash.demands)
    assert not page.details
    words = Reader(html_of(clash)).words("en")
    assert "Why there is no plan" in words
    for demand in clash.clash.demands:
        if demand.demand == "budget" and demand.needs:
            assert f"CNY {demand.needs:,} would do." in words


def test_every_demand_of_a_clash_has_words(clash: Roadmap) -> None:
    names = ("level", "date", "budget", "cash", "running", "hours.it", "pinned", "excluded")
    goal = replace(clash.question.goal, excluded=frozenset({"hr-system"}))
    for needs in (2, None):
        found = Clash(tuple(Demand(name, 3, needs) for name in names), proven=False)
        page = Reader(html_of(replace(clash, clash=found, question=replace(clash.question, goal=goal))))
        assert "is not proven" in page.words("en")
        for words in (
            "Pay at most CNY 3 in any one quarter",
            "At most 3 hours a quarter of IT staff",
            "Let go of",
        ):
            assert words in page.words("en")
        assert ("CNY 2 would do." in page.words("en")) is (needs is not None)
        assert "每个季度最多支付3元" in page.words("zh-Hans")


def test_without_a_plan_in_time_the_page_does_not_claim_that_there_is_none(clash: Roadmap) -> None:
    nothing = replace(clash, clash=None, undecided=("cheapest",))
    words = Reader(html_of(nothing)).words("en")
    assert "That does not mean that there is none" in words
    assert "Why there is no plan" not in words


def test_an_empty_plan_says_why_it_is_empty(idle: Roadmap, roadmap: Roadmap) -> None:
    assert idle.plans[0].plan.steps == ()
    assert "no measure brings the firm further" in Reader(html_of(idle)).words("en")
    done = {step.measure for step in roadmap.plans[0].plan.steps}
    there = made(Goal(quarters=2, level=2, have=frozenset(done)), aims=("cheapest",))
    assert there.plans[0].plan.steps == ()
    words = Reader(html_of(there)).words("en")
    assert "nothing has to be done for this goal" in words
    assert "has it already" in words


# --- charts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarters", [1, 4, 8, 9, 20])
def test_labels_on_the_axis_never_run_into_each_other(idle: Roadmap, quarters: int) -> None:
    plan = idle.plans[0].plan
    state = plan.states[0]
    longer = replace(
        plan,
        goal=replace(plan.goal, quarters=quarters),
        states=tuple(
            replace(state, quarter=number, score=state.score + number) for number in range(quarters + 1)
        ),
    )
    calendar = Calendar((2027, 4))
    heads = gantt_head(calendar, quarters)
    assert len(heads) == quarters
    years = [number for number, head in enumerate(heads) if head.year]
    assert all(later - sooner > 1 or quarters <= 4 for sooner, later in pairwise(years))
    climb = climb_chart(longer, calendar, Fraction(100))
    places = [step.at for step in climb.steps]
    assert all(later - sooner >= 30 for sooner, later in pairwise(places))
    assert climb.path.count("H") == quarters + 1
    cash = cash_chart(longer, calendar, Money.of_currency("CNY", LIBRARY.currencies()))
    assert len(cash.columns) == quarters


def test_columns_are_as_high_as_what_is_paid(large: Roadmap) -> None:
    plan = large.plans[0].plan
    chart = cash_chart(plan, Calendar(FIRST), Money.of_currency("CNY", LIBRARY.currencies()))
    paid = [state.paid for state in plan.states[1:]]
    top = max(paid)
    tallest = max(column.box.height for column in chart.columns)
    for amount, column in zip(paid, chart.columns, strict=True):
        assert column.box.height == pytest.approx(tallest * amount / top, abs=0.02)
    assert chart.limit is not None
    assert chart.limit <= min(column.box.y for column in chart.columns)


# --- the PDF -----------------------------------------------------------------------------------------------


@needs_font
@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", ["roadmap", "large"])
def test_the_pdf_has_two_pages_with_the_figures_of_the_roadmap(
    case: str, language: Any, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    roadmap = request.getfixturevalue(case)
    pdf = pypdf.PdfReader(io.BytesIO(roadmap_pdf(roadmap, LIBRARY, language, FIRST)))
    pages = [squeezed(page.extract_text()) for page in pdf.pages]
    assert len(pages) == 2
    width, height = (float(side) for side in pdf.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)
    data = json.loads(json.dumps(roadmap.as_json()))
    for plan in data["plans"]:
        assert f"{plan['money']['spent']:,}" in pages[0]
        assert f"{plan['money']['ownership']:,}" in pages[0]
        assert f"{plan['score']:g}" in pages[0]
    first = data["plans"][0]
    for measure in first["measures"]:
        title = CATALOGUE.measures[measure["id"]].title.in_(language)
        assert squeezed(title) in pages[1]
        assert f"{measure['one_off'][1]:,}" in pages[1]
    assert f"{first['money']['one_off']:,}" in pages[1]


@needs_font
@pytest.mark.slow
def test_a_plan_of_any_length_fits_two_pages(large: Roadmap) -> None:
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    view = large.plans[0]
    step = max(view.plan.steps, key=lambda item: len(CATALOGUE.measures[item.measure].title.en))
    many = replace(view, plan=replace(view.plan, steps=(step,) * 60))
    pdf = pypdf.PdfReader(io.BytesIO(roadmap_pdf(replace(large, plans=(many,)), LIBRARY, "en", FIRST)))
    assert len(pdf.pages) == 2
    assert "40 more measures begin later" in " ".join(pdf.pages[1].extract_text().split())


@needs_font
@pytest.mark.slow
@pytest.mark.parametrize("case", ["clash", "idle"])
def test_without_measures_the_pdf_is_no_longer_than_two_pages(
    case: str, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    pdf = pypdf.PdfReader(io.BytesIO(roadmap_pdf(request.getfixturevalue(case), LIBRARY, "zh", FIRST)))
    assert len(pdf.pages) <= 2


# --- the workbook and offers -------------------------------------------------------------------------------


def filled(roadmap: Roadmap, language: Any, offers: dict[str, dict[str, Any]]) -> bytes:
    """Return the workbook with offers written into the first row of each measure."""
    book = load_workbook(io.BytesIO(roadmap_xlsx(roadmap, LIBRARY, language, FIRST)))
    sheet = book[OFFER_SHEET.in_(language)]
    heads = {cell.value: cell.column for cell in sheet[1]}
    rows = {sheet.cell(row, 2).value: row for row in range(sheet.max_row, 1, -1)}
    for name, figures in offers.items():
        for figure, value in figures.items():
            sheet.cell(rows[name], heads[OWN_HEADINGS[figure].in_(language)], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_offers_come_back_from_the_workbook(roadmap: Roadmap, language: Any, tmp_path: Path) -> None:
    first, second, *_ = sorted(step.measure for step in roadmap.plans[0].plan.steps)
    content = filled(
        roadmap, language, {first: {"one_off": 12_000, "weeks": 2.5}, second: {"yearly": "3,500"}}
    )
    wanted = {first: Offer(one_off=12_000, weeks=3), second: Offer(yearly=3500)}
    assert read_offers(content, CATALOGUE) == wanted
    path = tmp_path / "offers.xlsx"
    path.write_bytes(content)
    assert read_offers(path, CATALOGUE) == wanted


def test_offers_that_are_held_stand_in_the_next_workbook(roadmap: Roadmap) -> None:
    inside = roadmap.plans[0].plan.steps[0].measure
    outside = next(
        name for name in CATALOGUE.measures if name not in {s.measure for s in roadmap.plans[0].plan.steps}
    )
    offers = {inside: Offer(one_off=700), outside: Offer(one_off=1, yearly=2, weeks=3)}
    content = roadmap_xlsx(with_offers(roadmap, offers), LIBRARY, "en", FIRST)
    assert read_offers(content, CATALOGUE) == offers


def test_the_workbook_holds_the_figures_as_numbers(roadmap: Roadmap) -> None:
    book = load_workbook(io.BytesIO(roadmap_xlsx(roadmap, LIBRARY, "en", FIRST)))
    assert book.sheetnames == ["Plans", "Measures", "Quarters"]
    lines = {row[0].value: [cell.value for cell in row[1:]] for row in book["Plans"].iter_rows()}
    data = roadmap.as_json()["plans"]
    for place, plan in enumerate(data):
        assert lines["Counted against the budget"][place] == plan["money"]["spent"]
        assert lines["Cost of ownership, 3 years"][place] == plan["money"]["ownership"]
        assert lines["Score at the end"][place] == plan["score"]
        assert lines["Level"][place] == plan["level"]
    assert book["Measures"].max_row == 1 + sum(len(plan["measures"]) for plan in data)
    rows = list(book["Quarters"].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == [state["paid"] for plan in data for state in plan["quarters"]]
    assert [row[9] for row in rows] == [state["score"] for plan in data for state in plan["quarters"]]


@pytest.mark.parametrize("case", ["clash", "idle", "large"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_roadmap_has_a_workbook(case: str, language: Any, request: pytest.FixtureRequest) -> None:
    book = load_workbook(io.BytesIO(roadmap_xlsx(request.getfixturevalue(case), LIBRARY, language, FIRST)))
    assert len(book.sheetnames) == 3
    words = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]
    assert language == "en" or not [item for item in words if re.search(r"[a-z]{3,} [a-z]{2,}", item)]


def test_offers_come_from_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "offers.csv"
    path.write_text(
        "id,one_off,yearly,weeks\nhr-system,12000,,6\n\noffice-platform,,3.6,\n", encoding="utf-8"
    )
    wanted = {"hr-system": Offer(one_off=12_000, weeks=6), "office-platform": Offer(yearly=4)}
    assert read_offers(path, CATALOGUE) == wanted
    assert read_offers(path.read_bytes(), CATALOGUE, "mine.csv") == wanted


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        ("hr-sytem,1,,", "unknown-measure", 2),
        (",1,,", "unknown-measure", 2),
        ("hr-system,-5,,", "amount", 2),
        ("hr-system,,,900", "amount", 2),
        ("hr-system,about 5,,", "not-a-number", 2),
        ("hr-system,5,,\nhr-system,6,,", "two-offers", 3),
        ("hr-system,,,", "no-offers", None),
    ],
)
def test_bad_offers_are_named_with_their_row(rows: str, code: str, row: int | None) -> None:
    with pytest.raises(InputError) as caught:
        read_offers(f"id,one_off,yearly,weeks\n{rows}\n".encode(), CATALOGUE, "offers.csv")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.row) == (code, row)
    assert problem.place.file == "offers.csv"
    assert problem.remedy.in_("en")
    assert re.search("[\u4e00-\u9fff]", problem.in_("zh"))


def test_a_near_miss_is_offered_and_equal_offers_agree() -> None:
    with pytest.raises(InputError) as caught:
        read_offers(b"id,one_off\nhr-sytem,1\n", CATALOGUE)
    assert "hr-system" in caught.value.problems[0].remedy.in_("en")
    found = read_offers(b"id,one_off,weeks\nhr-system,5,\nhr-system,5,4\n", CATALOGUE)
    assert found == {"hr-system": Offer(one_off=5, weeks=4)}


def test_bad_cells_of_a_workbook_are_named_with_sheet_and_row(roadmap: Roadmap) -> None:
    first, second, third, *_ = sorted(step.measure for step in roadmap.plans[0].plan.steps)
    content = filled(
        roadmap,
        "en",
        {first: {"one_off": -1}, second: {"yearly": "a lot"}, third: {"one_off": "=1+1", "weeks": True}},
    )
    with pytest.raises(InputError) as caught:
        read_offers(content, CATALOGUE, "mine.xlsx")
    found = {problem.code: problem.place for problem in caught.value.problems}
    assert set(found) == {"amount", "not-a-number", "formula-without-value"}
    assert {place.sheet for place in found.values()} == {"Measures"}
    assert all(place.file == "mine.xlsx" and place.row and place.column for place in found.values())
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"measure,price\nhr-system,5\n", "missing-column"),
        ("a.csv", b"", "empty-file"),
        ("a.xlsx", b"PK\x03\x04 no archive", "not-a-workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 old", "old-workbook"),
    ],
)
def test_files_that_hold_no_offers_are_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_offers(content, CATALOGUE, name)
    assert caught.value.problems[0].code == code


def test_another_workbook_is_refused() -> None:
    book = Workbook()
    for title, code in (("Other", "wrong-sheet"), ("Measures", "missing-column")):
        assert book.active is not None
        book.active.title = title
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(InputError) as caught:
            read_offers(out.getvalue(), CATALOGUE)
        assert caught.value.problems[0].code == code
