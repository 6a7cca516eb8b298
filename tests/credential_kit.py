"""A certificate of an example firm, to be signed and changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from capillary.credentials.certificate import Certificate
from capillary.credentials.moments import seconds, written

EXAMPLE = Path(__file__).parent.parent / "examples" / "metal-parts.json"
NOW = seconds("2026-11-20T12:00:00Z")
FIRM = {
    "standard": "miit-2024",
    "edition": "2024-09-04",
    "assessed_on": "2026-11-20",
    "level": 2,
    "level_title": "Level 2 (orderly)",
    "score": 46.5,
    "dimensions": {"foundation": 20.5, "effect": 8},
    "evidence_grade": "documented",
    "assessor": "Example Assessors",
    "benchmark": {"id": "eu", "year": 2025, "percentBelow": 61.5},
    "answers": {"Q01": ["B"], "Q02": 35, "S01": 2},
}


def certificate(**changes: Any) -> Certificate:
    """Return the certificate, with some things otherwise."""
    given_: dict[str, Any] = {
        "identifier": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "name": "示例：某金属零件厂",
        "registration": "91330000MA0000000X",
        "valid_from": written(NOW - 3600),
        "valid_until": written(NOW + 86_400),
        **FIRM,
        **changes,
    }
    return Certificate(**given_)
