"""Compiles the translations into the wheel, so that an installed product speaks both languages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles every ``.po`` of the package to the ``.mo`` beside it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files of the wheel are gathered."""
        sys.path.insert(0, str(Path(self.root, "tools")))
        from compile_messages import compile_all  # noqa: PLC0415 - found only now, beside this file

        compile_all(Path(self.root, "src/capillary"))
