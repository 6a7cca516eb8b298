"""Says what another form of a programme would change for many firms: who gains, who loses, what cannot be told and why.

All that is known of each firm counts, ranges, earlier aid and its own currency included. Firms whose figures are whole in the
units of `capillary.incentives.population` are read at once on arrays, the others one by one; both readings agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np

from capillary.incentives.compare import side_of
from capillary.incentives.evaluate import Evaluator
from capillary.incentives.expressions import names_in
from capillary.incentives.population import (
    CENTS,
    ENDLESS,
    ENTITLED,
    FINEST,
    FIRST,
    LAST,
    NOT_ENTITLED,
    UNCLEAR,
    Choices,
    Held,
    Numbers,
    Outcome,
    Population,
    Truths,
    outcomes,
)
from capillary.incentives.situation import Situation, rate, read_situation
from capillary.incentives.values import Days, Keys, KeySet, Span, Truth
from capillary.model.exact import to_fraction
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.incentives.compare import Side
    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.population import Column
    from capillary.incentives.rules import Rules
    from capillary.incentives.values import Value
    from capillary.model.programme import Aid, Fact, Programme, Version

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Tell = Callable[[int], None]

GREATEST = 2**52  # of a number on arrays
TELL_EVERY = 500  # firms
NO_MONEY = frozenset({"ceiling"})  # kinds that give nothing themselves, so that there is nothing to simulate
_VERDICTS = {"not-entitled": NOT_ENTITLED, "unclear": UNCLEAR, "entitled": ENTITLED}
# ends of the bands by which changes are counted, in whole units of the currency
BANDS = (1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000)


class Move(IntEnum):
    """What a change does to one firm, by both ends of its amount."""

    GAIN = 0  # both rise
    MAY_GAIN = 1  # one rises, the other stays
    SAME = 2
    EITHER = 3  # the one rises, the other falls
    MAY_LOSE = 4
    LOSE = 5


@dataclass(frozen=True)
class Firm:
    """What is known of a firm.

    Attributes:
        facts: values by fact, as `capillary.incentives.situation.read_situation` takes them.
        aids: earlier aid; None where it is not known.
        currency: of all its amounts.
    """

    facts: Mapping[str, object]
    aids: tuple[Aid, ...] | None = None
    currency: str = "CNY"


@dataclass(frozen=True)
class Answers:
    """What one form of a programme says of every firm.

    Attributes:
        verdict, low, high: as of `capillary.incentives.population.Outcome`: amounts in hundredths.
        classes: the classes that are possible, as bits; 0 for all but classifications.
        missing: for each firm the facts without which its answer cannot be told.
    """

    verdict: NDArray[np.int8]
    low: Ints
    high: Ints
    classes: Ints
    missing: tuple[tuple[str, ...], ...]

    def only(self, chosen: Bools) -> Answers:
        """Return the answers for some of the firms."""
        missing = tuple(names for names, is_in in zip(self.missing, chosen, strict=True) if is_in)
        return Answers(
            self.verdict[chosen], self.low[chosen], self.high[chosen], self.classes[chosen], missing
        )

    @property
    def side(self) -> Side:
        """What it comes to in all."""
        return side_of(Outcome(self.verdict, self.low, self.high))

    def as_json(self) -> dict[str, object]:
        """Return it for keeping; an amount without an end is -1, facts are numbered."""
        names = sorted({name for one in self.missing for name in one})
        number = {name: place for place, name in enumerate(names)}
        return {
            "verdict": self.verdict.tolist(),
            "low": self.low.tolist(),
            "high": np.where(self.high >= ENDLESS, -1, self.high).tolist(),
            "classes": self.classes.tolist(),
            "facts": names,
            "missing": [[number[name] for name in one] for one in self.missing],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, list[object]]) -> Answers:
        """Return what `as_json` kept."""
        high = np.array(kept["high"], np.int64)
        names = kept["facts"]
        return cls(
            np.array(kept["verdict"], np.int8),
            np.array(kept["low"], np.int64),
            np.where(high < 0, ENDLESS, high),
            np.array(kept["classes"], np.int64),
            tuple(tuple(str(names[place]) for place in cast("list[int]", one)) for one in kept["missing"]),
        )


def readable(rules: Rules, firms: Iterable[Firm], on: str) -> tuple[list[Situation], int]:
    """Return what is known of each firm on a day, and of how many something had to be left out.

    What was told under rules that know it no longer, or know other values, counts as not known.

    Raises:
        InputError: the day does not exist.
    """
    found: list[Situation] = []
    cut = 0
    for firm in firms:
        facts = {name: value for name, value in firm.facts.items() if name in rules.facts}
        try:
            found.append(read_situation(facts, rules, on=on, aids=firm.aids, currency=firm.currency))
        except InputError as error:
            wrong = {problem.place.path or "" for problem in error.problems}
            if "on" in wrong:
                raise
            kept = {name: value for name, value in facts.items() if name not in wrong}
            is_money = "currency" in wrong
            if is_money:
                kept = {name: value for name, value in kept.items() if rules.facts[name].unit != "money"}
            currency = rules.currencies.base if is_money else firm.currency
            aids = None if any(word.startswith("aids.") for word in wrong) else firm.aids
            found.append(read_situation(kept, rules, on=on, aids=aids, currency=currency))
            cut += 1
    return found, cut


def answers_of(
    rules: Rules,
    programme: Programme,
    firms: Sequence[Situation],
    tell: Tell | None = None,
    *,
    name_missing: bool = True,
) -> Answers:
    """Return what a form of a programme says of firms.

    Args:
        rules: all programmes; this one's form there does not count.
        programme: checked, and no ceiling.
        firms: of one day.
        tell: is called now and then with how many firms are done.
        name_missing: whether the missing facts are named; they are read firm by firm, which takes most of the time.

    Raises:
        InputError: there is no rate between two currencies, or amounts are too large to be counted.
    """
    rules = replace(rules, programmes={**rules.programmes, programme.id: programme}, _read={})
    names = facts_for(rules, programme)
    ceiling = None if programme.under is None else rules.programmes[programme.under]
    found = _Blank.of(len(firms))
    groups: dict[tuple[str, bool], list[int]] = {}
    used = [_used(rules, ceiling, firm) for firm in firms]
    alone: set[int] = set()
    for place, firm in enumerate(firms):
        amount = used[place]
        if _fits(rules, names, firm) and (amount is None or amount.denominator == 1):
            groups.setdefault((firm.currency, amount is not None), []).append(place)
        else:
            alone.add(place)
    for (_, has_used), places in groups.items():
        counted: dict[str, Ints] = {}
        if ceiling is not None and has_used:
            amounts = [int(cast("Fraction", used[place])) for place in places]
            counted[ceiling.scheme or ""] = np.array(amounts, np.int64)
        crowd = _population(rules, names, [firms[place] for place in places], counted)
        try:
            found.take(places, outcomes(rules, crowd, [programme.id])[programme.id])
        except (OverflowError, InputError):
            # too large for arrays; one by one there is no such limit
            alone.update(places)
    open_ones = ((found.verdict == UNCLEAR) | (found.low != found.high)) & name_missing
    open_ones[sorted(alone)] = True
    missing: list[tuple[str, ...]] = [()] * len(firms)
    for count, place in enumerate(np.flatnonzero(open_ones).tolist()):
        one = Evaluator(rules, firms[place]).of(programme)
        if name_missing:
            missing[place] = one.missing
        if place in alone:
            found.verdict[place], found.low[place], found.high[place] = _as_numbers(one)
            found.classes[place] = _as_bits(rules, one)
        if tell is not None and count % TELL_EVERY == 0:
            tell(len(firms) - int(open_ones.sum()) + count)
    return Answers(found.verdict, found.low, found.high, found.classes, tuple(missing))


@dataclass(frozen=True)
class _Blank:
    """Answers that are being filled in."""

    verdict: NDArray[np.int8]
    low: Ints
    high: Ints
    classes: Ints

    @classmethod
    def of(cls, size: int) -> _Blank:
        return cls(np.zeros(size, np.int8), *(np.zeros(size, np.int64) for _ in range(3)))

    def take(self, places: Sequence[int], one: Outcome) -> None:
        self.verdict[places], self.low[places], self.high[places] = one.verdict, one.low, one.high
        if one.classes is not None:
            self.classes[places] = one.classes


def facts_for(rules: Rules, programme: Programme) -> frozenset[str]:
    """Return every fact that a programme looks at, through the classifications and the ceiling that it asks."""
    found: set[str] = set()
    waiting, seen = [programme], {programme.id}
    while waiting:
        one = waiting.pop()
        names = {name for version in one.versions for name in _names(rules, version)}
        names |= {one.judged_on} if one.judged_on else set()
        found |= names & set(rules.facts)
        others = [rules.giver(name) for name in names]
        others.append(rules.programmes.get(one.under or ""))
        for other in others:
            if other is not None and other.id not in seen:
                seen.add(other.id)
                waiting.append(other)
    return frozenset(found)


def _names(rules: Rules, version: Version) -> Iterator[str]:
    texts = [
        *(item.if_ for item in version.conditions),
        *(item.is_ for item in version.derived.values()),
        *(item.if_ for item in version.classes if item.if_ is not None),
        *([] if version.amount is None else [version.amount]),
    ]
    for text in texts:
        yield from names_in(rules.expression(text))
    yield from (item.by for item in version.parameters.values() if item.by is not None)


def _used(rules: Rules, ceiling: Programme | None, firm: Situation) -> Fraction | None:
    """Return the earlier aid that counts against a ceiling, in hundredths of its currency; None where it is not known."""
    if ceiling is None or firm.aids is None:
        return None
    found = Evaluator(rules, firm).ceiling(ceiling)
    counted = () if found is None or found.counted is None else found.counted
    wanted = cast("str", ceiling.currency)
    return sum(
        (to_fraction(aid.amount) * rate(rules, aid.currency, wanted) * CENTS for aid in counted), Fraction(0)
    )


def _fits(rules: Rules, names: frozenset[str], firm: Situation) -> bool:
    """Whether everything that is stated of a firm is whole in the units of arrays."""
    for name, value in firm.facts.items():
        if name not in names or not isinstance(value, Span):
            continue
        unit = FINEST[rules.facts[name].unit]
        for end in (value.low, value.high):
            if end is not None and ((end * unit).denominator != 1 or abs(end * unit) > GREATEST):
                return False
    return True


def _population(
    rules: Rules, names: frozenset[str], firms: Sequence[Situation], used: Mapping[str, Ints]
) -> Population:
    columns = {
        name: column_of_values(rules.facts[name], [firm.facts.get(name) for firm in firms])
        for name in sorted(names)
        if any(name in firm.facts for firm in firms)
    }
    return Population(len(firms), firms[0].on, columns, used, firms[0].currency)


def column_of_values(fact: Fact, values: Sequence[Value | None]) -> Column:
    """Return a column of a fact from what is known of each firm; None where nothing is.

    Numbers must be whole in the unit that `capillary.incentives.population.FINEST` names for the fact.
    """
    match fact.unit:
        case "flag":
            truths = [cast("Truth", value or Truth(yes=True, no=True)) for value in values]
            return Truths(np.array([item.yes for item in truths]), np.array([item.no for item in truths]))
        case "choice":
            bit = {item.key: 1 << place for place, item in enumerate(fact.choices)}
            every = frozenset(bit)
            known = [every if value is None else cast("Keys", value).possible for value in values]
            return Choices(np.array([sum(bit[key] for key in keys) for keys in known], np.int64))
        case "choices":
            bit = {item.key: 1 << place for place, item in enumerate(fact.choices)}
            held = [None if value is None else cast("KeySet", value).keys for value in values]
            bits = np.array([sum(bit[key] for key in keys or ()) for keys in held], np.int64)
            return Held(bits, np.array([keys is not None for keys in held]))
        case "date":
            days = [None if value is None else cast("Days", value) for value in values]
            return Numbers(
                np.array([FIRST if day is None else int(day.low.replace("-", "")) for day in days], np.int64),
                np.array([LAST if day is None else int(day.high.replace("-", "")) for day in days], np.int64),
            )
        case _:
            return _numbers(fact, [cast("Span | None", value) for value in values])


def _numbers(fact: Fact, spans: Sequence[Span | None]) -> Numbers:
    unit = FINEST[fact.unit]
    least = -int(ENDLESS) if fact.negative else 0
    low = [least if span is None or span.low is None else int(span.low * unit) for span in spans]
    high = [int(ENDLESS) if span is None or span.high is None else int(span.high * unit) for span in spans]
    lows = np.array(low, np.int64)
    return Numbers(lows, lows if low == high else np.array(high, np.int64), unit)


def _as_numbers(one: Entitlement) -> tuple[int, int, int]:
    verdict = _VERDICTS[one.verdict]
    if one.money is None:
        return verdict, 0, 0
    low, high = int(one.money.low * CENTS), None if one.money.high is None else int(one.money.high * CENTS)
    if max(low, high or 0) >= int(ENDLESS):
        raise _too_large()
    return verdict, low, int(ENDLESS) if high is None else high


def _as_bits(rules: Rules, one: Entitlement) -> int:
    if not one.classes:
        return 0
    place = {item.key: at for at, item in enumerate(rules.facts[cast("str", one.programme.gives)].choices)}
    return sum(1 << place[rule.key] for rule in one.classes)


def _too_large() -> InputError:
    cause = msg("Some amounts are too large to be counted exactly.")
    remedy = msg("Check their unit: amounts are in whole units of money.")
    return InputError([Problem("too-large", Place(), cause, remedy)])


# --- what the answers of two forms come to ----------------------------------------------------------------------------


def moves(before: Answers, after: Answers) -> NDArray[np.int8]:
    """Return what a change does to each firm, as numbers of `Move`."""
    low = np.sign(after.low - before.low)
    high = np.sign(after.high - before.high)
    total = low + high
    found = np.full(len(low), Move.SAME, np.int8)
    found[total == 2] = Move.GAIN
    found[total == 1] = Move.MAY_GAIN
    found[total == -1] = Move.MAY_LOSE
    found[total == -2] = Move.LOSE
    found[(total == 0) & (low != 0)] = Move.EITHER
    return found


def amounts_moved(before: Answers, after: Answers) -> Ints:
    """Return by how much each firm's amount moves, in hundredths: at its upper end, or at the lower one where the upper stays.

    Where the upper end comes or goes altogether there is no such amount: `ENDLESS` with its sign.
    """
    high = np.where(after.high >= ENDLESS, ENDLESS, after.high) - before.high
    endless = (after.high >= ENDLESS) != (before.high >= ENDLESS)
    high = np.where(endless, np.where(after.high >= ENDLESS, ENDLESS, -ENDLESS), high)
    return np.where(high != 0, high, after.low - before.low)


def states(rules: Rules, programme: Programme, answers: Answers) -> list[str]:
    """Return each firm's answer as a word: a verdict, or for a classification its class where there is one alone."""
    verdicts = sorted(_VERDICTS, key=lambda word: _VERDICTS[word])
    words = [verdicts[number] for number in answers.verdict.tolist()]
    if programme.kind != "classification":
        return words
    key = {1 << at: item.key for at, item in enumerate(rules.facts[cast("str", programme.gives)].choices)}
    return [key.get(bits, word) for bits, word in zip(answers.classes.tolist(), words, strict=True)]


