"""What an allocation means for one enterprise, in sentences to it.

They name the offers that it asked for, and never another enterprise: of the one that is before it they tell only what the
rule between the two looks at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.matching.allocation_lines import Between, Lines, Standing
    from capillary.matching.allocation_rules import Kind, Rule
    from capillary.model.text import Message

SHOWN_DIGITS = 12
_ORDERS: Mapping[Kind, Message] = {
    "lowest": msg("the lowest comes first"),
    "highest": msg("the highest comes first"),
    "earliest": msg("the earliest comes first"),
    "latest": msg("the latest comes first"),
}


def explanation(lines: Lines, firm: str, standings: Sequence[Standing]) -> Iterator[Message]:
    """Yield what came of a firm's choices, a sentence each: what it got, then its place in every line that it stands in.

    Args:
        lines: the lines of the allocation.
        firm: the firm's id.
        standings: what `Lines.standings` says of it.

    Raises:
        KeyError: there is no such firm.
    """
    got = next((each for each in standings if each.outcome == "got"), None)
    if lines.market.number_of[firm] in lines.allocation.gone:
        yield msg("You declined.")
        return
    if got is None:
        yield msg("You have no place.")
    elif got.choice is None:
        yield msg("You have a place at {offer}; you said that you take any.", offer=got.offer)
    else:
        yield msg("You have a place at {offer}, your choice {choice}.", offer=got.offer, choice=got.choice)
    for standing in standings:
        if standing.outcome == "not-taken":
            yield msg(
                "{lead}: it takes only enterprises on its own list, and you are not on it.",
                lead=_lead(standing),
            )
        elif standing.outcome == "no-places":
            yield msg("{lead}: it has no places.", lead=_lead(standing))
        elif standing.outcome == "in-line" and standing.between is not None:
            yield from _in_line(lines, standing, standing.between)


def _lead(standing: Standing) -> Message:
    if standing.choice is None:
        return msg("Of all others your line is the shortest at {offer}", offer=standing.offer)
    return msg("{offer}, your choice {choice}", offer=standing.offer, choice=standing.choice)


def _in_line(lines: Lines, standing: Standing, between: Between) -> Iterator[Message]:
    lead, reason = _lead(standing), reason_words(between)
    if standing.provider_place is None or not standing.provider_place:
        yield msg(
            "{lead}: you are number {place} in line, because {reason}.",
            lead=lead,
            place=standing.place,
            reason=reason,
        )
        yield msg(
            "You move in when {place} of the {ahead} enterprises before you give up.",
            place=standing.place,
            ahead=standing.ahead,
        )
        return
    provider = lines.market.providers[lines.market.provider_of[lines.market.offer_number[standing.offer]]].id
    if not standing.place:
        yield msg(
            "{lead}: it has room, but {provider} has none left; you are number {place} in line there, because {reason}.",
            lead=lead,
            provider=provider,
            place=standing.provider_place,
            reason=reason,
        )
        yield msg(
            "You move in when {place} of the {ahead} enterprises before you give up.",
            place=standing.provider_place,
            ahead=standing.provider_ahead,
        )
        return
    yield msg(
        "{lead}: you are number {place} in line, and number {other} for {provider} as a whole, because {reason}.",
        lead=lead,
        place=standing.place,
        other=standing.provider_place,
        provider=provider,
        reason=reason,
    )
    yield msg(
        "You move in when {place} of the {ahead} before you here give up, and {other} of the {all} before you at {provider}.",
        place=standing.place,
        ahead=standing.ahead,
        other=standing.provider_place,
        all=standing.provider_ahead,
        provider=provider,
    )


def reason_words(between: Between) -> Message:
    """Return why one is before another, as told to the second of them."""
    if between.own_order:
        return msg("the provider's own list has the last one admitted before you")
    if between.rule is None:
        return msg(
            "you are equal under the rules and the lottery decides: the last one admitted drew {first}…, you drew {second}…",
            first=(between.first or "")[:SHOWN_DIGITS],
            second=(between.second or "")[:SHOWN_DIGITS],
        )
    if between.rule.kind == "same":
        return msg(
            "enterprises of the provider's own {column} come first, and the last one admitted is one of them",
            column=between.rule.column,
        )
    if between.second is None:
        return msg(
            "by {column} {order}: the last one admitted has {first}, and of you it is not stated",
            column=between.rule.column,
            order=_order(between.rule),
            first=between.first,
        )
    return msg(
        "by {column} {order}: the last one admitted has {first}, you have {second}",
        column=between.rule.column,
        order=_order(between.rule),
        first=between.first,
        second=between.second,
    )


def _order(rule: Rule) -> Message:
    if rule.kind == "listed":
        return msg("the order is {values}", values=" > ".join(rule.values))
    return _ORDERS[rule.kind]
