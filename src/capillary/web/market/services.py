"""Writes of the market: offers are worked on, submitted, reviewed, published, withdrawn; every public change is counted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import transaction
from django.utils import timezone

from capillary.model.market import Accreditation, Conflict, Market, Offer, Provider
from capillary.web.access import audit_write
from capillary.web.market.models import MarketOffer, MarketProvider, MarketRevision, OfferImport, OfferVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from capillary.model.market import Record
    from capillary.web.accounts.models import Organisation, User

State = MarketOffer.State


class NotNowError(Exception):
    """What was asked for does not fit the state of the offer."""


def as_kept(item: Offer | Provider | Record) -> dict[str, Any]:
    """Return an offer, a provider or its record as JSON keeps it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(item))
    return found


def offer_of(data: dict[str, Any]) -> Offer:
    """Return an offer that was kept."""
    return msgspec.convert(data, Offer)


def provider_of(row: MarketProvider) -> Provider:
    """Return a provider as it says of itself."""
    return provider_from(row.data)


def provider_from(data: dict[str, Any]) -> Provider:
    """Return a provider that was kept."""
    return msgspec.convert(data, Provider)


def _next_revision() -> int:
    """Return the number of a change of what is public; whoever comes second waits until the first is done."""
    row, _ = MarketRevision.objects.select_for_update().get_or_create(pk=1)
    row.number += 1
    row.save(update_fields=["number"])
    return row.number


@transaction.atomic
def provider_save(*, organisation: Organisation, by: User | None, provider: Provider) -> MarketProvider:
    """Keep what a provider says of itself.

    What others say of it, its record and its accreditations, stays, and so do its bonds: they have a page of their own.

    What everybody sees changes once it has been reviewed.
    """
    row = MarketProvider.objects.select_for_update().filter(organisation=organisation).first()
    if row is None:
        row = MarketProvider(organisation=organisation, code=provider.id)
        known = Provider(
            id=provider.id, kind=provider.kind, title=provider.title, summary=provider.summary,
            region=provider.region, languages=provider.languages,
        )  # fmt: skip
    else:
        known = provider_of(row)
    kept = msgspec.structs.replace(
        provider,
        id=row.code,
        record=known.record,
        accreditations=known.accreditations,
        conflicts=known.conflicts,
        demonstration=False,
    )
    row.data, row.name_zh, row.name_en = as_kept(kept), kept.title.zh[:200], kept.title.en[:200]
    row.waits, row.reason = row.public is not None and row.public != row.data, ""
    row.changed_at = timezone.now()
    row.save()
    audit_write(by, "market-provider-save", None, row.code)
    return row


@transaction.atomic
def provider_record(*, provider: MarketProvider, change: Callable[[Record], Record], by: User | None) -> None:
    """Change what is known of a provider's finished projects; what it says of itself stays as it is."""
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    record = change(provider_of(row).record)
    row.data = row.data | {"record": as_kept(record)}
    if row.public is not None:
        row.public = row.public | {"record": row.data["record"]}
    row.changed_at, row.revision = timezone.now(), _next_revision()
    row.save()
    audit_write(by, "market-provider-record", None, row.code)


@transaction.atomic
def provider_accredit(*, provider: MarketProvider, held: Accreditation, by: User | None) -> None:
    """Let everybody see an accreditation of a provider; one by the same programme gives way to it."""
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    kept = [item for item in provider_of(row).accreditations if item.programme != held.programme]
    _accredited(row, [*kept, held], by, "market-provider-accredit")


@transaction.atomic
def provider_disaccredit(
    *, provider: MarketProvider, programme: str, granted_on: str, by: User | None
) -> None:
    """Take an accreditation of a provider, known by its day, from the public; a later one stays."""
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    kept = [
        item
        for item in provider_of(row).accreditations
        if (item.programme, item.granted_on) != (programme, granted_on)
    ]
    _accredited(row, kept, by, "market-provider-disaccredit")


def _accredited(
    row: MarketProvider, accreditations: Iterable[Accreditation], by: User | None, action: str
) -> None:
    kept = [msgspec.to_builtins(item) for item in accreditations]
    row.data = row.data | {"accreditations": kept}
    if row.public is not None:
        row.public = row.public | {"accreditations": kept}
    row.changed_at, row.revision = timezone.now(), _next_revision()
    row.save()
    audit_write(by, action, None, row.code)


