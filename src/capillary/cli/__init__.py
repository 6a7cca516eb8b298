"""Floor 5: the command line. Commands are imported when they run, so that the small ones start at once."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from capillary import __version__
from capillary.cli.common import Session, default_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from capillary.model.text import Language

COMMANDS = {
    "allocate": "Allocate places fairly where more is wanted than there is, and say why.",
    "ask": "Ask the questions of a standard, one by one, until the level is certain.",
    "certificate": "Issue, verify and take back certificates that anybody can check offline.",
    "content": "Check content and print its JSON Schemas.",
    "courses": "Show courses, and find the fewest that close what a firm and its people lack.",
    "diagnose": "Say where an enterprise stands and what brings it to the next level.",
    "entitlements": "Say what a firm may claim, why or why not, and what is missing to tell.",
    "form": "Write the form of a standard as a workbook to fill in.",
    "industries": "Look up codes of industries, and how they read across.",
    "manage": "Run one of Django's commands for the web product.",
    "offers": "Check files of offers and providers, or make an empty one.",
    "plan": "Find the cheapest, fastest and safest proven way to a goal.",
    "programmes": "Check incentive programmes, and show one.",
    "rates": "Show exchange rates, and load files of them.",
    "scenarios": "Show problems that firms know, and the measures that solve them.",
    "score": "Score answer sheets: one JSON line a sheet.",
    "serve": "Run the web product, with its background worker.",
    "standards": "List the standards, or show one.",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own form
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own form
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"capillary.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's own form
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in sorted(COMMANDS)])


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="capillary")
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), help="Language of what is printed.")
@click.option(
    "--content",
    "roots",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="A further content folder with standards of your own; may be given several times.",
)
@click.pass_context
def cli(ctx: click.Context, language: Language | None, roots: Sequence[str]) -> None:
    """Capillary: where a firm stands digitally, and the nearest way up."""
    ctx.obj = Session.start(language or default_language(), roots)


def main() -> Any:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return cli()
