"""The report as the template sees it: figures ready to show, sentences waiting for their language.

Nothing here is computed; the builders of the sections fill these classes, and the templates only lay them out.
`Words` are whatever can be said in a language: a text of the content, a message of the product, or a name as it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from capillary.model.text import Message, Text

if TYPE_CHECKING:
    from capillary.model.standard import Certainty

Words: TypeAlias = Text | Message | str
RungState: TypeAlias = Literal["passed", "certain", "possible", "above"]


@dataclass(frozen=True)
class Bar:
    """A bar, in percent of its full length as CSS understands it.

    Attributes:
        certain: length of the certain part.
        possible: length of the part that may come on top.
        mark: where a line across the bar stands, or None.
    """

    certain: str
    possible: str
    mark: str | None = None


@dataclass(frozen=True)
class Reference:
    """Where a figure comes from.

    Attributes:
        number: number of the source in the list at the end; None where only the certainty is shown.
        certainty: how sure the figure is.
    """

    number: int | None
    certainty: Certainty


@dataclass(frozen=True)
class Fact:
    """A name and a value."""

    name: Words
    value: Words


@dataclass(frozen=True)
class Rung:
    """One level of the standard in the strip of levels."""

    title: Words
    state: RungState


@dataclass(frozen=True)
class Weighed:
    """One row of "declared beside supported"."""

    name: Words
    declared: Words
    supported: Words


@dataclass(frozen=True)
class Head:
    """Who was diagnosed, under what, and the result.

    Attributes:
        name: the enterprise's name, or a sentence that there is none.
        facts: what else is known of the enterprise and the assessment.
        verdict: whether the level is certain.
        level: the level, or the lowest and the highest possible one; None where the standard has no levels.
        meaning: what the level means, in one sentence.
        reference: where that meaning comes from.
        rungs: the levels of the standard; empty where there are none.
        score: the score, as a number or an interval.
        of: "of 100 points".
        bar: the score as a bar.
        open: how many questions are open; None where none is.
        notices: what the reader must know to read the figures rightly.
        weighed: declared beside supported; empty where no evidence is named.
    """

    name: Words
    standard: Words
    facts: tuple[Fact, ...]
    verdict: Words
    level: Words | None
    meaning: Words | None
    reference: Reference | None
    rungs: tuple[Rung, ...]
    score: str
    of: Words
    bar: Bar
    open: Words | None
    notices: tuple[Words, ...]
    weighed: tuple[Weighed, ...]


@dataclass(frozen=True)
class Step:
    """One thing to do in one question.

    Attributes:
        title: the question's title.
        question: the question itself.
        now: what the firm has; empty where it keeps that and adds to it.
        reach: what to reach, or what to add.
        adds: whether ``reach`` comes on top of what the firm has.
        size: how many steps this is.
        perhaps_done: whether the question is open, so that the firm may have this already.
        about: the id of the question.
    """

    title: Words
    question: Words
    now: tuple[Words, ...]
    reach: tuple[Words, ...]
    adds: bool = False
    size: Words | None = None
    perhaps_done: bool = False
    about: str = ""


@dataclass(frozen=True)
class OtherWay:
    """Another way of the same size: what of the first way it leaves, and what it takes instead."""

    leaves: tuple[Words, ...]
    takes: tuple[Words, ...]


@dataclass(frozen=True)
class FirstSteps:
    """What to do first.

    Attributes:
        lead: the sentence before the steps.
        first: the first three steps.
        then: the other steps of the same way.
        closing: the sentences after the steps.
        other_ways: other ways of the same size.
    """

    lead: Words
    first: tuple[Step, ...] = ()
    then: tuple[Step, ...] = ()
    closing: tuple[Words, ...] = ()
    other_ways: tuple[OtherWay, ...] = ()


@dataclass(frozen=True)
class NeedRow:
    """One condition of the next level."""

    title: Words
    bar: Bar
    have: str
    required: Words
    state: Literal["met", "open", "missed"]
    reference: Reference


@dataclass(frozen=True)
class Needs:
    """What stands between the firm and the next level."""

    level: Words
    rows: tuple[NeedRow, ...]


@dataclass(frozen=True)
class ScaleRow:
    """One row of a table with bars: a dimension, or a group of a view.

    Attributes:
        lost: what it loses in the score; None where it is no part of the score.
        nothing_lost: whether that is nothing.
    """

    title: Words
    note: Words | None
    bar: Bar
    value: str
    top: str
    lost: str | None = None
    nothing_lost: bool = True


@dataclass(frozen=True)
class View:
    """The same questions grouped in another way."""

    title: Words
    rows: tuple[ScaleRow, ...]


@dataclass(frozen=True)
class Amounts:
    """The figures of one line of the account, as shown; ``zero`` names those that are nothing."""

    earned: str
    lost: str
    unknown: str
    not_applicable: str
    potential: str
    zero: frozenset[str]


@dataclass(frozen=True)
class Part:
    """One tick, row or option under a question of the account."""

    title: Words
    amounts: Amounts
    reference: Reference


@dataclass(frozen=True)
class AccountLine:
    """One line of the account.

    Attributes:
        depth: how far below the total.
        rule: how the line comes about.
        answer: what was answered, in words; empty where the parts say it.
        note: a doubt about the figures.
        shares: earned, unknown, lost and not applicable as CSS percentages of the line's potential.
        parts: what a question is made of.
    """

    depth: int
    is_question: bool
    title: Words
    rule: Words | None
    reference: Reference
    amounts: Amounts
    shares: tuple[str, str, str, str]
    answer: tuple[Words, ...] = ()
    note: Words | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class BesideRow:
    """A question that gives no points but counts for the level: its own value and the most that it can be."""

    title: Words
    bar: Bar
    value: str
    top: str
    reference: Reference


@dataclass(frozen=True)
class Accounting:
    """The account of the score.

    Attributes:
        lines: from the total down.
        some_not_applicable: whether anything does not apply, so that the column is needed.
        left_out: titles of questions that do not apply and have left the account.
        beside: questions that count for the level but not for the points.
    """

    lines: tuple[AccountLine, ...]
    some_not_applicable: bool
    left_out: tuple[Words, ...]
    beside: tuple[BesideRow, ...]


@dataclass(frozen=True)
class FindingRow:
    """One shortcoming; ``about`` is the id of its question."""

    title: Words
    question: Words
    dimension: Words
    now: tuple[Words, ...]
    better: tuple[Words, ...]
    cost: str | None
    still_open: Words | None
    blocks: Words | None
    about: str = ""


@dataclass(frozen=True)
class Shortcomings:
    """The costliest shortcomings, and the rest."""

    first: tuple[FindingRow, ...]
    rest: tuple[FindingRow, ...]
    rest_summary: Words
    rest_in_print: Words


@dataclass(frozen=True)
class Held:
    """A capability that an obstacle holds back: where the firm stands, and the first rung that it certainly lacks."""

    title: Words
    stands: Words
    missing: Words | None


@dataclass(frozen=True)
class ObstacleRow:
    """One obstacle and how strongly the answers point to it."""

    title: Words
    meaning: Words
    bar: Bar
    strength: str
    basis: Words


@dataclass(frozen=True)
class Obstacles:
    """The three obstacles; ``lead`` names the one that the answers point to most, if they point to any."""

    lead: Words
    rows: tuple[ObstacleRow, ...] = ()
    rests_on: tuple[Held, ...] = ()


@dataclass(frozen=True)
class PeerRow:
    """One band of the benchmark."""

    title: Words
    scores: str
    bar: Bar
    share: str
    own: Literal["certain", "possible", ""]


@dataclass(frozen=True)
class Peers:
    """Where the firm stands among its peers; without rows only ``lead`` is said."""

    lead: Words
    rows: tuple[PeerRow, ...] = ()
    whose: tuple[Words, ...] = ()
    reference: Reference | None = None


@dataclass(frozen=True)
class AcrossRow:
    """What the answers say about another standard."""

    title: Words
    level: Words
    score: str
    of: Words
    settled: str
    to_do: Words
    reference: Reference


@dataclass(frozen=True)
class SourceEntry:
    """One source, with its number in the list."""

    number: int
    title: Words
    details: tuple[str, ...]
    url: str | None
    note: Words | None


@dataclass(frozen=True)
class Doubt:
    """Something unverified that entered the figures, and what is known about it."""

    title: Words
    note: Words | None


@dataclass(frozen=True)
class Foot:
    """Sources, certainty and licence."""

    sources: tuple[SourceEntry, ...]
    doubts: tuple[Doubt, ...]
    doubtful_questions: tuple[Words, ...]
    licence: Words | None
    product: str


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: Words
    head: Head
    steps: FirstSteps
    needs: Needs | None
    dimensions: tuple[ScaleRow, ...]
    views: tuple[View, ...]
    accounting: Accounting
    shortcomings: Shortcomings
    obstacles: Obstacles
    peers: Peers
    across: tuple[AcrossRow, ...]
    foot: Foot
