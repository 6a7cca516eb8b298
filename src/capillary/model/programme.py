"""Incentive programmes as data: who is entitled to what, from when to when, and on whose word.

These types are the schema of ``content/programmes/``. A programme has versions, each with the days on which it is in force.
Every figure of a version is a *parameter* with its source; conditions and amounts are short expressions over parameters and
*facts* about a firm. See ``docs/authors/programmes.md``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from capillary.model.measure import Currency
from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Figure, Identifier, Source
from capillary.model.text import Text

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Key = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9\-]*$")]
FactUnit = Literal["money", "ratio", "count", "level", "number", "flag", "date", "choice", "choices"]
Unit = Literal["money", "ratio", "count", "level", "number", "date"]
Subject = Literal["enterprise", "assessment", "project", "aid", "provider"]
ProgrammeKind = Literal["subsidy", "advice", "loan", "recognition", "classification", "ceiling"]
Rounding = Literal["cent-half-up", "unit-half-up", "unit-down"]
Scheme = Literal["de-minimis"]


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class FactChoice(_Item, frozen=True, kw_only=True):
    """One value that a fact can have."""

    key: Key
    title: Text


class Fact(_Item, frozen=True, kw_only=True):
    """Something about a firm that rules ask for.

    Attributes:
        unit: what its values are: money, a share (0.5 for 50 %), a whole number, a level of the standard, a number,
            true or false, a day, one key of ``choices``, or any number of them.
        about: what it is a fact about.
        question: how the firm is asked for it.
        negative: whether its values may be below zero.
        standard: for a level: the standard that it is a level of.
    """

    id: Name
    title: Text
    question: Text
    unit: FactUnit
    about: Subject
    choices: tuple[FactChoice, ...] = ()
    negative: bool = False
    standard: Identifier | None = None


class FactFile(_Item, frozen=True, kw_only=True):
    """``programmes/facts.yaml`` as it is written."""

    facts: Annotated[tuple[Fact, ...], AT_LEAST_ONE]


class Band(Figure, frozen=True, kw_only=True):
    """A value up to an end of another fact: ``below`` leaves the end out, ``up_to`` takes it in; neither: all the rest."""

    below: str | int | None = None
    up_to: str | int | None = None
    value: str | int


class Parameter(Figure, frozen=True, kw_only=True):
    """A figure of a rule: one ``value``, or one for each key or band of the fact ``by``.

    Attributes:
        value: the figure; decimals and days are written as text or number.
        by: the fact that decides, where the figure is not one.
        values: the figure by the fact's key or level; a key that is left out makes the figure ``otherwise``.
        bands: the figure by a number or a day, in rising order.
    """

    unit: Unit
    title: Text | None = None
    value: str | int | None = None
    by: Name | None = None
    values: dict[str, str | int] = msgspec.field(default_factory=dict)
    otherwise: str | int | None = None
    bands: tuple[Band, ...] = ()


class Derived(Figure, frozen=True, kw_only=True):
    """A figure worked out from others."""

    title: Text
    is_: str = msgspec.field(name="is")


class Condition(Figure, frozen=True, kw_only=True):
    """What must hold; ``text`` is the rule in the words of a reader."""

    id: Identifier
    if_: str = msgspec.field(name="if")
    text: Text


class ClassRule(Figure, frozen=True, kw_only=True):
    """One class of a classification: the first whose rule holds is the firm's; the last one has no rule."""

    key: Key
    if_: str | None = msgspec.field(name="if", default=None)
    text: Text


class Phase(Figure, frozen=True, kw_only=True):
    """A part of the money, and when it is paid: ``is`` is its amount, of which ``amount`` is the whole."""

    id: Identifier
    is_: str = msgspec.field(name="is")
    when: Text


class Paper(_Item, frozen=True, kw_only=True):
    """Something to hand in."""

    id: Identifier
    title: Text


class Term(_Item, frozen=True, kw_only=True):
    """A condition of a loan or a service that is told, not worked out."""

    title: Text
    text: Text


