"""A standard as its authors write it: questions, points, scoring nodes, levels, sources.

These types are the schema of ``content/standards/<id>/``: what they accept is what a file may say, and the published
JSON Schema is generated from them. See ``docs/authors/content-format.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Certainty = Literal["official", "secondary", "unverified"]
NotApplicable = Literal["zero", "drop", "refused"]
Identifier = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]*$")]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
AT_LEAST_ONE = Meta(min_length=1)
Weights = tuple[Fraction, ...] | dict[str, tuple[Fraction, ...]]


def _one() -> Fraction:
    """Return 1. Fractions stand as factories, not as defaults: a JSON Schema cannot show them."""
    return Fraction(1)


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Figure(_Item, frozen=True, kw_only=True):
    """What every figure may say of its origin; what is left out is inherited from the standard."""

    source: str | None = None
    certainty: Certainty | None = None
    effective_from: Date | None = None
    effective_to: Date | None = None
    note: Text | None = None


class Binding(Figure, frozen=True, kw_only=True):
    """What an answer says about capabilities (capability id to level): see the three relations in the docs."""

    means: dict[str, int] = {}
    asserts: dict[str, int] = {}
    implied_by: dict[str, int] = {}


class Option(Binding, frozen=True, kw_only=True):
    """One option of a single or multiple choice."""

    key: str
    text: Text
    points: Fraction = msgspec.field(default_factory=Fraction)
    exclusive: bool = False
    requires: tuple[str, ...] = ()


class RateOption(Binding, frozen=True, kw_only=True):
    """One band of a percentage: ``above < rate <= up_to``; the first band has no ``above`` and holds 0."""

    key: str
    text: Text
    up_to: Fraction
    above: Fraction | None = None
    points: Fraction = msgspec.field(default_factory=Fraction)


class AnswerLevel(Binding, frozen=True, kw_only=True):
    """One level of a scenario or a sub-domain."""

    level: int
    text: Text
    points: Fraction | None = None


class ScaleValue(Figure, frozen=True, kw_only=True):
    """One value of the scale that all rows of a grid share, or one column of tick boxes."""

    key: str
    text: Text
    points: Fraction = msgspec.field(default_factory=Fraction)


class Row(Figure, frozen=True, kw_only=True):
    """One row of a grid or of tick boxes; ``bindings`` are keyed by scale value or column."""

    key: str
    text: Text
    bindings: dict[str, Binding] = {}


class QuestionBase(Figure, frozen=True, kw_only=True, tag_field="kind"):
    """What all kinds of question share."""

    id: Identifier
    dimension: str
    title: Text
    text: Text
    why: Text
    example: Text
    points: Fraction
    evidence: tuple[Text, ...] = ()
    inputs: tuple[Text, ...] = ()
    not_applicable: NotApplicable = "zero"
    constrained: bool = False


class Single(QuestionBase, frozen=True, kw_only=True, tag="single"):
    """The answer is one key; options stand from least to most."""

    options: Annotated[tuple[Option, ...], AT_LEAST_ONE]


class Multiple(QuestionBase, frozen=True, kw_only=True, tag="multiple"):
    """The answer is a list of keys; an exclusive option is "none of these"."""

    options: Annotated[tuple[Option, ...], AT_LEAST_ONE]


class Rate(QuestionBase, frozen=True, kw_only=True, tag="rate"):
    """The answer is a percentage from 0 to 100, or the key of its band."""

    options: Annotated[tuple[RateOption, ...], AT_LEAST_ONE]


class Level(QuestionBase, frozen=True, kw_only=True, tag="level"):
    """The answer is a whole number from 0 (not reached) to the highest level."""

    levels: Annotated[tuple[AnswerLevel, ...], AT_LEAST_ONE]


class Boolean(QuestionBase, frozen=True, kw_only=True, tag="boolean"):
    """The answer is true or false; the binding stands on the question."""

    means: dict[str, int] = {}
    asserts: dict[str, int] = {}
    implied_by: dict[str, int] = {}


class Grid(QuestionBase, frozen=True, kw_only=True, tag="grid"):
    """The answer is an object from row to scale value."""

    rows: Annotated[tuple[Row, ...], AT_LEAST_ONE]
    scale: Annotated[tuple[ScaleValue, ...], AT_LEAST_ONE]


class Ticks(QuestionBase, frozen=True, kw_only=True, tag="ticks"):
    """The answer is an object from column to the list of rows ticked in it."""

    rows: Annotated[tuple[Row, ...], AT_LEAST_ONE]
    columns: Annotated[tuple[ScaleValue, ...], AT_LEAST_ONE]


Question = Single | Multiple | Rate | Level | Boolean | Grid | Ticks


class NodeBase(Figure, frozen=True, kw_only=True, tag_field="kind"):
    """What all scoring nodes share; ``of`` names questions or nodes that stand above this one."""

    id: Identifier
    title: Text | None = None
    rule: Text | None = None


class SumNode(NodeBase, frozen=True, kw_only=True, tag="sum"):
    """``times * (sum of weight * child) + plus``."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]
    weights: Weights = ()
    times: Fraction = msgspec.field(default_factory=_one)
    plus: Fraction = msgspec.field(default_factory=Fraction)


