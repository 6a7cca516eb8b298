"""Workbooks that were uploaded, verifications on site, and objections to what an assessor wrote."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.assessments.models import Assessment


class WorkbookImport(models.Model):
    """What one uploaded workbook says: kept for the confirmation, and afterwards as the record of what was taken over.

    The file itself isn't kept, only its checksum.

    Attributes:
        answers: raw answers of the workbook by question.
        variant: the standard's variant that the workbook names; empty where it names none.
        other_name: the firm's name in the workbook, where it is not the name that we know.
        base_revision: the assessment's revision that the preview was made against.
        first_revision, last_revision: the revisions that taking it over made.
        set_variant: whether taking it over set the assessment's variant.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="workbooks")
    file_name = models.CharField(_("file"), max_length=120)
    sha256 = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    variant = models.CharField(max_length=40, blank=True)
    other_name = models.CharField(max_length=200, blank=True)
    base_revision = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(_("uploaded"), default=timezone.now)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    first_revision = models.PositiveIntegerField(null=True, blank=True)
    last_revision = models.PositiveIntegerField(null=True, blank=True)
    set_variant = models.BooleanField(default=False)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("uploaded workbook")
        verbose_name_plural = _("uploaded workbooks")
        ordering = ("-at",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def changes(self) -> int:
        """How many answers taking it over changed."""
        if self.first_revision is None or self.last_revision is None:
            return 0
        return self.last_revision - self.first_revision + 1


class Review(models.Model):
    """The verification of one assessment on site, from the first mark to the sign-off.

    Attributes:
        assessor: who began it, and after the sign-off who signed.
        note: what the assessor says about the whole.
        bonds: what bound the assessor to the firm or to its providers at the sign-off, sentences by language.
    """

    assessment = models.OneToOneField(Assessment, on_delete=models.CASCADE, related_name="review")
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    signed_at = models.DateTimeField(_("signed off"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    bonds = models.JSONField(_("bonds of the assessor"), default=list, blank=True)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")

    def __str__(self) -> str:
        return str(self.assessment)


class ReviewMark(models.Model):
    """What an assessor found about one answer. Marks are added, never changed: the last one of a question counts.

    Attributes:
        revision: the revision of the answer that was looked at; a later change of the answer makes the mark void.
        note: why it was corrected or could not be checked; optional where it was confirmed.
    """

    class Kind(models.TextChoices):
        """What the assessor found."""

        CONFIRMED = "confirmed", _("Confirmed")
        CORRECTED = "corrected", _("Corrected")
        UNCHECKED = "unchecked", _("Could not be checked")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="marks")
    question = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind)
    revision = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        ordering = ("pk",)
        indexes = (models.Index(fields=("review", "question"), name="mark_question"),)

    def __str__(self) -> str:
        return f"{self.question} · {self.get_kind_display()}"


class Objection(models.Model):
    """The firm's objection to one correction; at most one to each.

    Attributes:
        mark: the correction.
        proposal: the answer that the firm thinks right, in its own words.
        answer: what the assessor says to it.
    """

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", _("Waits for the assessor")
        UPHELD = "upheld", _("Upheld")
        REJECTED = "rejected", _("Rejected")

    mark = models.OneToOneField(ReviewMark, on_delete=models.CASCADE, related_name="objection")
    text = models.TextField(_("why"))
    proposal = models.TextField(_("proposal"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.mark.question} · {self.get_state_display()}"
