"""Loads measures, and finds what a schema cannot say of them: names that must exist, ranges in order, no cycles."""

from __future__ import annotations

from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from capillary.content.schema import read_as
from capillary.model.fields import fields_of
from capillary.model.measure import SPEND, WHOLE, Catalogue, Cost, Measure, MeasureFile
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from capillary.model.capability import Capability
    from capillary.model.standard import Standard
    from capillary.model.text import Message


@cache
def load_measures(root: Path) -> Catalogue:
    """Return the measures of a content folder, checked in themselves (not against capabilities and standards).

    Raises:
        InputError: a file has errors, or two measures share an id; every error is named.
    """
    problems: list[Problem] = []
    measures: dict[str, Measure] = {}
    files: dict[str, MeasureFile] = {}
    paths: dict[str, str] = {}
    for path in sorted((root / "measures").glob("*.yaml")):
        shown = f"measures/{path.name}"
        try:
            file = read_as(path, MeasureFile, shown)
        except InputError as error:
            problems.extend(error.problems)
            continue
        for measure in file.measures:
            if measure.id in measures:
                cause = msg("{word} stands {count} times.", word=measure.id, count=2)
                problems.append(
                    Problem(
                        "stands-twice",
                        Place(file=shown, path=measure.id),
                        cause,
                        msg("Give each its own name."),
                    )
                )
            measures[measure.id], files[measure.id], paths[measure.id] = measure, file, shown
        problems.extend(_inner_problems(file, shown))
    if problems:
        raise InputError(problems)
    return Catalogue(measures, files, paths)


def measure_problems(
    catalogue: Catalogue,
    capabilities: Mapping[str, Capability],
    standards: Mapping[str, Standard],
    currencies: Iterable[str],
) -> Iterator[Problem]:
    """Yield every name in measures that does not exist, every level that a ladder does not have, and every cycle.

    Args:
        catalogue: all measures of all folders.
        capabilities: the hub vocabulary.
        standards: the standards that ``fulfils`` may name.
        currencies: codes of the currencies that can be converted.
    """
    known = set(currencies)
    found: list[Problem] = []
    for measure in catalogue.measures.values():
        found.extend(_capability_problems(measure, capabilities))
        found.extend(_name_problems(measure, catalogue.measures))
        found.extend(_answer_problems(measure, standards))
        if measure.cost.currency not in known:
            found.append(_unknown(measure.id, "cost.currency", measure.cost.currency, known))
    found.extend(cycle_problems(catalogue.measures))
    for problem in found:
        name = (problem.place.path or "").partition(".")[0]
        yield problem.at(file=catalogue.paths.get(name, problem.place.file))


