"""Evidence behind answers, and assessors' confirmations of answers."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.assessments.models import Assessment, Revision
from capillary.web.core.files import random_path


def private_storage() -> FileSystemStorage:
    """Return the folder for files: readable by the server alone, with no address of its own."""
    return FileSystemStorage(file_permissions_mode=0o600, directory_permissions_mode=0o700)


def random_name(evidence: Evidence, filename: str) -> str:  # noqa: ARG001 - what the sender called it decides nothing
    """Return where a file is stored; nothing that the sender chose is part of it."""
    return random_path("evidence")


class Evidence(models.Model):
    """One piece of evidence behind the answer to one question. Never changed and never deleted, only withdrawn.

    Attributes:
        url: the address of a link; the server never opens it.
        text: a note's text, or how a measurement was made.
        figure, unit, measured_on: what was measured, in what, and when.
        file: where the file lies; empty where there is none.
        file_name: what the sender called it, made safe.
        file_type: what the content is, as found out by looking at it.
        sha256: fingerprint of the file, by which a copy can be compared with what was handed in.
        role: in what role it was added.
    """

    class Kind(models.TextChoices):
        """What the evidence is."""

        FILE = "file", _("File")
        LINK = "link", _("Link")
        NOTE = "note", _("Note")
        MEASUREMENT = "measurement", _("Measurement")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="evidence")
    question = models.CharField(_("question"), max_length=40)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    title = models.CharField(_("title"), max_length=200, blank=True)
    url = models.CharField(_("address"), max_length=1000, blank=True)
    text = models.TextField(_("text"), blank=True)
    figure = models.DecimalField(_("figure"), max_digits=20, decimal_places=6, null=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    measured_on = models.DateField(_("measured on"), null=True)
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=random_name, max_length=100, blank=True
    )
    file_name = models.CharField(_("name of the file"), max_length=160, blank=True)
    file_type = models.CharField(_("type of the file"), max_length=100, blank=True)
    file_size = models.PositiveIntegerField(_("size of the file"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    role = models.CharField(_("in the role of"), max_length=10, choices=Revision.Origin)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_because = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("added_at",)
        indexes = (models.Index(fields=("assessment", "question"), name="evidence_of_answer"),)

    def __str__(self) -> str:
        return self.title or self.file_name or self.url or self.get_kind_display()


class Verification(models.Model):
    """An assessor's confirmation of one answer, as it stood at one revision. It does not hold for a later one.

    Attributes:
        revision: number of the revision of the answer that was confirmed.
        withdrawn_at: when it was taken back; None while it holds.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="verifications")
    question = models.CharField(_("question"), max_length=40)
    revision = models.PositiveIntegerField(_("revision"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    note = models.TextField(_("note"), blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering = ("at",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "question", "revision"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="verification_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.question} · {self.revision}"
