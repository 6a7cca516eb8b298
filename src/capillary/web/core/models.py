"""The audit log: who read or changed whose data, and when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One read of somebody else's data, or one write; never changed and never deleted by the product.

    The enterprise is kept as a bare id, so that the log outlives an erasure without keeping what was erased.
    """

    class Kind(models.TextChoices):
        """Whether data was read or written."""

        READ = "read", _("Read")
        WRITE = "write", _("Write")

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    action = models.CharField(_("action"), max_length=60)
    enterprise = models.UUIDField(_("enterprise"), null=True, db_index=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    role = models.CharField(_("in the role of"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
