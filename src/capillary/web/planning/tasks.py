"""Background work of the roadmaps."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task

from capillary.web.planning.services import roadmap_work


@task()
def make(roadmap: str) -> None:
    """Make the plans of a roadmap."""
    roadmap_work(UUID(roadmap))
