"""The start page and what belongs to it, and the search: for everybody."""

from __future__ import annotations

from ..kit import PEOPLE

TABLE = {
    "start": {"GET": set(PEOPLE)},
    "find": {"GET": set(PEOPLE)},
    "mail": {"GET": set(PEOPLE)},
    "healthz": {"GET": set(PEOPLE)},
    # Django sends everybody on, whatever the method; only POST changes the language
    "set-language": {method: set(PEOPLE) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")},
}
