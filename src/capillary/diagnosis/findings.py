"""Shortcomings in the order of what they cost, and the obstacles that the answers point to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.diagnosis.conditions import conditions_of
from capillary.model.capability import OBSTACLES, Obstacle
from capillary.model.standard import Level, Multiple, Rate, Single
from capillary.model.text import Text
from capillary.scoring.evaluate import sheet_codes
from capillary.scoring.rules import Count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.diagnosis.profile import Profile
    from capillary.model.capability import Capability
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question
    from capillary.scoring.program import Program
    from capillary.scoring.trace import Account


@dataclass(frozen=True)
class Finding:
    """One shortcoming.

    Attributes:
        question: the question's id.
        title: the question's title.
        dimension: the question's dimension.
        cost: points of the score lost for certain.
        unknown: points that depend on answers not given yet.
        now: what the firm has, in words; None where nothing is reached.
        next_step: the next better answer, in words.
        blocks: how many unmet conditions of the next level this question counts towards.
    """

    question: str
    title: Text
    dimension: str
    cost: Fraction
    unknown: Fraction
    now: Text | None
    next_step: Text | None
    blocks: int


@dataclass(frozen=True)
class Need:
    """One condition of the next level and how far the firm is from it.

    Attributes:
        title: what is counted or summed.
        required: what the level needs.
        low: what the firm has for certain.
        high: what it may have at most, given what is unknown.
    """

    node: str
    title: Text
    required: Fraction
    low: Fraction
    high: Fraction

    @property
    def met(self) -> bool:
        """Whether the condition is certainly met."""
        return self.low >= self.required


def findings(program: Program, sheet: AnswerSheet, account: Account) -> tuple[Finding, ...]:
    """Return the shortcomings of a sheet: first what costs most points, then what holds the level back most.

    Args:
        program: the compiled standard.
        sheet: the checked answers.
        account: the sheet's account, from `capillary.scoring.trace.trace`.
    """
    lines = {line.id: line for line in _questions(account)}
    blocking = _blocking(program, sheet)
    found: list[Finding] = []
    for question in program.standard.questions:
        line = lines.get(question.id)
        cost = line.lost if line else Fraction(0)
        unknown = line.unknown if line else Fraction(0)
        blocks = blocking.get(question.id, 0)
        if question.id in sheet.not_applicable or question.id not in sheet.answers or not (cost or blocks):
            continue
        now, after = _steps(program, sheet, question)
        if after is not None:
            found.append(
                Finding(question.id, question.title, question.dimension, cost, unknown, now, after, blocks)
            )
    return tuple(sorted(found, key=lambda item: (-item.cost, -item.blocks)))


def needs_of_next_level(program: Program, sheet: AnswerSheet) -> tuple[int, tuple[Need, ...]] | None:
    """Return the level above the certain one and its conditions; None at the top and where there are no levels."""
    conditions = conditions_of(program)
    if conditions is None or program.level is None:
        return None
    low, high = (program.run(codes) for codes in sheet_codes(sheet))
    level = int(low[program.level][0]) + 1
    if level > program.top_level:
        return None
    written = {node.id: node for node in program.standard.file.scoring.nodes}
    needs = []
    for condition in conditions.of(level):
        node = program.nodes[condition.node]
        title = written[node.name].title or Text(zh="得分", en="Score")
        needs.append(
            Need(
                node=node.name,
                title=title,
                required=program.in_points(condition.node, condition.least),
                low=program.in_points(condition.node, int(low[condition.node][0])),
                high=program.in_points(condition.node, int(high[condition.node][0])),
            )
        )
    return level, tuple(needs)


def _questions(account: Account) -> Iterator[Account]:
    if account.kind == "question":
        yield account
        return
    for child in account.children:
        yield from _questions(child)


def _blocking(program: Program, sheet: AnswerSheet) -> dict[str, int]:
    """Return for every question how many unmet counts of the next level it could still add to."""
    found = needs_of_next_level(program, sheet)
    if found is None:
        return {}
    blocks: dict[str, int] = {}
    values = program.run(sheet_codes(sheet)[0])
    for need in found[1]:
        node = program.nodes[program.position[need.node]]
        if need.met or not isinstance(node.rule, Count):
            continue
        for child, cut in zip(node.children, node.rule.thresholds, strict=True):
            if values[child][0] < cut:
                name = program.nodes[child].name
                blocks[name] = blocks.get(name, 0) + 1
    return blocks


def _steps(program: Program, sheet: AnswerSheet, question: Question) -> tuple[Text | None, Text | None]:
    """Return what the firm has now and the next better answer, in words."""
    own = [index for index, item in enumerate(program.fields) if item.question == question.id]
    code = sheet.lowest[own[0]]
    match question:
        case Single() | Rate():
            now = question.options[code].text if code else None
            return now, question.options[code + 1].text if code + 1 < len(question.options) else None
        case Level():
            now = question.levels[code - 1].text if code else None
            return now, question.levels[code].text if code < len(question.levels) else None
        case Multiple():
            item = program.fields[own[0]]
            missing = [
                option
                for option in question.options
                if option.key in item.position and not code >> item.position[option.key] & 1
            ]
            had = [
                option.text
                for option in question.options
                if option.key in item.position and code >> item.position[option.key] & 1
            ]
            best = max(missing, key=lambda option: option.points) if missing else None
            return _joined(had), best.text if best else None
        case _:
            missing_rows = [
                program.fields[index].part for index in own if sheet.lowest[index] < program.fields[index].top
            ]
            rows = {row.key: row.text for row in getattr(question, "rows", ())}
            named = [rows[part] for part in missing_rows if part in rows]
            if named:
                return None, _joined(named[:3])
            return (
                (None, question.text) if sheet.lowest[own[0]] < program.fields[own[0]].top else (None, None)
            )


def _joined(texts: list[Text]) -> Text | None:
    if not texts:
        return None
    return Text(zh="；".join(text.zh for text in texts), en="; ".join(text.en for text in texts))


@dataclass(frozen=True)
class ObstacleSign:
    """How strongly the answers point to one obstacle.

    Attributes:
        obstacle: cannot, cannot-afford or does-not-dare.
        strength: mean share of their ladders that the firm has certainly not climbed, over the capabilities that this
            obstacle usually holds back; between 0 and 1.
        known: how many such capabilities the answers say something about.
        examples: the capabilities with the widest gaps.
    """

    obstacle: Obstacle
    strength: Fraction
    known: int
    examples: tuple[str, ...]


def obstacle_signs(profile: Profile, capabilities: Mapping[str, Capability]) -> tuple[ObstacleSign, ...]:
    """Return the three obstacles, the one that the answers point to most first.

    The rule is our own and a rule of thumb: every capability names what usually holds small firms back at it, and an
    obstacle is as strong as the mean certain gap over its capabilities. Capabilities of which nothing is known do not
    count, and what may be there above the certain level is not held against the firm.
    """
    signs = []
    for obstacle in OBSTACLES:
        gaps = {
            name: 1 - Fraction(profile[name].at_most, capability.top)
            for name, capability in capabilities.items()
            if obstacle in capability.obstacles and profile[name].known
        }
        strength = sum(gaps.values(), Fraction(0)) / len(gaps) if gaps else Fraction(0)
        widest = sorted(gaps, key=lambda name: -gaps[name])
        signs.append(ObstacleSign(obstacle, strength, len(gaps), tuple(n for n in widest if gaps[n] > 0)[:3]))
    return tuple(sorted(signs, key=lambda sign: -sign.strength))
