"""What measures bring one firm: the facts that become true, who makes them true, and what must be true before.

A *fact* is a statement about the firm that the standard or a measure asks about: a level of a capability, or a step of an
answer. It is true already, out of reach, or the set of measures any one of which makes it true. Facts that the same measures
make true are the same fact, and a measure that nothing asks for is left out, so that a model stays small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from capillary.diagnosis.profile import claims_of
from capillary.roadmap.firm import suits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.diagnosis.profile import Claim
    from capillary.model.fields import Field
    from capillary.model.measure import Catalogue, Measure
    from capillary.model.standard import Binding, Standard
    from capillary.roadmap.firm import Firm, Prices, Terms

Makers = frozenset[int]
Fact = bool | Makers


@dataclass(frozen=True)
class Choice:
    """A measure that could be in the plan.

    Attributes:
        needs: facts that must be true before it begins, as the measures that can make them true.
        excludes: choices that cannot be in the same plan.
        same_quarter: makers that may be complete in the very quarter in which this one begins, because both are short.
    """

    measure: Measure
    terms: Terms
    needs: tuple[Makers, ...]
    excludes: Makers
    same_quarter: Makers = frozenset()

    @property
    def id(self) -> str:
        """The measure's id."""
        return self.measure.id


@dataclass(frozen=True)
class Network:
    """All choices of a firm and what they make true.

    Attributes:
        answers: for every field of the program, one tuple of facts for each step: conjunctions, because an option may mean
            several levels at once. A ladder has a step for each code from 1, a set one for each bit.
    """

    firm: Firm
    choices: tuple[Choice, ...]
    answers: tuple[tuple[tuple[Fact, ...], ...], ...]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Position of each choice by the measure's id."""
        return {choice.id: number for number, choice in enumerate(self.choices)}

    def only(self, names: Iterable[str]) -> Network:
        """Return the network with these choices alone."""
        wanted = set(names)
        kept = [number for name, number in self.index.items() if name in wanted]
        place = {number: new for new, number in enumerate(kept)}

        def moved(makers: Makers) -> Makers:
            return frozenset(place[number] for number in makers if number in place)

        choices = tuple(
            Choice(
                choice.measure,
                choice.terms,
                tuple(moved(makers) for makers in choice.needs),
                moved(choice.excludes),
                moved(choice.same_quarter),
            )
            for choice in (self.choices[number] for number in kept)
        )
        answers = tuple(
            tuple(
                tuple(fact if isinstance(fact, bool) else moved(fact) or False for fact in facts)
                for facts in steps
            )
            for steps in self.answers
        )
        return Network(self.firm, choices, answers)


def after(firm: Firm, catalogue: Catalogue, names: Iterable[str]) -> Firm:
    """Return the firm once some measures are complete: its levels, and the answers that became true with them.

    An answer changes only through what the measures brought: what the profile implied before is left as the firm answered it.
    """
    levels = dict(firm.levels)
    raised: set[str] = set()
    fulfilled: dict[str, set[str]] = {}
    for name in names:
        measure = catalogue.measures[name]
        for item in measure.raises:
            if levels.get(item.capability, 0) < item.to:
                levels[item.capability] = item.to
                raised.add(item.capability)
        for name_of_field, keys in measure.fulfils.get(firm.program.standard.id, {}).items():
            fulfilled.setdefault(name_of_field, set()).update(keys)
    codes = list(firm.codes)
    fields = firm.program.fields
    reading = _claims_reading(firm.program.standard)
    for claim in (claim for capability in raised for claim in reading.get(capability, ())):
        if _true(claim.binding, levels) and not _true(claim.binding, firm.levels):
            _lift(codes, claim.field, claim.rank, is_set=claim.bit)
    for name_of_field, ranks in fulfilled.items():
        index = firm.program.field_position[name_of_field]
        for key in ranks:
            _lift(codes, index, fields[index].position[key], is_set=fields[index].kind == "set")
    kept = [
        before if field.question in firm.not_applicable else code
        for field, before, code in zip(fields, firm.codes, codes, strict=True)
    ]
    return replace(firm, levels=levels, codes=tuple(kept))


