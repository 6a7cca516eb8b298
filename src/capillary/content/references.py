"""What a schema cannot say: names that must exist, sums that must agree, orders that must rise."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from capillary.model.fields import LARGEST_SET
from capillary.model.problems import Place, Problem, did_you_mean
from capillary.model.standard import (
    BandNode,
    Boolean,
    CapNode,
    CountNode,
    Figure,
    GateNode,
    Grid,
    Level,
    MeanNode,
    Multiple,
    Rate,
    Single,
    Standard,
    SumNode,
    Ticks,
    bindings_of,
)
from capillary.model.text import Message, Text, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from capillary.model.capability import Capability, CapabilityFile
    from capillary.model.standard import Need, Question, ScoringNode

_HUNDRED = 100


class _Finder:
    """Collects problems of one standard; knows how to name a place in it."""

    def __init__(self, standard: Standard, folder: str) -> None:
        self.standard = standard
        self.folder = folder
        self.problems: list[Problem] = []

    def add(self, code: str, path: str, cause: Message, remedy: Message, *, questions: bool = True) -> None:
        name = "questions.yaml" if questions else "standard.yaml"
        self.problems.append(Problem(code, Place(file=f"{self.folder}/{name}", path=path), cause, remedy))

    def known(self, word: str, words: Iterable[str], path: str, *, questions: bool = True) -> bool:
        """Say whether ``word`` is among ``words``, and note a problem if it is not."""
        candidates = list(words)
        if word in candidates:
            return True
        cause = msg("{word} is not known.", word=word)
        self.add("unknown-name", path, cause, did_you_mean(word, candidates), questions=questions)
        return False

    def unique(self, names: Sequence[str], path: str, *, questions: bool = True) -> None:
        for name, count in Counter(names).items():
            if count > 1:
                cause = msg("{word} stands {count} times.", word=name, count=count)
                self.add("stands-twice", path, cause, msg("Give each its own name."), questions=questions)


def broken_references(standard: Standard, folder: str) -> list[Problem]:
    """Return every broken reference, wrong sum and wrong order inside one standard.

    Args:
        standard: the standard as read.
        folder: the folder's name, for the places of the problems.
    """
    finder = _Finder(standard, folder)
    finder.unique([question.id for question in standard.questions], "questions")
    finder.unique([node.id for node in standard.file.scoring.nodes], "scoring.nodes", questions=False)
    for question in standard.questions:
        _check_question(finder, question)
    _check_nodes(finder)
    _check_outputs(finder)
    _check_sources(finder)
    return finder.problems


def dangling_bindings(
    standard: Standard, capabilities: Mapping[str, Capability], folder: str
) -> Iterator[Problem]:
    """Yield a problem for every binding to a capability or a level that does not exist, and every answer without one."""
    finder = _Finder(standard, folder)
    for question in standard.questions:
        for path, binding in bindings_of(question):
            for relation in ("means", "asserts", "implied_by"):
                for capability, level in getattr(binding, relation).items():
                    where = f"{question.id}.{path}.{relation}"
                    if finder.known(capability, capabilities, where):
                        top = capabilities[capability].top
                        if not 1 <= level <= top:
                            finder.add(
                                "unknown-level",
                                where,
                                msg("{capability} has no level {level}.", capability=capability, level=level),
                                msg("Its levels are 1 to {top}.", top=top),
                            )
        for path in _unbound(question):
            finder.add(
                "unbound-answer",
                f"{question.id}.{path}",
                msg("The answer says nothing about any capability."),
                msg("Add means, asserts or implied_by; see docs/authors/content-format.md."),
            )
    yield from finder.problems


def unasked_capabilities(capabilities: CapabilityFile, standards: Iterable[Standard]) -> Iterator[Problem]:
    """Yield a problem for every capability that no standard asks about, and for a ladder that is out of order."""
    bound = {
        capability
        for standard in standards
        for question in standard.questions
        for _, binding in bindings_of(question)
        for relation in (binding.means, binding.asserts, binding.implied_by)
        for capability in relation
    }
    areas = {area.id for area in capabilities.areas}
    for index, capability in enumerate(capabilities.capabilities):
        place = Place(file="capabilities.yaml", path=f"capabilities[{index}]")
        name = capability.id
        if name not in bound:
            yield Problem(
                "unasked-capability",
                place,
                msg("No standard asks about {capability}.", capability=name),
                msg("Bind an answer of a standard to it, or take it out."),
            )
        if capability.area not in areas:
            yield Problem(
                "unknown-name",
                place,
                msg("{word} is not known.", word=capability.area),
                did_you_mean(capability.area, areas),
            )
        if [rung.level for rung in capability.levels] != list(range(1, capability.top + 1)):
            yield Problem(
                "level-order",
                place,
                msg("The levels of {capability} do not count 1, 2, 3 …", capability=name),
                msg("Number them from 1 without a gap."),
            )


def missing_translations(item: object, file: str, path: str = "") -> Iterator[Problem]:
    """Yield a problem for every text that is empty in a language, or stands in the wrong one."""
    if isinstance(item, Text):
        if not item.zh.strip() or not item.en.strip():
            yield Problem(
                "missing-translation",
                Place(file=file, path=path),
                msg("The text is empty in one of the languages."),
                msg("Write it in Chinese and in English."),
            )
        elif any("\u4e00" <= sign <= "\u9fff" for sign in item.en):
            yield Problem(
                "wrong-language",
                Place(file=file, path=path),
                msg("The English text holds Chinese characters."),
                msg("Translate them."),
            )
        elif len(item.zh) > 12 and not any("\u4e00" <= sign <= "\u9fff" for sign in item.zh):
            yield Problem(
                "wrong-language",
                Place(file=file, path=path),
                msg("The Chinese text holds no Chinese characters."),
                msg("Translate it."),
            )
        return
    for name, value in _parts(item):
        yield from missing_translations(value, file, f"{path}.{name}".lstrip("."))


def _parts(item: object) -> Iterator[tuple[str, object]]:
    if isinstance(item, msgspec.Struct):
        for name in item.__struct_fields__:
            yield name, getattr(item, name)
    elif isinstance(item, tuple):
        for index, value in enumerate(item):
            yield str(getattr(value, "id", getattr(value, "key", index))), value
    elif isinstance(item, dict):
        for key, value in item.items():
            yield str(key), value


def _unbound(question: Question) -> Iterator[str]:
    """Yield the paths of answers that give points but bind to nothing."""
    bound = {
        path
        for path, binding in bindings_of(question)
        if binding.means or binding.asserts or binding.implied_by
    }
    match question:
        case Single() | Multiple() | Rate():
            wanted = [f"options.{option.key}" for option in question.options if option.points > 0]
        case Level():
            wanted = [f"levels.{level.level}" for level in question.levels]
        case Boolean():
            wanted = ["true"]
        case Grid():
            values = [value.key for value in question.scale if value.points > 0]
            wanted = [f"rows.{row.key}.{key}" for row in question.rows for key in values]
        case Ticks():
            columns = [column.key for column in question.columns]
            wanted = [f"rows.{row.key}.{key}" for row in question.rows for key in columns]
    yield from (path for path in wanted if path not in bound)


def _check_question(finder: _Finder, question: Question) -> None:
    path = question.id
    finder.known(
        question.dimension, [item.id for item in finder.standard.file.dimensions], f"{path}.dimension"
    )
    match question:
        case Single():
            _check_rising(finder, path, [option.points for option in question.options])
            most = max(option.points for option in question.options)
        case Rate():
            _check_rising(finder, path, [option.points for option in question.options])
            _check_bands(finder, question)
            most = max(option.points for option in question.options)
        case Multiple():
            _check_multiple(finder, question)
            most = min(question.points, sum((option.points for option in question.options), Fraction(0)))
        case Level():
            points = [Fraction(lv.level) if lv.points is None else lv.points for lv in question.levels]
            _check_rising(finder, path, points)
            if [level.level for level in question.levels] != list(range(1, len(points) + 1)):
                cause = msg("The levels do not count 1, 2, 3 …")
                finder.add("level-order", f"{path}.levels", cause, msg("Number them from 1 without a gap."))
            most = points[-1]
        case Boolean():
            most = question.points
        case Grid():
            _check_rising(finder, path, [value.points for value in question.scale])
            _check_rows(finder, question, [value.key for value in question.scale])
            most = question.scale[-1].points * len(question.rows)
        case Ticks():
            _check_rows(finder, question, [column.key for column in question.columns])
            most = sum((column.points for column in question.columns), Fraction(0)) * len(question.rows)
    if most != question.points:
        finder.add(
            "points-disagree",
            f"{path}.points",
            msg(
                "The question says {points} points, its answers give at most {most}.",
                points=question.points,
                most=most,
            ),
            msg("Correct the question's points or those of its answers."),
        )


def _check_rising(finder: _Finder, path: str, points: Sequence[Fraction]) -> None:
    if list(points) != sorted(points) or points[0] < 0:
        finder.add(
            "points-fall",
            path,
            msg("The points fall from one answer to the next, or begin below zero."),
            msg("List the answers from least to most."),
        )


def _check_bands(finder: _Finder, question: Rate) -> None:
    expected: Fraction | None = None
    for option in question.options:
        if option.above != expected or option.up_to <= (expected or 0):
            finder.add(
                "bands-gap",
                f"{question.id}.options.{option.key}",
                msg("The band does not begin where the one before it ends."),
                msg("Let above be the up_to of the band before; the first band has no above."),
            )
        expected = option.up_to
    if expected != _HUNDRED:
        cause = msg("The last band does not end at 100.")
        finder.add("bands-gap", question.id, cause, msg("Let its up_to be 100."))


def _check_multiple(finder: _Finder, question: Multiple) -> None:
    keys = [option.key for option in question.options]
    finder.unique(keys, f"{question.id}.options")
    _check_size(finder, f"{question.id}.options", len(keys))
    for option in question.options:
        where = f"{question.id}.options.{option.key}"
        for key in option.requires:
            finder.known(key, keys, f"{where}.requires")
        if option.points < 0 or (option.exclusive and option.points):
            cause = msg("The option gives points that it must not give.")
            finder.add("points-fall", where, cause, msg("Exclusive options give 0, others 0 or more."))


def _check_size(finder: _Finder, path: str, size: int) -> None:
    if size > LARGEST_SET:
        cause = msg(
            "The list has {size} entries; at most {most} can be ticked together.", size=size, most=LARGEST_SET
        )
        finder.add("too-many", path, cause, msg("Split the question."))


def _check_rows(finder: _Finder, question: Grid | Ticks, keys: Sequence[str]) -> None:
    finder.unique([row.key for row in question.rows], f"{question.id}.rows")
    if isinstance(question, Ticks):
        _check_size(finder, f"{question.id}.rows", len(question.rows))
    for row in question.rows:
        for key in row.bindings:
            finder.known(key, keys, f"{question.id}.rows.{row.key}.bindings")


def _check_nodes(finder: _Finder) -> None:
    standard = finder.standard
    known = [question.id for question in standard.questions]
    used: set[str] = set()
    for node in standard.file.scoring.nodes:
        path = f"scoring.nodes.{node.id}"
        if node.id in known:
            cause = msg("{word} is already the name of a question or a node.", word=node.id)
            finder.add("stands-twice", path, cause, msg("Give the node another name."), questions=False)
        for child in _children(node):
            finder.known(child, known, f"{path}.of", questions=False)
            used.add(child)
        _check_node(finder, node, path)
        known.append(node.id)
    for question in standard.questions:
        if question.id not in used:
            cause = msg("No scoring node uses question {question}.", question=question.id)
            finder.add("unused-question", "scoring.nodes", cause, msg("Name it under of."), questions=False)


def _children(node: ScoringNode) -> list[str]:
    if isinstance(node, GateNode):
        return [need.node for level in node.levels for need in level.needs]
    return list(node.of)


def _check_node(finder: _Finder, node: ScoringNode, path: str) -> None:
    cause: Message | None = None
    remedy = msg("Compare with docs/authors/content-format.md.")
    match node:
        case SumNode() | MeanNode():
            cause = _weights_problem(finder.standard, node)
        case CapNode():
            cause = None if len(node.of) == 1 else msg("A cap has exactly one child.")
        case BandNode():
            cuts = node.from_ or node.above
            if len(node.of) != 1 or bool(node.from_) == bool(node.above) or list(cuts) != sorted(set(cuts)):
                cause = msg("A band has one child and rising cuts, under from or under above but not both.")
        case GateNode():
            if [level.level for level in node.levels] != list(range(1, len(node.levels) + 1)):
                cause = msg("The levels do not count 1, 2, 3 …")
            elif not _levels_build(finder.standard, node):
                cause = msg("A level does not demand all that the level below it demands.")
                remedy = msg("Repeat the needs of the level below, at least as high.")
    if cause is not None:
        finder.add("node", path, cause, remedy, questions=False)


def _levels_build(standard: Standard, gate: GateNode) -> bool:
    """Say whether every level of a gate implies the level below it.

    A need is implied by one on the same node that is at least as high, or by one on a node that counts the same children
    from a threshold that is at least as high.
    """
    nodes = {node.id: node for node in standard.file.scoring.nodes}

    def implies(upper: Need, lower: Need) -> bool:
        if upper.at_least < lower.at_least:
            return False
        one, other = nodes.get(upper.node), nodes.get(lower.node)
        if isinstance(one, CountNode) and isinstance(other, CountNode):
            return set(one.of) <= set(other.of) and one.threshold >= other.threshold
        return upper.node == lower.node

    return all(
        any(implies(upper, lower) for upper in above.needs)
        for below, above in pairwise(gate.levels)
        for lower in below.needs
    )


def _weights_problem(standard: Standard, node: SumNode | MeanNode) -> Message | None:
    lists = list(node.weights.values()) if isinstance(node.weights, dict) else [node.weights or ()]
    if isinstance(node.weights, dict) and set(node.weights) != {item.id for item in standard.file.variants}:
        return msg("The weights do not name exactly the variants of the standard.")
    if any(weights and len(weights) != len(node.of) for weights in lists):
        return msg("There are not as many weights as children.")
    if any(weight < 0 for weights in lists for weight in weights) or node.times < 0:
        return msg("A weight is negative: the score would fall when an answer rises.")
    if node.plus < 0:
        return msg("plus is negative.")
    if isinstance(node, MeanNode) and any(weights and not sum(weights) for weights in lists):
        return msg("The weights of a mean add up to zero.")
    return None


def _check_outputs(finder: _Finder) -> None:
    file = finder.standard.file
    scoring = file.scoring
    names = [node.id for node in scoring.nodes]
    finder.known(scoring.score, names, "scoring.score", questions=False)
    if scoring.level is not None:
        finder.known(scoring.level, names, "scoring.level", questions=False)
    dimensions = [dimension.id for dimension in file.dimensions]
    for dimension, node in scoring.dimensions.items():
        finder.known(dimension, dimensions, "scoring.dimensions", questions=False)
        finder.known(node, names, f"scoring.dimensions.{dimension}", questions=False)
    for dimension in dimensions:
        finder.known(dimension, scoring.dimensions, "scoring.dimensions", questions=False)
    for view in scoring.views:
        for group in view.groups:
            finder.known(group.node, names, f"scoring.views.{view.id}.{group.id}", questions=False)


def _check_sources(finder: _Finder) -> None:
    sources = [source.id for source in finder.standard.file.sources]
    finder.known(finder.standard.file.source, sources, "source", questions=False)
    for name, item in (("standard", finder.standard.file), ("questions", finder.standard.questions)):
        for path, figure in _figures(item, ""):
            if figure.source is not None:
                finder.known(figure.source, sources, f"{path}.source", questions=name == "questions")


def _figures(item: object, path: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(item, Figure):
        yield path, item
    for name, value in _parts(item):
        yield from _figures(value, f"{path}.{name}".lstrip("."))
