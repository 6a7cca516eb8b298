"""What happens in the background."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task

from capillary.web.programmes.aggregates import aggregates_refresh
from capillary.web.programmes.models import Programme


@task()
def refresh_figures(programme: str) -> int:
    """Work the figures of a programme's dashboard out anew; a programme that is gone has none."""
    found = Programme.objects.filter(pk=UUID(programme)).first()
    return 0 if found is None else aggregates_refresh(programme=found)