@lru_cache(maxsize=64)
def _claims_reading(standard: Standard) -> Mapping[str, tuple[Claim, ...]]:
    """Return by capability the claims that read its level; kept once a standard."""
    found: dict[str, list[Claim]] = {}
    for claim in claims_of(standard):
        for capability in {*claim.binding.means, *claim.binding.implied_by}:
            found.setdefault(capability, []).append(claim)
    return {capability: tuple(claims) for capability, claims in found.items()}


def _lift(codes: list[int], index: int, rank: int, *, is_set: bool) -> None:
    codes[index] = codes[index] | 1 << rank if is_set else max(codes[index], rank)


def _true(binding: Binding, levels: Mapping[str, int]) -> bool:
    if any(levels.get(name, 0) >= level for name, level in binding.implied_by.items()):
        return True
    return bool(binding.means) and all(levels.get(name, 0) >= level for name, level in binding.means.items())


def network_of(  # noqa: PLR0913 - all by name
    firm: Firm,
    catalogue: Catalogue,
    prices: Prices,
    *,
    have: Iterable[str] = (),
    pinned: Iterable[str] = (),
    ordered: Iterable[str] = (),
    excluded: Iterable[str] = (),
    focus: Iterable[str] | None = None,
) -> Network:
    """Return everything that can be chosen for a firm.

    Args:
        firm: where the firm stands; what it has already (``have``) is part of that.
        catalogue: all measures.
        prices: what each costs.
        have: measures that are complete already: needs that name them are met, and they are not offered again.
        pinned: measures that stay even where they do not suit the firm, or bring nothing.
        ordered: measures that are on order: they stay too, and wait for nothing.
        excluded: measures that the firm does not want.
        focus: names of the scoring nodes that matter; all fields by default.

    Returns:
        The network, without the measures that cannot matter.
    """
    done, certain = frozenset(have), frozenset(ordered)
    fixed = certain | frozenset(pinned)
    open_measures = [
        measure
        for measure in catalogue.measures.values()
        if measure.id not in done
        and (
            measure.id in fixed
            or (measure.id not in set(excluded) and suits(measure, firm) and _brings(measure, firm))
        )
    ]
    builder = _Builder(firm, catalogue, done, certain, focus)
    return builder.network(_possible(open_measures, firm, done, builder), prices, fixed)


def _brings(measure: Measure, firm: Firm) -> bool:
    """Whether a measure changes anything: what the firm has already is not done twice."""
    if any(firm.levels.get(item.capability, 0) < item.to for item in measure.raises):
        return True
    fulfilled = measure.fulfils.get(firm.program.standard.id, {})
    return any(_lacks(firm, field, key) for field, keys in fulfilled.items() for key in keys)


def _lacks(firm: Firm, field: str, key: str) -> bool:
    index = firm.program.field_position[field]
    item = firm.program.fields[index]
    code, rank = firm.codes[index], item.position[key]
    return not code >> rank & 1 if item.kind == "set" else code < rank


def in_place(measure: Measure, firm: Firm) -> bool:
    """Whether the firm has what a measure brings, as far as its answers tell.

    A measure that fulfils answers of other standards only cannot be told by this firm's answers, and is not taken as there.
    """
    own = measure.fulfils.get(firm.program.standard.id, {})
    if measure.fulfils and not own:
        return False
    return not _brings(measure, firm)


def _possible(
    measures: Sequence[Measure], firm: Firm, done: frozenset[str], builder: _Builder
) -> list[Measure]:
    """Return the measures whose needs can be met at all."""
    kept = list(measures)
    while True:
        makers = builder.level_makers(kept)
        names = {measure.id for measure in kept}
        left = [
            measure
            for measure in kept
            if measure.id in builder.ordered
            or (
                all(
                    firm.levels.get(capability, 0) >= level or makers.get((capability, level))
                    for capability, level in _levels_needed(measure)
                )
                and all(
                    name in names or name in done or builder.is_in_place(name)
                    for name in measure.needs.measures
                )
            )
        ]
        if len(left) == len(kept):
            return kept
        kept = left


def _levels_needed(measure: Measure) -> list[tuple[str, int]]:
    wanted = dict(measure.needs.capabilities)
    for item in measure.raises:
        if item.from_:
            wanted[item.capability] = max(item.from_, wanted.get(item.capability, 0))
    return list(wanted.items())


