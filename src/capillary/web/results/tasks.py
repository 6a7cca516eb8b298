"""Background work of the result pages."""

from __future__ import annotations

from django_tasks import task

from capillary.web.results.services import peers_refresh


@task()
def refresh_peers() -> int:
    """Make the figures about peers anew; returns how many groups are large enough."""
    return peers_refresh()
