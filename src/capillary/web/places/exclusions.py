"""Exclusions before a draw: an officer gives a reason, the enterprise may object, another officer answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from capillary.model.text import msg
from capillary.web.access import audit_write
from capillary.web.applications.refusals import RefusedError
from capillary.web.places import tasks
from capillary.web.places.locks import locked, noted
from capillary.web.places.models import OBJECT_DAYS, Exclusion, Offering, PlaceRequest

if TYPE_CHECKING:
    from capillary.web.accounts.models import User

S = PlaceRequest.State
BEFORE_THE_DRAW = (Offering.State.OPEN, Offering.State.CLOSED)


def standing_of(request: PlaceRequest) -> Exclusion | None:
    """Return the exclusion that holds for a request; None where there is none."""
    return request.exclusions.filter(lifted_at=None).first()


def _locked(request: PlaceRequest) -> tuple[Offering, PlaceRequest]:
    row = locked(request.offering_id)
    if row.state not in BEFORE_THE_DRAW:
        raise RefusedError(msg("The draw is made; nobody is excluded or taken back in any more."))
    found = PlaceRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    found.offering = row
    return row, found


@transaction.atomic
def request_exclude(*, request: PlaceRequest, by: User, why: str, site: str) -> Exclusion:
    """Leave a request out of the draw, with a reason that the enterprise reads; it gets a letter and can object.

    Raises:
        RefusedError: the draw is made, the request does not take part, or no reason is given.
    """
    row, found = _locked(request)
    if found.state != S.ASKED:
        raise RefusedError(msg("This request does not take part."))
    if not why.strip():
        raise RefusedError(msg("Give a reason; the enterprise reads it."), "text")
    made = Exclusion.objects.create(
        request=found, why=why, by=by, object_by=timezone.localdate() + dt.timedelta(days=OBJECT_DAYS)
    )
    _moved(row, found, S.EXCLUDED, by, "exclude", why)
    tasks.exclusion_letter.enqueue(str(found.pk), site)
    return made


@transaction.atomic
def exclusion_object(*, request: PlaceRequest, by: User, text: str) -> None:
    """Object to an exclusion; nothing is drawn before another officer has answered.

    Raises:
        RefusedError: there is no exclusion, it was objected to before, the time is over, or nothing is said.
    """
    row, found = _locked(request)
    held = _held(found)
    if not held.may_object():
        raise RefusedError(msg("You objected before, or the last day to object is over."))
    if not text.strip():
        raise RefusedError(msg("Say what is wrong with the reason."), "text")
    held.objection, held.objected_by, held.objected_at = text, by, timezone.now()
    held.save()
    noted(row, "object", by, found.reference, text)
    audit_write(by, "place-object", found.enterprise_id, found.reference)


@transaction.atomic
def objection_answer(*, request: PlaceRequest, by: User, text: str, lifts: bool, site: str) -> None:
    """Answer an objection: the exclusion stands, or the enterprise takes part again.

    Raises:
        RefusedError: no objection waits, the officer made the exclusion himself, or nothing is said.
    """
    row, found = _locked(request)
    held = _held(found)
    if not held.waits:
        raise RefusedError(msg("There is no objection that waits for an answer."))
    if held.by_id == by.pk:
        raise RefusedError(msg("You excluded this enterprise. Another officer has to answer its objection."))
    if not text.strip():
        raise RefusedError(msg("Say why; the enterprise reads it."), "text")
    held.answer, held.answered_by, held.answered_at = text, by, timezone.now()
    held.lifted_at = held.answered_at if lifts else None
    held.save()
    _moved(row, found, S.ASKED if lifts else S.EXCLUDED, by, "lift" if lifts else "uphold", text)
    tasks.exclusion_letter.enqueue(str(found.pk), site)


@transaction.atomic
def exclusion_lift(*, request: PlaceRequest, by: User, why: str, site: str) -> None:
    """Take an exclusion back of one's own accord; the enterprise takes part again as before.

    Raises:
        RefusedError: the draw is made, there is no exclusion, an objection waits for another officer, or no reason is given.
    """
    row, found = _locked(request)
    held = _held(found)
    if held.waits and held.by_id == by.pk:
        raise RefusedError(msg("You excluded this enterprise. Another officer has to answer its objection."))
    if not why.strip():
        raise RefusedError(msg("Give a reason; the enterprise reads it."), "text")
    held.lifted_at = timezone.now()
    held.save()
    _moved(row, found, S.ASKED, by, "lift", why)
    tasks.exclusion_letter.enqueue(str(found.pk), site)


def _held(found: PlaceRequest) -> Exclusion:
    held = found.exclusions.select_for_update().filter(lifted_at=None).first()
    if found.state != S.EXCLUDED or held is None:
        raise RefusedError(msg("This request is not excluded."))
    return held


def _moved(  # noqa: PLR0917 - as it is read
    row: Offering, found: PlaceRequest, state: str, by: User, act: str, text: str
) -> None:
    found.state, found.changed_at = state, timezone.now()
    found.save(update_fields=["state", "changed_at"])
    noted(row, act, by, found.reference, text)
    audit_write(by, f"place-{act}", found.enterprise_id, found.reference)
