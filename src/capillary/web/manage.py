"""Django's own commands (``python -m capillary.web.manage``), also behind ``capillary manage``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one of Django's management commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capillary.web.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
