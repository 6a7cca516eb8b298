"""Who may use the addresses of the codes of industries: everybody."""

from __future__ import annotations

from ..kit import PEOPLE

TABLE = {"industries": {"GET": set(PEOPLE)}}
