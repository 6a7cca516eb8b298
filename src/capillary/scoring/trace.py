"""The reading *trace*: a score as an account, from the total down to the answer and its source.

For every node: what it can give at most, what is earned, lost, unknown or not applicable. The four always add up to the
potential, and the children of a node add up to the node, exactly: amounts are fractions of a point *of the score*, so an
option's line says what it is worth at the top. Whoever shows them rounds them together, so that they still add up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.model.exact import tidy
from capillary.model.standard import Certainty, Figure, MeanNode, SumNode, Ticks
from capillary.model.text import Text
from capillary.scoring.evaluate import programs_for, sheet_codes
from capillary.scoring.rules import Linear, Points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard
    from capillary.scoring.program import Program


@dataclass(frozen=True)
class Account:
    """One line of the account, in points of the score.

    Attributes:
        id: the node's, question's or field's id, or a field's id and a key.
        kind: ``node``, ``question`` or ``part``.
        title: what the line is called.
        potential: the most that the line can give; earned + lost + unknown + not_applicable.
        rule: how the line comes from its children.
        source: title of the document that the figures come from.
        certainty: how sure the figures are.
        children: the lines that add up to this one.
    """

    id: str
    kind: str
    title: Text
    potential: Fraction
    earned: Fraction
    unknown: Fraction
    not_applicable: Fraction
    rule: Text | None
    source: Text
    certainty: Certainty
    children: tuple[Account, ...] = field(default=())

    @property
    def lost(self) -> Fraction:
        """What is certainly not earned."""
        return self.potential - self.earned - self.unknown - self.not_applicable

    def as_json(self) -> dict[str, object]:
        """Return the line and everything below it as a JSON object."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": {"zh": self.title.zh, "en": self.title.en},
            "potential": tidy(self.potential),
            "earned": tidy(self.earned),
            "lost": tidy(self.lost),
            "unknown": tidy(self.unknown),
            "not_applicable": tidy(self.not_applicable),
            "rule": None if self.rule is None else {"zh": self.rule.zh, "en": self.rule.en},
            "source": {"zh": self.source.zh, "en": self.source.en},
            "certainty": self.certainty,
            "children": [child.as_json() for child in self.children],
        }


def trace(standard: Standard, sheet: AnswerSheet) -> Account:
    """Return the account of a sheet's score.

    Where the variant is not known, the account is that of the standard's first variant.

    Args:
        standard: the standard that the sheet answers.
        sheet: the checked answers.
    """
    program = programs_for(standard, sheet)[0]
    return _Tracer(program, sheet).node(program.score, Fraction(1, program.nodes[program.score].unit))


