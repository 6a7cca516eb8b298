"""What the commands share: language, standards, problems on the screen, files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capillary.content.library import Library
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import Language, Message, msg
from capillary.sheets.files import MOST_PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Capability
    from capillary.model.standard import Standard

MOST_SHOWN = 200
BAD_INPUT = 2


def default_language() -> Language:
    """Return Chinese where the environment's locale is Chinese, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


@dataclass(frozen=True)
class Session:
    """What one run of the command line works with: its language and its content."""

    language: Language
    library: Library

    @classmethod
    def start(cls, language: Language, roots: Sequence[str]) -> Session:
        """Return a session on the shipped content and the folders given."""
        return cls(language, Library.with_folders(roots))

    def find(self, identifier: str) -> Standard:
        """Return the standard of an id.

        Raises:
            InputError: no folder has it, or its files have errors.
        """
        return self.library.find(identifier)

    def capabilities(self) -> Mapping[str, Capability]:
        """Return the capabilities of all folders."""
        return self.library.capabilities()

    def benchmark(self, standard: str) -> Benchmark | None:
        """Return the figures of peers under a standard."""
        return self.library.benchmark(standard)

    def names(self) -> tuple[str, ...]:
        """Return the ids of all standards."""
        return self.library.names()

    def say(self, template: str, /, **values: object) -> str:
        """Return a message in the session's language; the extraction of translations looks for this name."""
        return Message(template, values).in_(self.language)


def language_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its own ``--lang`` and pass it the session in that language."""

    def wrapped(ctx: click.Context, /, *args: Any, language: Language | None, **kwargs: Any) -> Any:
        started: Session = ctx.obj
        session = replace(started, language=language or started.language)
        # the commands below a group speak the language that was given to the group
        ctx.obj = session
        with reported(session):
            return function(session, *args, **kwargs)

    functools.update_wrapper(wrapped, function)
    choose = click.option(
        "--lang", "language", type=click.Choice(["zh", "en"]), help="Language of what is printed."
    )
    return choose(click.pass_context(wrapped))


@contextlib.contextmanager
def reported(session: Session) -> Iterator[None]:
    """Turn problems into lines on standard error and exit code 2."""
    try:
        yield
    except InputError as error:
        show_problems(session, error.problems)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does: that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        cause = msg("{cause}.", cause=error.strerror or str(error))
        remedy = msg("Check the path, your rights to it, and the space left.")
        place = Place(file=None if error.filename is None else str(error.filename))
        show_problems(session, [Problem("file-access", place, cause, remedy)])
        sys.exit(BAD_INPUT)


def show_problems(session: Session, problems: Sequence[Problem]) -> None:
    """Print problems to standard error, each once, at most `MOST_SHOWN` of them."""
    distinct = list(dict.fromkeys(problem.in_(session.language) for problem in problems))
    for line in distinct[:MOST_SHOWN]:
        click.echo(line, err=True)
    if len(distinct) > MOST_SHOWN:
        click.echo(session.say("… and {count} more.", count=len(distinct) - MOST_SHOWN), err=True)
    if len(problems) >= MOST_PROBLEMS:
        click.echo(session.say("Too many problems: the rest was not read."), err=True)
    click.echo(session.say("{count} problem(s) found.", count=len(distinct)), err=True)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that takes its place only if everything went well.

    Folders that are missing are made, and are gone again if it did not.
    """
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


class Progress:
    """A line on standard error, from the second second on, while long work goes on; silent where nobody watches."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.began = self.shown = time.monotonic()
        self.watched = sys.stderr.isatty()

    def at(self, state: Message) -> None:
        """Say how far the work is, at most once a second."""
        now = time.monotonic()
        if self.watched and now - self.shown >= 1:
            self.shown = now
            click.echo("\r" + state.in_(self.session.language), err=True, nl=False)

    def done(self) -> None:
        """End the line, if there is one."""
        if self.watched and self.shown > self.began:
            click.echo("", err=True)
