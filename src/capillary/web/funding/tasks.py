"""Background work of incentives."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task

from capillary.web.funding.trials import simulation_work


@task()
def simulate(simulation: str) -> None:
    """Work a simulation out."""
    simulation_work(UUID(simulation))