class _Tracer:
    def __init__(self, program: Program, sheet: AnswerSheet) -> None:
        self.program = program
        self.sheet = sheet
        self.by_name = {node.id: node for node in program.standard.file.scoring.nodes}

    def node(self, index: int, worth: Fraction) -> Account:
        """Return the account of a node; ``worth`` is what one of its integer units is worth in points of the score."""
        node = self.program.nodes[index]
        if isinstance(node.rule, Points):
            return self._question(index, worth)
        if not isinstance(node.rule, Linear):
            return self._whole(index, worth)
        children = [
            self.node(child, worth * factor)
            for child, factor in zip(node.children, node.rule.coefficients, strict=True)
        ]
        constant = node.rule.constant * worth
        standard = self.program.standard
        written = self.by_name[node.name]
        return Account(
            id=node.name,
            kind="node",
            title=written.title or self._dimension_title(node.name),
            potential=_total(child.potential for child in children) + constant,
            earned=_total(child.earned for child in children) + constant,
            unknown=_total(child.unknown for child in children),
            not_applicable=_total(child.not_applicable for child in children),
            rule=written.rule or _rule_text(written),
            source=standard.source_of(written).title,
            certainty=standard.certainty_of(written),
            children=tuple(children),
        )

    def _whole(self, index: int, worth: Fraction) -> Account:
        """Return one line for a node that is no weighted sum, such as a minimum: no parts of it could add up to it."""
        node = self.program.nodes[index]
        standard = self.program.standard
        written = self.by_name[node.name]
        low, high = (int(self.program.run(codes)[index][0]) for codes in sheet_codes(self.sheet))
        return Account(
            id=node.name,
            kind="node",
            title=written.title or self._dimension_title(node.name),
            potential=self.program.tops[index] * worth,
            earned=low * worth,
            unknown=(high - low) * worth,
            not_applicable=Fraction(0),
            rule=written.rule,
            source=standard.source_of(written).title,
            certainty=standard.certainty_of(written),
        )

    def _dimension_title(self, name: str) -> Text:
        file = self.program.standard.file
        for dimension, node in file.scoring.dimensions.items():
            if node == name:
                return next(item.title for item in file.dimensions if item.id == dimension)
        return Text(zh="总分", en="Score") if name == file.scoring.score else Text(zh=name, en=name)

    def _question(self, index: int, worth: Fraction) -> Account:
        node = self.program.nodes[index]
        standard = self.program.standard
        question = standard.by_id[node.name]
        per_point = worth * node.unit
        potential = self.program.tops[index] * worth
        parts = self._parts(question, per_point)
        earned = min(_total(part.earned for part in parts), potential)
        highest = min(_total(part.earned + part.unknown for part in parts), potential)
        skipped = question.id in self.sheet.not_applicable
        return Account(
            id=question.id,
            kind="question",
            title=question.title,
            potential=potential,
            earned=earned,
            unknown=highest - earned,
            not_applicable=potential - earned if skipped else Fraction(0),
            rule=question.note,
            source=standard.source_of(question).title,
            certainty=standard.certainty_of(question),
            children=tuple(parts) if self._adds_up(parts, potential) and not skipped else (),
        )

    @staticmethod
    def _adds_up(parts: Sequence[Account], potential: Fraction) -> bool:
        return len(parts) > 1 and _total(part.potential for part in parts) == potential

    def _parts(self, question: Question, per_point: Fraction) -> list[Account]:
        """Return a line for every tick of a set and for every ladder of a question."""
        standard = self.program.standard
        lines: list[Account] = []
        for index, item in enumerate(self.program.fields):
            if item.question != question.id:
                continue
            low, high = self.sheet.lowest[index], self.sheet.highest[index]
            if item.kind == "ladder":
                spans = [(item.part or item.id, item.points[low], item.points[high], item.points[-1])]
            else:
                spans = [
                    (key, points * (low >> bit & 1), points * (high >> bit & 1), points)
                    for bit, (key, points) in enumerate(zip(item.keys, item.points, strict=True))
                ]
            for key, least, most, top in spans:
                figure = _figure_of(question, key)
                lines.append(
                    Account(
                        id=f"{item.id}.{key}" if item.kind == "set" else item.id,
                        kind="part",
                        title=part_title(question, key, item.part),
                        potential=top * per_point,
                        earned=least * per_point,
                        unknown=(most - least) * per_point,
                        not_applicable=Fraction(0),
                        rule=figure.note if figure is not question else None,
                        source=standard.source_of(figure if figure.source else question).title,
                        certainty=standard.certainty_of(figure if figure.certainty else question),
                    )
                )
        return lines


def part_title(question: Question, key: str, part: str | None = None) -> Text:
    """Return the text of an option or a row, with its column where the question has columns of tick boxes.

    Where the part is the question itself, this is the question's title.
    """
    figure = _figure_of(question, key)
    if figure is question:
        return question.title
    title: Text = figure.text  # type: ignore[attr-defined]
    if isinstance(question, Ticks):
        column = next(column.text for column in question.columns if column.key == part)
        return Text(zh=f"{title.zh}：{column.zh}", en=f"{title.en}: {column.en}")
    return title


def _figure_of(question: Question, key: str) -> Figure:
    """Return the option or row of a key, or the question where it has neither."""
    for group in ("options", "rows"):
        for item in getattr(question, group, ()):
            if item.key == key:
                found: Figure = item
                return found
    return question


def _total(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))


def _rule_text(node: object) -> Text | None:
    match node:
        case SumNode(times=times) if times == 1:
            return Text(zh="各项之和", en="Sum of its parts")
        case SumNode(times=times):
            return Text(zh=f"各项之和乘以 {times}", en=f"Sum of its parts, times {times}")
        case MeanNode(weights=weights) if weights:
            return Text(zh="各项的加权平均", en="Weighted mean of its parts")
        case MeanNode():
            return Text(zh="各项的平均", en="Mean of its parts")
        case _:
            return None
