"""Reasons in words: why an offer stands where it stands, why another was ruled out, and what clashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from capillary.matching.need import Need
    from capillary.matching.rank import Demand, Match, Ranking, RuledOut
    from capillary.model.market import Offer, Record
    from capillary.model.text import Message

    Called: TypeAlias = Callable[[str, str], str]


def by_id(_: str, name: str) -> str:
    """Return an id as it is, where nobody says what it is called."""
    return name


def reasons(match: Match, need: Need, called: Called = by_id) -> list[Message]:
    """Return why an offer stands where it stands, in the order in which it counts, and then its provider's record.

    What binds the provider to somebody who advises or assesses the firm comes before everything else.

    Args:
        match: the offer.
        need: what it was ranked for.
        called: what a ``measure`` of an id is called in the reader's language.
    """
    found: list[Message] = [need.bonds[match.provider.id]] if match.provider.id in need.bonds else []
    if need.wanted:
        count, wanted = len(match.in_time) + len(match.late), len(need.wanted)
        found.append(msg("Delivers {count} of your {wanted} measures.", count=count, wanted=wanted))
    if match.late:
        found.append(
            msg("Cannot begin in time with: {measures}.", measures=_row("measure", match.late, called))
        )
    if need.sector is not None:
        found.append(
            msg("Has served {count} firms of your sector.", count=match.served)
            if match.served
            else msg("Has not served a firm of your sector yet.")
        )
    day = match.offer.capacity.free_from
    found += [
        _cost_words(match, need),
        msg("Free from {day}.", day=day) if day > need.on else msg("Free now."),
        msg("Delivered within {weeks} weeks of the order.", weeks=match.offer.weeks),
    ]
    return found + record_words(match.provider.record)


def _cost_words(match: Match, need: Need) -> Message:
    cost = match.cost
    if cost is None:
        return msg("The price is on request.")
    if not cost.one_off + cost.yearly:
        return msg("Costs nothing.")
    values = {"net": f"{cost.net:,}", "currency": need.currency, "aid": f"{cost.aid:,}"}
    if need.budget is None and not cost.aid:
        return msg("The first year costs {currency} {net}.", **values)
    if need.budget is None:
        return msg("The first year costs {currency} {net} after aid of {aid}.", **values)
    if not cost.aid:
        return msg("The first year costs {currency} {net}: within the budget.", **values)
    return msg("The first year costs {currency} {net} after aid of {aid}: within the budget.", **values)


def record_words(record: Record) -> list[Message]:
    """Return what is known of finished projects, as counts."""
    if not record.delivered:
        return [msg("No project of the provider has been confirmed as delivered yet.")]
    found = [msg("The provider has delivered {count} projects.", count=record.delivered)]
    measured = sum(record.levels_gained.values())
    if measured:
        risen = measured - record.levels_gained.get("0", 0)
        found.append(msg("In {hits} of {of} the firm rose by a level or more.", hits=risen, of=measured))
    if record.in_time.of:
        hits, of = record.in_time.hits, record.in_time.of
        found.append(msg("{hits} of {of} were delivered by the day quoted.", hits=hits, of=of))
    if record.in_budget.of:
        hits, of = record.in_budget.hits, record.in_budget.of
        found.append(msg("{hits} of {of} cost no more than quoted.", hits=hits, of=of))
    if record.satisfied.of:
        hits, of = record.satisfied.hits, record.satisfied.of
        found.append(msg("{hits} of {of} firms asked were satisfied.", hits=hits, of=of))
    return found


def why_not(item: RuledOut, need: Need, called: Called = by_id) -> list[Message]:
    """Return why an offer was ruled out: a sentence for each demand that it fails.

    Args:
        item: the offer.
        need: what it was ruled out for.
        called: what a ``region``, ``sector`` or ``language`` of an id is called in the reader's language.
    """
    return [_WHY_NOT[demand](item.offer, need, called) for demand in item.failed]


def _over_budget(offer: Offer, need: Need, _: Called) -> Message:
    if offer.price.model == "on-request":
        return msg("Its price is on request, so nobody can say that it is within the budget.")
    budget = f"{need.budget or 0:,}"
    return msg("The first year costs more than {currency} {budget}.", currency=need.currency, budget=budget)


def _not_free(offer: Offer, _: Need, __: Called) -> Message:
    if not offer.capacity.places:
        return msg("It has no places.")
    return msg("It is not free before {day}.", day=offer.capacity.free_from)


def _only_on(offer: Offer, _: Need, __: Called) -> Message:
    return msg("It stands from {first} to {last} only.", first=offer.valid_from, last=offer.valid_to)


def _elsewhere(offer: Offer, _: Need, called: Called) -> Message:
    regions = _row("region", offer.regions, called)
    return msg("It is not offered in your region, only in: {regions}.", regions=regions)


def _other_sectors(offer: Offer, _: Need, called: Called) -> Message:
    return msg("It is for other sectors: {sectors}.", sectors=_row("sector", offer.sectors, called))


def _other_languages(offer: Offer, _: Need, called: Called) -> Message:
    return msg("It is delivered in: {languages}.", languages=_row("language", offer.languages, called))


def _always(message: Message) -> Callable[[Offer, Need, Called], Message]:
    return lambda _, __, ___: message


_WHY_NOT: Mapping[Demand, Callable[[Offer, Need, Called], Message]] = {
    "measures": _always(msg("It delivers none of your measures.")),
    "kind": _always(msg("It is of another kind.")),
    "valid": _only_on,
    "region": _elsewhere,
    "sector": _other_sectors,
    "size": _always(msg("It is for firms of another size.")),
    "language": _other_languages,
    "budget": _over_budget,
    "start": _not_free,
    "accreditation": _always(msg("Its provider does not hold the accreditation.")),
    "conflict": _always(msg("Its provider is bound to an organisation that you excluded.")),
}
DEMAND_WORDS: Mapping[Demand, Message] = {
    "measures": msg("delivers a measure that you want"),
    "kind": msg("is of a kind that you want"),
    "valid": msg("stands on the day"),
    "region": msg("is offered in your region"),
    "sector": msg("is for your sector"),
    "size": msg("is for firms of your size"),
    "language": msg("is delivered in your language"),
    "budget": msg("is within the budget"),
    "start": msg("can begin in time"),
    "accreditation": msg("its provider is accredited"),
    "conflict": msg("its provider is independent"),
}


def clash_words(ranking: Ranking) -> list[Message]:
    """Return what clashes where nothing passes: a sentence, and then each demand; nothing where there is no clash."""
    clash = ranking.clash
    if not clash:
        return []
    lead = (
        msg("No offer fulfils this demand:")
        if len(clash) == 1
        else msg("No offer fulfils these {count} demands together:", count=len(clash))
    )
    return [lead, *(DEMAND_WORDS[demand] for demand in clash)]


def _row(what: str, items: Iterable[str], called: Called) -> str:
    return ", ".join(called(what, item) for item in items)
