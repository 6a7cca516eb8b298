"""Simulations: asked for, worked on at once or in the background, kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from capillary.incentives.drafts import read_draft
from capillary.incentives.simulate import answers_of, readable
from capillary.model.problems import InputError
from capillary.web.access import audit_write
from capillary.web.funding.crowd import crowd_of, visible
from capillary.web.funding.models import Simulation
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from capillary.model.problems import Problem
    from capillary.web.accounts.models import User
    from capillary.web.funding.drafts import Form
    from capillary.web.programmes.models import Programme

LOG = logging.getLogger(__name__)
AT_ONCE = 500  # enterprises; more are worked on in the background
MOST_KEPT = 20  # simulations of one person; older ones go
HEAVY = ("result", "before_text", "after_text")


@dataclass(frozen=True)
class Question:
    """What is asked: one form against another, over the enterprises of a programme, on a day."""

    incentive: str
    before: Form
    after: Form
    programme: Programme
    on: dt.date


def simulation_ask(*, question: Question, by: User) -> Simulation:
    """Have a simulation made: at once for few enterprises, in the background for many."""
    with transaction.atomic():
        made = Simulation.objects.create(
            programme=question.programme,
            incentive=question.incentive,
            on=question.on,
            before_name=question.before.name,
            before_text=question.before.text,
            after_name=question.after.name,
            after_text=question.after.text,
            made_by=by,
        )
        audit_write(
            by, "simulation-ask", None, f"{question.incentive} {made.pk} over {question.programme.pk}"
        )
        mine = Simulation.objects.filter(made_by=by).order_by("-made_at").values_list("pk", flat=True)
        Simulation.objects.filter(pk__in=list(mine[MOST_KEPT:])).delete()
        is_small = visible(question.programme).count() <= AT_ONCE
        if not is_small:
            transaction.on_commit(lambda: _enqueue(made.pk))
    if is_small:
        simulation_work(made.pk)
    return made


def _enqueue(pk: UUID) -> None:
    from capillary.web.funding.tasks import simulate

    simulate.enqueue(str(pk))


@transaction.atomic
def simulation_again(*, simulation: Simulation, by: User) -> None:
    """Work on a simulation once more, where the work has stopped or failed."""
    Simulation.objects.filter(pk=simulation.pk).update(
        status=Simulation.Status.WAITING, progress={}, problems=[], begun_at=None, ready_at=None
    )
    audit_write(by, "simulation-again", None, f"{simulation.incentive} {simulation.pk}")
    transaction.on_commit(lambda: _enqueue(simulation.pk))


def simulation_work(pk: UUID) -> None:
    """Work a simulation out; a problem with its rules is kept and shown."""
    begun = Simulation.objects.filter(pk=pk, status=Simulation.Status.WAITING).update(
        status=Simulation.Status.WORKING, begun_at=timezone.now()
    )
    row = Simulation.objects.select_related("programme").filter(pk=pk).first()
    if not begun or row is None:
        return
    try:
        changes: dict[str, Any] = {"status": Simulation.Status.READY, "result": _worked_out(row)}
    except InputError as error:
        changes = _failed(error.problems)
    except Exception:
        Simulation.objects.filter(pk=pk).update(**_failed(()))
        raise
    Simulation.objects.filter(pk=pk).update(ready_at=timezone.now(), **changes)


def _worked_out(row: Simulation) -> dict[str, Any]:
    before = read_draft(rules(), row.before_text, row.incentive)
    after = read_draft(rules(), row.after_text, row.incentive)
    crowd = crowd_of(row.programme)
    firms, cut = readable(rules(), crowd.firms, row.on.isoformat())
    count = len(firms)

    def tell(done: int) -> None:
        Simulation.objects.filter(pk=row.pk).update(progress={"done": done, "all": 2 * count})

    tell(0)
    one = answers_of(rules(), before, firms, tell, name_missing=False)
    other = answers_of(rules(), after, firms, lambda done: tell(count + done))
    return {
        "enrolments": crowd.enrolments,
        "before": one.as_json(),
        "after": other.as_json(),
        "told": crowd.told,
        "cut": cut,
    }


def _failed(problems: Sequence[Problem]) -> dict[str, Any]:
    said = [{"zh": item.in_("zh"), "en": item.in_("en")} for item in problems]
    return {"status": Simulation.Status.FAILED, "problems": said}
