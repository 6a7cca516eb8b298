"""The courses, competences and skills checks that ship, what is said of a file that is wrong, and the command line."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capillary.content.courses import (
    CourseWish,
    course_counts,
    course_problems,
    courses_found,
    load_courses,
    load_skills,
    skills_problems,
)
from capillary.content.library import Library
from capillary.content.loader import SHIPPED
from capillary.model.course import COURSE_FORMS, TOP_LEVEL
from capillary.model.measure import ROLES
from capillary.model.problems import InputError

from .sheet_kit import run

if TYPE_CHECKING:
    from capillary.model.course import Course
    from capillary.model.problems import Problem
    from capillary.model.text import Text

LIBRARY = Library()
BOOK = LIBRARY.courses()
COURSES = BOOK.courses
CHECKS = LIBRARY.skills()
COMPETENCES = LIBRARY.competences()
NAMES = sorted(COURSES)
EXAMPLE = Path(__file__).parents[1] / "examples" / "training-needs.yaml"
MOST_ALIKE = 0.25  # of the words of two courses that stand in both


# --- what ships --------------------------------------------------------------------------------------------------------


def test_courses_for_every_role_form_and_competence() -> None:
    assert len(COURSES) >= 60
    roles = Counter(role for item in COURSES.values() for role in item.roles)
    assert {role: roles[role] for role in ROLES if roles[role] < 25} == {}
    assert {item.form for item in COURSES.values()} == set(COURSE_FORMS)
    taught = {name for item in COURSES.values() for name in item.competences}
    assert taught == set(COMPETENCES.by_id)
    assert len({name for item in COURSES.values() for name in item.capabilities}) >= 50


def test_competences_are_those_of_the_framework() -> None:
    assert len(COMPETENCES.competences) == 21
    assert [area.id for area in COMPETENCES.areas] == ["1", "2", "3", "4", "5"]
    assert Counter(item.area for item in COMPETENCES.competences) == {"1": 3, "2": 6, "3": 4, "4": 4, "5": 4}
    assert all(item.id.startswith(f"{item.area}.") for item in COMPETENCES.competences)
    assert [item.level for item in COMPETENCES.levels] == list(range(1, TOP_LEVEL + 1))
    assert [item.band for item in COMPETENCES.levels] == [
        band for band in ("basic", "intermediate", "advanced", "highly-advanced") for _ in range(2)
    ]
    (source,) = COMPETENCES.sources
    assert "CC BY 4.0" in source.title.en
    assert source.url
    with pytest.raises(KeyError):
        COMPETENCES.level_title(9)


def test_what_ships_names_only_what_exists_and_every_wanted_level_can_be_reached() -> None:
    assert list(course_problems(BOOK, LIBRARY.capabilities(), COMPETENCES.by_id)) == []
    assert list(skills_problems(SHIPPED, CHECKS, COMPETENCES.by_id, BOOK)) == []


def test_our_own_estimates_are_marked() -> None:
    assert {file.certainty for file in BOOK.files.values()} == {"unverified"}
    assert {file.certainty for file in CHECKS.values()} == {"unverified"}


def told(item: Course) -> list[Text]:
    checks = [part for check in item.checks for part in (check.question, check.answer)]
    return [item.title, item.outcome, item.audience, *item.outline, *checks]


def words_of(texts: list[Text], language: str) -> set[str]:
    """Return the words of four letters and more, or the pairs of Chinese characters."""
    text = " ".join(getattr(part, language) for part in texts)
    if language == "en":
        return set(re.findall(r"[a-z]{4,}", text.lower()))
    return {pair for run_ in re.findall("[一-鿿]+", text) for pair in map("".join, pairwise(run_))}


@pytest.mark.parametrize(("language", "fewest"), [("zh", 70), ("en", 30)])
def test_no_two_courses_are_told_alike(language: str, fewest: int) -> None:
    words = {name: words_of(told(COURSES[name]), language) for name in NAMES}
    assert min(map(len, words.values())) >= fewest
    alike = [
        (one, other)
        for one, other in combinations(NAMES, 2)
        if len(words[one] & words[other]) / len(words[one] | words[other]) > MOST_ALIKE
    ]
    assert alike == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_sentence_stands_twice(language: str) -> None:
    for texts in (
        [item.title for item in COURSES.values()],
        [item.outcome for item in COURSES.values()],
        [item.audience for item in COURSES.values()],
        [step for item in COURSES.values() for step in item.outline],
        [check.question for item in COURSES.values() for check in item.checks],
        [question.text for file in CHECKS.values() for question in file.questions],
    ):
        counted = Counter(getattr(text, language) for text in texts)
        assert [text for text, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_course_is_whole_in_both_languages(name: str) -> None:
    item = COURSES[name]
    for text in told(item):
        assert re.search("[一-鿿]", text.zh)
        assert not re.search("[一-鿿]", text.en)
        if text is not item.title:
            assert text.zh.rstrip("”")[-1] in "。？！", text.zh
            assert text.en.rstrip("”")[-1] in ".?!", text.en
    assert 4 <= len(item.outline) <= 7
    assert len(item.checks) >= 2


@pytest.mark.parametrize("role", ROLES)
def test_a_skills_check_is_short_and_tells_levels_apart(role: str) -> None:
    file = CHECKS[role]
    assert 10 <= len(file.questions) <= 14
    firsts = Counter(question.options[0].level for question in file.questions)
    assert len(firsts) > 1  # the order does not give the better choice away
    for question in file.questions:
        assert question.competence in file.wanted
        top = max(option.level for option in question.options)
        assert top >= file.wanted[question.competence]  # the check can show that the wanted level is there
        spans = sorted(question.shown_by(option.key) for option in question.options)
        assert spans[0][0] == 0
        assert spans[-1][1] == TOP_LEVEL
        assert all(low[1] + 1 == high[0] for low, high in pairwise(spans))


# --- searching -----------------------------------------------------------------------------------------------------------


@given(
    role=st.sampled_from(["", *ROLES]),
    form=st.sampled_from(["", *COURSE_FORMS]),
    capability=st.sampled_from(["", *LIBRARY.capabilities()]),
    competence=st.sampled_from(["", *COMPETENCES.by_id]),
    text=st.sampled_from(["", "备份", "the", "PASSWORD", "扫 码"]),
)
def test_filters_combine_as_and_and_counts_say_what_they_leave(
    role: str, form: str, capability: str, competence: str, text: str
) -> None:
    wish = CourseWish(text, role, form, capability, competence)
    found = {item.id for item in courses_found(BOOK, wish)}
    assert found == {
        item.id
        for item in COURSES.values()
        if (role in {"", *item.roles})
        and form in {"", item.form}
        and capability in {"", *item.capabilities}
        and competence in {"", *item.competences}
        and all(word in item.searched() for word in text.casefold().split())
    }
    counts = course_counts(BOOK, wish)
    for name in ROLES:
        other = CourseWish(text, name, form, capability, competence)
        assert counts.role.get(name, 0) == len(courses_found(BOOK, other))
    assert len(courses_found(BOOK, CourseWish(capabilities=frozenset({"erp", "language-ai"})))) >= 3


# --- what is wrong with a file is said with its place and remedy ------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped content that a test may spoil."""
    shutil.copytree(SHIPPED, tmp_path / "content")
    return tmp_path / "content"


