"""Who is before whom in line: declared rules in their order, and at the end a lottery that anybody can draw again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.sheets.cells import number_in, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.model.text import Message

Kind = Literal["listed", "lowest", "highest", "earliest", "latest", "same"]
KINDS: tuple[Kind, ...] = ("lowest", "highest", "earliest", "latest", "same")
REST = "*"
MOST_RULES = 12
# Each doubles the ways in which an enterprise may stand to a provider.
MOST_SAME_RULES = 4
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?")


@dataclass(frozen=True)
class Rule:
    """One rule of priority; those before it outweigh it, those after it decide only between equals.

    Attributes:
        column: the fact that it looks at.
        kind: ``listed``: in the order of ``values``; ``lowest`` or ``highest``: by number; ``earliest`` or ``latest``: by date;
            ``same``: enterprises with the provider's own value come first.
        values: of ``listed``, the first comes first; ``*`` at the end stands for all others.
    """

    column: str
    kind: Kind
    values: tuple[str, ...] = ()


def read_rule(text: str) -> Rule:
    """Return the rule that a text like ``size=micro,small,*`` or ``level=lowest`` stands for.

    Raises:
        InputError: it cannot be read.

    >>> read_rule("size=micro, small")
    Rule(column='size', kind='listed', values=('micro', 'small'))
    >>> read_rule("level=lowest").kind
    'lowest'
    """
    column, sign, said = plain(text).partition("=")
    values = tuple(value.strip() for value in said.split(","))
    if not (sign and column.strip() and all(values)):
        raise _bad_rule(text, msg("{value} cannot be read.", value=text))
    if len(set(values)) < len(values) or REST in values[:-1]:
        raise _bad_rule(text, msg("{value} says something twice, or something after “*”.", value=text))
    kind = next((kind for kind in KINDS if values == (kind,)), None)
    return Rule(column.strip(), kind or "listed", () if kind else values)


def read_rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """Return rules in their order.

    Raises:
        InputError: one cannot be read, two look at the same fact, or there are more than `MOST_RULES`.
    """
    rules = tuple(read_rule(text) for text in texts)
    columns = [rule.column for rule in rules]
    for column in columns:
        if columns.count(column) > 1:
            raise _bad_rule(column, msg("Two rules look at {column}.", column=column))
    if len(rules) > MOST_RULES or sum(rule.kind == "same" for rule in rules) > MOST_SAME_RULES:
        raise _bad_rule(
            None,
            msg(
                "There are too many rules: at most {most}, and {same} of the kind “same”.",
                most=MOST_RULES,
                same=MOST_SAME_RULES,
            ),
        )
    return rules


def _bad_rule(text: str | None, cause: Message) -> InputError:
    example = "--priority size=micro,small,* --priority level=lowest --priority region=same"
    remedy = msg("Write it like {example}.", example=example)
    return InputError([Problem("priority", Place(path=text), cause, remedy)])


def lottery_number(seed: int, firm: str) -> str:
    """Return the lottery number of an enterprise; the lower one is before the higher one.

    It is the SHA-256 of the seed, a colon and the enterprise's id in UTF-8, in hexadecimal. Who knows the seed, which is
    announced before or drawn in public, recomputes it with ``printf '7:Enterprise 1' | sha256sum``; who does not, cannot tell
    it beforehand, and nobody can choose it.

    >>> lottery_number(7, "Enterprise 1")[:16]
    '3c5ef0128c41b868'
    """
    return hashlib.sha256(f"{seed}:{firm}".encode()).hexdigest()


@dataclass(frozen=True)
class Value:
    """What a rule makes of one fact: what it is sorted by, the lower before the higher, and whether the fact is known."""

    key: float | str
    known: bool = True


def value_of(rule: Rule, fact: str | None) -> Value:
    """Return what a rule of any kind but ``same`` makes of a fact; an unknown one comes last.

    Raises:
        ValueError: the fact is none that the rule can read; `remedy_of` says what mends it.
    """
    if fact is None:
        return Value(0, known=False)
    if rule.kind == "listed":
        if fact in rule.values:
            return Value(rule.values.index(fact))
        if rule.values[-1] == REST:
            return Value(len(rule.values))
        raise ValueError(fact)
    if rule.kind in {"earliest", "latest"}:
        if not _DATE.fullmatch(fact):
            raise ValueError(fact)
        return Value(fact.replace("T", " "))
    number = number_in(fact)
    if number is None:
        raise ValueError(fact)
    return Value(number)


def remedy_of(rule: Rule, fact: str) -> Message:
    """Return what mends a fact that a rule cannot read."""
    if rule.kind == "listed":
        return did_you_mean(fact, rule.values)
    if rule.kind in {"earliest", "latest"}:
        return msg("Write it like {example}.", example="2026-03-01")
    return msg("Write a number.")


@dataclass(frozen=True)
class Priorities:
    """Who is before whom, as numbers.

    Attributes:
        rules: the rules, the weightiest first.
        classes: for each rule, a number for each firm, lower before higher; all 0 for the kind ``same``.
        codes: for each rule of the kind ``same``, a number for the value of each firm, and one for that of each provider;
            −1 and −2 where there is none.
        ranks: shape (2 to the number of ``same`` rules, firms): the place among all of a firm that differs from a provider
            in the rules whose bits are set; no two are equal.
        numbers: the lottery number of each firm.
    """

    rules: tuple[Rule, ...]
    classes: tuple[NDArray[np.int64], ...]
    codes: Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]
    ranks: NDArray[np.int64] = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)

    def differs(self, rule: int, firms: NDArray[np.int64], providers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return 0 where a firm has the provider's own value under a ``same`` rule, else 1."""
        of_firm, of_provider = self.codes[rule]
        differs: NDArray[np.int64] = (of_firm[firms] != of_provider[providers]).astype(np.int64)
        return differs

    def codes_of(self, firm: int) -> tuple[int, ...]:
        """Return the numbers of a firm's values under the ``same`` rules."""
        return tuple(int(of_firm[firm]) for of_firm, _ in self.codes.values())

    def ways(self, firms: NDArray[np.int64], providers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of ``ranks`` of firms at providers, pairwise (or broadcast against one another)."""
        ways = np.zeros(np.broadcast_shapes(firms.shape, providers.shape), dtype=np.int64)
        for bit, rule in enumerate(self.codes):
            ways += self.differs(rule, firms, providers) << bit
        return ways

    def rank(self, firms: NDArray[np.int64], providers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the ranks of firms at providers, pairwise (or broadcast against one another)."""
        return self.ranks[self.ways(firms, providers), firms]

    def class_of(self, rule: int, firm: int, provider: int) -> int:
        """Return the number of a firm under a rule at a provider; lower before higher."""
        if rule in self.codes:
            return int(self.codes[rule][0][firm] != self.codes[rule][1][provider])
        return int(self.classes[rule][firm])


def priorities(
    rules: Sequence[Rule],
    firms: Sequence[tuple[str, Mapping[str, str | None]]],
    providers: Sequence[Mapping[str, str | None]],
    lottery: Callable[[str], str],
) -> Priorities:
    """Return who is before whom.

    Args:
        rules: the rules, the weightiest first.
        firms: the id of each firm, and its facts.
        providers: the facts of each provider.
        lottery: returns the lottery number of a firm.

    Raises:
        ValueError: a fact is none that its rule can read.
    """
    count = len(firms)
    numbers = [lottery(name) for name, _ in firms]
    lots = np.empty(count, dtype=np.int64)
    lots[sorted(range(count), key=lambda firm: (numbers[firm], firms[firm][0]))] = np.arange(count)
    classes: list[NDArray[np.int64]] = []
    codes: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    for index, rule in enumerate(rules):
        facts = [known.get(rule.column) for _, known in firms]
        if rule.kind == "same":
            codes[index] = _codes(facts, [known.get(rule.column) for known in providers])
            classes.append(np.zeros(count, dtype=np.int64))
        else:
            classes.append(_classes(rule, facts))
    columns: list[NDArray[np.int64]] = []
    ways = 1 << len(codes)
    bits = {rule: bit for bit, rule in enumerate(codes)}
    for index, numbers_of in enumerate(classes):
        if index in bits:
            columns.append(np.repeat((np.arange(ways) >> bits[index]) & 1, count))
        else:
            columns.append(np.tile(numbers_of, ways))
    # in equal classes under other ways to stand to a provider, the lottery still decides: a firm's own ways only need an order
    columns += [np.tile(lots, ways), np.repeat(np.arange(ways), count)]
    ranks = np.empty(ways * count, dtype=np.int64)
    ranks[np.lexsort(columns[::-1])] = np.arange(ways * count)
    return Priorities(tuple(rules), tuple(classes), codes, ranks.reshape(ways, count), tuple(numbers))


def _codes(
    of_firms: Sequence[str | None], of_providers: Sequence[str | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    numbers: dict[str, int] = {}
    for fact in of_providers:
        if fact is not None:
            numbers.setdefault(fact, len(numbers))
    firms = [-1 if fact is None else numbers.get(fact, -1) for fact in of_firms]
    providers = [-2 if fact is None else numbers[fact] for fact in of_providers]
    return np.array(firms, dtype=np.int64), np.array(providers, dtype=np.int64)


def _classes(rule: Rule, facts: Sequence[str | None]) -> NDArray[np.int64]:
    distinct: dict[str | None, Value] = {fact: value_of(rule, fact) for fact in set(facts)}
    known = sorted(
        {value.key for value in distinct.values() if value.known}, reverse=rule.kind in {"highest", "latest"}
    )
    order = {key: place for place, key in enumerate(known)}
    place = {fact: order[value.key] if value.known else len(known) for fact, value in distinct.items()}
    return np.array([place[fact] for fact in facts], dtype=np.int64)
