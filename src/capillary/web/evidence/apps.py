"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.evidence"
    label = "evidence"
    verbose_name = _("Evidence")

    def ready(self) -> None:
        """Listen for rows that go, whose files go with them."""
        from capillary.web.evidence.services import file_remove

        post_delete.connect(file_remove, sender="evidence.Evidence", dispatch_uid="evidence")
