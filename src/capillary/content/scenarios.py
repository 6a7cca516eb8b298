"""Loads scenarios, and finds what a schema cannot say of them: names that must exist, measures in a possible order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from capillary.content.estimates import brings, levels_needed
from capillary.content.schema import read_as
from capillary.content.yaml12 import line_of
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.scenario import (
    BUSINESS_DIMENSION,
    BUSINESS_STANDARD,
    HEADS,
    SIZE_CLASSES,
    Origin,
    ScenarioBook,
    ScenarioFile,
)
from capillary.model.standard import bindings_of
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.model.capability import Capability
    from capillary.model.measure import Measure
    from capillary.model.place import Sector
    from capillary.model.scenario import Scenario, SizeClass
    from capillary.model.standard import Question, Standard
    from capillary.model.text import Message

FOLDER = "scenarios"


@cache
def load_scenarios(root: Path) -> ScenarioBook:
    """Return the scenarios of a content folder, checked in themselves (not against measures, sectors and standards).

    Raises:
        InputError: a file has errors, or two scenarios share an id; every error is named.
    """
    problems: list[Problem] = []
    scenarios: dict[str, Scenario] = {}
    files: dict[str, ScenarioFile] = {}
    origins: dict[str, Origin] = {}
    for path in sorted((root / FOLDER).glob("*.yaml")):
        shown = f"{FOLDER}/{path.name}"
        try:
            file = read_as(path, ScenarioFile, shown)
        except InputError as error:
            problems.extend(error.problems)
            continue
        for index, scenario in enumerate(file.scenarios):
            origin = Origin(scenario.id, path, shown, index)
            if scenario.id in scenarios:
                cause = msg("{word} stands {count} times.", word=scenario.id, count=2)
                problems.append(_at(origin, "stands-twice", ("id",), cause, msg("Give each its own name.")))
            scenarios[scenario.id], files[scenario.id], origins[scenario.id] = scenario, file, origin
        problems.extend(_inner_problems(file, path, shown))
    if problems:
        raise InputError(problems)
    return ScenarioBook(scenarios, files, origins)


@dataclass(frozen=True)
class Vocabulary:
    """What scenarios may name.

    Attributes:
        standards: those that are installed, by id; business scenarios are questions of one of them.
    """

    measures: Mapping[str, Measure]
    capabilities: Mapping[str, Capability]
    sectors: Mapping[str, Sector]
    standards: Mapping[str, Standard]


def business_scenarios(standards: Mapping[str, Standard]) -> dict[str, frozenset[str]]:
    """Return the business scenarios of ``miit-2024``, each with the capabilities that its levels speak of."""
    standard = standards.get(BUSINESS_STANDARD)
    if standard is None:
        return {}
    return {
        question.id: _asked(question)
        for question in standard.questions
        if question.dimension == BUSINESS_DIMENSION
    }


def scenario_problems(book: ScenarioBook, known: Vocabulary) -> Iterator[Problem]:
    """Yield every name in scenarios that does not exist, every measure that cannot begin where it stands or does not fit."""
    business = business_scenarios(known.standards)
    for scenario in book.scenarios.values():
        finder = _Finder(scenario, book.origins[scenario.id])
        finder.names("sectors", scenario.sectors, known.sectors)
        finder.names("serves", scenario.serves, business)
        finder.names("supports", scenario.supports, business)
        finder.names("starts", tuple(scenario.starts), known.capabilities)
        finder.names("measures", scenario.measures, known.measures)
        finder.once("sizes", scenario.sizes)
        _check_starts(finder, known.capabilities)
        if not finder.problems:
            _check_business(finder, business, known.measures)
            _check_order(finder, known.measures)
            _check_needless(finder, known.measures)
            _check_together(finder, known.measures)
            _check_fit(finder, known)
        yield from finder.problems


class _Finder:
    """Collects problems of one scenario; knows where its parts stand."""

    def __init__(self, scenario: Scenario, origin: Origin) -> None:
        self.scenario = scenario
        self.origin = origin
        self.problems: list[Problem] = []

    def add(self, code: str, steps: Sequence[str | int], cause: Message, remedy: Message) -> None:
        self.problems.append(_at(self.origin, code, steps, cause, remedy))

    def names(self, part: str, given: Sequence[str], known: Iterable[str]) -> None:
        """Note names that are not known or stand twice."""
        candidates = list(known)
        listed = part != "starts"
        for index, word in enumerate(given):
            if word not in candidates:
                cause = msg("{word} is not known.", word=word)
                self.add(
                    "unknown-name", (part, index if listed else word), cause, did_you_mean(word, candidates)
                )
        self.once(part, given)

    def once(self, part: str, given: Sequence[str]) -> None:
        for word, count in Counter(given).items():
            if count > 1:
                cause = msg("{word} stands {count} times.", word=word, count=count)
                self.add("stands-twice", (part,), cause, msg("Name it once."))


def _at(origin: Origin, code: str, steps: Sequence[str | int], cause: Message, remedy: Message) -> Problem:
    row = line_of(origin.path, (FOLDER, origin.index, *steps))
    path = origin.id + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return Problem(code, Place(file=origin.shown, row=row, path=path), cause, remedy)


def _inner_problems(file: ScenarioFile, path: Path, shown: str) -> Iterator[Problem]:
    sources = [source.id for source in file.sources]
    if file.source not in sources:
        place = Place(file=shown, row=line_of(path, ("source",)), path="source")
        cause = msg("{word} is not known.", word=file.source)
        yield Problem("unknown-name", place, cause, did_you_mean(file.source, sources))
    for index, scenario in enumerate(file.scenarios):
        for number, fact in enumerate(scenario.facts):
            if fact.source not in sources:
                yield _at(
                    Origin(scenario.id, path, shown, index),
                    "unknown-name",
                    ("facts", number, "source"),
                    msg("{word} is not known.", word=fact.source),
                    did_you_mean(fact.source, sources),
                )


def _check_starts(finder: _Finder, capabilities: Mapping[str, Capability]) -> None:
    for name, level in finder.scenario.starts.items():
        if name in capabilities and level > capabilities[name].top:
            finder.add(
                "unknown-level",
                ("starts", name),
                msg("{capability} has no level {level}.", capability=name, level=level),
                msg("Its levels go up to {top}.", top=capabilities[name].top),
            )


def _check_business(
    finder: _Finder, business: Mapping[str, frozenset[str]], measures: Mapping[str, Measure]
) -> None:
    """Note business scenarios that no measure raises although they are said to be served, and the other way round."""
    scenario = finder.scenario
    raised = {item.capability for name in scenario.measures for item in measures[name].raises}
    if not scenario.business:
        cause = msg("The scenario names no business scenario.")
        finder.add("no-business", ("id",), cause, msg("Name some under serves or supports."))
    for index, name in enumerate(scenario.serves):
        if not raised & business[name]:
            finder.add(
                "not-raised",
                ("serves", index),
                msg("No measure of the scenario raises {name}.", name=name),
                msg("Move it to supports, or add a measure that raises it."),
            )
    for index, name in enumerate(scenario.supports):
        if raised & business[name]:
            finder.add(
                "is-raised",
                ("supports", index),
                msg("A measure of the scenario raises {name}.", name=name),
                msg("Move it to serves."),
            )


def _check_order(finder: _Finder, measures: Mapping[str, Measure]) -> None:
    """Note measures that cannot begin where they stand, given what the firm starts with and what stands before them."""
    scenario = finder.scenario
    levels = dict(scenario.starts)
    for index, name in enumerate(scenario.measures):
        item, later = measures[name], scenario.measures[index + 1 :]
        for other in item.needs.measures:
            if other not in scenario.measures[:index]:
                cause = msg("{measure} needs {other} before it.", measure=name, other=other)
                finder.add("order", ("measures", index), cause, msg("List {other} above it.", other=other))
        for capability, level in levels_needed(item):
            if levels.get(capability, 0) >= level:
                continue
            bringer = next((other for other in later if brings(measures[other], capability, level)), None)
            finder.add(
                "order",
                ("measures", index),
                msg(
                    "{measure} needs {capability} at level {level}.",
                    measure=name,
                    capability=capability,
                    level=level,
                ),
                msg("Move {other} above it.", other=bringer)
                if bringer
                else msg("List a measure that brings it above, or name the level under starts."),
            )
        for raised in item.raises:
            levels[raised.capability] = max(levels.get(raised.capability, 0), raised.to)


def _check_needless(finder: _Finder, measures: Mapping[str, Measure]) -> None:
    """Note starting levels that nothing needs, and measures that bring such a firm nothing."""
    scenario = finder.scenario
    needed: dict[str, int] = {}
    for name in scenario.measures:
        for capability, level in levels_needed(measures[name]):
            needed[capability] = max(level, needed.get(capability, 0))
    for capability, level in scenario.starts.items():
        if needed.get(capability, 0) < level:
            finder.add(
                "needless",
                ("starts", capability),
                msg("No measure needs {capability} at level {level}.", capability=capability, level=level),
                msg("Take it out or lower it, or say it in words under conditions."),
            )
    wanted = {other for name in scenario.measures for other in measures[name].needs.measures}
    for index, name in enumerate(scenario.measures):
        item = measures[name]
        reached = all(scenario.starts.get(one.capability, 0) >= one.to for one in item.raises)
        if reached and not item.fulfils and name not in wanted:
            finder.add(
                "needless",
                ("measures", index),
                msg("{measure} raises nothing above what the firm starts with.", measure=name),
                msg("Take it out, or lower the levels under starts."),
            )


def _check_together(finder: _Finder, measures: Mapping[str, Measure]) -> None:
    names = finder.scenario.measures
    for index, name in enumerate(names):
        for other in measures[name].excludes:
            if other in names:
                cause = msg("{measure} does not go together with {other}.", measure=name, other=other)
                finder.add("excluded", ("measures", index), cause, msg("Take one of the two out."))


def _check_fit(finder: _Finder, known: Vocabulary) -> None:
    """Note sizes and sectors for which some measure makes no sense."""
    scenario = finder.scenario
    chosen = [known.measures[name] for name in scenario.measures]
    for place, size in enumerate(scenario.sizes):
        if heads_suited(chosen, size) is None:
            finder.add(
                "size",
                ("sizes", place),
                msg("The measures make no sense together for a firm of the size {size}.", size=size),
                msg("Take the size out, or choose other measures; see employees_from and employees_to."),
            )
    for place, sector in enumerate(scenario.sectors):
        sections = {code[0] for code in known.sectors[sector].isic}
        for item in chosen:
            if item.sections and not sections & set(item.sections):
                finder.add(
                    "sector",
                    ("sectors", place),
                    msg("{measure} makes no sense in the sector {sector}.", measure=item.id, sector=sector),
                    msg("Take the sector out, or choose another measure; see sections."),
                )


def heads_suited(measures: Iterable[Measure], size: SizeClass) -> tuple[int, int | None] | None:
    """Return the head counts of a size for which all measures make sense, both ends included; None where there are none."""
    low, high = HEADS[size]
    for item in measures:
        low = max(low, item.employees_from)
        if item.employees_to is not None:
            high = item.employees_to if high is None else min(high, item.employees_to)
    return None if high is not None and high < low else (low, high)


def usual_heads(scenario: Scenario, measures: Mapping[str, Measure], size: SizeClass | None = None) -> int:
    """Return a head count to show a scenario for: the middle of those of a size for which all its measures make sense.

    Args:
        scenario: checked against the measures.
        measures: all measures.
        size: one of the scenario's sizes; the smallest of them where it is left out or not one of them.
    """
    chosen = size if size in scenario.sizes else min(scenario.sizes, key=SIZE_CLASSES.index)
    suited = heads_suited((measures[name] for name in scenario.measures), chosen)
    low, high = suited or HEADS[chosen]
    return low if high is None else (low + high) // 2


@dataclass(frozen=True)
class Wish:
    """What is looked for among scenarios; what is empty holds for all.

    Attributes:
        text: words that must all stand somewhere in it, in whatever language.
        business: a business scenario, such as ``S06``.
        capability: a capability that one of its measures raises.
        helps: capabilities of which its measures raise at least one.
        only: ids of the scenarios that are looked at; None for all.
    """

    text: str = ""
    business: str = ""
    sector: str = ""
    size: str = ""
    capability: str = ""
    helps: frozenset[str] = frozenset()
    only: frozenset[str] | None = None


def scenarios_found(book: ScenarioBook, measures: Mapping[str, Measure], wish: Wish) -> list[Scenario]:
    """Return the scenarios that fit, in the order of the book.

    The words of the search are separated by spaces; each must be contained in a text or keyword, upper and lower case alike.
    Chinese needs no spaces: a run of characters is looked for as it stands.
    """
    words = wish.text.casefold().split()
    return [
        item
        for item in book.scenarios.values()
        if (wish.only is None or item.id in wish.only)
        and (not wish.business or wish.business in item.business)
        and (not wish.sector or wish.sector in item.sectors)
        and (not wish.size or wish.size in item.sizes)
        and (not wish.capability or wish.capability in capabilities_of(item, measures))
        and (not wish.helps or wish.helps & capabilities_of(item, measures))
        and (not words or all(word in book.texts[item.id] for word in words))
    ]


def capabilities_of(scenario: Scenario, measures: Mapping[str, Measure]) -> frozenset[str]:
    """Return the capabilities that the measures of a scenario raise."""
    return frozenset(
        raised.capability
        for name in scenario.measures
        if name in measures
        for raised in measures[name].raises
    )


@dataclass(frozen=True)
class Counts:
    """How many scenarios there would be for each choice of a filter, the other filters and the words as they are."""

    business: Mapping[str, int]
    sector: Mapping[str, int]
    size: Mapping[str, int]
    capability: Mapping[str, int]


def scenario_counts(book: ScenarioBook, measures: Mapping[str, Measure], wish: Wish) -> Counts:
    """Return for each choice of each filter how many scenarios it would leave; choices that leave none are not named."""

    def counted(values: Callable[[Scenario], Iterable[str]], without: Wish) -> Mapping[str, int]:
        return Counter(value for item in scenarios_found(book, measures, without) for value in values(item))

    return Counts(
        business=counted(lambda item: item.business, replace(wish, business="")),
        sector=counted(lambda item: item.sectors, replace(wish, sector="")),
        size=counted(lambda item: item.sizes, replace(wish, size="")),
        capability=counted(lambda item: capabilities_of(item, measures), replace(wish, capability="")),
    )


def capabilities_asked(standard: Standard, question: str) -> frozenset[str]:
    """Return the capabilities that a question of a standard asks about; none where it has no such question."""
    found = standard.by_id.get(question)
    return frozenset() if found is None else _asked(found)


def _asked(question: Question) -> frozenset[str]:
    return frozenset(
        capability
        for _, binding in bindings_of(question)
        for relation in (binding.means, binding.asserts, binding.implied_by)
        for capability in relation
    )
