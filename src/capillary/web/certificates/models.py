"""Certificates that were issued, and the entries of the list that says which were taken back."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.assessments.models import Assessment


class StatusEntry(models.Model):
    """An entry of the status list. It names nobody, and stays when its certificate is deleted.

    Attributes:
        index: its place in the list, by lot.
    """

    index = models.PositiveIntegerField(_("place"), unique=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("status entry")
        verbose_name_plural = _("status entries")

    def __str__(self) -> str:
        return str(self.index)


class IssuedCertificate(models.Model):
    """A certificate of one assessment, in both formats.

    Attributes:
        document: the W3C credential as JSON text.
        token: the SD-JWT with every disclosure.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="certificates")
    entry = models.OneToOneField(StatusEntry, on_delete=models.PROTECT, related_name="certificate")
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )
    document = models.TextField()
    token = models.TextField()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.issued_at:%Y-%m-%d}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.valid_until < timezone.now()
