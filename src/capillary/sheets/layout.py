"""The rows of a form: one answer cell each, named so that the reader finds it wherever it has been moved.

Written by `form` and read by `workbook`; nothing else knows how a standard is laid out on a sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from unicodedata import east_asian_width

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from capillary.model.standard import Question, Standard
    from capillary.model.text import Language

FORM_VERSION = "1"
MARK_SHEET = "_capillary"
LIST_SHEET = "_lists"
ANSWER_SHEET: Text = Text(zh="填报", en="Answers")
ENTERPRISE_SHEET: Text = Text(zh="企业", en="Enterprise")
GUIDE_SHEET: Text = Text(zh="说明", en="Guide")
KEY_COLUMN = 1
ANSWER_COLUMN = 4
ENTERPRISE_ANSWER_COLUMN = 3
NONE_KEY = "none"
LABEL_WIDTH = 40

ENTERPRISE_ROWS: tuple[tuple[str, Text], ...] = (
    ("id", Text(zh="企业编号（自定）", en="Identifier (your own)")),
    ("name", Text(zh="企业名称", en="Name")),
    ("region", Text(zh="所在地区", en="Region")),
    ("sector", Text(zh="所属行业", en="Sector")),
    ("employees", Text(zh="从业人数（人）", en="Employees (persons)")),
    ("revenue", Text(zh="年营业收入（元）", en="Yearly revenue (in your currency)")),
)
VARIANT_ROW: Text = Text(zh="企业类型", en="Kind of firm")
NUMERIC_ROWS = frozenset({"employees", "revenue"})
TICK = "✓"
YES: Text = Text(zh="是", en="yes")
NO: Text = Text(zh="否", en="no")
DOES_NOT_APPLY: Text = Text(zh="不适用", en="does not apply")
NONE_OF_THESE: Text = Text(zh="以上都没有", en="none of these")
NOT_REACHED: Text = Text(zh="尚未达到一级", en="level 1 is not reached")
COUNTS: Text = Text(zh="填写提示：", en="What counts: ")
INPUTS: Text = Text(zh="计算所需：", en="Work it out from: ")
PAPERS: Text = Text(zh="可出示的材料：", en="Papers that show it: ")
SCALE: Text = Text(zh="选项：", en="Choose from: ")
PERCENTAGE: Text = Text(
    zh="填百分数：35% 就填 35；说不准具体数字的，填下面一档的字母。",
    en="Write the percentage, 35 for 35 %; if you know only roughly, write the letter of a band below.",
)


@dataclass(frozen=True)
class FormRow:
    """One row of the answer sheet.

    Attributes:
        key: what the reader knows it by: ``Q05``, ``Q01.B``, ``Q4.3``, ``Q1.planned.7``, ``Q2.none``; empty where the
            row holds no answer.
        question: the question's id.
        kind: ``tick`` takes a tick, ``choice`` one of ``choices``, ``percent`` a number or a band; a ``heading`` leads a
            question whose answers stand below it and takes no more than "does not apply"; ``part``, ``note`` and
            ``option`` only show their text.
        label: what stands before the text: the question's id or the option's key.
        text: the question or the option.
        choices: (key, text) of what the drop-down offers.
    """

    key: str
    question: str
    kind: Literal["heading", "part", "note", "option", "tick", "choice", "percent"]
    label: str
    text: Text
    choices: tuple[tuple[str, Text], ...] = ()

    @property
    def leads(self) -> bool:
        """Whether the row opens its question."""
        return self.key == self.question


def rows_of(standard: Standard) -> Iterator[FormRow]:
    """Yield the rows of a standard's form, question by question."""
    for question in standard.questions:
        yield from question_rows(question)


def question_rows(question: Question) -> Iterator[FormRow]:
    """Yield the rows of one question: the question, what counts, and what can be answered."""
    name = question.id
    kind, choices = _leading(question)
    yield FormRow(name, name, kind, name, question.text, (*choices, *_not_applicable(question)))
    yield FormRow("", name, "note", "", guidance(question))
    yield from _below(question)