@dataclass(frozen=True)
class _Way:
    """What makes one step of an answer true: any one of the levels, or all the levels of one of the conjunctions."""

    levels: dict[str, int]
    together: list[tuple[tuple[str, int], ...]]


def _step_count(field: Field) -> int:
    return len(field.keys) - 1 if field.kind == "ladder" else len(field.keys)


class _Builder:
    """Builds the network of one firm."""

    def __init__(
        self,
        firm: Firm,
        catalogue: Catalogue,
        done: frozenset[str],
        ordered: frozenset[str],
        focus: Iterable[str] | None,
    ) -> None:
        self.firm = firm
        self.catalogue = catalogue
        self.done = done
        self.ordered = ordered
        self.read = _fields_read(firm, focus)

    def is_in_place(self, name: str) -> bool:
        measure = self.catalogue.measures.get(name)
        return measure is not None and in_place(measure, self.firm)

    def level_makers(self, measures: Sequence[Measure]) -> dict[tuple[str, int], set[int]]:
        """Return for every level of a capability the measures that bring it, by position."""
        makers: dict[tuple[str, int], set[int]] = {}
        for number, measure in enumerate(measures):
            for item in measure.raises:
                for level in range(item.from_ + 1, item.to + 1):
                    makers.setdefault((item.capability, level), set()).add(number)
        return makers

    def network(self, measures: Sequence[Measure], prices: Prices, pinned: frozenset[str]) -> Network:
        answers = self._answers(measures)
        useful = self._useful(measures, answers, pinned)
        kept = [measure for number, measure in enumerate(measures) if number in useful]
        choices = self._choices(kept, prices)
        return Network(self.firm, choices, self._answers(kept))

    def _choices(self, measures: Sequence[Measure], prices: Prices) -> tuple[Choice, ...]:
        makers = self.level_makers(measures)
        position = {measure.id: number for number, measure in enumerate(measures)}
        excludes: dict[int, set[int]] = {}
        for number, measure in enumerate(measures):
            for name in measure.excludes:
                if name in position:
                    excludes.setdefault(number, set()).add(position[name])
                    excludes.setdefault(position[name], set()).add(number)
        plain = [
            Choice(
                measure,
                prices.terms(measure, self.firm.size),
                tuple(dict.fromkeys(self._needs(measure, makers, position))),
                frozenset(excludes.get(number, ())),
            )
            for number, measure in enumerate(measures)
        ]
        return _with_short_chains(plain)

    def _needs(
        self, measure: Measure, makers: Mapping[tuple[str, int], set[int]], position: Mapping[str, int]
    ) -> Iterable[Makers]:
        if measure.id in self.ordered:
            return
        for capability, level in _levels_needed(measure):
            if self.firm.levels.get(capability, 0) < level:
                yield frozenset(makers.get((capability, level), ()))
        for name in measure.needs.measures:
            if name in position:
                yield frozenset({position[name]})

    def _answers(self, measures: Sequence[Measure]) -> tuple[tuple[tuple[Fact, ...], ...], ...]:
        makers = self.level_makers(measures)
        fulfil = self._fulfilling(measures)
        found = []
        for index, ways in enumerate(self._ways):
            steps = []
            for step, way in enumerate(ways):
                numbers = fulfil.get((index, step), set()) | {
                    number for item in way.levels.items() for number in makers.get(item, ())
                }
                steps.append(self._joined(index, step, way, frozenset(numbers), makers))
            found.append(tuple(steps))
        return tuple(found)

    @cached_property
    def _ways(self) -> list[list[_Way]]:
        """Return for every step of every field what makes it true; what the firm has reached already is no way.

        Of a capability only the lowest level counts: whoever reaches a higher one has passed it.
        """
        found = [[_Way({}, []) for _ in range(_step_count(field))] for field in self.firm.program.fields]
        for claim in claims_of(self.firm.program.standard):
            if not self._open(claim.field):
                continue
            binding = claim.binding
            missing = [item for item in binding.means.items() if self._missing(*item)]
            single = [item for item in binding.implied_by.items() if self._missing(*item)]
            if len(missing) == 1:
                single += missing
            for step in self._steps(claim.field, claim.rank):
                way = found[claim.field][step]
                for name, level in single:
                    way.levels[name] = min(level, way.levels.get(name, level))
                if len(missing) > 1:
                    way.together.append(tuple(missing))
        return found

    def _missing(self, capability: str, level: int) -> bool:
        return self.firm.levels.get(capability, 0) < level

    def _open(self, field: int) -> bool:
        return field in self.read and self.firm.program.fields[field].question not in self.firm.not_applicable

    def _steps(self, field: int, rank: int) -> Iterable[int]:
        """Return the steps that are true where a code has this rank: on a ladder those below it too."""
        return range(rank) if self.firm.program.fields[field].kind == "ladder" else (rank,)

    def _fulfilling(self, measures: Sequence[Measure]) -> dict[tuple[int, int], set[int]]:
        """Return by field and step the measures that fulfil it."""
        program = self.firm.program
        found: dict[tuple[int, int], set[int]] = {}
        for number, measure in enumerate(measures):
            for field, keys in measure.fulfils.get(program.standard.id, {}).items():
                index = program.field_position[field]
                for key in keys if self._open(index) else ():
                    for step in self._steps(index, program.fields[index].position[key]):
                        found.setdefault((index, step), set()).add(number)
        return found

    def _joined(
        self,
        index: int,
        step: int,
        way: _Way,
        numbers: Makers,
        makers: Mapping[tuple[str, int], set[int]],
    ) -> tuple[Fact, ...]:
        """Return a step as a conjunction of facts.

        Where single facts and conjunctions could both make it true, the single ones stand: the plan may then miss a way, but
        never claims one. No standard that ships has such a step.
        """
        field = self.firm.program.fields[index]
        code = self.firm.codes[index]
        if (code >> step & 1) if field.kind == "set" else code > step:
            return ()
        if numbers:
            return (numbers,)
        for together in way.together:
            facts = tuple(frozenset(makers.get(item, ())) for item in together)
            if all(facts):
                return facts
        return (False,)

    def _useful(
        self,
        measures: Sequence[Measure],
        answers: Sequence[Sequence[tuple[Fact, ...]]],
        pinned: frozenset[str],
    ) -> set[int]:
        """Return the measures that something asks for: a step of an answer, a pin, or a useful measure that needs them."""
        makers = self.level_makers(measures)
        position = {measure.id: number for number, measure in enumerate(measures)}
        queue = [number for number, measure in enumerate(measures) if measure.id in pinned]
        for field in answers:
            for step in field:
                for fact in step:
                    if not isinstance(fact, bool):
                        queue.extend(fact)
        useful: set[int] = set()
        while queue:
            number = queue.pop()
            if number in useful:
                continue
            useful.add(number)
            for fact in self._needs(measures[number], makers, position):
                queue.extend(fact)
        return useful


