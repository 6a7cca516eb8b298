"""``capillary manage``: Django's own commands, with the settings of the product."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.cli.serve import SETTINGS, django_problems

if TYPE_CHECKING:
    from capillary.cli.common import Session


# Everything after `manage` belongs to Django, options too, so that its own help and `--lang` of a command reach it.
@click.command(
    name="manage",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@language_option
def command(session: Session, args: tuple[str, ...]) -> None:  # noqa: ARG001 - every command gets the session
    """Run one of Django's commands, such as `createsuperuser`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    with django_problems():
        from django.core.management import execute_from_command_line

        execute_from_command_line([f"{sys.argv[0]} manage", *args])
