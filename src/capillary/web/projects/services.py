"""Writes of the projects: a plan becomes a project, a milestone moves on, and what is complete raises the profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from capillary.roadmap.firm import firm_of
from capillary.roadmap.network import after
from capillary.roadmap.quarters import moved
from capillary.sheets.raw import raw_of
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Author, Change, answers_change, assessment_start
from capillary.web.evidence.services import evidence_add
from capillary.web.planning.wishes import wishes_of
from capillary.web.projects.models import Milestone, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.standard import Question
    from capillary.roadmap.quarters import Quarter
    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise
    from capillary.web.planning.models import Roadmap


class NothingToDoError(Exception):
    """The plan has no measures, so there is nothing to carry out."""


def quarter_begins(quarter: Quarter) -> date:
    """Return the first day of a quarter."""
    return date(quarter[0], quarter[1] * 3 - 2, 1)


def quarter_ends(quarter: Quarter) -> date:
    """Return the last day of a quarter."""
    return quarter_begins(moved(quarter, 1)) - timedelta(days=1)


@transaction.atomic
def project_start(*, roadmap: Roadmap, plan: int, name: str, by: User | None) -> Project:
    """Make a project of one plan of a roadmap; one that was made of it already is returned as it is.

    Args:
        roadmap: a roadmap that is ready.
        plan: the place of the plan among its plans.
        name: what the project is called.
        by: who makes it.

    Raises:
        NothingToDoError: the plan has no measures.
    """
    found = roadmap.result["plans"][plan]
    if not found["measures"]:
        raise NothingToDoError
    same = Project.objects.filter(roadmap=roadmap, aims=found["aims"], status=Project.Status.ACTIVE).first()
    if same is not None:
        return same
    project = Project.objects.create(
        enterprise=roadmap.assessment.enterprise,
        standard=roadmap.assessment.standard,
        roadmap=roadmap,
        name=name,
        aims=found["aims"],
        level=roadmap.result["goal"]["level"],
        currency=roadmap.result["currency"],
        budget=wishes_of(roadmap.wishes).budget,
        made_by=by,
    )
    Milestone.objects.bulk_create(
        Milestone(
            project=project,
            number=number,
            measure=item["id"],
            begins=quarter_begins(moved(roadmap.first, item["begins"] - 1)),
            due=quarter_ends(moved(roadmap.first, item["complete"] - 1)),
            planned=0 if item["contracted"] else item["one_off"][1] + item["yearly"][1],
        )
        for number, item in enumerate(found["measures"], 1)
    )
    audit_write(by, "project-start", project.enterprise_id, f"project {project.pk}")
    return project


@transaction.atomic
def milestone_change(*, milestone: Milestone, values: Mapping[str, Any], by: User | None) -> None:
    """Change owner, dates, status, cost so far or note of a milestone."""
    for name, value in values.items():
        setattr(milestone, name, value)
    milestone.save(update_fields=list(values))
    _noted(milestone, "milestone-change", by)


@transaction.atomic
def project_end(*, project: Project, by: User | None) -> None:
    """End a project; what is still open stays as it is."""
    project.status, project.ended_at = Project.Status.ENDED, timezone.now()
    project.save(update_fields=["status", "ended_at"])
    audit_write(by, "project-end", project.enterprise_id, f"project {project.pk}")


@transaction.atomic
def project_resume(*, project: Project, by: User | None) -> None:
    """Go on with a project that was ended."""
    project.status, project.ended_at = Project.Status.ACTIVE, None
    project.save(update_fields=["status", "ended_at"])
    audit_write(by, "project-resume", project.enterprise_id, f"project {project.pk}")


@transaction.atomic
def project_delete(*, project: Project, by: User | None) -> None:
    """Delete a project with its milestones; answers and evidence stay."""
    audit_write(by, "project-delete", project.enterprise_id, f"project {project.pk}")
    project.delete()


# --- what a completed milestone raises -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Raised:
    """A question whose answer a measure makes better; ``value`` is None where the rest of the answer is not known."""

    question: Question
    value: Any


def latest_of(enterprise: Enterprise, standard: str) -> Assessment | None:
    """Return the enterprise's latest assessment under a standard."""
    return (
        Assessment.objects.filter(enterprise=enterprise, standard=standard)
        .select_related("enterprise")
        .order_by("-number")
        .first()
    )


