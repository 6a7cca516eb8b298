"""Reads of providers and officers: what a provider works on, what waits for review, what a change would change."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.text import get_valid_filename

from capillary.content.market import vocabulary_of
from capillary.matching.preview import preview
from capillary.model.market import Market, market_of
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.sheets.market import read_market
from capillary.web import engine
from capillary.web.market.bonds import providers_bound_to
from capillary.web.market.models import MarketOffer, MarketProvider
from capillary.web.market.services import offer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from capillary.matching.preview import Line, Preview
    from capillary.model.market import Offer
    from capillary.web.accounts.models import Organisation, User
    from capillary.web.market.models import OfferImport

ENDINGS = frozenset({".xlsx", ".csv"})


def provider_row(organisation: Organisation) -> MarketProvider | None:
    """Return what an organisation says of itself on the market; None where it says nothing yet."""
    return MarketProvider.objects.filter(organisation=organisation).first()


def offers_of(provider: MarketProvider) -> QuerySet[MarketOffer]:
    """Return a provider's offers, those that need something first."""
    return provider.offers.order_by("-changed_at", "code").defer("public")


def next_code(provider: MarketProvider) -> str:
    """Return an id that no offer has yet."""
    number = provider.offers.count() + 1
    while MarketOffer.objects.filter(code=f"{provider.code}-{number}").exists():
        number += 1
    return f"{provider.code}-{number}"


def bound_to(user: User) -> QuerySet[MarketProvider]:
    """Return the providers to which a user is bound, so that somebody else has to review them."""
    return MarketProvider.objects.filter(providers_bound_to(user))


def waiting(bound: QuerySet[MarketProvider]) -> QuerySet[MarketOffer]:
    """Return the offers that wait for review, the longest first, without those of some providers; see `bound_to`."""
    return (
        MarketOffer.objects.filter(state=MarketOffer.State.SUBMITTED)
        .exclude(provider__in=bound)
        .select_related("provider")
        .order_by("submitted_at", "code")
    )


def providers_waiting(bound: QuerySet[MarketProvider]) -> QuerySet[MarketProvider]:
    """Return the providers whose words about themselves wait for review, without some; see `bound_to`."""
    return MarketProvider.objects.filter(waits=True).exclude(pk__in=bound).order_by("changed_at", "code")


def changes_of(offer: MarketOffer) -> Line:
    """Return how what is worked on differs from what is public."""
    before = Market() if offer.public is None else market_of([offer_of(offer.public)], [])
    return preview(before, market_of([offer_of(offer.data)], [])).lines[0]


def upload_read(file: UploadedFile, provider: MarketProvider) -> tuple[Offer, ...]:
    """Return the offers of an uploaded table, all of them the provider's own.

    Raises:
        InputError: something in it cannot be used, each problem with its sheet, row and column.
    """
    name = get_valid_filename(Path(file.name or "offers").name)
    if Path(name).suffix.lower() not in ENDINGS:
        cause = msg(
            "Offers are not read from a file whose name ends in {ending}.", ending=Path(name).suffix or "…"
        )
        raise InputError([Problem("file-kind", Place(file=name), cause, msg("Use .xlsx, .csv or .yaml."))])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(file.read())
        found = read_market(path, vocabulary_of(engine.library()), {provider.code})
    foreign = [item for item in found.market.offers.values() if item.provider != provider.code]
    if foreign:
        raise InputError(
            [
                Problem(
                    "unknown-provider",
                    found.places["offers", item.id],
                    msg("The offer is that of another provider: {word}.", word=item.provider),
                    msg("Write your own id: {word}.", word=provider.code),
                )
                for item in foreign
            ]
        )
    return tuple(found.market.offers.values())


def upload_preview(upload: OfferImport) -> Preview:
    """Return what taking over an upload would do to a provider's offers."""
    given = [offer_of(data) for data in upload.offers]
    known = MarketOffer.objects.filter(provider=upload.provider, code__in=[item.id for item in given])
    return preview(market_of([offer_of(row.data) for row in known], []), market_of(given, []))


def problem_lines(problems: Sequence[Problem], tongue: str) -> list[str]:
    """Return problems as lines, each once."""
    return list(dict.fromkeys(problem.in_("zh" if tongue == "zh" else "en") for problem in problems))
