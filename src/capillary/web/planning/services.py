"""Writes of the roadmaps: asking, working, changing, deleting, and links that show them."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from capillary.model.problems import InputError
from capillary.report.roadmap import roadmap_xlsx
from capillary.report.roadmap.build import build_roadmap
from capillary.roadmap.firm import firm_of
from capillary.roadmap.goal import check_goal, unknown_measures
from capillary.roadmap.quarters import next_quarter
from capillary.roadmap.roadmap import make_roadmap
from capillary.sheets.answers import BadAnswerError
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.core.models import AuditEntry
from capillary.web.planning.models import Roadmap, RoadmapLink
from capillary.web.planning.pages import kept
from capillary.web.planning.wishes import question_of, wishes_of
from capillary.web.results.links import link_end, link_found, link_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from capillary.model.problems import Problem
    from capillary.roadmap.quarters import Quarter
    from capillary.roadmap.roadmap import Progress
    from capillary.web.accounts.models import User
    from capillary.web.assessments.models import Assessment
    from capillary.web.planning.wishes import Wishes

LOG = logging.getLogger(__name__)
TELL_SECONDS = 1.0
MOST_KEPT = 50  # roadmaps of one assessment; the oldest go, but for those that a link shows


def first_quarter() -> Quarter:
    """Return the quarter in which a plan that is asked for today can begin."""
    today = timezone.localdate()
    return next_quarter(today.year, today.month)


def wishes_check(assessment: Assessment, wishes: Wishes) -> None:
    """Refuse wishes that make no sense for an enterprise, before any work is begun.

    Raises:
        InputError: each problem names the part of the goal as its path.
    """
    question = question_of(assessment, wishes, first_quarter())
    library = engine.library()
    firm = firm_of(question.standard, question.sheet, library.capabilities(), library.assumptions())
    currencies = [rate.currency for rate in library.currencies().rates]
    problems = list(unknown_measures("offers", wishes.offers, library.measures()))
    if problems:
        raise InputError(problems)
    check_goal(question.goal, firm, library.measures(), currencies)


def roadmap_ask(
    *, assessment: Assessment, wishes: Wishes, by: User | None, previous: Roadmap | None = None
) -> Roadmap:
    """Have a roadmap made in the background. The same question about the same answers is not worked on twice.

    Raises:
        InputError: the wishes make no sense for the enterprise.
    """
    wishes_check(assessment, wishes)
    first = first_quarter()
    same = Roadmap.objects.filter(
        assessment=assessment,
        revision=assessment.revision,
        first_year=first[0],
        first_quarter=first[1],
        wishes=wishes.as_json(),
    ).exclude(status=Roadmap.Status.FAILED)
    known = same.defer(*HEAVY).first()
    if known is not None:
        return known
    with transaction.atomic():
        made = Roadmap.objects.create(
            assessment=assessment,
            previous=previous,
            made_by=by,
            revision=assessment.revision,
            wishes=wishes.as_json(),
            first_year=first[0],
            first_quarter=first[1],
        )
        audit_write(by, "roadmap-ask", assessment.enterprise_id, f"roadmap {made.pk}")
        mine = Roadmap.objects.filter(assessment=assessment, links=None)
        old = mine.order_by("-made_at").values_list("pk", flat=True)
        Roadmap.objects.filter(pk__in=list(old[MOST_KEPT:])).delete()
        transaction.on_commit(lambda: _enqueue(made.pk))
    return made


HEAVY = ("result", "page", "book_zh", "book_en")


def _enqueue(pk: UUID) -> None:
    from capillary.web.planning.tasks import make

    make.enqueue(str(pk))


@transaction.atomic
def roadmap_again(*, roadmap: Roadmap, by: User | None) -> None:
    """Work on a roadmap once more, where the work has stopped or failed, or another version made it."""
    Roadmap.objects.filter(pk=roadmap.pk).update(
        status=Roadmap.Status.WAITING, progress={}, problems=[], begun_at=None, ready_at=None
    )
    audit_write(by, "roadmap-again", roadmap.assessment.enterprise_id, f"roadmap {roadmap.pk}")
    transaction.on_commit(lambda: _enqueue(roadmap.pk))


@transaction.atomic
def roadmap_delete(*, roadmap: Roadmap, by: User | None) -> None:
    """Delete a roadmap."""
    audit_write(by, "roadmap-delete", roadmap.assessment.enterprise_id, f"roadmap {roadmap.pk}")
    roadmap.delete()


@transaction.atomic
def roadmap_link_make(*, roadmap: Roadmap, by: User | None, days: int, identifier: UUID) -> str | None:
    """Make a link that shows a roadmap to anybody who has it.

    Args:
        roadmap: a roadmap that is ready.
        by: who makes it.
        days: how long it works.
        identifier: the link's id, chosen by the form.

    Returns:
        The link's secret, which is kept nowhere; None where this form has made its link already.
    """
    token = link_new(RoadmapLink, identifier=identifier, by=by, days=days, shows={"roadmap": roadmap})
    if token is not None:
        subject = f"roadmap {roadmap.pk} link {identifier}"
        audit_write(by, "roadmap-link-make", roadmap.assessment.enterprise_id, subject)
    return token


@transaction.atomic
def roadmap_link_withdraw(*, link: RoadmapLink, by: User | None) -> None:
    """Withdraw a link: from now on it shows nothing. A withdrawn one stays as it was."""
    if link_end(link):
        audit_write(by, "roadmap-link-withdraw", link.roadmap.assessment.enterprise_id, f"link {link.pk}")


@transaction.atomic
def roadmap_link_open(*, token: str, by: User | None) -> RoadmapLink | None:
    """Return the link of a secret and note that it was opened; None where it does not work, or does no longer."""
    rows = RoadmapLink.objects.select_related("roadmap__assessment__enterprise").defer(
        "roadmap__book_zh", "roadmap__book_en"
    )
    link = link_found(rows.filter(roadmap__assessment__enterprise__erased_at=None), token)
    if link is None:
        return None
    AuditEntry.objects.create(
        user=by,
        kind=AuditEntry.Kind.READ,
        action="roadmap-link-open",
        enterprise=link.roadmap.assessment.enterprise_id,
        subject=f"link {link.pk}",
        role="link",
    )
    return link


def roadmap_work(pk: UUID) -> None:
    """Make the plans of a roadmap; a problem with the question is kept and shown, a mistake of ours as well."""
    begun = Roadmap.objects.filter(pk=pk, status=Roadmap.Status.WAITING).update(
        status=Roadmap.Status.WORKING, begun_at=timezone.now()
    )
    roadmap = Roadmap.objects.select_related("assessment__enterprise").filter(pk=pk).first()
    if not begun or roadmap is None:
        return
    try:
        changes = _made(roadmap)
    except InputError as error:
        changes = _failed(error.problems)
    except BadAnswerError:
        LOG.exception("an answer of the assessment does not fit its standard any more")
        changes = _failed(())
    except Exception:
        Roadmap.objects.filter(pk=pk).update(**_failed(()))
        raise
    Roadmap.objects.filter(pk=pk).update(ready_at=timezone.now(), **changes)


def _made(roadmap: Roadmap) -> dict[str, Any]:
    library = engine.library()
    question = question_of(roadmap.assessment, wishes_of(roadmap.wishes), roadmap.first)
    found = make_roadmap(question, library, _Teller(roadmap.pk))
    written_on = timezone.localdate().isoformat()
    return {
        "status": Roadmap.Status.READY,
        "result": found.as_json(),
        "page": kept(build_roadmap(found, library, roadmap.first, written_on)),
        "book_zh": roadmap_xlsx(found, library, "zh", roadmap.first),
        "book_en": roadmap_xlsx(found, library, "en", roadmap.first),
    }


def _failed(problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "status": Roadmap.Status.FAILED,
        "problems": [
            {"path": item.place.path or "", "zh": item.in_("zh"), "en": item.in_("en")} for item in problems
        ],
    }


class _Teller:
    """Writes into the row how far the work is, at most once a second."""

    def __init__(self, pk: UUID) -> None:
        self.pk = pk
        self.told = 0.0

    def __call__(self, state: Progress) -> None:
        now = time.monotonic()
        if now - self.told < TELL_SECONDS and state.objective is not None:
            return
        self.told = now
        told = {
            "aim": state.aim,
            "found": state.found,
            "wanted": state.wanted,
            "objective": state.objective,
            "bound": state.bound,
        }
        Roadmap.objects.filter(pk=self.pk).update(progress=told)
