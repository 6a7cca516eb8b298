"""Loads offers and providers from YAML, and finds what a schema cannot say of them: names that must exist, days in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.content.schema import read_as
from capillary.model.days import is_day
from capillary.model.market import Market, MarketFile, market_of
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.content.library import Library
    from capillary.model.market import Offer, PricePart, Provider
    from capillary.model.measure import Measure
    from capillary.model.place import Region
    from capillary.model.text import Message


@dataclass(frozen=True)
class Vocabulary:
    """The words that offers and providers may use.

    Attributes:
        programmes: ids of the rules by which a provider can be accredited.
    """

    measures: Mapping[str, Measure]
    sectors: Collection[str]
    regions: Mapping[str, Region]
    currencies: Collection[str]
    programmes: Collection[str]


@dataclass(frozen=True)
class Fault:
    """Something wrong with one entry of an offer or a provider, not yet placed in a file.

    Attributes:
        entry: which entry, such as ``measures`` or ``price.currency``.
    """

    code: str
    entry: str
    cause: Message
    remedy: Message

    def at(self, place: Place) -> Problem:
        """Return the problem at a place."""
        return Problem(self.code, place, self.cause, self.remedy)


def vocabulary_of(library: Library) -> Vocabulary:
    """Return the words of a library.

    Raises:
        InputError: a content file has errors.
    """
    return Vocabulary(
        library.measures().measures,
        tuple(library.sectors()),
        library.regions(),
        tuple(rate.currency for rate in library.currencies().rates),
        tuple(library.accreditations().programmes),
    )


def read_market_file(path: Path, vocabulary: Vocabulary) -> tuple[Market, MarketFile]:
    """Return the market of a YAML file, checked against the vocabulary, and the file as it is written.

    Raises:
        InputError: the file is missing, is not YAML, departs from the schema or names what does not exist; all is named.
    """
    file = read_as(path, MarketFile, path.name)
    problems = list(_file_problems(file, path.name, vocabulary))
    if problems:
        raise InputError(problems)
    return market_of(file.offers, file.providers), file


def _file_problems(file: MarketFile, shown: str, vocabulary: Vocabulary) -> Iterator[Problem]:
    sources = [source.id for source in file.sources]
    if file.source not in sources:
        cause = msg("{word} is not known.", word=file.source)
        yield Problem(
            "unknown-name", Place(file=shown, path="source"), cause, did_you_mean(file.source, sources)
        )
    providers = {item.id: item for item in file.providers}
    for listed, items in (("providers", file.providers), ("offers", file.offers)):
        for name, count in Counter(item.id for item in items).items():
            if count > 1:
                cause = msg("{word} stands {count} times.", word=name, count=count)
                place = Place(file=shown, path=f"{listed}.{name}")
                yield Problem("stands-twice", place, cause, msg("Give each its own name."))
    for provider in file.providers:
        for fault in provider_faults(provider, vocabulary):
            yield fault.at(Place(file=shown, path=f"providers.{provider.id}.{fault.entry}"))
    for offer in file.offers:
        for fault in offer_faults(offer, providers, vocabulary):
            yield fault.at(Place(file=shown, path=f"offers.{offer.id}.{fault.entry}"))


def provider_faults(provider: Provider, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield everything that is wrong with a provider that its types allow."""
    yield from _texts("title", provider.title.zh, provider.title.en)
    yield from _texts("summary", provider.summary.zh, provider.summary.en)
    yield from _unknown("region", [provider.region], vocabulary.regions)
    yield from _unknown("regions", provider.regions, vocabulary.regions)
    if provider.since is not None:
        yield from _days("since", provider.since)
    for item in provider.accreditations:
        yield from _unknown("accreditations", [item.programme], vocabulary.programmes)
        yield from _period("accreditations", item.granted_on, item.valid_to)
    record = provider.record
    yield from _unknown("record.by_sector", list(record.by_sector), vocabulary.sectors)
    for entry, part, whole in (
        ("record.by_sector", sum(record.by_sector.values()), record.delivered),
        ("record.levels_gained", sum(record.levels_gained.values()), record.delivered),
        ("record.in_time", record.in_time.of, record.delivered),
        ("record.in_budget", record.in_budget.of, record.delivered),
        ("record.satisfied", record.satisfied.of, record.delivered),
        ("record.in_time", record.in_time.hits, record.in_time.of),
        ("record.in_budget", record.in_budget.hits, record.in_budget.of),
        ("record.satisfied", record.satisfied.hits, record.satisfied.of),
    ):
        if part > whole:
            yield Fault(
                "part-exceeds-whole",
                entry,
                msg("{part} are counted out of {whole}.", part=part, whole=whole),
                msg("Correct one of the two counts."),
            )


