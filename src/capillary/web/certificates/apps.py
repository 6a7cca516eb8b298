"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.certificates"
    label = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Take back what is deleted: an erased enterprise's certificates stay with whoever holds them."""
        from capillary.web.certificates.models import IssuedCertificate
        from capillary.web.certificates.services import entry_of_deleted_revoke

        post_delete.connect(entry_of_deleted_revoke, sender=IssuedCertificate)
