"""Who may use the addresses of a firm's money, of incentive programmes, and of officers who try out their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kit import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.kit import World

TELLERS = {"owner", "colleague", "adviser"}
EDITORS = {"officer", "administrator"}
OFFICER = {"officer"}
READ = {"GET": EDITORS, "HEAD": EDITORS}
OWN = {"GET": OFFICER, "HEAD": OFFICER}

TABLE: dict[str, dict[str, set[str]]] = {
    "assessment-money": {"GET": TELLERS, "POST": TELLERS},
    "assessment-facts": {"GET": TELLERS, "POST": TELLERS},
    "incentives": {"GET": set(PEOPLE)},
    "incentive": {"GET": set(PEOPLE)},
    "incentive-rules": READ,
    "incentive-edit": {**READ, "POST": EDITORS},
    "incentive-compare": READ,
    "incentive-simulate": {"POST": OFFICER},
    # a draft belongs to its organisation's officers, and goes with whoever made it alone
    "incentive-draft": OWN,
    "incentive-draft-file": OWN,
    "incentive-draft-delete": {**OWN, "POST": OFFICER},
    # what a simulation says of enterprises is for the officers of their programme
    "incentive-simulation": OWN,
    "incentive-simulation-state": OWN,
    "incentive-simulation-again": {"POST": OFFICER},
    "incentive-simulation-firms": OWN,
}


def _draft(world: World) -> list[Any]:
    from capillary.web import engine
    from capillary.web.funding.models import RuleDraft

    draft, _ = RuleDraft.objects.get_or_create(
        incentive="cn-nanjing",
        name="Other cap",
        defaults={"text": engine.library().programme_text("cn-nanjing"), "made_by": world.users["officer"]},
    )
    return ["cn-nanjing", draft.pk]


def _simulation(world: World) -> list[Any]:
    import datetime as dt

    from capillary.web.funding.drafts import SHIPPED, form_of
    from capillary.web.funding.trials import Question, simulation_ask

    user = world.users["officer"]
    form = form_of(user, "cn-nanjing", SHIPPED)
    assert form is not None
    question = Question("cn-nanjing", form, form, world.programme, dt.date(2026, 2, 1))
    return ["cn-nanjing", simulation_ask(question=question, by=user).pk]


ARGS: dict[str, Callable[[World], list[Any]]] = {
    **dict.fromkeys(
        ("incentive", "incentive-rules", "incentive-edit", "incentive-compare", "incentive-simulate"),
        lambda _world: ["cn-nanjing"],
    ),
    **dict.fromkeys(("incentive-draft", "incentive-draft-file", "incentive-draft-delete"), _draft),
    **dict.fromkeys(
        (
            "incentive-simulation",
            "incentive-simulation-state",
            "incentive-simulation-again",
            "incentive-simulation-firms",
        ),
        _simulation,
    ),
}
