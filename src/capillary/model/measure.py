"""Measures: what a firm can do to climb, what it takes and costs, and what it brings.

These types are the schema of ``content/measures/``. A measure *raises* capabilities, and through them every standard that
asks about them. See ``docs/authors/measures.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from capillary.model.capability import Obstacle
from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Figure, Identifier, Source
from capillary.model.text import Message, Text, msg

if TYPE_CHECKING:
    from collections.abc import Mapping

Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[int, Meta(ge=0)]
Range = tuple[Amount, Amount, Amount]
PercentRange = tuple[int, int, int]
Risk = Literal["low", "medium", "high"]
RISKS: tuple[Risk, ...] = ("low", "medium", "high")
StaffRole = Literal["owner", "shop-floor", "office", "it"]
ROLES: tuple[StaffRole, ...] = ("owner", "shop-floor", "office", "it")
EffectOn = Literal["cost", "quality", "lead-time", "energy", "risk"]
EffectBase = Literal[
    "office-labour",
    "shop-floor-labour",
    "materials",
    "scrap",
    "energy",
    "stock",
    "downtime",
    "lead-time",
    "incidents",
]
SpendCategory = Literal[
    "software", "cloud", "gateways", "equipment", "services", "advice", "training", "security", "other"
]
SPEND: tuple[SpendCategory, ...] = (
    "software",
    "cloud",
    "gateways",
    "equipment",
    "services",
    "advice",
    "training",
    "security",
    "other",
)
SPEND_WORDS: Mapping[SpendCategory, Message] = {
    "software": msg("software"),
    "cloud": msg("cloud services"),
    "gateways": msg("data capture equipment"),
    "equipment": msg("equipment"),
    "services": msg("implementation services"),
    "advice": msg("advice"),
    "training": msg("training"),
    "security": msg("security products"),
    "other": msg("other spend"),
}
WHOLE = 100  # percent
Section = Annotated[str, Meta(pattern=r"^[A-U]$")]
NOTHING: Range = (0, 0, 0)


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Raise(_Item, frozen=True, kw_only=True):
    """A capability raised to level ``to``, of a firm that has reached level ``from`` by then (0: any firm)."""

    capability: Identifier
    from_: Annotated[int, Meta(ge=0)] = msgspec.field(name="from", default=0)
    to: Annotated[int, Meta(ge=1)]


class Needs(_Item, frozen=True, kw_only=True):
    """What must be there before a measure begins.

    Attributes:
        capabilities: capability to the level that must be reached.
        measures: measures that must be complete; what the firm has already counts as complete.
    """

    capabilities: dict[str, Annotated[int, Meta(ge=1)]] = {}
    measures: tuple[Identifier, ...] = ()


class CostPart(_Item, frozen=True, kw_only=True):
    """One-off or yearly cost: a fixed part and parts for each user and each machine, as (low, typical, high)."""

    fixed: Range = NOTHING
    per_user: Range = NOTHING
    per_machine: Range = NOTHING


class Cost(Figure, frozen=True, kw_only=True):
    """What a measure costs, own staff time not counted.

    Attributes:
        currency: code of ISO 4217.
        year: the year of the prices.
        spend: what the one-off cost is spent on, in percent that add up to 100; incentive programmes pay for categories.
    """

    currency: Currency
    year: Annotated[int, Meta(ge=2000)]
    one_off: CostPart = CostPart()
    yearly: CostPart = CostPart()
    spend: dict[SpendCategory, Annotated[int, Meta(ge=1, le=100)]] = msgspec.field(default_factory=dict)


class Effect(Figure, frozen=True, kw_only=True):
    """What a measure typically changes: ``percent`` (low, typical, high) less of a base, counted from its completion.

    Attributes:
        on: what gets better.
        of: the base of the percentage, such as the labour cost of office staff; only some bases are money.
        evidence: what the figure rests on, in a few words.
    """

    on: EffectOn
    of: EffectBase
    percent: PercentRange
    evidence: Text | None = None


class Measure(Figure, frozen=True, kw_only=True):
    """Something that a firm can do.

    Attributes:
        first_step: what can be done on the first day.
        fulfils: standard to question to keys: answers that are true once the measure is complete although no capability
            level says so, because the ladder is coarser than the standard.
        needs: what must be there before it begins.
        excludes: measures that make this one pointless or impossible; it holds in both directions.
        weeks: how long it takes, as (low, typical, high).
        staff: hours of the firm's own people by role, typical, spread over the duration.
        employees_from, employees_to: the firms that it makes sense for, by head count, both ends included.
        sections: sections of ISIC in which it makes sense; empty for all.
        lowers: obstacles that it lowers.
        risk: how often such work goes wrong.
        risks: what goes wrong then.
    """

    id: Identifier
    title: Text
    summary: Text
    first_step: Text
    raises: tuple[Raise, ...] = ()
    fulfils: dict[str, dict[str, tuple[str, ...]]] = msgspec.field(default_factory=dict)
    needs: Needs = Needs()
    excludes: tuple[Identifier, ...] = ()
    cost: Cost
    weeks: Range
    staff: dict[StaffRole, Amount] = msgspec.field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    employees_from: Annotated[int, Meta(ge=1)] = 1
    employees_to: int | None = None
    sections: tuple[Section, ...] = ()
    lowers: Annotated[tuple[Obstacle, ...], AT_LEAST_ONE]
    risk: Risk
    risks: tuple[Text, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether it costs no money, whatever the size of the firm."""
        return not any(
            amount
            for part in (self.cost.one_off, self.cost.yearly)
            for given in (part.fixed, part.per_user, part.per_machine)
            for amount in given
        )


class MeasureFile(_Item, frozen=True, kw_only=True):
    """``measures/<name>.yaml`` as it is written; ``source`` and ``certainty`` hold for all that does not say otherwise."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    measures: Annotated[tuple[Measure, ...], AT_LEAST_ONE]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All measures, with the file that each comes from, and what that file is called."""

    measures: Mapping[str, Measure]
    files: Mapping[str, MeasureFile]
    paths: Mapping[str, str] = field(default_factory=dict)

    def certainty_of(self, measure: Measure, figure: Figure | None = None) -> Certainty:
        """Return how sure a figure of a measure is: its own mark, the measure's, or the file's."""
        own = figure.certainty if figure is not None else None
        return own or measure.certainty or self.files[measure.id].certainty

    def source_of(self, measure: Measure, figure: Figure | None = None) -> Source:
        """Return the source that a figure of a measure comes from."""
        file = self.files[measure.id]
        wanted = (figure.source if figure is not None else None) or measure.source or file.source
        return next(source for source in file.sources if source.id == wanted)