def _below(question: Question) -> Iterator[FormRow]:
    """Yield what stands below a question: its options to read, or a cell for each option, row and column."""
    name = question.id
    match question:
        case Single() | Rate():
            yield from _to_read(name, ((option.key, option.text) for option in question.options))
        case Level():
            yield from _to_read(
                name, (("0", NOT_REACHED), *((str(lv.level), lv.text) for lv in question.levels))
            )
        case Multiple():
            yield from (
                FormRow(f"{name}.{option.key}", name, "tick", option.key, option.text)
                for option in question.options
            )
            if not question.options[0].exclusive:
                yield FormRow(f"{name}.{NONE_KEY}", name, "tick", "–", NONE_OF_THESE)
        case Grid():
            scale = tuple((value.key, value.text) for value in question.scale)
            yield from (
                FormRow(f"{name}.{row.key}", name, "choice", row.key, row.text, scale)
                for row in question.rows
            )
        case Ticks():
            for column in question.columns:
                yield from _column_rows(question, column.key, column.text)


def _to_read(question: str, options: Iterable[tuple[str, Text]]) -> Iterator[FormRow]:
    return (FormRow("", question, "option", key, text) for key, text in options)


def _leading(
    question: Question,
) -> tuple[Literal["heading", "choice", "percent"], tuple[tuple[str, Text], ...]]:
    match question:
        case Single():
            return "choice", tuple((option.key, option.text) for option in question.options)
        case Rate():
            return "percent", tuple((option.key, option.text) for option in question.options)
        case Level():
            levels = ((str(level.level), level.text) for level in question.levels)
            return "choice", (("0", NOT_REACHED), *levels)
        case Boolean():
            return "choice", (("true", YES), ("false", NO))
        case _:
            return "heading", ()


def _column_rows(question: Ticks, column: str, title: Text) -> Iterator[FormRow]:
    prefix = f"{question.id}.{column}"
    yield FormRow("", question.id, "part", "", title)
    for row in question.rows:
        yield FormRow(f"{prefix}.{row.key}", question.id, "tick", row.key, row.text)
    yield FormRow(f"{prefix}.{NONE_KEY}", question.id, "tick", "–", NONE_OF_THESE)


def _not_applicable(question: Question) -> tuple[tuple[str, Text], ...]:
    return () if question.not_applicable == "refused" else ((NOT_APPLICABLE, DOES_NOT_APPLY),)


def guidance(question: Question) -> Text:
    """Return what stands below a question: how to answer, what counts, which papers show it; a line each."""
    lines = [_line(COUNTS, [question.example])]
    if isinstance(question, Rate):
        lines.insert(0, PERCENTAGE)
    if question.inputs:
        lines.append(_line(INPUTS, question.inputs))
    if isinstance(question, Grid):
        scale = [Text(zh=f"{v.key} {v.text.zh}", en=f"{v.key} {v.text.en}") for v in question.scale]
        lines.append(_line(SCALE, scale))
    if question.evidence:
        lines.append(_line(PAPERS, question.evidence))
    return Text(zh="\n".join(line.zh for line in lines), en="\n".join(line.en for line in lines))


def _line(lead: Text, parts: Iterable[Text]) -> Text:
    listed = list(parts)
    return Text(
        zh=lead.zh + "；".join(part.zh for part in listed), en=lead.en + "; ".join(part.en for part in listed)
    )


def choice_label(key: str, text: Text, language: Language) -> str:
    """Return how a choice stands in the drop-down: its key, then as much of its text as a cell shows.

    >>> choice_label("B", Text(zh="一个环节", en="one area"), "en")
    'B – one area'
    """
    return f"{key} – {shortened(text.in_(language), LABEL_WIDTH)}"


def choice_labels(question: Question, row: FormRow, language: Language) -> dict[str, str]:
    """Return what the drop-down of a row offers, by key; yes and no need no key before them."""
    plain = {"true": YES, "false": NO} if isinstance(question, Boolean) else {}
    return {
        key: plain[key].in_(language) if key in plain else choice_label(key, text, language)
        for key, text in row.choices
    }


def shortened(text: str, width: int) -> str:
    """Return as much of a text as fits into ``width`` columns, with an ellipsis where it was cut.

    >>> shortened("two words", 6), shortened("两个词语", 6)
    ('two w…', '两个…')
    """
    if columns(text) <= width:
        return text
    kept = ""
    for sign in text:
        if columns(kept + sign) >= width:
            break
        kept += sign
    return kept.rstrip() + "…"


def columns(text: str) -> int:
    """Return how many columns a text takes; Chinese characters take two.

    >>> columns("3 级")
    4
    """
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def choice_key(label: str) -> str:
    """Return the key of a drop-down's label; a bare key is itself.

    >>> choice_key("B – one area"), choice_key("B")
    ('B', 'B')
    """
    return label.split(" – ", maxsplit=1)[0].strip()