@transaction.atomic
def bond_declare(*, provider: MarketProvider, bond: Conflict, by: User | None) -> None:
    """Declare that a provider is bound to somebody; everybody sees it at once.

    Raises:
        NotNowError: it is declared already.
    """
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    if any(item.party == bond.party for item in provider_of(row).conflicts):
        raise NotNowError
    added = msgspec.to_builtins(bond)
    row.data = row.data | {"conflicts": [*row.data.get("conflicts", []), added]}
    if row.public is not None:
        shown = [item for item in row.public.get("conflicts", []) if item["party"] != bond.party]
        row.public, row.revision = row.public | {"conflicts": [*shown, added]}, _next_revision()
        row.waits = row.waits and row.public != row.data
    row.changed_at = timezone.now()
    row.save()
    audit_write(by, "market-bond-declare", None, f"{row.code} {bond.party}")


@transaction.atomic
def bond_end(*, provider: MarketProvider, party: str, by: User | None) -> None:
    """Say that a provider is bound to somebody no more; what is public stays until somebody else has reviewed that.

    Raises:
        NotNowError: no such bond is declared.
    """
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    kept = [item for item in row.data.get("conflicts", []) if item["party"] != party]
    if len(kept) == len(row.data.get("conflicts", [])):
        raise NotNowError
    row.data = row.data | {"conflicts": kept}
    row.waits, row.reason = row.public is not None and row.public != row.data, ""
    row.changed_at = timezone.now()
    row.save()
    audit_write(by, "market-bond-end", None, f"{row.code} {party}")


@transaction.atomic
def provider_publish(*, provider: MarketProvider, by: User | None) -> None:
    """Show everybody what a provider says of itself now.

    Raises:
        NotNowError: it does not wait for review.
    """
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    if not row.waits:
        raise NotNowError
    _show(row, _next_revision())
    audit_write(by, "market-provider-publish", None, row.code)


def _show(row: MarketProvider, revision: int) -> None:
    row.public, row.waits, row.reason, row.revision = row.data, False, "", revision
    row.save()


@transaction.atomic
def provider_return(*, provider: MarketProvider, by: User | None, reason: str) -> None:
    """Send back what a provider says of itself, with a reason; what everybody sees stays.

    Raises:
        NotNowError: it does not wait for review.
        ValueError: no reason is given.
    """
    if not reason.strip():
        raise ValueError("what a provider says is sent back with a reason")
    row = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    if not row.waits:
        raise NotNowError
    row.waits, row.reason = False, reason
    row.save(update_fields=["waits", "reason"])
    audit_write(by, "market-provider-return", None, row.code)


@transaction.atomic
def offer_save(*, provider: MarketProvider, by: User | None, offer: Offer) -> MarketOffer:
    """Keep an offer as it is being worked on; what is public stays as it is until the change was reviewed.

    Raises:
        NotNowError: another provider has an offer of this id, or it waits for review.
    """
    row = MarketOffer.objects.select_for_update().filter(code=offer.id).first()
    if row is not None and row.provider_id != provider.pk:
        raise NotNowError
    if row is not None and row.state == State.SUBMITTED:
        raise NotNowError
    row = row or MarketOffer(code=offer.id, provider=provider)
    row.data = as_kept(msgspec.structs.replace(offer, provider=provider.code, version=row.version + 1))
    row.title_zh, row.title_en = offer.title.zh[:300], offer.title.en[:300]
    row.state, row.changed_at = State.DRAFT, timezone.now()
    row.save()
    audit_write(by, "market-offer-save", None, row.code)
    return row


@transaction.atomic
def offer_submit(*, offer: MarketOffer, by: User | None) -> None:
    """Ask for the review of what was worked on.

    Raises:
        NotNowError: there is nothing new, or it waits already.
    """
    row = MarketOffer.objects.select_for_update().get(pk=offer.pk)
    if row.state not in {State.DRAFT, State.RETURNED, State.WITHDRAWN}:
        raise NotNowError
    row.state, row.submitted_at, row.reason = State.SUBMITTED, timezone.now(), ""
    row.save(update_fields=["state", "submitted_at", "reason"])
    audit_write(by, "market-offer-submit", None, row.code)


@transaction.atomic
def offer_publish(*, offer: MarketOffer, by: User | None) -> None:
    """Publish what waits for review, as a new version.

    Raises:
        NotNowError: it does not wait for review.
    """
    row = MarketOffer.objects.select_for_update().get(pk=offer.pk)
    if row.state != State.SUBMITTED:
        raise NotNowError
    revision = _next_revision()
    provider = MarketProvider.objects.select_for_update().get(pk=row.provider_id)
    if provider.public is None or provider.waits:
        # the page of the review shows both
        _show(provider, revision)
    _publish(row, by, revision)
    row.save()
    audit_write(by, "market-offer-publish", None, row.code)


def _publish(row: MarketOffer, by: User | None, revision: int) -> None:
    row.version += 1
    item = msgspec.structs.replace(offer_of(row.data), version=row.version)
    row.data = row.public = as_kept(item)
    row.state, row.reason, row.revision = State.PUBLISHED, "", revision
    row.valid_to = dt.date.fromisoformat(item.valid_to)
    row.reviewed_at, row.reviewed_by = timezone.now(), by
    OfferVersion.objects.create(offer=row, number=row.version, data=row.public, published_by=by)


