"""The bridge from stored assessments to the engines below: content, answer sheets, scores, interviews.

Nothing is decided here. Stored answers become an `AnswerSheet`, the engines do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from capillary.content.library import Library
from capillary.diagnosis.diagnose import Diagnosis, diagnose, supported_sheet
from capillary.diagnosis.interview import Interview
from capillary.diagnosis.profile import across_sheet, profile_of
from capillary.incentives.check import checked_accreditations, checked_rules
from capillary.model.sheet import NOT_APPLICABLE, AnswerSheet, Enterprise
from capillary.report.build import build_page
from capillary.scoring.evaluate import SheetScore, score_sheet
from capillary.scoring.program import compile_standard
from capillary.sheets.answers import reader_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.incentives.rules import Rules
    from capillary.model.programme import Fact
    from capillary.model.standard import Standard
    from capillary.report.page import Page
    from capillary.web.assessments.models import Assessment
    from capillary.web.enterprises.models import Enterprise as StoredEnterprise


@cache
def library() -> Library:
    """Return the content that this installation works with."""
    return Library.with_folders(settings.CONTENT_FOLDERS)


def standard_of(assessment: Assessment) -> Standard:
    """Return the standard of an assessment.

    Raises:
        InputError: the standard is not installed any more.
    """
    return library().find(assessment.standard)


@cache
def standards() -> Mapping[str, Standard]:
    """Return every standard by its id."""
    return {name: library().find(name) for name in library().names()}


@cache
def rules() -> Rules:
    """Return the incentive programmes, checked once in the life of the process.

    Raises:
        InputError: a programme of the installation's own has errors.
    """
    return checked_rules(library())


@cache
def accreditations() -> Rules:
    """Return the rules by which providers are accredited, checked once in the life of the process.

    Raises:
        InputError: a rule of the installation's own has errors.
    """
    return checked_accreditations(library())


@cache
def facts() -> Mapping[str, Fact]:
    """Return every fact that rules may ask for, of incentive programmes and of accreditations."""
    return {**accreditations().facts, **rules().facts}


def warm_up() -> None:
    """Read all content, so that no visitor waits for it."""
    library().capabilities()
    library().sectors()
    library().regions()
    library().industries()
    library().scenarios()
    library().courses()
    library().skills()
    for identifier in standards():
        library().benchmark(identifier)
        dimension_tops(identifier)


def enterprise_of(stored: StoredEnterprise) -> Enterprise:
    """Return what the engines need to know of an enterprise."""
    return Enterprise(
        id=str(stored.id),
        name=stored.name or None,
        region=stored.region or None,
        sector=stored.sector or None,
        employees=stored.employees,
    )


def sheet_of(assessment: Assessment) -> AnswerSheet:
    """Return the answer sheet of an assessment: its own answers first, then what other assessments already say.

    Raises:
        InputError: the standard is not installed any more.
        BadAnswerError: an answer does not fit the standard (content was changed under the same id).
    """
    standard = standard_of(assessment)
    reader = reader_for(standard)
    answers = {name: entry["value"] for name, entry in assessment.answers.items()}
    low = list(assessment.carried.get("lowest") or reader.unknown_low)
    high = list(assessment.carried.get("highest") or reader.unknown_high)
    for name, value in answers.items():
        start = reader.start[name]
        for offset, span in enumerate(reader.read(name, value)):
            low[start + offset], high[start + offset] = span.low, span.high
    return AnswerSheet(
        standard=standard.id,
        enterprise=enterprise_of(assessment.enterprise),
        answers=answers,
        lowest=tuple(low),
        highest=tuple(high),
        not_applicable=frozenset(name for name, value in answers.items() if value == NOT_APPLICABLE),
        variant=assessment.variant or None,
        evidence={name: grade for name, grade in assessment.grades.items() if name in answers},
    )


@dataclass(frozen=True)
class Figures:
    """The figures of an assessment that are kept in its row."""

    score: SheetScore
    supported: SheetScore | None


def figures_of(assessment: Assessment) -> Figures:
    """Return score and level as declared, and as the evidence supports them where there is any."""
    standard = standard_of(assessment)
    sheet = sheet_of(assessment)
    supported = score_sheet(standard, supported_sheet(standard, sheet)) if sheet.evidence else None
    return Figures(score_sheet(standard, sheet), supported)


def interview_of(assessment: Assessment) -> Interview:
    """Return the interview as far as it has come: everything answered, shown or carried over counts."""
    standard = standard_of(assessment)
    sheet = sheet_of(assessment)
    dropped = frozenset(
        name for name in sheet.not_applicable if standard.by_id[name].not_applicable == "drop"
    )
    program = compile_standard(standard, _variant(assessment, standard), dropped)
    interview = Interview.start(program)
    interview.lowest[:], interview.highest[:] = sheet.lowest, sheet.highest
    interview.asked = {*assessment.asked, *assessment.answers, *_settled(standard, sheet)}
    return interview


def _variant(assessment: Assessment, standard: Standard) -> str | None:
    """Return the assessment's variant; where it is not known yet the first one guides the order of the questions."""
    known = standard.file.variants
    return assessment.variant or (known[0].id if known else None)


def _settled(standard: Standard, sheet: AnswerSheet) -> set[str]:
    """Return the questions on which nothing is open."""
    fields = reader_for(standard).fields
    still_open = {
        item.question
        for item, low, high in zip(fields, sheet.lowest, sheet.highest, strict=True)
        if low != high
    }
    return {question.id for question in standard.questions} - still_open


def carried_from(standard: Standard, other: Assessment) -> dict[str, Any]:
    """Return what an assessment under another standard says about this one; empty where that is nothing."""
    profile = profile_of(standard_of(other), sheet_of(other), library().capabilities())
    sheet = across_sheet(standard, profile)
    reader = reader_for(standard)
    if sheet.lowest == reader.unknown_low and sheet.highest == reader.unknown_high:
        return {}
    return {"from": str(other.id), "lowest": list(sheet.lowest), "highest": list(sheet.highest)}


def diagnosis_of(assessment: Assessment) -> Diagnosis:
    """Return the whole diagnosis of an assessment."""
    standard = standard_of(assessment)
    return diagnose(
        standard,
        sheet_of(assessment),
        library().capabilities(),
        list(standards().values()),
        library().benchmark(standard.id),
    )


def page_of(diagnosis: Diagnosis, written_on: str | None) -> Page:
    """Return the report of a diagnosis, ready to be shown in either language."""
    return build_page(
        diagnosis,
        library().capabilities(),
        standards(),
        library().benchmark(diagnosis.standard.id),
        written_on,
    )


def without_name(diagnosis: Diagnosis) -> Diagnosis:
    """Return the diagnosis with nothing in it that names the enterprise."""
    bare = replace(diagnosis.sheet.enterprise, id=None, name=None)
    return replace(diagnosis, sheet=replace(diagnosis.sheet, enterprise=bare))


@cache
def dimension_tops(standard: str) -> Mapping[str, float]:
    """Return the most that each dimension of a standard can be worth, in points, under its first variant."""
    found = standards()[standard]
    known = found.file.variants
    program = compile_standard(found, known[0].id if known else None, frozenset())
    nodes = {name: program.position[node] for name, node in found.file.scoring.dimensions.items()}
    return {name: float(program.in_points(node, program.tops[node])) for name, node in nodes.items()}
