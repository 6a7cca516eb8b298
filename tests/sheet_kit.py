"""What the tests of answer sheets and of the command line share: answers by lot, tables of them, and runs of commands."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from click.testing import CliRunner

from capillary.cli import cli
from capillary.content import load_standard
from capillary.model.fields import Field, fields_of
from capillary.model.sheet import AnswerSheet
from capillary.model.standard import Boolean, Grid, Level, Multiple, Question, Rate, Single, Standard, Ticks
from capillary.sheets.answers import read_sheet

STANDARDS = ("miit-2024", "eu-dma", "eu-dii-v3", "cis-ig1", "cmmm-2020")
_LINE = re.compile(r"^(?:(?P<place>.*?): )?(?P<text>.*) \[(?P<code>[A-Za-z-]+)\]$")


def answer_by_lot(question: Question, dice: Random) -> Any:
    """Return an answer to a question as JSON holds it."""
    match question:
        case Single() | Grid() | Rate() | Boolean():
            return _one_by_lot(question, dice)
        case Level():
            return dice.randint(0, len(question.levels))
        case Multiple():
            ticks = [option.key for option in question.options if not option.exclusive]
            none = [option.key for option in question.options if option.exclusive]
            return sorted(dice.sample(ticks, dice.randint(0, len(ticks))), key=ticks.index) or none[:1]
        case Ticks():
            rows = [row.key for row in question.rows]
            return {
                column.key: sorted(dice.sample(rows, dice.randint(0, len(rows))), key=rows.index)
                for column in question.columns
            }


def _one_by_lot(question: Single | Grid | Rate | Boolean, dice: Random) -> Any:
    match question:
        case Single():
            return dice.choice(question.options).key
        case Rate():
            keys = [option.key for option in question.options]
            return dice.choice([dice.randint(0, 100), round(dice.uniform(0, 100), 1), *keys])
        case Grid():
            return {row.key: dice.choice(question.scale).key for row in question.rows}
        case Boolean():
            return dice.random() < 0.5


def answers_by_lot(standard: Standard, dice: Random, *, share: float = 1.0) -> dict[str, Any]:
    """Return answers to a share of the questions; below 1, parts of grids and tick boxes are left out too."""
    answers: dict[str, Any] = {}
    for question in standard.questions:
        if dice.random() >= share:
            continue
        answer = answer_by_lot(question, dice)
        if isinstance(answer, dict):
            answer = {part: value for part, value in answer.items() if dice.random() < share}
        if answer != {}:
            answers[question.id] = answer
    return answers


def raw_sheet(standard: str, answers: dict[str, Any], **enterprise: Any) -> dict[str, Any]:
    return {"standard": standard, "enterprise": enterprise, "answers": answers}


def checked(raw: dict[str, Any]) -> AnswerSheet:
    return read_sheet(raw, load_standard)


def write_json(path: Path, raw: Any) -> Path:
    path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
    return path


def write_lines(path: Path, raws: list[Any]) -> Path:
    path.write_text("".join(json.dumps(raw, ensure_ascii=False) + "\n" for raw in raws), encoding="utf-8")
    return path


def texts_of(standard: Standard, answers: dict[str, Any]) -> dict[str, str]:
    """Return answers as a row of text cells, by column."""
    cells: dict[str, str] = {}
    for field in fields_of(standard):
        answer = answers.get(field.question)
        given = answer.get(field.part) if isinstance(answer, dict) else answer
        if given is not None:
            cells[field.id] = _text(given)
    return cells


def _text(given: Any) -> str:
    if isinstance(given, list):
        return ";".join(given) or "none"
    return str(given).lower() if isinstance(given, bool) else str(given)


def codes_in(sheet: AnswerSheet, field: int) -> int | None:
    """Return the code of a field, or None where it is unknown."""
    return sheet.lowest[field] if sheet.lowest[field] == sheet.highest[field] else None


def keys_in(field: Field, code: int) -> list[str]:
    return list(field.chosen(code))


@dataclass(frozen=True)
class Found:
    """One problem as the command line shows it."""

    code: str
    place: str
    text: str


@dataclass(frozen=True)
class Run:
    """What a command printed, and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def problems(self) -> list[Found]:
        found = [_LINE.match(line) for line in self.err.splitlines()]
        return [Found(line["code"], line["place"] or "", line["text"]) for line in found if line]

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    def only(self, code: str) -> Found:
        """Return the one problem that there is, which stopped the command before it printed anything."""
        assert self.exit_code == 2, self.err
        assert self.out == ""
        assert self.codes == [code], self.err
        return self.problems[0]


def run(*arguments: str | Path, input: str | None = None) -> Run:  # noqa: A002 - click's own name
    """Run the command line in this process, in English."""
    result = CliRunner().invoke(cli, ["--lang", "en", *map(str, arguments)], input=input)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Run(result.exit_code, result.stdout, result.stderr)


def scores(result: Run) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]
