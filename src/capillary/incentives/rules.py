"""Programmes with their expressions read, as every reading of them needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from capillary.incentives.expressions import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.incentives.expressions import Expression
    from capillary.model.money import CurrencyFile
    from capillary.model.programme import Fact, Programme, Version


@dataclass(frozen=True)
class Rules:
    """All programmes that a run works with; each passed `capillary.incentives.check`.

    Attributes:
        facts: what rules may ask for, by id.
        programmes: by id.
        currencies: rates by which amounts of one currency are read in another.
    """

    facts: Mapping[str, Fact]
    programmes: Mapping[str, Programme]
    currencies: CurrencyFile
    _read: dict[str, Expression] = field(default_factory=dict, compare=False, repr=False)

    def expression(self, text: str) -> Expression:
        """Return what a text of a rule writes; each text is read once.

        Raises:
            ExpressionError: it is no expression.
        """
        found = self._read.get(text)
        if found is None:
            found = self._read[text] = parse(text)
        return found

    def giver(self, fact: str) -> Programme | None:
        """Return the classification that decides a fact; None where firms state it themselves."""
        return next((item for item in self.programmes.values() if item.gives == fact), None)


def version_on(programme: Programme, day: str) -> Version | None:
    """Return the version in force on a day; both ends count."""
    for version in programme.versions:
        if version.effective_from <= day and (version.effective_to is None or day <= version.effective_to):
            return version
    return None


def nearest_version(programme: Programme, day: str) -> Version:
    """Return the version that ended last before a day; the first one where none has begun by then."""
    begun = [version for version in programme.versions if version.effective_from <= day]
    if begun:
        return max(begun, key=lambda version: version.effective_from)
    return min(programme.versions, key=lambda version: version.effective_from)