def raised_by(assessment: Assessment, measure: str) -> list[Raised]:
    """Return the answers of an assessment that a measure makes better once it is complete."""
    library = engine.library()
    catalogue = library.measures()
    if measure not in catalogue.measures:
        return []
    standard = engine.standard_of(assessment)
    firm = firm_of(standard, engine.sheet_of(assessment), library.capabilities(), library.assumptions())
    later = after(firm, catalogue, [measure])
    changed: dict[str, list[tuple[int, str]]] = {}
    better: set[str] = set()
    for field, old, new in zip(firm.program.fields, firm.codes, later.codes, strict=True):
        changed.setdefault(field.question, []).append((new, field.kind))
        if new != old:
            better.add(field.question)
    return [
        Raised(standard.by_id[name], _value(standard.by_id[name], changed[name], assessment))
        for name in changed
        if name in better
    ]


def _value(question: Question, parts: list[tuple[int, str]], assessment: Assessment) -> Any:
    """Return the new answer; None where most of it was never answered, since the rest would be made up."""
    is_whole = len(parts) == 1 and parts[0][1] == "ladder"
    if not is_whole and question.id not in assessment.answers:
        return None
    return raw_of(question, [code for code, _ in parts])


@transaction.atomic
def milestone_complete(
    *,
    milestone: Milestone,
    done_on: date,
    spent: int,
    evidence: Mapping[str, Any],
    author: Author,
) -> list[Raised]:
    """Complete a milestone: its measure raises answers of the latest assessment, with evidence behind each.

    Where that assessment is closed the next one begins with its answers, so that what was once assessed stays as it was.

    Args:
        milestone: the milestone, locked by the caller.
        done_on: when it was done.
        spent: what it has cost.
        evidence: fields of one piece of evidence, as a form of the evidence part returns them.
        author: who completes it, and in what role.

    Returns:
        What was raised, and what the person has to answer because only a part of it is known.

    Raises:
        BadFileError: the enterprise has no room left for the file.
        BadAnswerError: an answer does not fit the standard.
    """
    assessment = assessment_to_write(milestone.project.enterprise, milestone.project.standard, author)
    found = raised_by(assessment, milestone.measure)
    sure = [item for item in found if item.value is not None]
    title = engine.library().measures().measures[milestone.measure].title.zh if sure else milestone.measure
    answers_change(
        assessment=assessment,
        changes=[Change(item.question.id, item.value, f"{title} ({milestone.measure})") for item in sure],
        author=author,
    )
    for item in sure:
        if (file := evidence.get("file")) is not None:
            file.seek(0)
        evidence_add(
            assessment=assessment,
            question=item.question.id,
            values=evidence,
            by=author.user,
            role=author.origin.value,
        )
    milestone.status, milestone.done_on, milestone.done_by = Milestone.Status.DONE, done_on, author.user
    milestone.spent, milestone.raised = spent, [item.question.id for item in sure]
    milestone.save(update_fields=["status", "done_on", "done_by", "spent", "raised"])
    _noted(milestone, "milestone-complete", author.user)
    return found


def assessment_to_write(enterprise: Enterprise, standard: str, author: Author) -> Assessment:
    """Return the open assessment under a standard, locked; a new one begins with the answers of the last."""
    last = latest_of(enterprise, standard)
    if last is not None and last.status == Assessment.Status.OPEN:
        return Assessment.objects.select_for_update().select_related("enterprise").get(pk=last.pk)
    started = assessment_start(enterprise=enterprise, standard=standard, by=author.user)
    if last is not None:
        answers_change(
            assessment=started,
            changes=[Change(name, entry["value"], f"T{last.number}") for name, entry in last.answers.items()],
            author=author,
        )
    return started


@transaction.atomic
def milestone_reopen(*, milestone: Milestone, by: User | None) -> None:
    """Open a milestone again. Answers and evidence stay; whoever knows better changes them there."""
    milestone.status, milestone.done_on, milestone.done_by = Milestone.Status.UNDERWAY, None, None
    milestone.save(update_fields=["status", "done_on", "done_by"])
    _noted(milestone, "milestone-reopen", by)


def _noted(milestone: Milestone, action: str, by: User | None) -> None:
    audit_write(by, action, milestone.project.enterprise_id, f"milestone {milestone.pk}")


def origin_of(role: str) -> Revision.Origin:
    """Return the origin of answers that come from a role."""
    return Revision.Origin(role)