class Version(Figure, frozen=True, kw_only=True):
    """The rules as they are in force from ``effective_from`` through ``effective_to``.

    Attributes:
        amount: what an entitled firm gets, in the programme's currency; a rule without one gives a title or a class.
        amount_note: what the amount does not say.
        classes: the classes of a classification, the first that holds decides.
        phases: how the amount is paid; they add up to it.
    """

    id: Identifier
    effective_from: Date
    parameters: dict[Name, Parameter] = msgspec.field(default_factory=dict)
    derived: dict[Name, Derived] = msgspec.field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    amount: str | None = None
    amount_note: Text | None = None
    classes: tuple[ClassRule, ...] = ()
    phases: tuple[Phase, ...] = ()
    papers: tuple[Paper, ...] = ()
    terms: tuple[Term, ...] = ()
    apply_by: Date | None = None


class Programme(_Item, frozen=True, kw_only=True):
    """``programmes/<id>.yaml`` as it is written; ``source`` and ``certainty`` hold for all that does not say otherwise.

    Attributes:
        gives: the fact that a classification or recognition decides, for other programmes to ask for.
        title_given: the key of ``gives`` that an entitled firm has.
        judged_on: the fact whose day decides which version judges; without it, the day of the evaluation.
        not_with: programmes of which a firm can have only one for the same spend.
        under: a ceiling that its aid counts against.
        scheme: for a ceiling: the kind of earlier aid that it counts.
        years: for a ceiling: how many years back earlier aid counts.
    """

    id: Identifier
    title: Text
    summary: Text
    kind: ProgrammeKind
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    authority: Text
    currency: Currency | None = None
    rounding: Rounding = "unit-down"
    source: Identifier
    certainty: Certainty
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    gives: Name | None = None
    title_given: Key | None = None
    judged_on: Name | None = None
    not_with: tuple[Identifier, ...] = ()
    under: Identifier | None = None
    scheme: Scheme | None = None
    years: Annotated[int, Meta(ge=1)] | None = None
    versions: Annotated[tuple[Version, ...], AT_LEAST_ONE]

    def certainty_of(self, version: Version, figure: Figure) -> Certainty:
        """Return the certainty of a figure of a version."""
        return figure.certainty or version.certainty or self.certainty

    def source_of(self, version: Version, figure: Figure) -> Source:
        """Return the document that a figure of a version comes from.

        Raises:
            KeyError: the file lists no such source.
        """
        wanted = figure.source or version.source or self.source
        for item in self.sources:
            if item.id == wanted:
                return item
        raise KeyError(wanted)


class Aid(_Item, frozen=True, kw_only=True):
    """Aid that the firm was granted before: ``date`` is the day on which it got the right to it."""

    date: Date
    amount: str | int
    currency: Currency
    scheme: Scheme | None = None
    programme: Identifier | None = None


class Case(_Item, frozen=True, kw_only=True):
    """One example of a rule: a firm on a day, and what is right for it.

    Attributes:
        on: the day of the evaluation.
        facts: facts as they are written in a facts file.
        aids: earlier aid; None where it is not known.
        verdict: what the rule must say.
        amount: what it must give, exactly; ``most`` where it cannot be told yet.
        failed: the conditions that must fail, all of them.
        missing: the facts that must be named as missing, all of them.
        result: the class that a classification must give.
        timing: whether a version must be in force on the day: ``ended`` and ``not-yet`` say no, ``closed`` that it is too late.
    """

    title: Text
    on: Date
    facts: dict[Name, Any] = msgspec.field(default_factory=dict)
    aids: tuple[Aid, ...] | None = None
    verdict: Literal["entitled", "not-entitled", "unclear"]
    amount: str | int | None = None
    most: str | int | None = None
    failed: tuple[Identifier, ...] = ()
    missing: tuple[Name, ...] = ()
    result: Key | None = None
    timing: Literal["in-force", "ended", "not-yet", "closed"] | None = None


class CaseFile(_Item, frozen=True, kw_only=True):
    """``programmes/cases/<id>.yaml`` as it is written."""

    cases: Annotated[tuple[Case, ...], AT_LEAST_ONE]