def problems_of(folder: Path) -> list[Problem]:
    try:
        book, checks = load_courses(folder), load_skills(folder)
    except InputError as error:
        return list(error.problems)
    known = COMPETENCES.by_id
    return [
        *course_problems(book, LIBRARY.capabilities(), known),
        *skills_problems(folder, checks, known, book),
    ]


MISTAKES = [
    # file, what is replaced by what; code; place; a part of what is said
    (
        "courses/it.yaml",
        "backup-and-recovery: [0, 3]",
        "backup-and-recover: [0, 3]",
        "unknown-name",
        "capabilities",
        "backup-and-recovery",
    ),
    (
        "courses/it.yaml",
        "backup-and-recovery: [0, 3]",
        "backup-and-recovery: [0, 9]",
        "unknown-level",
        "capabilities",
        "level 9",
    ),
    (
        "courses/it.yaml",
        "backup-and-recovery: [0, 3]",
        "backup-and-recovery: [3, 3]",
        "no-rise",
        "capabilities",
        "level 3",
    ),
    ("courses/it.yaml", '"5.1": [2, 4]', '"6.1": [2, 4]', "unknown-name", "competences", "6.1"),
    (
        "courses/it.yaml",
        "after: [when-it-stops-working]",
        "after: [when-it-stops]",
        "unknown-name",
        "after[0]",
        "when-it-stops-working",
    ),
    (
        "courses/it.yaml",
        "after: [when-it-stops-working]",
        "after: [grow-your-people]",
        "role",
        "after[0]",
        "grow-your-people",
    ),
    (
        "courses/it.yaml",
        "after: [when-it-stops-working]",
        "after: [a-network-in-zones]",
        "circle",
        "after",
        "→",
    ),
    ("courses/it.yaml", "roles: [it]", "roles: [it, it]", "stands-twice", "roles", "2 times"),
    (
        "courses/it.yaml",
        "id: accounts-for-the-firm",
        "id: backup-that-comes-back",
        "stands-twice",
        "id",
        "2 times",
    ),
    ("courses/it.yaml", "hours: 6", "hours: 0", "schema-minimum", "hours", "1"),
    (
        "courses/it.yaml",
        "source: own-composition",
        "source: somebody",
        "unknown-name",
        "source",
        "own-composition",
    ),
    ("courses/everybody.yaml", '"5.1": [0, 2]', '"5.1": [0, 1]', "no-way", "5.1", "level 2 of 5.1"),
    ("skills/it.yaml", '"5.1": 5', '"5.1": 7', "no-way", "wanted.5.1", "level 7"),
    ("skills/it.yaml", '"5.1": 5', '"2.3": 2', "not-asked", "wanted.2.3", "2.3"),
    ("skills/it.yaml", "{key: a, level: 0,", "{key: a, level: 1,", "no-lowest", "options", "level 0"),
    ("skills/it.yaml", "{key: a, level: 0,", "{key: b, level: 0,", "stands-twice", "options", "2 times"),
    ("skills/it.yaml", "role: it", "role: office", "stands-twice", "role", "2 times"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "place", "said"),
    MISTAKES,
    ids=[f"{row[3]}-{row[4]}-{number}" for number, row in enumerate(MISTAKES)],
)
def test_a_mistake_is_named_with_file_row_and_remedy(  # noqa: PLR0917 - one row of the table
    folder: Path, file: str, old: str, new: str, code: str, place: str, said: str
) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = problems_of(folder)
    hit = [item for item in problems if item.code == code and place in (item.place.path or "")]
    assert hit, [item.in_("en") for item in problems]
    assert hit[0].place.row is not None
    assert any(said in item.in_("en") for item in hit), [item.in_("en") for item in hit]
    assert hit[0].remedy.in_("zh")


