"""The rows of a form: one answer cell each, named so that the reader finds it wherever it has been moved.

Written by `form` and read by `workbook`; nothing else knows how a standard is laid out on a sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.model.standard import Question, Standard
    from capillary.model.text import Language

MARK_SHEET = "_capillary"
LIST_SHEET = "_lists"
ANSWER_SHEET: Text = Text(zh="填报", en="Answers")
ENTERPRISE_SHEET: Text = Text(zh="企业", en="Enterprise")
GUIDE_SHEET: Text = Text(zh="说明", en="Guide")
KEY_COLUMN, ANSWER_COLUMN = 1, 5
NONE_KEY = "none"

ENTERPRISE_ROWS: tuple[tuple[str, Text], ...] = (
    ("id", Text(zh="企业编号（自定）", en="Identifier (your own)")),
    ("name", Text(zh="企业名称", en="Name")),
    ("region", Text(zh="所在地区", en="Region")),
    ("sector", Text(zh="所属行业", en="Sector")),
    ("employees", Text(zh="从业人数（人）", en="Employees (persons)")),
    ("revenue", Text(zh="年营业收入（元）", en="Yearly revenue (in your currency)")),
)
NUMERIC_ROWS = frozenset({"employees", "revenue"})
TICK = "✓"
YES: Text = Text(zh="是", en="yes")
NO: Text = Text(zh="否", en="no")
DOES_NOT_APPLY: Text = Text(zh="不适用", en="does not apply")
NONE_OF_THESE: Text = Text(zh="以上都没有", en="none of these")


@dataclass(frozen=True)
class FormRow:
    """One row of the answer sheet.

    Attributes:
        key: what the reader knows it by: ``Q05``, ``Q01.B``, ``Q4.3``, ``Q1.planned.7``, ``Q2.none``.
        kind: ``heading`` has no answer cell; ``tick`` takes a tick; ``choice`` one of ``choices``; ``percent`` a number.
        label: what stands before the text: the question's id or the option's key.
        text: the question or the option.
        choices: (key, text) of what the drop-down offers.
    """

    key: str
    question: str
    kind: Literal["heading", "tick", "choice", "percent"]
    label: str
    text: Text
    choices: tuple[tuple[str, Text], ...] = ()


def rows_of(standard: Standard) -> Iterator[FormRow]:
    """Yield the rows of a standard's form, question by question."""
    for question in standard.questions:
        yield from question_rows(question)


def question_rows(question: Question) -> Iterator[FormRow]:
    """Yield the rows of one question: one answer row, or a heading and a row for each part."""
    name = question.id
    match question:
        case Single():
            options = tuple((option.key, option.text) for option in question.options)
            yield FormRow(name, name, "choice", name, question.text, (*options, *_not_applicable(question)))
        case Rate():
            yield FormRow(name, name, "percent", name, question.text)
        case Level():
            levels = tuple((str(level.level), level.text) for level in question.levels)
            zero = ("0", Text(zh="尚未达到一级", en="level 1 is not reached"))
            yield FormRow(name, name, "choice", name, question.text, (zero, *levels, *_not_applicable(question)))
        case Boolean():
            choices = (("true", YES), ("false", NO), *_not_applicable(question))
            yield FormRow(name, name, "choice", name, question.text, choices)
        case Multiple():
            yield FormRow(name, name, "heading", name, question.text)
            for option in question.options:
                yield FormRow(f"{name}.{option.key}", name, "tick", option.key, option.text)
            if not any(option.exclusive and option is question.options[0] for option in question.options):
                yield FormRow(f"{name}.{NONE_KEY}", name, "tick", "–", NONE_OF_THESE)
        case Grid():
            yield FormRow(name, name, "heading", name, question.text)
            scale = tuple((value.key, value.text) for value in question.scale)
            for row in question.rows:
                yield FormRow(f"{name}.{row.key}", name, "choice", row.key, row.text, scale)
        case Ticks():
            yield FormRow(name, name, "heading", name, question.text)
            for column in question.columns:
                for row in question.rows:
                    both = Text(
                        zh=f"{row.text.zh}：{column.text.zh}", en=f"{row.text.en}: {column.text.en}"
                    )
                    yield FormRow(f"{name}.{column.key}.{row.key}", name, "tick", row.key, both)
                none = Text(
                    zh=f"{NONE_OF_THESE.zh}：{column.text.zh}", en=f"{NONE_OF_THESE.en}: {column.text.en}"
                )
                yield FormRow(f"{name}.{column.key}.{NONE_KEY}", name, "tick", "–", none)


def _not_applicable(question: Question) -> tuple[tuple[str, Text], ...]:
    return () if question.not_applicable == "refused" else ((NOT_APPLICABLE, DOES_NOT_APPLY),)


def choice_label(key: str, text: Text, language: Language) -> str:
    """Return how a choice stands in the drop-down: its key, then its text.

    >>> choice_label("B", Text(zh="一个环节", en="one area"), "en")
    'B – one area'
    """
    return f"{key} – {text.in_(language)}"


def choice_key(label: str) -> str:
    """Return the key of a drop-down's label; a bare key is itself.

    >>> choice_key("B – one area"), choice_key("B")
    ('B', 'B')
    """
    return label.split(" – ", maxsplit=1)[0].strip()
