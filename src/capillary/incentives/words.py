"""What the results of rules are called, for every face that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.incentives.spend import counted_spend
from capillary.model.measure import SPEND_WORDS
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.incentives.evaluate import Entitlement, Money, Timing, Verdict
    from capillary.incentives.rules import Rules
    from capillary.incentives.together import Together
    from capillary.model.programme import Programme, ProgrammeKind, Version
    from capillary.model.text import Message, Text

VERDICT_WORDS: Mapping[Verdict, Message] = {
    "entitled": msg("entitled"),
    "unclear": msg("cannot be told yet"),
    "not-entitled": msg("not entitled"),
}
KIND_WORDS: Mapping[ProgrammeKind, Message] = {
    "subsidy": msg("subsidy"),
    "advice": msg("subsidised advice"),
    "loan": msg("loan"),
    "recognition": msg("title"),
    "classification": msg("size class"),
    "ceiling": msg("ceiling"),
}
AIDS_WORDS = msg("earlier aid of three years")


def timing_words(item: Entitlement) -> Message | None:
    """Return why no version judges, or the last one can no longer be applied for; None where one is in force."""
    words: Mapping[Timing, Message] = {
        "ended": msg("It ended on {day}.", day=item.version.effective_to),
        "not-yet": msg("It begins on {day}.", day=item.version.effective_from),
        "closed": msg("Applications closed on {day}.", day=item.version.apply_by),
    }
    return words.get(item.timing)


def money_words(money: Money) -> Message:
    """Return an amount, or its range, with its currency."""
    low, high = f"{money.low:,f}", None if money.high is None else f"{money.high:,f}"
    if not money.is_open:
        return msg("{currency} {amount}", currency=money.currency, amount=low)
    if high is None:
        return msg("{currency} {amount} or more", currency=money.currency, amount=low)
    if money.low == 0:
        return msg("up to {currency} {amount}", currency=money.currency, amount=high)
    return msg("{currency} {low} to {high}", currency=money.currency, low=low, high=high)


def spend_words(rules: Rules, programme: Programme, version: Version) -> Message | None:
    """Return which spend a programme counts; None where its amount depends on none."""
    counted = counted_spend(rules, programme, version)
    if counted is None:
        return None
    if counted.categories is None:
        return msg(
            "Spend that counts: its rules name no category, so all of it counts, which is unverified ‡."
        )
    first, *others = (words for name, words in SPEND_WORDS.items() if name in counted.categories)
    for words in others:
        first = msg("{first}, {rest}", first=first, rest=words)
    doubt = " ‡" if counted.certainty == "unverified" else ""
    return msg("Spend that counts: {categories}{doubt}.", categories=first, doubt=doubt)


def fact_title(name: str, rules: Rules) -> Text | Message:
    """Return what a missing fact is called."""
    return rules.facts[name].title if name in rules.facts else AIDS_WORDS


def together_words(together: Together, rules: Rules, currency: str) -> Iterator[Message]:
    """Yield what cannot be had together with the rest, a sentence each."""
    titles = {name: item.title for name, item in rules.programmes.items()}
    for name, others in together.given_up.items():
        for other in others:
            yield msg(
                "“{title}” and “{other}” exclude one another; the second is worth more.",
                title=titles[name],
                other=titles[other],
            )
    for ceiling, amount in together.cut.items():
        yield msg(
            "Together they are {currency} {amount} above “{title}”.",
            currency=currency,
            amount=f"{int(amount):,}",
            title=titles[ceiling],
        )
