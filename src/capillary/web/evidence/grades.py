"""The rule that makes a grade of the evidence behind an answer.

The design orders the grades *declared < documented < measured < verified* (ARCHITECTURE, "The hub: capability"); the rule
here says what earns each of them. A grade never falls when evidence is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.core.grades import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable


# A note explains an answer and proves nothing.
WORTH = {
    "note": Grade.DECLARED,
    "file": Grade.DOCUMENTED,
    "link": Grade.DOCUMENTED,
    "measurement": Grade.MEASURED,
}
ORDER = list(Grade)


def grade_of(kinds: Iterable[str], *, verified: bool) -> Grade:
    """Return the grade of an answer.

    Args:
        kinds: kinds of the evidence behind it that is not withdrawn.
        verified: whether an assessor confirmed the answer as it stands now.

    >>> grade_of([], verified=False).value, grade_of(["note"], verified=False).value
    ('declared', 'declared')
    >>> grade_of(["link", "note"], verified=False).value, grade_of(["file", "measurement"], verified=False).value
    ('documented', 'measured')
    >>> grade_of([], verified=True).value
    'verified'
    """
    if verified:
        return Grade.VERIFIED
    return max((WORTH[kind] for kind in kinds), key=ORDER.index, default=Grade.DECLARED)
