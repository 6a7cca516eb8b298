"""Writes of the administrator: reports on changes of editions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from capillary.diagnosis.editions import Tally, rescore
from capillary.model.exact import tidy
from capillary.model.problems import InputError
from capillary.sheets.answers import BadAnswerError
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.administration.models import EditionReport
from capillary.web.assessments.models import Assessment

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from capillary.diagnosis.editions import Shift
    from capillary.scoring.evaluate import SheetScore
    from capillary.web.accounts.models import User

CHUNK = 200


@transaction.atomic
def edition_report_start(*, old: str, latest: str, by: User) -> EditionReport:
    """Ask for a report; a task makes it."""
    from capillary.web.administration.tasks import make_edition_report

    report = EditionReport.objects.create(old=old, latest=latest, made_by=by, total=_stored(old).count())
    audit_write(by, "edition-report", None, str(report))
    transaction.on_commit(lambda: make_edition_report.enqueue(report.pk))
    return report


def edition_report_make(*, report: EditionReport) -> EditionReport:
    """Score all stored assessments of the old edition under the other one, and keep what comes out."""
    try:
        tally = Tally(engine.library().find(report.old), engine.library().find(report.latest))
    except InputError as error:
        report.failure = str(error)[:300]
        report.finished_at = timezone.now()
        report.save(update_fields=["failure", "finished_at"])
        return report
    unreadable = 0
    for number, assessment in enumerate(_stored(report.old).iterator(chunk_size=CHUNK), start=1):
        try:
            sheet = engine.sheet_of(assessment)
        except BadAnswerError:
            unreadable += 1
            continue
        tally.add(str(assessment.pk), rescore(tally.old, tally.latest, sheet))
        if number % CHUNK == 0:
            EditionReport.objects.filter(pk=report.pk).update(done=number)
    report.result = _result(tally) | {"unreadable": unreadable}
    report.done = tally.count + unreadable
    report.finished_at = timezone.now()
    report.save(update_fields=["result", "done", "finished_at"])
    return report


def _stored(standard: str) -> QuerySet[Assessment]:
    """Return the assessments that a change of editions concerns: those with answers."""
    return (
        Assessment.objects.filter(standard=standard, answered__gt=0, enterprise__erased_at=None)
        .select_related("enterprise")
        .order_by("pk")
    )


def _result(tally: Tally) -> dict[str, Any]:
    return {
        "levels": [
            [before, after, count]
            for (before, after), count in sorted(tally.levels.items(), key=lambda item: _order(item[0]))
        ],
        "largest": [_shift(shift) for shift in tally.largest()],
        "refused": [
            {
                "question": question,
                "code": code,
                "zh": tally.causes[question, code].in_("zh"),
                "en": tally.causes[question, code].in_("en"),
                "count": count,
            }
            for (question, code), count in tally.refused.most_common()
        ],
    }


def _order(pair: tuple[int | None, int | None]) -> tuple[int, int]:
    before, after = pair
    return (-1 if before is None else before, -1 if after is None else after)


def _shift(shift: Shift) -> dict[str, Any]:
    rescored = shift.rescored
    return {
        "assessment": shift.name,
        "share": float(shift.size),
        "before": _ends(rescored.before),
        "after": _ends(rescored.after),
        "refused": len(rescored.refused),
    }


def _ends(score: SheetScore) -> dict[str, Any]:
    return {
        "score": [tidy(score.score.low), tidy(score.score.high)],
        "level": None if score.level is None else [int(score.level.low), int(score.level.high)],
    }
