"""Where files that people handed in are stored."""

from __future__ import annotations

import uuid


def random_path(folder: str) -> str:
    """Return a path in a folder that nobody can guess; nothing that the sender chose is part of it."""
    name = uuid.uuid4().hex
    return f"{folder}/{name[:2]}/{name}"