class MeanNode(NodeBase, frozen=True, kw_only=True, tag="mean"):
    """``times * (sum of weight * child) / (sum of weights) + plus``."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]
    weights: Weights = ()
    times: Fraction = msgspec.field(default_factory=_one)
    plus: Fraction = msgspec.field(default_factory=Fraction)


class CapNode(NodeBase, frozen=True, kw_only=True, tag="cap"):
    """The child, but at most ``limit``."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]
    limit: Fraction


class MinimumNode(NodeBase, frozen=True, kw_only=True, tag="minimum"):
    """The smallest child."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]


class MaximumNode(NodeBase, frozen=True, kw_only=True, tag="maximum"):
    """The largest child."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]


class CountNode(NodeBase, frozen=True, kw_only=True, tag="count-at-least"):
    """How many children are at ``threshold`` or above."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]
    threshold: Fraction


class BandNode(NodeBase, frozen=True, kw_only=True, tag="band"):
    """How many cuts the child has reached (``from``) or passed (``above``)."""

    of: Annotated[tuple[str, ...], AT_LEAST_ONE]
    from_: tuple[Fraction, ...] = msgspec.field(default=(), name="from")
    above: tuple[Fraction, ...] = ()


class Need(Figure, frozen=True, kw_only=True):
    """One condition of a level: the node's value must be at least this."""

    node: str
    at_least: Fraction


class GateLevel(Figure, frozen=True, kw_only=True):
    """One level of a gate and everything that it needs."""

    level: int
    needs: Annotated[tuple[Need, ...], AT_LEAST_ONE]


class GateNode(NodeBase, frozen=True, kw_only=True, tag="gate"):
    """The highest level all of whose needs are met; 0 where none is."""

    levels: Annotated[tuple[GateLevel, ...], AT_LEAST_ONE]


ScoringNode = SumNode | MeanNode | CapNode | MinimumNode | MaximumNode | CountNode | BandNode | GateNode


class ViewGroup(_Item, frozen=True, kw_only=True):
    """One group of a view and the node that is its value."""

    id: str
    title: Text
    node: str


class View(_Item, frozen=True, kw_only=True):
    """Another way to group the same questions, for example by security function."""

    id: str
    title: Text
    groups: tuple[ViewGroup, ...]


class Scoring(_Item, frozen=True, kw_only=True):
    """The scoring program: nodes in order, and which of them are score, level and dimensions."""

    max: Fraction
    unit: Text
    nodes: tuple[ScoringNode, ...]
    score: str
    dimensions: dict[str, str]
    level: str | None = None
    views: tuple[View, ...] = ()


class Source(_Item, frozen=True, kw_only=True):
    """A document that figures come from."""

    id: str
    title: Text
    document: str | None = None
    url: str | None = None
    date: str | None = None
    note: Text | None = None


class Dimension(_Item, frozen=True, kw_only=True):
    """A part of the standard that is reported on its own."""

    id: str
    title: Text
    summary: Text


class StandardLevel(Figure, frozen=True, kw_only=True):
    """One level of the standard and what it means."""

    level: int
    title: Text
    meaning: Text


class Variant(_Item, frozen=True, kw_only=True):
    """A kind of firm that the standard weighs differently."""

    id: str
    title: Text


class StandardFile(_Item, frozen=True, kw_only=True):
    """``standard.yaml`` as it is written."""

    id: Identifier
    edition: str
    title: Text
    short_title: Text
    summary: Text
    publisher: Text
    effective_from: Date
    source: str
    certainty: Certainty
    sources: tuple[Source, ...]
    dimensions: tuple[Dimension, ...]
    scoring: Scoring
    effective_to: Date | None = None
    licence_note: Text | None = None
    levels: tuple[StandardLevel, ...] = ()
    variants: tuple[Variant, ...] = ()


class QuestionsFile(_Item, frozen=True, kw_only=True):
    """``questions.yaml`` as it is written."""

    questions: Annotated[tuple[Question, ...], AT_LEAST_ONE]


@dataclass(frozen=True, eq=False)
class Standard:
    """A standard with its questions, ready for use. Two standards are equal only if they are the same object."""

    file: StandardFile
    questions: tuple[Question, ...]

    @property
    def id(self) -> str:
        """The identifier, which carries the edition."""
        return self.file.id

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        """Questions by their identifier."""
        return {question.id: question for question in self.questions}

    def certainty_of(self, figure: Figure) -> Certainty:
        """Return how sure a figure is, its own mark or the standard's."""
        return figure.certainty or self.file.certainty

    def source_of(self, figure: Figure) -> Source:
        """Return the source that a figure comes from, its own or the standard's."""
        wanted = figure.source or self.file.source
        return next(source for source in self.file.sources if source.id == wanted)

    def level_title(self, level: int) -> Text:
        """Return the title of a level, or its number where the standard has no name for it."""
        for item in self.file.levels:
            if item.level == level:
                return item.title
        return Text(zh=str(level), en=str(level))


def bindings_of(question: Question) -> Iterator[tuple[str, Binding]]:
    """Yield every binding of a question with a readable path: ``options.B``, ``levels.3``, ``rows.1.4``."""
    match question:
        case Single() | Multiple() | Rate():
            for option in question.options:
                yield f"options.{option.key}", option
        case Level():
            for level in question.levels:
                yield f"levels.{level.level}", level
        case Boolean():
            yield (
                "true",
                Binding(means=question.means, asserts=question.asserts, implied_by=question.implied_by),
            )
        case Grid() | Ticks():
            for row in question.rows:
                for key, binding in row.bindings.items():
                    yield f"rows.{row.key}.{key}", binding
