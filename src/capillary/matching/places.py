"""Places that an office gives out: the tables of a draw, the promise about its seed, and how the line moves on afterwards.

Everything here can be repeated with ``capillary allocate``: a draw reads the very two CSV files that the command takes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from capillary.matching.allocation import NOWHERE, Allocation, decline, market
from capillary.matching.allocation_files import read_market
from capillary.matching.allocation_rules import REST, read_rules
from capillary.matching.allocation_words import explanation
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from capillary.matching.allocation import Firm, Market, Provider
    from capillary.matching.allocation_lines import Lines, Standing
    from capillary.matching.allocation_rules import Rule
    from capillary.model.text import Language, Message

SEED_DIGITS = 18
# The rules that an office chooses from, and in what order it puts them is its own affair.
OFFERED_RULES = (
    "served_before=no,yes",
    "size=micro,small,medium,large",
    "size=large,medium,small,micro",
    "level=lowest",
    "level=highest",
    "asked=earliest",
    "region=same",
)
# What cannot stand in a name: it separates choices, stands for any other, or begins a formula in a spreadsheet.
_FORBIDDEN = (";", "；")
_FORBIDDEN_FIRST = ("=", "+", "-", "@", "*")


@dataclass(frozen=True)
class Wanting:
    """One that asks for a place, as the draw reads it.

    Attributes:
        id: by which the draw knows it; says nothing about who it is.
        choices: names of providers, the dearest first.
        takes_any: whether it takes any other provider as well.
        facts: by column, what rules may look at; None where it is not known.
    """

    id: str
    choices: tuple[str, ...]
    takes_any: bool
    facts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Having:
    """A provider with its places; ``region`` is what the rule ``region=same`` looks at."""

    name: str
    capacity: int
    region: str = ""


@dataclass(frozen=True)
class Tables:
    """What a draw is made from: the two CSV files that ``capillary allocate`` takes, its rules and its seed."""

    firms: str
    providers: str
    rules: tuple[str, ...]
    seed: int

    @property
    def marks(self) -> tuple[str, str]:
        """The SHA-256 of both files, by which everybody knows that they are the same ones."""
        return (
            hashlib.sha256(self.firms.encode()).hexdigest(),
            hashlib.sha256(self.providers.encode()).hexdigest(),
        )


def commitment(seed: int, key: str) -> str:
    """Return the promise about a seed, to be published before anybody knows who asks.

    It is the SHA-256 of the seed, a colon and the key. A seed alone has few enough digits to be found by trial; the key is
    drawn with it and published with it.

    >>> commitment(7, "00")[:16]
    'd36c2a837a4c39e4'
    """
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def bad_name(name: str) -> Message | None:
    """Return why a provider cannot have a name; None where it can."""
    if any(sign in name for sign in _FORBIDDEN) or name.startswith(_FORBIDDEN_FIRST):
        return msg("A name cannot hold a semicolon, nor begin with = + - @ or *. Write it another way.")
    return None


def tables(wanting: Iterable[Wanting], having: Iterable[Having], rules: Sequence[str], seed: int) -> Tables:
    """Return what a draw is made from. Of the facts only those are in it that a rule looks at.

    Raises:
        InputError: a rule cannot be read.
    """
    columns = [rule.column for rule in read_rules(rules)]
    firms = _written(
        ["firm", "choices", *columns],
        (
            [
                each.id,
                ";".join([*each.choices, *([REST] if each.takes_any else [])]),
                *(each.facts.get(column) or "" for column in columns),
            ]
            for each in wanting
        ),
    )
    regional = ["region"] if "region" in columns else []
    providers = _written(
        ["provider", "capacity", *regional],
        ([each.name, str(each.capacity), *([each.region] if regional else [])] for each in having),
    )
    return Tables(firms, providers, tuple(rules), seed)


def _written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return stream.getvalue()


def market_of(given: Tables) -> Market:
    """Return what is to be allocated, read from the tables as ``capillary allocate`` reads them.

    Raises:
        InputError: the tables or the rules cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        firms, providers = Path(folder) / "firms.csv", Path(folder) / "providers.csv"
        firms.write_text(given.firms, encoding="utf-8")
        providers.write_text(given.providers, encoding="utf-8")
        return read_market(firms, providers, read_rules(given.rules), given.seed)