def _fields_read(firm: Firm, focus: Iterable[str] | None) -> set[int]:
    """Return the fields that the nodes in focus read."""
    from capillary.scoring.rules import Points

    program = firm.program
    if focus is None:
        return set(range(len(program.fields)))
    queue = [program.position[name] for name in focus]
    nodes: set[int] = set()
    fields: set[int] = set()
    while queue:
        index = queue.pop()
        if index in nodes:
            continue
        nodes.add(index)
        node = program.nodes[index]
        if isinstance(node.rule, Points):
            fields.update(node.children)
        else:
            queue.extend(node.children)
    return fields


def _with_short_chains(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Return the choices with the makers that may be complete in the quarter in which they begin.

    A chain of short measures fits into one quarter while its weeks, typical figures along its longest branch, fit into the
    time that the last of them takes. Which makers these are is settled here once, so that a model needs no weeks.
    """
    from graphlib import TopologicalSorter

    from capillary.roadmap.firm import WEEKS

    before = {number: set().union(*choice.needs) for number, choice in enumerate(choices)}
    weeks_used: dict[int, int] = {}
    found = list(choices)
    for number in TopologicalSorter(before).static_order():
        choice = choices[number]
        own, room = choice.terms.weeks[1], WEEKS * choice.terms.quarters
        near = frozenset(
            maker
            for maker in before[number]
            if choices[maker].terms.quarters == 1 and weeks_used[maker] + own <= room
        )
        weeks_used[number] = own + max((weeks_used[maker] for maker in near), default=0)
        if near:
            found[number] = replace(choice, same_quarter=near)
    return tuple(found)
