"""Who may use the interview, the list of questions and the history of an answer.

The holder of a check may use them for it alone, not for the world's assessment: test_interview.py tries that.
"""

from __future__ import annotations

from ..kit import PEOPLE, World

ANSWER = {"owner", "colleague", "adviser"}
VIEW = {*ANSWER, "assessor", "officer"}

TABLE = {
    "check-start": {"GET": set(PEOPLE), "POST": set(PEOPLE)},
    "interview": {"GET": ANSWER},
    "interview-go-on": {"POST": ANSWER},
    "interview-pause": {"GET": ANSWER},
    "interview-question": {"GET": ANSWER, "POST": ANSWER},
    "assessment-complete": {"POST": ANSWER},
    "assessment-reopen": {"POST": ANSWER},
    "assessment-questions": {"GET": VIEW},
    "answer-history": {"GET": VIEW},
}


def _question(world: World) -> list[object]:
    return [world.assessment.pk, "Q01"]


ARGS = {"interview-question": _question, "answer-history": _question}
