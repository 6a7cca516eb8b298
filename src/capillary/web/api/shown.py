"""From what is stored and what the engines say to what the API gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capillary.model.exact import tidy
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import Text
from capillary.web import engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.model.standard import Question, Standard
    from capillary.web.access import Role
    from capillary.web.assessments.models import Assessment, Revision
    from capillary.web.enterprises.models import Enterprise
    from capillary.web.programmes.models import Enrolment, Programme

Json = dict[str, Any]


def text(found: Text) -> Json:
    """Return a text in both languages."""
    return {"zh": found.zh, "en": found.en}


def standard_row(standard: Standard) -> Json:
    """Return a standard without its questions."""
    file = standard.file
    return {
        "id": file.id,
        "edition": file.edition,
        "title": text(file.title),
        "short_title": text(file.short_title),
        "publisher": text(file.publisher),
        "summary": text(file.summary),
        "certainty": file.certainty,
        "effective_from": file.effective_from,
        "effective_to": file.effective_to,
        "questions": len(standard.questions),
        "max_score": tidy(file.scoring.max),
        "levels": [
            {"level": item.level, "title": text(item.title), "meaning": text(item.meaning)}
            for item in file.levels
        ],
        "dimensions": [{"id": item.id, "title": text(item.title)} for item in file.dimensions],
        "variants": [{"id": item.id, "title": text(item.title)} for item in file.variants],
    }


def question(found: Question) -> Json:
    """Return a question and the answers that it takes."""
    parts: dict[str, list[Json]] = {"options": [], "levels": [], "rows": [], "columns": []}
    match found:
        case Single() | Multiple() | Rate():
            parts["options"] = [_choice(item.key, item.text, item.points) for item in found.options]
        case Level():
            parts["levels"] = [_choice(str(item.level), item.text, item.points) for item in found.levels]
        case Grid() | Ticks():
            columns = found.scale if isinstance(found, Grid) else found.columns
            parts["rows"] = [_choice(item.key, item.text, None) for item in found.rows]
            parts["columns"] = [_choice(item.key, item.text, item.points) for item in columns]
        case Boolean():
            pass
    return {
        "id": found.id,
        "kind": type(found).__name__.lower(),
        "dimension": found.dimension,
        "title": text(found.title),
        "text": text(found.text),
        "why": text(found.why),
        "example": text(found.example),
        "points": tidy(found.points),
        "not_applicable": found.not_applicable,
        **parts,
    }


def _choice(key: str, words: Text, points: Any) -> Json:
    return {"key": key, "text": text(words), "points": None if points is None else float(points)}


def words(found: Text | str) -> dict[str, str]:
    """Return a text in both languages; what was given in one stands in both."""
    return text(found) if isinstance(found, Text) else {"zh": found, "en": found}


def industry_of(found: Enterprise) -> str | None:
    """Return the code that an enterprise stated, with its classification in front; None where it stated none."""
    return f"{found.industry_scheme}:{found.industry_code}" if found.industry_code else None


def enterprise(found: Enterprise, roles: Iterable[Role | str]) -> Json:
    """Return an enterprise's facts and what the user is to it."""
    return {
        "id": found.pk,
        "name": found.name,
        "sector": found.sector or None,
        "region": found.region or None,
        "employees": found.employees,
        "industry": industry_of(found),
        "roles": sorted(str(role) for role in roles),
        "created_at": found.created_at,
    }


def assessment_row(found: Assessment) -> Json:
    """Return an assessment without its answers."""
    return {
        "id": found.pk,
        "enterprise": found.enterprise_id,
        "standard": found.standard,
        "variant": found.variant or None,
        "number": found.number,
        "status": found.status,
        "started_at": found.started_at,
        "changed_at": found.changed_at,
        "completed_at": found.completed_at,
        "revision": found.revision,
        "answered": found.answered,
        "score": span(found.score_low, found.score_high),
        "level": span(found.level_low, found.level_high),
        "supported_score": found.supported_score,
        "supported_level": found.supported_level,
    }


def assessment(found: Assessment) -> Json:
    """Return an assessment with its answers."""
    return {
        **assessment_row(found),
        "dimensions": found.dimensions,
        "answers": {
            name: {
                "value": entry["value"],
                "at": entry["at"],
                "revision": entry["revision"],
                "evidence": found.grades.get(name, "declared"),
            }
            for name, entry in found.answers.items()
        },
    }


def revision(found: Revision, *, names: bool) -> Json:
    """Return one change of one answer; officers see in which role it was changed, not by whom."""
    return {
        "number": found.number,
        "question": found.question,
        "value": found.value,
        "origin": found.origin,
        "by": str(found.by) if names and found.by is not None else None,
        "at": found.at,
        "reason": found.reason,
    }


def programme(found: Programme) -> Json:
    """Return a programme; it needs the count ``taking_part``."""
    return {
        "id": found.pk,
        "name": {"zh": found.name_zh, "en": found.name_en},
        "organisation": {"zh": found.organisation.name_zh, "en": found.organisation.name_en},
        "standard": found.standard,
        "code": found.code,
        "opens_on": found.opens_on,
        "closes_on": found.closes_on,
        "enrolments": found.taking_part,
    }


def enrolment(found: Enrolment) -> Json:
    """Return an enterprise in a programme and where it stands."""
    return {
        "enterprise": found.enterprise_id,
        "assessment": found.assessment_id,
        "name": found.name,
        "sector": found.sector or None,
        "region": found.region or None,
        "employees": found.employees,
        "cohort": found.cohort,
        "joined_at": found.joined_at,
        "assessed_at": found.assessed_at,
        "assessments": found.assessments,
        "score": span(found.score_low, found.score_high),
        "level": span(found.level_low, found.level_high),
        "supported_level": found.supported_level,
        "weakest": found.weakest or None,
    }


def span(low: float | None, high: float | None) -> list[float] | None:
    """Return an interval; None where there is none."""
    return None if low is None or high is None else [low, high]


def next_step(found: Assessment) -> Json:
    """Return what the interview would ask next."""
    interview = engine.interview_of(found)
    standard = engine.standard_of(found)
    name = interview.next_question()
    return {
        "question": None if name is None else question(standard.by_id[name]),
        "certain": found.certain,
        "level": span(found.level_low, found.level_high),
        "left": sum(item.id not in interview.asked for item in standard.questions),
    }