def test_a_skills_check_asks_about_competences_that_exist(folder: Path) -> None:
    path = folder / "skills" / "it.yaml"
    path.write_text(path.read_text("utf-8").replace('"1.2"', '"1.9"'), encoding="utf-8")
    (problem,) = problems_of(folder)
    assert (problem.code, problem.place.path) == ("unknown-name", "questions.0.competence")


def test_competences_are_checked(folder: Path) -> None:
    path = folder / "competences.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('{id: "1.1", area: "1"', '{id: "1.2", area: "7"').replace("{level: 8,", "{level: 7,"),
        encoding="utf-8",
    )
    done = run("content", "check", folder)
    assert done.exit_code == 2
    assert {"unknown-name", "stands-twice", "unknown-level"} <= {item.code for item in done.problems}


def test_content_check_covers_courses_and_skills(folder: Path) -> None:
    courses, skills = folder / "courses" / "it.yaml", folder / "skills" / "it.yaml"
    text = courses.read_text("utf-8").replace('{zh: "备份要能还得回来"', '{zh: ""')
    courses.write_text(text.replace("asset-inventory: [0, 3]", "asset-inventories: [0, 3]"), encoding="utf-8")
    skills.write_text(skills.read_text("utf-8").replace('"5.1": 5', '"5.1": 8'), encoding="utf-8")
    done = run("content", "check", folder)
    assert done.exit_code == 2
    assert {item.code for item in done.problems} == {"missing-translation", "unknown-name", "no-way"}


def test_a_folder_of_own_courses_is_added_and_checked(tmp_path: Path) -> None:
    own = tmp_path / "courses"
    own.mkdir()
    text = (SHIPPED / "courses" / "it.yaml").read_text("utf-8")
    head, _, rest = text.partition("courses:\n")
    head += "courses:\n"
    first = "  - id: our-backup\n" + rest.split("  - id: ")[1].partition("\n")[2]
    (own / "own.yaml").write_text(head + first, encoding="utf-8")
    assert run("content", "check", tmp_path).exit_code == 0
    library = Library.with_folders([tmp_path])
    assert set(library.courses().courses) == {*COURSES, "our-backup"}
    assert library.skills() == CHECKS
    (own / "own.yaml").write_text(head + first.replace("when-it-stops-working", "nothing"), encoding="utf-8")
    load_courses.cache_clear()
    with pytest.raises(InputError, match="nothing"):
        Library.with_folders([tmp_path, tmp_path]).courses()


# --- the command line ---------------------------------------------------------------------------------------------------


def test_the_command_line_lists_searches_and_shows() -> None:
    done = run("courses", "--lang", "zh", "--search", "备份")
    assert (done.exit_code, done.err) == (0, "")
    assert "备份要能还得回来" in done.out
    options = (
        "--role",
        "it",
        "--form",
        "workshop",
        "--competence",
        "4.1",
        "--capability",
        "incident-response",
    )
    listed = json.loads(run("courses", "list", *options, "--json").out)
    wish = CourseWish("", "it", "workshop", "incident-response", "4.1")
    assert [item["id"] for item in listed] == [item.id for item in courses_found(BOOK, wish)] != []
    assert "No course fits" in run("courses", "--search", "zzzz").out
    text = run("courses", "show", "payment-fraud", "--lang", "en").out
    assert "2 hours ‡" in text
    assert "Stop payment fraud" in text
    whole = json.loads(run("courses", "show", "payment-fraud", "--json").out)
    assert whole["certainty"] == "unverified"
    assert len(whole["outline"]) == 5


def test_the_command_line_plans() -> None:
    found = json.loads(run("courses", "plan", str(EXAMPLE), "--json").out)
    assert found["proven"]
    assert found["left"] == []
    assert [item["course"] for item in found["attendances"]] == [
        "files-in-order",
        "quality-records-that-help",
        "backup-that-comes-back",
    ]
    assert found["hours"] == sum(COURSES[item["course"]].hours for item in found["attendances"])
    assert "Proven" in run("courses", "plan", str(EXAMPLE), "--lang", "en").out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("quality-management: [1, 2]", "quality-managment: [1, 2]", "quality-management"),
        ("quality-management: [1, 2]", "quality-management: [2, 2]", "level 2"),
        ("name: systems", "name: office-1", "2 times"),
        ('"4.1": [2, 3]', '"4.1": [3, 2]', "above"),
        ('"4.1": [2, 3]', '"4.9": [2, 3]', "4.9"),
        ("done: [when-it-stops-working]", "done: [when-it-stops]", "when-it-stops-working"),
        ("done: [when-it-stops-working]", "answers: {it-01: z}", "answers.it-01"),
        ("done: [when-it-stops-working]", "answers: {it-99: a}", "it-99"),
        ("role: office", "role: boss", "people[0].role"),
    ],
)
def test_the_command_line_names_what_is_wrong_in_the_needs(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "needs.yaml"
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    done = run("courses", "plan", str(path))
    assert done.exit_code == 2
    assert said in done.err
    assert "needs.yaml" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("show", "payment-frauds"), "payment-fraud"),
        (("list", "--capability", "erps"), "erp"),
        (("list", "--competence", "9.9"), "9.9"),
    ],
)
def test_the_command_line_names_what_it_does_not_know(options: tuple[str, ...], said: str) -> None:
    done = run("courses", *options)
    assert done.exit_code == 2
    assert said in done.err
