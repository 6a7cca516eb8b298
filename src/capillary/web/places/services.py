"""Writes of offerings and requests. Draw, answers and attendance stand in `draws`.

Every write locks the offering first, so that two people who act at once come one after the other and see what the other did.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from capillary.matching.allocation_rules import read_rules
from capillary.matching.places import SEED_DIGITS, bad_name, commitment, read_providers
from capillary.model.text import msg
from capillary.web.access import audit_write
from capillary.web.applications.refusals import RefusedError
from capillary.web.places.facts import facts_of
from capillary.web.places.locks import locked, noted
from capillary.web.places.models import Offering, PlaceRequest, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.matching.places import Having
    from capillary.web.accounts.models import Organisation, User
    from capillary.web.enterprises.models import Enterprise

KEY_BYTES = 16
MOST_PROVIDERS = 2_000
# What stays as it was announced, once an offering is open.
ANNOUNCED = frozenset({"organisation", "code", "kind", "rules", "opens_on", "answer_days"})


# --- an offering -----------------------------------------------------------------------------------------------------


@transaction.atomic
def offering_save(
    *, offering: Offering | None, organisation: Organisation, values: Mapping[str, Any], by: User
) -> Offering:
    """Prepare an offering, or change one. What was announced stays; the last day can only be put off.

    Args:
        offering: the one to change; None for a new one.
        organisation: whose it is.
        values: its fields; ``rules`` as ``capillary allocate --priority`` takes them.
        by: who does it.

    Raises:
        RefusedError: the code is taken, or the last day would come earlier than announced.
        InputError: a rule cannot be read, or two look at the same fact.
    """
    row = Offering(organisation=organisation, made_by=by) if offering is None else locked(offering.pk)
    if "rules" in values:
        read_rules(values["rules"])
    if row.state != Offering.State.DRAFT:
        if row.state != Offering.State.OPEN and values["closes_on"] != row.closes_on:
            raise RefusedError(msg("The asking is closed; its days do not change any more."), "closes_on")
        if values["closes_on"] < row.closes_on:
            raise RefusedError(
                msg("{day} was announced. The last day can only be put off.", day=row.closes_on.isoformat()),
                "closes_on",
            )
    for name, value in values.items():
        if row.state == Offering.State.DRAFT or name not in ANNOUNCED:
            setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RefusedError(
            msg("Another offering has the code {code}. Choose another one.", code=row.code), "code"
        ) from error
    noted(row, "change" if offering else "prepare", by)
    audit_write(by, "offering-change" if offering else "offering-prepare", None, f"offering {row.code}")
    return row


def _must_be_draft(row: Offering) -> None:
    if row.state != Offering.State.DRAFT:
        raise RefusedError(msg("The offering is announced; its providers and places stay as they are."))


@transaction.atomic
def provider_add(*, offering: Offering, values: Mapping[str, Any], by: User) -> Provider:
    """Add a provider with its places.

    Args:
        offering: in preparation.
        values: name, organisation, capacity, region.
        by: who does it.

    Raises:
        RefusedError: the offering is announced, or the name is taken or cannot be one.
    """
    row = locked(offering.pk)
    _must_be_draft(row)
    why = bad_name(values["name"])
    if why is not None:
        raise RefusedError(why, "name")
    if row.providers.filter(name=values["name"]).exists():
        raise RefusedError(msg("{name} is there already.", name=values["name"]), "name")
    if row.providers.count() >= MOST_PROVIDERS:
        raise RefusedError(msg("There are at most {most} providers.", most=MOST_PROVIDERS), "name")
    made = Provider.objects.create(offering=row, **values)
    noted(row, "provider-add", by, text=f"{made.name} · {made.capacity}")
    audit_write(by, "offering-provider-add", None, f"offering {row.code}")
    return made


@transaction.atomic
def provider_remove(*, offering: Offering, provider: int, by: User) -> None:
    """Take a provider out.

    Raises:
        RefusedError: the offering is announced.
    """
    row = locked(offering.pk)
    _must_be_draft(row)
    for found in row.providers.filter(pk=provider):
        noted(row, "provider-remove", by, text=f"{found.name} · {found.capacity}")
        found.delete()
        audit_write(by, "offering-provider-remove", None, f"offering {row.code}")


@transaction.atomic
def providers_load(*, offering: Offering, name: str, data: bytes, by: User) -> int:
    """Take all providers of a file in place of those that are there; return how many.

    Raises:
        RefusedError: the offering is announced, or there are too many.
        InputError: cells cannot be used; each is named.
    """
    row = locked(offering.pk)
    _must_be_draft(row)
    found: Sequence[Having] = read_providers(name, data, with_region="region=same" in row.rules)
    if len(found) > MOST_PROVIDERS:
        raise RefusedError(msg("There are at most {most} providers.", most=MOST_PROVIDERS))
    row.providers.all().delete()
    Provider.objects.bulk_create(
        Provider(offering=row, name=each.name, capacity=each.capacity, region=each.region[:12])
        for each in found
    )
    noted(row, "providers-load", by, text=str(len(found)))
    audit_write(by, "offering-providers-load", None, f"offering {row.code}")
    return len(found)


@transaction.atomic
def offering_open(*, offering: Offering, by: User) -> Offering:
    """Announce an offering: the seed is drawn and the promise about it shown; rules and places stay as they are from here on.

    Raises:
        RefusedError: it is announced already, has no place, or its last day is over.
    """
    row = locked(offering.pk)
    if row.state != Offering.State.DRAFT:
        raise RefusedError(msg("The offering is announced already."))
    if not any(row.providers.values_list("capacity", flat=True)):
        raise RefusedError(msg("There is no place to give. Add a provider with at least one."))
    if row.closes_on < timezone.localdate():
        raise RefusedError(msg("Its last day is over. Choose a later one."))
    promise(row)
    row.state = Offering.State.OPEN
    row.save()
    noted(row, "open", by, text=row.commitment)
    audit_write(by, "offering-open", None, f"offering {row.code}")
    return row


def promise(row: Offering) -> None:
    """Give an offering a seed that nobody knows, and the promise about it."""
    row.seed = secrets.randbelow(10**SEED_DIGITS)
    row.key = secrets.token_hex(KEY_BYTES)
    row.commitment = commitment(row.seed, row.key)


# --- a request -------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_save(
    *, offering: Offering, enterprise: Enterprise, choices: Sequence[int], takes_any: bool, by: User
) -> PlaceRequest:
    """Ask for a place, or change what was asked for; the facts are taken as they are now.

    A change keeps the day of asking; who withdrew and asks again has asked on the later day.

    Args:
        offering: what is given out.
        enterprise: who asks.
        choices: ids of providers, the dearest first.
        takes_any: whether any other provider will do.
        by: who does it.

    Raises:
        RefusedError: the offering takes no requests today, the choices are none, or the office excluded the request.
    """
    row = locked(offering.pk)
    _must_take(row)
    known = set(row.providers.values_list("pk", flat=True))
    if not set(choices) <= known or len(set(choices)) < len(choices):
        raise RefusedError(msg("Choose each provider of this offering at most once."), "choice_1")
    if not choices and not takes_any:
        raise RefusedError(msg("Choose a provider, or say that you take any."), "choice_1")
    found = PlaceRequest.objects.select_for_update().filter(offering=row, enterprise=enterprise).first()
    asked = found or PlaceRequest(
        offering=row, enterprise=enterprise, asked_on=timezone.localdate(), made_by=by
    )
    if found is None:
        row.numbers += 1
        row.save(update_fields=["numbers"])
        asked.number = row.numbers
    elif found.state == PlaceRequest.State.EXCLUDED:
        raise RefusedError(msg("The office excluded this request. You can object on its page."))
    elif found.state == PlaceRequest.State.WITHDRAWN:
        asked.asked_on = timezone.localdate()
    facts = facts_of(enterprise)
    asked.size, asked.region, asked.sector, asked.level = facts.size, facts.region, facts.sector, facts.level
    asked.choices, asked.takes_any = list(choices), takes_any
    asked.state, asked.changed_at = PlaceRequest.State.ASKED, timezone.now()
    asked.save()
    act = "request" if found is None else "request-change"
    noted(row, act, by, asked.reference)
    audit_write(by, f"place-{act}", enterprise.pk, asked.reference)
    return asked


def _must_take(row: Offering) -> None:
    today = timezone.localdate()
    if row.state != Offering.State.OPEN:
        raise RefusedError(msg("This offering takes no requests now."))
    if today < row.opens_on:
        raise RefusedError(msg("You can ask from {day} on.", day=row.opens_on.isoformat()))
    if today > row.closes_on:
        raise RefusedError(msg("The last day to ask was {day}.", day=row.closes_on.isoformat()))


@transaction.atomic
def request_withdraw(*, request: PlaceRequest, by: User) -> None:
    """Take a request back, through the last day.

    Raises:
        RefusedError: it is over.
    """
    row = locked(request.offering_id)
    _must_take(row)
    found = PlaceRequest.objects.select_for_update().get(pk=request.pk)
    if found.state == PlaceRequest.State.EXCLUDED:
        raise RefusedError(msg("The office excluded this request. You can object on its page."))
    if found.state != PlaceRequest.State.ASKED:
        raise RefusedError(msg("It is withdrawn already."))
    found.state, found.changed_at = PlaceRequest.State.WITHDRAWN, timezone.now()
    found.save()
    noted(row, "withdraw", by, found.reference)
    audit_write(by, "place-withdraw", found.enterprise_id, found.reference)
