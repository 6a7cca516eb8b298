"""Training and talent of the demonstration: jobs that learn, a plan, and an account that lets itself be found."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from capillary.web import engine
from capillary.web.enterprises.models import Enterprise
from capillary.web.talent.models import TrainingPlan
from capillary.web.talent.services import (
    NothingToDoError,
    ProfileFacts,
    profile_publish,
    result_keep,
    trainee_add,
    training_make,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from capillary.web.accounts.models import User

# jobs, not people
JOBS = (
    ("车间主任 · Shop-floor lead", "shop-floor", 2),
    ("会计 · Bookkeeper", "office", 2),
    ("信息员 · IT", "it", 4),
)
FOUND = ("adviser", ProfileFacts("it", "CN-JS", ["zh", "en"], "month"))


def training_load(users: Mapping[str, User], now: dt.datetime) -> None:
    """Give the enterprise of the demonstration's owner a training plan, and publish one demonstration account's skills."""
    _plan(users["owner"], now)
    who, facts = FOUND
    check = engine.library().skills()["it"]
    middle = {
        question.id: sorted(question.options, key=lambda option: option.level)[2].key
        for question in check.questions
    }
    result_keep(user=users[who], role="it", answers=middle)
    profile_publish(user=users[who], facts=facts)


def _plan(owner: User, now: dt.datetime) -> None:
    enterprise = Enterprise.objects.filter(members__user=owner).order_by("created_at").first()
    if enterprise is None:
        return
    for name, role, hours in JOBS:
        trainee_add(enterprise=enterprise, name=name, role=role, hours=hours, member=None, by=owner)
    with suppress(NothingToDoError):  # its shortcomings may be none that a course helps with
        training_make(
            enterprise=enterprise,
            origin=TrainingPlan.Origin.SHORTCOMINGS,
            begins_on=now.date(),
            role_levels=False,
            by=owner,
        )
