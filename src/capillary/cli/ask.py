"""``capillary ask``: the interview in the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.fields import question_fields
from capillary.model.problems import InputError, Place, Problem
from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Question, Rate, Single, Ticks
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.cli.common import Session
    from capillary.diagnosis.interview import Interview
    from capillary.model.fields import Field
    from capillary.model.standard import Standard

BACK, WHY, SKIP, QUIT = "<", "?", "", "q"


class _Back(Exception):  # noqa: N818 - a wish of the user, not an error
    pass


class _Quit(Exception):  # noqa: N818 - a wish of the user, not an error
    pass


@click.command(name="ask")
@click.argument("identifier", metavar="ID")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the answers are kept (default: ID-answers.json); an interview found there goes on.",
)
@click.option("--all", "everything", is_flag=True, help="Go on for detail when the level is certain.")
@click.option("--variant", help="The kind of firm, where the standard weighs kinds differently.")
@language_option
def command(
    session: Session, identifier: str, save: Path | None, everything: bool, variant: str | None
) -> None:
    """Ask what narrows the level most, and stop when it is certain. Every answer is saved at once."""
    standard = session.find(identifier)
    path = save or Path(f"{identifier}-answers.json")
    talk = _Talk(session, standard, path, variant)
    try:
        talk.run(everything=everything)
    except (_Quit, click.Abort, EOFError):
        click.echo("")
        click.echo(
            session.say(
                "Paused. Go on with: capillary ask {standard} --save {path}", standard=identifier, path=path
            )
        )
        return
    click.echo(
        session.say("Answers saved in {path}. See the report with: capillary diagnose {path}", path=path)
    )


class _Talk:
    """One interview: its answers so far, in their order, and the file that keeps them."""

    def __init__(self, session: Session, standard: Standard, path: Path, variant: str | None) -> None:
        from capillary.sheets.answers import reader_for

        self.session = session
        self.standard = standard
        self.path = path
        self.reader = reader_for(standard)
        self.raw: dict[str, Any] = {"standard": standard.id, "enterprise": {}, "answers": {}}
        if path.exists():
            self.raw = self._resume(path)
        known = [item.id for item in standard.file.variants]
        if known:
            self.raw["variant"] = self._choose_variant(variant or self.raw.get("variant"), known)
        self.skipped: list[str] = []

    def _resume(self, path: Path) -> dict[str, Any]:
        from capillary.sheets.jsonfiles import read_json

        sheet = read_json(path, self.session.find)
        if sheet.standard != self.standard.id:
            cause = msg(
                "The sheet answers {other}, not {standard}.", other=sheet.standard, standard=self.standard.id
            )
            raise InputError(
                [
                    Problem(
                        "other-standard", Place(file=path.name), cause, msg("Name another file with --save.")
                    )
                ]
            )
        click.echo(
            self.session.say(
                "Going on with {count} answers from {path}.", count=len(sheet.answers), path=path
            )
        )
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
        raw["answers"] = dict(sheet.answers)
        return raw

    def _choose_variant(self, wanted: str | None, known: Sequence[str]) -> str:
        if wanted is not None and wanted in known:
            return wanted
        if wanted is not None:
            cause = msg("{standard} has no variant {word}.", standard=self.standard.id, word=wanted)
            raise InputError(
                [
                    Problem(
                        "unknown-variant", Place(), cause, msg("Known are: {words}.", words=", ".join(known))
                    )
                ]
            )
        for number, item in enumerate(self.standard.file.variants, start=1):
            click.echo(f"  {number}  {item.title.in_(self.session.language)}")
        chosen = click.prompt(self.session.say("Which kind of firm"), type=click.IntRange(1, len(known)))
        return known[chosen - 1]

    def run(self, *, everything: bool) -> None:
        """Ask until the level is certain, or, with ``everything``, until nothing is left to ask.

        Raises:
            _Quit: the user pauses.
        """
        click.echo(
            self.session.say(
                "Enter: don't know · {back} back · {why} why we ask · {quit} pause",
                back=BACK,
                why=WHY,
                quit=QUIT,
            )
        )
        while True:
            interview = self._interview()
            if interview.certain() and not everything:
                self._tell(interview)
                left = [q for q in self.standard.questions if q.id not in interview.asked]
                if not left or not click.confirm(
                    self.session.say(
                        "The level is certain. Go on with {count} more questions for detail?", count=len(left)
                    ),
                    default=False,
                ):
                    return
                everything = True
                continue
            name = interview.next_question()
            if name is None:
                self._tell(interview)
                return
            self._tell(interview)
            try:
                self._ask(self.standard.by_id[name])
            except _Back:
                self._undo()

    def _interview(self) -> Interview:
        from capillary.diagnosis.interview import Interview
        from capillary.scoring.program import compile_standard

        dropped = frozenset(
            name
            for name, answer in self.raw["answers"].items()
            if answer == NOT_APPLICABLE and self.standard.by_id[name].not_applicable == "drop"
        )
        interview = Interview.start(compile_standard(self.standard, self.raw.get("variant"), dropped))
        for name, answer in self.raw["answers"].items():
            spans = self.reader.read(name, answer)
            interview.answer(name, [span.low for span in spans], [span.high for span in spans])
        interview.asked |= set(self.skipped)
        return interview

    def _tell(self, interview: Interview) -> None:
        level = interview.level()
        asked = len(self.raw["answers"])
        if level is None:
            text = self.session.say(
                "{asked} of {all} questions answered", asked=asked, all=len(self.standard.questions)
            )
        elif level[0] == level[1]:
            text = self.session.say(
                "Level {level}: {title}", level=level[0], title=self.standard.level_title(level[0])
            )
        else:
            text = self.session.say(
                "Level now between {low} and {high} ({asked} questions answered)",
                low=level[0],
                high=level[1],
                asked=asked,
            )
        click.echo(click.style(text, fg="cyan"))

    def _undo(self) -> None:
        if self.skipped:
            self.skipped.pop()
        elif self.raw["answers"]:
            self.raw["answers"].pop(next(reversed(self.raw["answers"])))
            self._save()
        else:
            click.echo(self.session.say("This is the first question."))

    def _ask(self, question: Question) -> None:
        language = self.session.language
        click.echo("")
        click.echo(click.style(f"{question.id}  {question.text.in_(language)}", bold=True))
        answer = self._answer(question)
        if answer is None:
            self.skipped.append(question.id)
            return
        self.raw["answers"][question.id] = answer
        self._save()

    def _answer(self, question: Question) -> object:
        """Return the raw answer, or None for "don't know"; asks again until it can be used."""
        fields = list(question_fields(question))
        if isinstance(question, Grid | Ticks):
            parts = {field.part: self._field(question, field) for field in fields}
            given = {part: value for part, value in parts.items() if value is not None}
            return given or None
        return self._field(question, fields[0])

    def _field(self, question: Question, field: Field) -> object:
        from capillary.sheets.answers import BadAnswerError
        from capillary.sheets.cells import answer_from_text

        for line in _choices(self.session, question, field):
            click.echo(line)
        while True:
            text = click.prompt(_prompt(self.session, question), default="", show_default=False).strip()
            if text == SKIP:
                return None
            if text == BACK:
                raise _Back
            if text == QUIT:
                raise _Quit
            if text == WHY:
                click.echo(question.why.in_(self.session.language))
                click.echo(question.example.in_(self.session.language))
                continue
            raw = answer_from_text(question, field, text)
            try:
                self.reader.read(question.id, raw if field.part is None else {field.part: raw})
            except BadAnswerError as bad:
                click.echo(f"{bad.cause.in_(self.session.language)} {bad.remedy.in_(self.session.language)}")
                continue
            return raw

    def _save(self) -> None:
        with whole_file(self.path) as temporary:
            temporary.write_text(json.dumps(self.raw, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _choices(session: Session, question: Question, field: Field) -> Iterator[str]:
    language = session.language
    if field.part is not None:
        group = question.rows if isinstance(question, Grid) else getattr(question, "columns", ())
        part = next((item.text.in_(language) for item in group if item.key == field.part), field.part)
        yield click.style(f"  {part}", bold=True)
    match question:
        case Single() | Multiple() | Rate():
            items = [(option.key, option.text) for option in question.options]
        case Level():
            items = [(str(level.level), level.text) for level in question.levels]
            yield f"    0  {session.say('not reached')}"
        case Grid():
            items = [(value.key, value.text) for value in question.scale]
        case Ticks():
            items = [(row.key, row.text) for row in question.rows]
        case Boolean():
            yield f"    y  {session.say('yes')}    n  {session.say('no')}"
            return
    for key, text in items:
        yield f"    {key}  {text.in_(language)}"


def _prompt(session: Session, question: Question) -> str:
    match question:
        case Multiple() | Ticks():
            return session.say("Keys with spaces between them, or none")
        case Rate():
            return session.say("Percentage, or a key")
        case _:
            return session.say("Answer")