@transaction.atomic
def offer_return(*, offer: MarketOffer, by: User | None, reason: str) -> None:
    """Send back what waits for review, with a reason; what is public stays.

    Raises:
        NotNowError: it does not wait for review.
        ValueError: no reason is given.
    """
    if not reason.strip():
        raise ValueError("an offer is sent back with a reason")
    row = MarketOffer.objects.select_for_update().get(pk=offer.pk)
    if row.state != State.SUBMITTED:
        raise NotNowError
    row.state, row.reason, row.reviewed_at, row.reviewed_by = State.RETURNED, reason, timezone.now(), by
    row.save(update_fields=["state", "reason", "reviewed_at", "reviewed_by"])
    audit_write(by, "market-offer-return", None, row.code)


@transaction.atomic
def offer_withdraw(*, offer: MarketOffer, by: User | None) -> None:
    """Take an offer from the public, and what waits for review back.

    Raises:
        NotNowError: it is neither public nor waits for review.
    """
    row = MarketOffer.objects.select_for_update().get(pk=offer.pk)
    if row.public is None and row.state != State.SUBMITTED:
        raise NotNowError
    if row.public is not None:
        row.public, row.valid_to, row.revision = None, None, _next_revision()
    row.state = State.WITHDRAWN
    row.save()
    audit_write(by, "market-offer-withdraw", None, row.code)


@transaction.atomic
def import_prepare(
    *, provider: MarketProvider, by: User | None, offers: Iterable[Offer], file_name: str
) -> OfferImport:
    """Keep uploaded offers until they are taken over."""
    audit_write(by, "offers-upload", None, f"provider {provider.code}")
    return OfferImport.objects.create(
        provider=provider, made_by=by, offers=[as_kept(item) for item in offers], file_name=file_name[:200]
    )


@transaction.atomic
def import_take(*, upload: OfferImport, by: User | None) -> tuple[int, list[str]]:
    """Take over uploaded offers as drafts.

    Returns:
        How many were taken over, and the ids of those that were not, since they wait for review or are another's.

    Raises:
        NotNowError: it was taken over before.
    """
    row = OfferImport.objects.select_for_update().select_related("provider").get(pk=upload.pk)
    if row.taken_at is not None:
        raise NotNowError
    taken, left = 0, []
    for data in row.offers:
        item = offer_of(data)
        known = MarketOffer.objects.filter(code=item.id).first()
        if known is not None and (known.provider_id != row.provider_id or known.state == State.SUBMITTED):
            left.append(item.id)
        elif known is None or _differs(known.data, as_kept(item)):
            offer_save(provider=row.provider, by=by, offer=item)
            taken += 1
    row.taken_at = timezone.now()
    row.save(update_fields=["taken_at"])
    return taken, left


def _differs(known: dict[str, Any], given: dict[str, Any]) -> bool:
    return {**known, "version": 0} != {**given, "version": 0}


@transaction.atomic
def market_load(market: Market) -> None:
    """Publish all offers of a market at once, such as the demonstration's; what has the same ids is replaced."""
    revision = _next_revision()
    audit_write(None, "market-load", None, f"{len(market.offers)} offers")
    rows = {}
    for provider in market.providers.values():
        rows[provider.id], _ = MarketProvider.objects.update_or_create(
            code=provider.id,
            defaults={
                "data": as_kept(provider),
                "public": as_kept(provider),
                "waits": False,
                "name_zh": provider.title.zh[:200],
                "name_en": provider.title.en[:200],
                "revision": revision,
            },
        )
    known = {row.code: row for row in MarketOffer.objects.filter(code__in=list(market.offers))}
    fresh, versions = [], []
    for offer in market.offers.values():
        row = known.get(offer.id) or MarketOffer(code=offer.id)
        row.provider = rows[offer.provider]
        row.title_zh, row.title_en = offer.title.zh[:300], offer.title.en[:300]
        row.version += 1
        row.data = row.public = as_kept(msgspec.structs.replace(offer, version=row.version))
        row.state, row.revision = State.PUBLISHED, revision
        row.valid_to = dt.date.fromisoformat(offer.valid_to)
        fresh.append(row)
        versions.append(OfferVersion(offer=row, number=row.version, data=row.public))
    MarketOffer.objects.bulk_create([row for row in fresh if row.code not in known])
    MarketOffer.objects.bulk_update(
        [row for row in fresh if row.code in known],
        ["provider", "title_zh", "title_en", "version", "data", "public", "state", "revision", "valid_to"],
    )
    OfferVersion.objects.bulk_create(versions)