@dataclass(frozen=True)
class Tally:
    """Some firms by what a change does to them.

    Attributes:
        counts: how many, by `Move`.
        more, less: what those who gain get more, and those who lose less, for certain, in whole units.
    """

    counts: tuple[int, ...]
    more: int
    less: int


def tallies(before: Answers, after: Answers, labels: Sequence[str]) -> dict[str, Tally]:
    """Return the firms of each label by what a change does to them.

    Args:
        before: the answers of the one form.
        after: those of the other.
        labels: a label for each firm.
    """
    moved, change = moves(before, after), after.low - before.low
    known = np.array(labels, dtype=object)
    found = {}
    for label in sorted(set(labels)):
        mask = known == label
        some, by = moved[mask], change[mask]
        found[label] = Tally(
            tuple(int((some == move).sum()) for move in Move),
            int(by[some == Move.GAIN].sum()) // CENTS,
            int(-by[some == Move.LOSE].sum()) // CENTS,
        )
    return found


@dataclass(frozen=True)
class Bin:
    """How many amounts move by ``least`` up to, but not including, ``below``; in whole units, None for no end."""

    least: int
    below: int | None
    up: int
    down: int


def spread(before: Answers, after: Answers) -> list[Bin]:
    """Return how many firms' amounts move by how much, without empty bands at either end."""
    change = amounts_moved(before, after)
    size = np.abs(change)
    ends = [0, *BANDS]
    found = []
    for place, least in enumerate(ends):
        below = ends[place + 1] if place + 1 < len(ends) else None
        inside = (size >= max(1, least * CENTS)) & (size < (ENDLESS + 1 if below is None else below * CENTS))
        found.append(
            Bin(least, below, int((inside & (change > 0)).sum()), int((inside & (change < 0)).sum()))
        )
    filled = [place for place, item in enumerate(found) if item.up or item.down]
    return found[filled[0] : filled[-1] + 1] if filled else []


@dataclass(frozen=True)
class Unsettled:
    """A fact that is not known of some firms, and what it would help to settle.

    Attributes:
        firms: how many answers wait for it.
        at_stake: how far apart the ends of their amounts lie in all, in whole units; None where one has no upper end.
    """

    fact: str
    firms: int
    at_stake: int | None


@dataclass
class _Waiting:
    firms: int = 0
    cents: int = 0
    endless: bool = field(default=False)


def unsettled(answers: Answers) -> list[Unsettled]:
    """Return the facts that are missing, those about the most money first, then those of the most firms."""
    found: dict[str, _Waiting] = {}
    gap = np.where(answers.high >= ENDLESS, -1, answers.high - answers.low)
    for names, cents in zip(answers.missing, gap.tolist(), strict=True):
        for name in names:
            one = found.setdefault(name, _Waiting())
            one.firms += 1
            one.endless |= cents < 0
            one.cents += max(cents, 0)
    rows = [
        Unsettled(name, one.firms, None if one.endless else one.cents // CENTS) for name, one in found.items()
    ]
    return sorted(
        rows, key=lambda row: (row.at_stake is not None, -(row.at_stake or 0), -row.firms, row.fact)
    )
