"""The draw, and what comes after it: publication by a second officer, answers, the line that moves up, attendance."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from capillary.matching.allocation import allocate
from capillary.matching.allocation_lines import Lines
from capillary.matching.places import (
    Having,
    Tables,
    Wanting,
    held_of,
    market_of,
    moved_on,
    standing_now,
    tables,
    told,
)
from capillary.model.text import msg
from capillary.web.access import audit_write
from capillary.web.applications.refusals import RefusedError
from capillary.web.core.language import TAGS
from capillary.web.places import tasks
from capillary.web.places.facts import cells_of, words_in
from capillary.web.places.locks import locked, noted
from capillary.web.places.models import Draw, Exclusion, Offering, PlaceRequest, RefusedDraw
from capillary.web.places.services import promise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from capillary.matching.allocation import Market
    from capillary.matching.places import Held, Told
    from capillary.model.text import Message
    from capillary.web.accounts.models import User
    from capillary.web.places.models import Provider

S = PlaceRequest.State
# Up to so many requests are drawn while the officer waits; more go to the background.
DIRECT = 1_000
AT_ONCE = 500
SHORTEST_REASON, SHORTEST_NAME = 5, 4
WRITTEN = ("state", "provider", "choice", "place", "words", "answer_by", "changed_at")
# Who holds a place without having come yet.
HOLDING = (S.OFFERED, S.ACCEPTED)
SETTLED = (S.SERVED, S.ABSENT)


@transaction.atomic
def offering_close(*, offering: Offering, by: User) -> Offering:
    """Close the asking, once its last day is over: from here on no fact changes any more.

    Raises:
        RefusedError: it is not open, or its last day is not over.
    """
    row = locked(offering.pk)
    if row.state != Offering.State.OPEN:
        raise RefusedError(msg("Only an open offering can be closed."))
    if timezone.localdate() <= row.closes_on:
        raise RefusedError(
            msg(
                "Enterprises can ask through {day}, as announced. Close it after that day.",
                day=row.closes_on.isoformat(),
            )
        )
    # who is excluded may come back until the draw
    taking_part = PlaceRequest.objects.filter(offering=row, state__in=[S.ASKED, S.EXCLUDED])
    served = PlaceRequest.objects.filter(state=S.SERVED).values("enterprise")
    taking_part.update(served_before=False)
    taking_part.filter(enterprise__in=served).update(served_before=True)
    row.state = Offering.State.CLOSED
    row.save(update_fields=["state"])
    noted(row, "close", by, text=str(taking_part.filter(state=S.ASKED).count()))
    audit_write(by, "offering-close", None, f"offering {row.code}")
    return row


def tables_of(row: Offering) -> Tables:
    """Return what the draw of a closed offering is made from."""
    providers = {item.pk: item for item in row.providers.all()}
    asked = PlaceRequest.objects.filter(offering=row, state=S.ASKED).order_by("number")
    wanting: list[Wanting] = []
    for item in asked.iterator(chunk_size=AT_ONCE):
        item.offering = row
        names = tuple(providers[pk].name for pk in item.choices)
        wanting.append(Wanting(item.reference, names, item.takes_any, cells_of(item)))
    having = [Having(item.name, item.capacity, item.region) for item in providers.values()]
    return tables(wanting, having, row.rules, row.seed or 0)


# --- the draw --------------------------------------------------------------------------------------------------------


@transaction.atomic
def offering_draw(*, offering: Offering, by: User) -> Offering:
    """Draw, once; a large draw is made in the background. One that got stuck there is started again.

    Raises:
        RefusedError: it was drawn already, is not closed, or nobody asked.
    """
    row = locked(offering.pk)
    if row.state == Offering.State.DRAWING:
        tasks.draw.enqueue(str(row.pk), by.pk)
        return row
    if row.state != Offering.State.CLOSED:
        raise RefusedError(_why_no_draw(row))
    _must_be_settled(row)
    count = PlaceRequest.objects.filter(offering=row, state=S.ASKED).count()
    if not count:
        raise RefusedError(msg("Nobody asked, so there is nothing to draw."))
    row.state = Offering.State.DRAWING
    row.save(update_fields=["state"])
    audit_write(by, "offering-draw", None, f"offering {row.code}")
    if count <= DIRECT:
        draw_work(row.pk, by)
    else:
        tasks.draw.enqueue(str(row.pk), by.pk)
    row.refresh_from_db()
    return row


def _why_no_draw(row: Offering) -> Message:
    if row.state in {Offering.State.DRAFT, Offering.State.OPEN}:
        return msg("The offering is not closed yet.")
    if row.state == Offering.State.REFUSED:
        return msg("The draw was refused. Say first why it may be drawn once more.")
    return msg("It was drawn already; there is only one draw.")


def _must_be_settled(row: Offering) -> None:
    """Refuse a draw while somebody who was excluded can still object, or waits for the answer."""
    exclusions = Exclusion.objects.filter(request__offering=row, lifted_at=None)
    if exclusions.filter(objected_at__isnull=False, answered_at=None).exists():
        raise RefusedError(
            msg("An enterprise objects to its exclusion. Another officer has to answer first.")
        )
    open_one = (
        exclusions.filter(objected_at=None, object_by__gte=timezone.localdate())
        .order_by("-object_by")
        .first()
    )
    if open_one is not None:
        raise RefusedError(
            msg(
                "An enterprise that was excluded can object through {day}. Draw after that day.",
                day=open_one.object_by.isoformat(),
            )
        )


@transaction.atomic
def draw_refuse(*, offering: Offering, by: User, why: str) -> Offering:
    """Refuse to confirm another officer's draw. It does not count; its seed and the reason are public from now on.

    Raises:
        RefusedError: there is nothing to confirm, it is one's own draw, or the reason is missing or names an enterprise.
    """
    row = locked(offering.pk)
    if row.state != Offering.State.DRAWN:
        raise RefusedError(msg("There is no draw that waits for publication."))
    drawn = Draw.objects.select_for_update().get(offering=row)
    if drawn.drawn_by_id == by.pk:
        raise RefusedError(msg("You drew it yourself. Another officer has to confirm it."))
    _must_be_fit_for_all(row, why)
    RefusedDraw.objects.create(
        offering=row,
        number=row.refused_draws.count() + 1,
        firms=drawn.firms,
        providers=drawn.providers,
        rules=drawn.rules,
        seed=drawn.seed,
        key=row.key,
        commitment=row.commitment,
        drawn_by=drawn.drawn_by,
        drawn_at=drawn.drawn_at,
        refused_by=by,
        why=why,
    )
    drawn.delete()
    row.state = Offering.State.REFUSED
    row.save(update_fields=["state"])
    noted(row, "refuse", by, text=why)
    audit_write(by, "offering-draw-refuse", None, f"offering {row.code}")
    return row


@transaction.atomic
def draw_repeat(*, offering: Offering, by: User, why: str) -> Offering:
    """Let a refused draw be made once more: with a reason that everybody reads, and a new seed that is promised anew.

    Requests stay as they are; the office may exclude some before it draws.

    Raises:
        RefusedError: no draw was refused, the same officer refused it, or the reason is missing or names an enterprise.
    """
    row = locked(offering.pk)
    last = row.refused_draws.select_for_update().order_by("-number").first()
    if row.state != Offering.State.REFUSED or last is None:
        raise RefusedError(msg("No draw was refused, so there is none to repeat."))
    if last.refused_by_id == by.pk:
        raise RefusedError(
            msg("You refused the draw. Another officer has to decide that it is made once more.")
        )
    _must_be_fit_for_all(row, why)
    last.repeated_by, last.repeated_at, last.repeat_why = by, timezone.now(), why
    last.save(update_fields=["repeated_by", "repeated_at", "repeat_why"])
    promise(row)
    row.state = Offering.State.CLOSED
    row.save(update_fields=["seed", "key", "commitment", "state"])
    noted(row, "repeat", by, text=row.commitment)
    audit_write(by, "offering-draw-repeat", None, f"offering {row.code}")
    return row


def _must_be_fit_for_all(row: Offering, why: str) -> None:
    """Refuse a reason that is none, or that names an enterprise: everybody reads it."""
    if len(why.strip()) < SHORTEST_REASON:
        raise RefusedError(msg("Give a reason; everybody reads it."), "text")
    plain = why.casefold()
    names = PlaceRequest.objects.filter(offering=row).values_list("enterprise__name", flat=True)
    if any(len(name) >= SHORTEST_NAME and name.casefold() in plain for name in names.iterator()):
        raise RefusedError(
            msg("Name no enterprise: everybody reads this. Numbers of requests are enough."), "text"
        )


@transaction.atomic
def draw_work(pk: UUID, by: User | None) -> None:
    """Make the draw of an offering that waits for it; one that is drawn stays as it is."""
    row = locked(pk)
    if row.state != Offering.State.DRAWING:
        return
    given = tables_of(row)
    drawn = Draw(
        offering=row,
        firms=given.firms,
        providers=given.providers,
        rules=list(given.rules),
        seed=given.seed,
        drawn_by=by,
    )
    drawn.hold(held_of(allocate(market_of(given))))
    drawn.save()
    row.state = Offering.State.DRAWN
    row.save(update_fields=["state"])
    noted(row, "draw", by, text=str(len(drawn.held.got)))


@transaction.atomic
def draw_confirm(*, offering: Offering, by: User, site: str) -> Offering:
    """Publish a draw that another officer made; every enterprise that asked gets a letter. What got stuck is started again.

    Raises:
        RefusedError: there is nothing to publish, or it is one's own draw.
    """
    row = locked(offering.pk)
    if row.state == Offering.State.PUBLISHING:
        tasks.publish.enqueue(str(row.pk), site)
        return row
    if row.state != Offering.State.DRAWN:
        raise RefusedError(msg("There is no draw that waits for publication."))
    drawn = Draw.objects.select_for_update().get(offering=row)
    if drawn.drawn_by_id == by.pk:
        raise RefusedError(msg("You drew it yourself. Another officer has to confirm it."))
    drawn.confirmed_by, drawn.confirmed_at = by, timezone.now()
    drawn.save(update_fields=["confirmed_by", "confirmed_at"])
    row.state = Offering.State.PUBLISHING
    row.save(update_fields=["state"])
    noted(row, "publish", by)
    audit_write(by, "offering-publish", None, f"offering {row.code}")
    if PlaceRequest.objects.filter(offering=row, state=S.ASKED).count() <= DIRECT:
        publish_work(row.pk, site)
    else:
        tasks.publish.enqueue(str(row.pk), site)
    row.refresh_from_db()
    return row


@transaction.atomic
def publish_work(pk: UUID, site: str) -> None:
    """Write to each request what became of it, and send the letters."""
    row = locked(pk)
    if row.state != Offering.State.PUBLISHING:
        return
    drawn = Draw.objects.select_for_update().get(offering=row)
    given = market_of(drawn.tables)
    left = {item.reference for item in PlaceRequest.objects.filter(offering=row).select_related("offering")}
    erased = [firm.id for firm in given.firms if firm.id not in left]
    if erased:
        drawn.hold(moved_on(given, drawn.held, erased))
        drawn.save(update_fields=["state"])
    written(row, given, drawn.held)
    row.state = Offering.State.PUBLISHED
    row.save(update_fields=["state"])
    tasks.letters.enqueue(str(row.pk), [], site)


def written(row: Offering, given: Market, held: Held) -> list[PlaceRequest]:
    """Write to the requests of an offering how the places stand; return those that got a place, or another one."""
    lines = Lines(standing_now(given, held))
    found = {
        item.reference: item
        for item in PlaceRequest.objects.filter(offering=row)
        .exclude(state=S.WITHDRAWN)
        .select_related("offering")
    }
    here = [firm.id for firm in given.firms if firm.id in found]
    words: dict[str, dict[str, list[str]]] = {name: {} for name in here}
    said: dict[str, Told] = {}
    for code in TAGS:
        for name, each in told(lines, here, code, words_in(code)):
            late = found[name].state == S.EXPIRED
            words[name][code] = (
                [msg("You did not accept in time.").in_(code)] if late else list(each.sentences)
            )
            said[name] = each
    providers = {item.name: item for item in row.providers.all()}
    better: list[PlaceRequest] = []
    changed: list[PlaceRequest] = []
    for name in here:
        item, each = found[name], said[name]
        if item.state in SETTLED:
            continue
        provider = None if each.provider is None else providers[each.provider]
        if provider is not None and provider.pk != item.provider_id:
            better.append(item)
        if (item.words, item.provider_id) != (words[name], provider and provider.pk):
            changed.append(item)
        _stands(item, each, provider, row.answer_days)
        item.words = words[name]
    PlaceRequest.objects.bulk_update(changed, WRITTEN, batch_size=AT_ONCE)
    return better


def _stands(item: PlaceRequest, each: Told, provider: Provider | None, days: int) -> None:
    """Write one standing into a request. Who accepted and moves up to a dearer choice has accepted that, too."""
    now = timezone.now()
    if provider is None:
        if item.state == S.ASKED:
            item.state = S.WAITING
    elif item.state in {S.ASKED, S.WAITING}:
        item.state = S.OFFERED
        item.answer_by = timezone.localdate(now) + dt.timedelta(days=days)
    elif item.state == S.OFFERED and item.provider_id != provider.pk:
        item.answer_by = timezone.localdate(now) + dt.timedelta(days=days)
    item.provider, item.choice, item.place, item.changed_at = provider, each.choice, each.place, now


# --- answers ---------------------------------------------------------------------------------------------------------


def _locked_request(request: PlaceRequest) -> tuple[Offering, PlaceRequest]:
    row = locked(request.offering_id)
    if not row.is_published():
        raise RefusedError(msg("The draw is not published yet."))
    found = PlaceRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    found.offering = row
    return row, found


@transaction.atomic
def request_accept(*, request: PlaceRequest, by: User) -> PlaceRequest:
    """Accept a place.

    Raises:
        RefusedError: there is none that waits for an answer, or the last day is over.
    """
    row, found = _locked_request(request)
    if found.state != S.OFFERED:
        raise RefusedError(msg("There is no place that waits for your answer."))
    if found.answer_by is not None and timezone.localdate() > found.answer_by:
        raise RefusedError(msg("The last day to accept was {day}.", day=found.answer_by.isoformat()))
    found.state, found.answered_at = S.ACCEPTED, timezone.now()
    found.save(update_fields=["state", "answered_at"])
    noted(row, "accept", by, found.reference)
    audit_write(by, "place-accept", found.enterprise_id, found.reference)
    return found


@transaction.atomic
def request_decline(*, request: PlaceRequest, by: User, site: str) -> PlaceRequest:
    """Decline a place, give an accepted one back, or leave the waiting list; the next in line move up.

    Raises:
        RefusedError: there is nothing to decline.
    """
    row, found = _locked_request(request)
    if found.state not in {*HOLDING, S.WAITING}:
        raise RefusedError(msg("There is nothing to decline any more."))
    _left(row, [found], S.DECLINED, by, site)
    found.refresh_from_db()
    return found


@transaction.atomic
def places_expire(*, offering: Offering, by: User | None, site: str) -> int:
    """Take back the places that were not accepted in time; the next in line move up. Return how many it were."""
    row = locked(offering.pk)
    if not row.is_published():
        return 0
    late = list(
        PlaceRequest.objects.filter(
            offering=row, state=S.OFFERED, answer_by__lt=timezone.localdate()
        ).select_related("offering")
    )
    if late:
        _left(row, late, S.EXPIRED, by, site)
    return len(late)


def _left(row: Offering, leaving: Sequence[PlaceRequest], state: str, by: User | None, site: str) -> None:
    now = timezone.now()
    PlaceRequest.objects.filter(pk__in=[item.pk for item in leaving]).update(
        state=state, answered_at=now, provider=None, choice=None, place=None
    )
    for item in leaving:
        act = "decline" if state == S.DECLINED else "expire"
        noted(row, act, by, item.reference)
        audit_write(by, f"place-{act}", item.enterprise_id, item.reference)
    line_move(row, [item.reference for item in leaving], site)


def line_move(row: Offering, leaving: Collection[str], site: str) -> None:
    """Let the next in line move up after some gave up, and tell those who got a place, or a dearer one."""
    drawn = Draw.objects.select_for_update().get(offering=row)
    given = market_of(drawn.tables)
    held = moved_on(given, drawn.held, leaving)
    drawn.hold(held)
    drawn.save(update_fields=["state"])
    better = written(row, given, held)
    for item in better:
        noted(row, "move-up", None, item.reference, item.provider.name if item.provider else "")
    if better:
        tasks.letters.enqueue(str(row.pk), [str(item.pk) for item in better], site)


# --- attendance ------------------------------------------------------------------------------------------------------


@transaction.atomic
def attendance_record(*, offering: Offering, requests: Iterable[UUID], came: bool, by: User) -> int:
    """Record who was served, or did not come; who was served counts as served before from now on. Return how many it were.

    Raises:
        RefusedError: the draw is not published yet.
    """
    row = locked(offering.pk)
    if not row.is_published():
        raise RefusedError(msg("The draw is not published yet."))
    found = list(
        PlaceRequest.objects.filter(
            offering=row, pk__in=list(requests), state__in=[S.ACCEPTED, *SETTLED]
        ).select_related("offering")
    )
    state = S.SERVED if came else S.ABSENT
    PlaceRequest.objects.filter(pk__in=[item.pk for item in found]).update(
        state=state, changed_at=timezone.now()
    )
    for item in found:
        noted(row, state, by, item.reference)
        audit_write(by, f"place-{state}", item.enterprise_id, item.reference)
    drawn = Draw.objects.select_for_update().get(offering=row)
    kept = drawn.state
    kept["fixed"] = sorted({*kept["fixed"], *(item.reference for item in found)})
    drawn.save(update_fields=["state"])
    return len(found)