def offer_faults(offer: Offer, providers: Collection[str] | None, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield everything that is wrong with an offer that its types allow.

    Args:
        offer: the offer.
        providers: ids of those that it may name; None where they are not at hand, and then none is looked for.
        vocabulary: the words that it may use.
    """
    yield from _texts("title", offer.title.zh, offer.title.en)
    yield from _texts("summary", offer.summary.zh, offer.summary.en)
    if providers is not None:
        yield from _unknown("provider", [offer.provider], providers, "unknown-provider")
    yield from _unknown("measures", offer.measures, vocabulary.measures, "unknown-measure")
    yield from _unknown("sectors", offer.sectors, vocabulary.sectors)
    yield from _unknown("regions", offer.regions, vocabulary.regions)
    yield from _unknown("references", list(offer.references), vocabulary.sectors)
    for entry, given in (
        ("measures", offer.measures),
        ("sectors", offer.sectors),
        ("sizes", offer.sizes),
        ("regions", offer.regions),
        ("languages", offer.languages),
    ):
        yield from _twice(entry, given)
    yield from _days("capacity.free_from", offer.capacity.free_from)
    yield from _period("valid_to", offer.valid_from, offer.valid_to)
    yield from _price_faults(offer, vocabulary)
    yield from _kind_faults(offer, vocabulary)


def _price_faults(offer: Offer, vocabulary: Vocabulary) -> Iterator[Fault]:
    price = offer.price
    yield from _unknown("price.currency", [price.currency], vocabulary.currencies, "unknown-currency")
    stated = any(_parts(price.one_off)) or any(_parts(price.yearly))
    if price.model == "listed" and not stated:
        yield Fault(
            "price-missing",
            "price.model",
            msg("The price is listed, and every part of it is 0."),
            msg("Give the price; if it costs nothing, write free; if you name it when asked, on-request."),
        )
    if price.model != "listed" and stated:
        yield Fault(
            "price-contradicts",
            "price.model",
            msg("The price is said to be {model}, and there are figures.", model=price.model),
            msg("Write listed, or take out the figures."),
        )


def _parts(part: PricePart) -> tuple[int, int, int]:
    return part.fixed, part.per_user, part.per_machine


def _kind_faults(offer: Offer, vocabulary: Vocabulary) -> Iterator[Fault]:
    if (offer.kind == "cooperation") != (offer.cooperation is not None):
        yield Fault(
            "cooperation",
            "cooperation",
            msg("What is sought of a partner is missing.")
            if offer.kind == "cooperation"
            else msg("What is sought of a partner stands in an offer that is no cooperation."),
            msg("A cooperation, and nothing else, says its profile and the partnerships that would do."),
        )
    if offer.cooperation is not None:
        yield from _unknown(
            "cooperation.partner_regions", offer.cooperation.partner_regions, vocabulary.regions
        )
    if offer.kind in {"product", "integration-service", "security-service"} and not offer.measures:
        yield Fault(
            "delivers-nothing",
            "measures",
            msg("The offer delivers no measure, so no plan can find it."),
            msg("Name the measures that it delivers whole; capillary plan lists their ids."),
        )


def _texts(entry: str, zh: str, en: str) -> Iterator[Fault]:
    if not zh.strip() or not en.strip():
        yield Fault(
            "missing-translation",
            entry,
            msg("The text is empty in one of the languages."),
            msg("Write it in Chinese and in English."),
        )


def _unknown(
    entry: str, given: Sequence[str], known: Collection[str], code: str = "unknown-name"
) -> Iterator[Fault]:
    for word in given:
        if word not in known:
            yield Fault(code, entry, msg("{word} is not known.", word=word), did_you_mean(word, known))


def _twice(entry: str, given: Sequence[str]) -> Iterator[Fault]:
    for word, count in Counter(given).items():
        if count > 1:
            cause = msg("{word} stands {count} times.", word=word, count=count)
            yield Fault("stands-twice", entry, cause, msg("Keep one of them."))


def _days(entry: str, *given: str) -> Iterator[Fault]:
    for day in given:
        if not is_day(day):
            yield Fault(
                "bad-day", entry, msg("“{given}” is no day.", given=day), msg("Write it as 2026-12-31.")
            )


def _period(entry: str, first: str, last: str) -> Iterator[Fault]:
    yield from _days(entry, first, last)
    if last < first:
        yield Fault(
            "days-order",
            entry,
            msg("The last day {last} is before the first day {first}.", first=first, last=last),
            msg("Exchange them."),
        )