def read_providers(name: str, data: bytes, *, with_region: bool) -> list[Having]:
    """Return the providers of a CSV file or a workbook with the columns provider and capacity.

    Args:
        name: of the file; its ending says what it is.
        data: what stands in it.
        with_region: whether the rules look at the provider's region, so that the file needs that column.

    Raises:
        InputError: every cell that cannot be used is named with its row and column.
    """
    with tempfile.TemporaryDirectory() as folder:
        firms, providers = Path(folder) / "firms.csv", Path(folder) / (Path(name).name or "providers.csv")
        firms.write_text("firm,choices,region\nnobody,*,\n", encoding="utf-8")  # the reader wants both files
        providers.write_bytes(data)
        found = read_market(firms, providers, read_rules(["region=same"] if with_region else []))
    problems = [
        *(_no_offers(name, each) for each in found.providers if each.offers or each.order is not None),
        *(
            Problem("bad-id", Place(name, column=each.id), why, msg("Give it another id."))
            for each in found.providers
            if (why := bad_name(each.id))
        ),
    ]
    if problems:
        raise InputError(problems)
    return [Having(each.id, each.capacity, each.facts.get("region") or "") for each in found.providers]


def _no_offers(name: str, provider: Provider) -> Problem:
    return Problem(
        "extra-column",
        Place(name, column="order" if provider.order is not None else "offer"),
        msg(
            "{name} has kinds of places or an order of its own; here the rules hold for all.",
            name=provider.id,
        ),
        msg("Delete the columns offer, places and order, and give every provider one row."),
    )


@dataclass(frozen=True)
class Held:
    """How the places stand.

    Attributes:
        got: by firm, the provider whose place it has.
        gone: the firms that declined, did not answer in time, or are not there any more.
        fixed: the firms that came, or did not: they stay where they are, whatever becomes free.
    """

    got: Mapping[str, str]
    gone: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()


def held_of(found: Allocation) -> Held:
    """Return how the places stand after an allocation."""
    firms, offers = found.market.firms, found.market.offers
    return Held(
        {firms[number].id: offers[offer] for number, offer in enumerate(found.got) if offer != NOWHERE},
        frozenset(firms[number].id for number in found.gone),
    )


def standing_now(given: Market, held: Held) -> Allocation:
    """Return the allocation as it stands, in which firms that are fixed want nothing but what they have."""
    firms = [_settled(firm, held) if firm.id in held.fixed else firm for firm in given.firms]
    now = market(firms, given.providers, given.priorities.rules, given.seed)
    return Allocation(
        now,
        tuple(now.offer_number[held.got[firm.id]] if firm.id in held.got else NOWHERE for firm in now.firms),
        tuple(_at(firm, held.got.get(firm.id)) for firm in now.firms),
        frozenset(now.number_of[name] for name in held.gone),
    )


def _settled(firm: Firm, held: Held) -> Firm:
    return replace(firm, choices=(held.got[firm.id],), takes_any=False)


def _at(firm: Firm, got: str | None) -> int:
    if got is None:
        return len(firm.choices) + 1
    return firm.choices.index(got) if got in firm.choices else len(firm.choices)


def moved_on(given: Market, held: Held, leaving: Collection[str]) -> Held:
    """Return how the places stand after firms gave theirs up: the next in line have moved up.

    Args:
        given: what was drawn from.
        held: how the places stood.
        leaving: the firms that give up. One that is fixed has used its place, which stays taken.

    Raises:
        KeyError: there is no such firm.
    """
    after = decline(standing_now(given, held), [name for name in leaving if name not in held.fixed])
    return replace(held_of(after), fixed=held.fixed)


@dataclass(frozen=True)
class Told:
    """What a firm is told.

    Attributes:
        provider: whose place it has; None for none.
        choice: which of its choices that is, from 1; None for one of the rest, or for none.
        place: its smallest number in a line that it stands in; None where it stands in none.
        sentences: the explanation, in the language that was asked for.
    """

    provider: str | None
    choice: int | None
    place: int | None
    sentences: tuple[str, ...]


def told(
    lines: Lines, firms: Iterable[str], language: Language, word: Callable[[str, str], str]
) -> Iterator[tuple[str, Told]]:
    """Yield what each firm is told.

    Args:
        lines: the lines of the allocation.
        firms: ids of the firms.
        language: of the sentences.
        word: returns what a column is called (of the value ``""``), and what a value of a column is called.
    """
    for firm in firms:
        standings = lines.standings(firm)
        got = next((each for each in standings if each.outcome == "got"), None)
        spoken = [_spoken(each, word) for each in standings]
        yield (
            firm,
            Told(
                None if got is None else got.offer,
                None if got is None else got.choice,
                min((each.place for each in standings if each.place), default=None),
                tuple(sentence.in_(language) for sentence in explanation(lines, firm, spoken)),
            ),
        )


def _spoken(standing: Standing, word: Callable[[str, str], str]) -> Standing:
    """Return a standing whose rule speaks in words instead of names of columns."""
    between = standing.between
    if between is None or between.rule is None:
        return standing
    rule: Rule = between.rule
    said = replace(
        rule,
        column=word(rule.column, ""),
        values=tuple(word(rule.column, value) for value in rule.values),
    )
    first, second = (
        None if value is None else word(rule.column, value) for value in (between.first, between.second)
    )
    return replace(standing, between=replace(between, rule=said, first=first, second=second))
