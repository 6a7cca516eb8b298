"""Spend behind applications, and whether the same spend is claimed twice: in one programme or across programmes.

An invoice is known by its number and who wrote it, both read without regard to spaces, punctuation, width and case. Of one
invoice no more can be claimed in all than it amounts to. Where that is certain the claim cannot be granted; where something
only looks the same (the same amount within a month, the same number under another name), an officer has to say why it is not.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from capillary.model.text import Message

NEAR_DAYS = 31
# what a firm's name may end in without being another firm's
_FORMS = tuple(
    sorted(
        (
            "股份有限公司", "有限责任公司", "有限公司", "公司", "coltd", "companylimited", "limited", "ltd", "inc",
            "incorporated", "corporation", "corp", "llc", "gmbh", "ag", "kg", "sl", "sa", "sarl", "srl", "bv", "pteltd",
        ),
        key=len,
        reverse=True,
    )
)  # fmt: skip
ClashKind = Literal["over", "totals", "other-firm", "number", "amount"]
CERTAIN: frozenset[ClashKind] = frozenset({"over", "totals", "other-firm"})


@dataclass(frozen=True)
class Line:
    """What is claimed of one invoice.

    Attributes:
        id: of the line.
        application: which application claims it.
        enterprise: whose.
        total: what the invoice amounts to, in ``currency``.
        claimed: how much of it is claimed.
        day: of the invoice, counted from any fixed day.
    """

    id: object
    application: object
    enterprise: object
    supplier: str
    number: str
    day: int
    total: Decimal
    claimed: Decimal
    currency: str

    @cached_property
    def key(self) -> str:
        """What the invoice is known by."""
        return invoice_key(self.supplier, self.number)


@dataclass(frozen=True)
class Clash:
    """A claim that meets another one.

    Attributes:
        kind: ``over``: more is claimed of the invoice than it amounts to; ``totals``: it is stated with another total;
            ``other-firm``: another enterprise claims it; ``number``: the number is the same under another supplier's name;
            ``amount``: the same amount within a month.
        mine: the line that is looked at.
        others: those that it meets, in the order in which they were given.
    """

    kind: ClashKind
    mine: Line
    others: tuple[Line, ...]

    @property
    def is_certain(self) -> bool:
        """Whether nothing can be granted while it stands."""
        return self.kind in CERTAIN

    @property
    def name(self) -> str:
        """What the clash is known by, whatever else is claimed meanwhile."""
        return f"{self.kind}:{self.mine.id}:{','.join(sorted(str(item.id) for item in self.others))}"


CLASH_WORDS: Mapping[ClashKind, Message] = {
    "over": msg("More is claimed of this invoice, in all applications together, than it amounts to."),
    "totals": msg("This invoice is stated with another total elsewhere."),
    "other-firm": msg("Another enterprise claims this invoice."),
    "number": msg("An invoice with the same number is claimed under another supplier's name."),
    "amount": msg("The same amount is claimed with an invoice of the same month."),
}


def invoice_key(supplier: str, number: str) -> str:
    """Return what an invoice is known by.

    >>> invoice_key("Example Co., Ltd.", " NO-00 123 ") == invoice_key("ＥＸＡＭＰＬＥ", "no00123")
    True
    """
    return f"{_number(number)}|{_supplier(supplier)}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in folded if sign.isalnum())


def _number(number: str) -> str:
    plain = _plain(number)
    return plain.lstrip("0") or plain


def _supplier(name: str) -> str:
    plain = _plain(name)
    for form in _FORMS:
        if plain.endswith(form) and len(plain) > len(form):
            return plain.removesuffix(form)
    return plain


def clashes(mine: Sequence[Line], others: Iterable[Line]) -> list[Clash]:
    """Return where an application's lines meet others, of its own and of all other applications that count.

    Args:
        mine: the application's lines.
        others: the lines of other applications, in any programme.

    Returns:
        By line, the certain ones first. It takes as long as there are lines and clashes.
    """
    everything = [*mine, *others]
    index = _Index(everything)
    return [clash for line in mine for clash in index.of(line)]


class _Index:
    """Lines by what they can meet others in."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.by_key: dict[str, list[Line]] = {}
        self.by_number: dict[str, list[Line]] = {}
        self.by_amount: dict[tuple[object, Decimal, str], list[Line]] = {}
        for line in lines:
            key = line.key
            self.by_key.setdefault(key, []).append(line)
            self.by_number.setdefault(_number(line.number), []).append(line)
            self.by_amount.setdefault((line.enterprise, line.total, line.currency), []).append(line)

    def of(self, line: Line) -> Iterator[Clash]:
        """Yield what a line meets."""
        same = [item for item in self.by_key[line.key] if item.id != line.id]
        alike = [item for item in same if (item.total, item.currency) == (line.total, line.currency)]
        if sum((item.claimed for item in alike), line.claimed) > line.total:
            yield Clash("over", line, tuple(alike))
        if len(alike) < len(same):
            yield Clash("totals", line, tuple(item for item in same if item not in alike))
        foreign = tuple(item for item in same if item.enterprise != line.enterprise)
        if foreign:
            yield Clash("other-firm", line, foreign)
        known = {item.id for item in same} | {line.id}
        number = [item for item in self.by_number[_number(line.number)] if item.id not in known]
        if number:
            yield Clash("number", line, tuple(number))
        known |= {item.id for item in number}
        amount = self.by_amount[line.enterprise, line.total, line.currency]
        near = [item for item in amount if item.id not in known and _looks_the_same(line, item)]
        if near:
            yield Clash("amount", line, tuple(near))


def _looks_the_same(line: Line, other: Line) -> bool:
    """Whether two invoices of one enterprise and amount may be one, written anew: they are of the same month.

    Two equal invoices within one application (such as monthly fees) are left alone: they are seen side by side.
    """
    return line.application != other.application and abs(line.day - other.day) <= NEAR_DAYS
