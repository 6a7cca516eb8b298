"""``capillary ask``: the interview in the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.fields import question_fields
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Question, Rate, Single, Ticks
from capillary.model.text import msg
from capillary.sheets.answers import BadAnswerError, reader_for
from capillary.sheets.cells import answer_from_text, plain

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
        self.session = session
        self.standard = standard
        self.path = path
        self.reader = reader_for(standard)
        self.raw: dict[str, Any] = {"standard": standard.id, "enterprise": {}, "answers": {}}
        known = [item.id for item in standard.file.variants]
        _check_variant(standard, variant, known)
        if path.exists():
            self.raw = self._resume(path)
        if known:
            self.raw["variant"] = variant or self.raw.get("variant") or self._choose_variant(known)
        # questions in the order in which they were asked, answered or not, so that "back" goes to the last one
        self.order: list[str] = list(self.raw["answers"])

    def _resume(self, path: Path) -> dict[str, Any]:
        from capillary.sheets.jsonfiles import read_json

        sheet = read_json(path, self.session.find)
        if sheet.standard != self.standard.id:
            cause = msg(
                "The sheet answers {other}, not {standard}.", other=sheet.standard, standard=self.standard.id
            )
            remedy = msg("Name another file with --save.")
            raise InputError([Problem("other-standard", Place(file=path.name), cause, remedy)])
        count = len(sheet.answers)
        click.echo(self.session.say("Going on with {count} answers from {path}.", count=count, path=path))
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
        raw["answers"] = dict(sheet.answers)
        return raw

    def _choose_variant(self, known: Sequence[str]) -> str:
        for number, item in enumerate(self.standard.file.variants, start=1):
            click.echo(f"  {number}  {item.title.in_(self.session.language)}")
        chosen = click.prompt(
            self.session.say("Which kind of firm"), type=click.IntRange(1, len(known)), show_choices=False
        )
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
            self._tell(interview)
            name = interview.next_question()
            if name is None:
                return
            if interview.certain() and not everything:
                if not self._goes_on(interview):
                    return
                everything = True
            try:
                self._ask(self.standard.by_id[name])
            except _Back:
                self._undo()

    def _goes_on(self, interview: Interview) -> bool:
        left = [question for question in self.standard.questions if question.id not in interview.asked]
        question = self.session.say(
            "The level is certain. Go on with {count} more questions for detail?", count=len(left)
        )
        return click.confirm(question, default=False)

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
        interview.asked |= set(self.order)
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
        if not self.order:
            click.echo(self.session.say("This is the first question."))
            return
        if self.raw["answers"].pop(self.order.pop(), None) is not None:
            self._save()

    def _ask(self, question: Question) -> None:
        language = self.session.language
        click.echo("")
        click.echo(click.style(f"{question.id}  {question.text.in_(language)}", bold=True))
        if question.not_applicable != "refused":
            skips = self.session.say("does not apply")
            click.echo(f"    {NOT_APPLICABLE}  {skips}")
        answer = self._answer(question)
        self.order.append(question.id)
        if answer is not None:
            self.raw["answers"][question.id] = answer
            self._save()

    def _answer(self, question: Question) -> object:
        """Return the raw answer, or None for "don't know"; asks again until it can be used.

        Raises:
            _Back: the user wants the question before this one.
            _Quit: the user pauses.
        """
        fields = list(question_fields(question))
        if not isinstance(question, Grid | Ticks):
            return self._field(question, fields[0])
        given: dict[str, object] = {}
        index = 0
        while index < len(fields):
            part = fields[index].part or ""
            try:
                answer = self._field(question, fields[index])
            except _Back:
                if index == 0:
                    raise
                index -= 1
                given.pop(fields[index].part or "", None)
                continue
            if answer == NOT_APPLICABLE:
                return NOT_APPLICABLE
            if answer is not None:
                given[part] = answer
            index += 1
        return given or None

    def _field(self, question: Question, field: Field) -> object:
        for line in _choices(self.session, question, field):
            click.echo(line)
        while True:
            text = plain(click.prompt(_prompt(self.session, question), default="", show_default=False))
            if text == SKIP:
                return None
            if text == BACK:
                raise _Back
            if text.casefold() == QUIT and text not in field.position:
                raise _Quit
            if text == WHY:
                for line in _explanation(self.session, question):
                    click.echo(line)
                continue
            answer = self._checked(question, field, text)
            if answer is not None:
                return answer

    def _checked(self, question: Question, field: Field, text: str) -> object:
        """Return the raw answer that a text stands for; say what is wrong with it and return None if it cannot be used."""
        raw = answer_from_text(question, field, text)
        whole = raw if field.part is None or raw == NOT_APPLICABLE else {field.part: raw}
        try:
            self.reader.read(question.id, whole)
        except BadAnswerError as bad:
            language = self.session.language
            for each in (bad, *bad.more):
                remedy = (
                    self.session.say("Answer y or n.")
                    if isinstance(question, Boolean)
                    else each.remedy.in_(language)
                )
                click.echo(f"{each.cause.in_(language)} {remedy}")
            return None
        return raw

    def _save(self) -> None:
        with whole_file(self.path) as temporary:
            temporary.write_text(json.dumps(self.raw, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _check_variant(standard: Standard, wanted: str | None, known: Sequence[str]) -> None:
    """Refuse a variant that the standard does not have.

    Raises:
        InputError: there is no such variant.
    """
    if wanted is None or wanted in known:
        return
    if not known:
        cause = msg("{standard} has no variants.", standard=standard.id)
        raise InputError([Problem("unknown-variant", Place(), cause, msg("Leave --variant out."))])
    cause = msg("{standard} has no variant {word}.", standard=standard.id, word=wanted)
    raise InputError([Problem("unknown-variant", Place(), cause, did_you_mean(wanted, known))])


def _explanation(session: Session, question: Question) -> Iterator[str]:
    """Yield why a question is asked, what counts, and what a rate is worked out from."""
    language = session.language
    yield question.why.in_(language)
    yield question.example.in_(language)
    for item in question.inputs:
        yield f"  · {item.in_(language)}"


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
            not_reached = session.say("not reached")
            yield f"    0  {not_reached}"
        case Grid():
            items = [(value.key, value.text) for value in question.scale]
        case Ticks():
            items = [(row.key, row.text) for row in question.rows]
        case Boolean():
            yes, no = session.say("yes"), session.say("no")
            yield f"    y  {yes}    n  {no}"
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
