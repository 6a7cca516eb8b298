"""Scenarios: problems that an owner recognises, with the measures that solve them, in order.

These types are the schema of ``content/scenarios/``. Cost, time, staff and effects stand in no scenario: they follow from its
measures (``content/estimates.py``). See ``docs/authors/scenarios.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Figure, Identifier, Source
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SizeClass = Literal["micro", "small", "medium", "large"]
SIZE_CLASSES: tuple[SizeClass, ...] = get_args(SizeClass)
# Heads of staff, both ends included; None is no upper end.
HEADS: Mapping[SizeClass, tuple[int, int | None]] = {
    "micro": (1, 9),
    "small": (10, 49),
    "medium": (50, 249),
    "large": (250, None),
}
BUSINESS_STANDARD = "miit-2024"
BUSINESS_DIMENSION = "operation"
FEWEST_STEPS = 3


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Pitfall(_Item, frozen=True, kw_only=True):
    """What goes wrong when others do this, and what helps against it."""

    wrong: Text
    remedy: Text


class Stated(Figure, frozen=True, kw_only=True):
    """A fact that a source states; a scenario claims no other result."""

    text: Text
    source: Identifier
    certainty: Certainty


class Keywords(_Item, frozen=True, kw_only=True):
    """Words that people search by, besides those of the texts."""

    zh: Annotated[tuple[str, ...], AT_LEAST_ONE]
    en: Annotated[tuple[str, ...], AT_LEAST_ONE]


class Scenario(_Item, frozen=True, kw_only=True):
    """A problem of firms of some sectors and sizes, and how measures solve it.

    Attributes:
        serves: business scenarios of ``miit-2024``, such as ``S06``, that its measures raise.
        supports: business scenarios that rest on it although none of its measures raises them: work that stands still when a
            virus comes, or that cannot be measured without a network.
        sectors: lines of business that know the problem; every measure makes sense in each.
        sizes: sizes of firms that know it; every measure makes sense in each.
        problem: what the owner says.
        before, after: how the work goes without and with the measures.
        starts: capability to the level that the firm must have already; what nothing needs is left out.
        measures: in an order in which each can begin when those before it are complete.
        pitfalls: what goes wrong.
        conditions: when it can be copied.
        checklist: the steps for who copies it.
        who: who does it in the firm.
        facts: what a source states about it.
    """

    id: Identifier
    title: Text
    serves: tuple[Identifier, ...] = ()
    supports: tuple[Identifier, ...] = ()
    sectors: Annotated[tuple[Identifier, ...], AT_LEAST_ONE]
    sizes: Annotated[tuple[SizeClass, ...], AT_LEAST_ONE]
    problem: Text
    before: Text
    after: Text
    starts: dict[Identifier, Annotated[int, Meta(ge=1)]] = {}
    measures: Annotated[tuple[Identifier, ...], AT_LEAST_ONE]
    pitfalls: Annotated[tuple[Pitfall, ...], AT_LEAST_ONE]
    conditions: Annotated[tuple[Text, ...], AT_LEAST_ONE]
    checklist: Annotated[tuple[Text, ...], Meta(min_length=FEWEST_STEPS)]
    who: Text
    facts: tuple[Stated, ...] = ()
    keywords: Keywords

    @property
    def business(self) -> tuple[str, ...]:
        """Every business scenario that it serves or supports."""
        return (*self.serves, *self.supports)

    def searched(self) -> str:
        """Return everything that a search looks through, in both languages and without upper case."""
        texts = [
            self.title,
            self.problem,
            self.before,
            self.after,
            self.who,
            *self.conditions,
            *self.checklist,
        ]
        texts += [part for pitfall in self.pitfalls for part in (pitfall.wrong, pitfall.remedy)]
        words = [self.id, *self.keywords.zh, *self.keywords.en]
        return "\n".join([*words, *(text.zh for text in texts), *(text.en for text in texts)]).casefold()


class ScenarioFile(_Item, frozen=True, kw_only=True):
    """``scenarios/<name>.yaml`` as it is written; ``source`` and ``certainty`` are those of its descriptions."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    scenarios: Annotated[tuple[Scenario, ...], AT_LEAST_ONE]

    def source_of(self, name: str) -> Source:
        """Return a source by its id.

        Raises:
            KeyError: the file does not list it.
        """
        for source in self.sources:
            if source.id == name:
                return source
        raise KeyError(name)


@dataclass(frozen=True)
class Origin:
    """Where a scenario stands: its id, the file, how errors name that, and its place in it."""

    id: str
    path: Path
    shown: str
    index: int


@dataclass(frozen=True, eq=False)
class ScenarioBook:
    """All scenarios in the order of their files, with the file that each comes from."""

    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    files: Mapping[str, ScenarioFile] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """What a search looks through, by id; put together once."""
        return {name: item.searched() for name, item in self.scenarios.items()}

    def over(self, other: ScenarioBook) -> ScenarioBook:
        """Return both together; under an id that both have stands what this one has."""
        return ScenarioBook(
            {
                **self.scenarios,
                **{name: item for name, item in other.scenarios.items() if name not in self.scenarios},
            },
            {**other.files, **self.files},
            {**other.origins, **self.origins},
        )