def cycle_problems(measures: Mapping[str, Measure]) -> list[Problem]:
    """Return a problem where measures wait for one another in a circle, so that none of them could ever begin."""
    try:
        tuple(TopologicalSorter(supporters(measures)).static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        return [
            _problem(
                "cycle",
                str(circle[0]),
                "needs",
                msg("These measures wait for one another: {circle}.", circle=" → ".join(circle)),
                msg("Take out one of the needs, or lower the level that it names."),
            )
        ]
    return []


def supporters(measures: Mapping[str, Measure]) -> dict[str, set[str]]:
    """Return for every measure those that may have to be complete before it begins.

    A measure that raises a capability from ``a`` to ``b`` brings the levels ``a + 1`` to ``b``; it supports every measure that
    needs one of them.
    """
    brings: dict[str, list[tuple[int, int, str]]] = {}
    for measure in measures.values():
        for item in measure.raises:
            brings.setdefault(item.capability, []).append((item.from_, item.to, measure.id))
    found: dict[str, set[str]] = {}
    for measure in measures.values():
        wanted = [*measure.needs.capabilities.items()]
        wanted += [(item.capability, item.from_) for item in measure.raises if item.from_]
        found[measure.id] = set(measure.needs.measures) & set(measures) | {
            name
            for capability, level in wanted
            for low, high, name in brings.get(capability, ())
            if low < level <= high
        }
    return found


def _inner_problems(file: MeasureFile, shown: str) -> Iterator[Problem]:
    sources = [source.id for source in file.sources]
    named = [("source", file.source)]
    for measure in file.measures:
        own = [measure.source, measure.cost.source, *(effect.source for effect in measure.effects)]
        named += [(f"{measure.id}.source", name) for name in own if name is not None]
        yield from _range_problems(measure, shown)
        yield from _spend_problems(measure, shown)
    for path, name in named:
        if name not in sources:
            yield Problem(
                "unknown-name",
                Place(file=shown, path=path),
                msg("{word} is not known.", word=name),
                did_you_mean(name, sources),
            )


def _range_problems(measure: Measure, shown: str) -> Iterator[Problem]:
    for path, given in _ranges(measure):
        if list(given) != sorted(given):
            yield Problem(
                "range-order",
                Place(file=shown, path=f"{measure.id}.{path}"),
                msg("The range {given} does not rise.", given=list(given)),
                msg("Write low, typical and high in this order."),
            )
    if measure.weeks[1] < 1:
        yield Problem(
            "duration",
            Place(file=shown, path=f"{measure.id}.weeks"),
            msg("The typical duration is 0 weeks."),
            msg("Give at least 1."),
        )
    for item in measure.raises:
        if item.from_ >= item.to:
            yield Problem(
                "raise-order",
                Place(file=shown, path=f"{measure.id}.raises"),
                msg(
                    "{capability} is raised from {a} to {b}.",
                    capability=item.capability,
                    a=item.from_,
                    b=item.to,
                ),
                msg("The level after must be above the level before."),
            )
    if measure.employees_to is not None and measure.employees_to < measure.employees_from:
        yield Problem(
            "size-order",
            Place(file=shown, path=f"{measure.id}.employees_to"),
            msg("employees_to is below employees_from."),
            msg("Exchange them."),
        )


def _spend_problems(measure: Measure, shown: str) -> Iterator[Problem]:
    """Yield what is wrong with the split of a one-off cost: programmes could not tell which part of it they pay for."""
    one_off, spend = measure.cost.one_off, measure.cost.spend
    costs = any((*one_off.fixed, *one_off.per_user, *one_off.per_machine))
    place = Place(file=shown, path=f"{measure.id}.cost.spend")
    if costs and not spend:
        yield Problem(
            "no-category",
            place,
            msg("The one-off cost has no spend category."),
            msg(
                "Write what it is spent on in percent, such as {example}; known are {names}.",
                example="spend: {software: 60, services: 40}",
                names=", ".join(SPEND),
            ),
        )
    elif spend and not costs:
        yield Problem(
            "unused",
            place,
            msg("There is no one-off cost that could be spent on anything."),
            msg("Take the categories out, or state the cost."),
        )
    elif spend and sum(spend.values()) != WHOLE:
        yield Problem(
            "share-sum",
            place,
            msg("The shares add up to {sum} %.", sum=sum(spend.values())),
            msg("Let them add up to 100."),
        )


def _ranges(measure: Measure) -> Iterator[tuple[str, tuple[int, int, int]]]:
    yield "weeks", measure.weeks
    yield from _cost_ranges(measure.cost)
    for index, effect in enumerate(measure.effects):
        yield f"effects[{index}].percent", effect.percent


def _cost_ranges(cost: Cost) -> Iterator[tuple[str, tuple[int, int, int]]]:
    for name, part in (("one_off", cost.one_off), ("yearly", cost.yearly)):
        yield f"cost.{name}.fixed", part.fixed
        yield f"cost.{name}.per_user", part.per_user
        yield f"cost.{name}.per_machine", part.per_machine


def _capability_problems(measure: Measure, capabilities: Mapping[str, Capability]) -> Iterator[Problem]:
    named = [("raises", item.capability, item.to) for item in measure.raises]
    named += [("needs.capabilities", name, level) for name, level in measure.needs.capabilities.items()]
    for path, name, level in named:
        if name not in capabilities:
            yield _unknown(measure.id, path, name, capabilities)
        elif level > capabilities[name].top:
            yield _problem(
                "unknown-level",
                measure.id,
                path,
                msg("{capability} has no level {level}.", capability=name, level=level),
                msg("Its levels go up to {top}.", top=capabilities[name].top),
            )


def _name_problems(measure: Measure, measures: Mapping[str, Measure]) -> Iterator[Problem]:
    for path, names in (("needs.measures", measure.needs.measures), ("excludes", measure.excludes)):
        for name in names:
            if name not in measures or name == measure.id:
                yield _unknown(measure.id, path, name, [item for item in measures if item != measure.id])


def _answer_problems(measure: Measure, standards: Mapping[str, Standard]) -> Iterator[Problem]:
    for standard, questions in measure.fulfils.items():
        if standard not in standards:
            yield _unknown(measure.id, "fulfils", standard, standards)
            continue
        by_field = {field.id: field for field in fields_of(standards[standard])}
        for name, keys in questions.items():
            path = f"fulfils.{standard}"
            if name not in by_field:
                yield _unknown(measure.id, path, name, by_field)
                continue
            for key in keys:
                if key not in by_field[name].position:
                    yield _unknown(measure.id, f"{path}.{name}", key, by_field[name].position)


def _unknown(measure: str, path: str, word: str, known: Iterable[str]) -> Problem:
    return _problem(
        "unknown-name", measure, path, msg("{word} is not known.", word=word), did_you_mean(word, list(known))
    )


def _problem(code: str, measure: str, path: str, cause: Message, remedy: Message) -> Problem:
    return Problem(code, Place(file="measures", path=f"{measure}.{path}"), cause, remedy)
