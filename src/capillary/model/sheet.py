"""An answer sheet: what one enterprise answered under one standard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Grade = Literal["declared", "documented", "measured", "verified"]
GRADES: tuple[Grade, ...] = get_args(Grade)
NOT_APPLICABLE = "na"


@dataclass(frozen=True)
class Enterprise:
    """The enterprise that a sheet is about, as far as it is known.

    Attributes:
        id: an identifier that the sender chose.
        employees: head count.
        revenue: yearly turnover in the sender's currency.
        other: whatever else the sheet says about the enterprise, kept as it came.
    """

    id: str | None = None
    name: str | None = None
    region: str | None = None
    sector: str | None = None
    employees: float | None = None
    revenue: float | None = None
    other: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return what is known as a JSON object."""
        known = {
            "id": self.id,
            "name": self.name,
            "region": self.region,
            "sector": self.sector,
            "employees": self.employees,
            "revenue": self.revenue,
        }
        return {**{key: value for key, value in known.items() if value is not None}, **self.other}


@dataclass(frozen=True)
class AnswerSheet:
    """Answers of one enterprise, checked against their standard.

    Partial answers are intervals: ``lowest`` and ``highest`` hold, for every field of the standard in order, the least
    and the most that the answers leave possible. A fully answered sheet has ``lowest == highest``.

    Attributes:
        standard: the standard's id.
        answers: the answers as they came, by question; a missing key is unknown.
        lowest: the lowest possible code of every field.
        highest: the highest possible code of every field.
        not_applicable: questions answered with "does not apply".
        variant: the standard's variant for this kind of firm, or None if it is not known.
        evidence: the grade of the evidence behind an answer, by question; what is not named is declared.
    """

    standard: str
    enterprise: Enterprise
    answers: Mapping[str, object]
    lowest: tuple[int, ...]
    highest: tuple[int, ...]
    not_applicable: frozenset[str] = frozenset()
    variant: str | None = None
    evidence: Mapping[str, Grade] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether nothing is left unknown."""
        return self.lowest == self.highest
