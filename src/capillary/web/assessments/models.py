"""Assessments and the revisions of their answers."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.enterprises.models import Enterprise


class Assessment(models.Model):
    """One enterprise under one standard at one time: T0, T1, T2 and so on.

    The truth about the answers is the list of `Revision`s, which only grows. ``answers`` and the figures below it are
    what follows from the revisions, kept in the row so that a page or a list reads them without working them out.

    Attributes:
        number: 0 for the enterprise's first assessment under the standard, 1 for the next, and so on.
        answers: present answers by question: ``{"value": raw answer, "by": user's id or None, "at": ISO time,
            "revision": number of the revision}``; with ``"evidenced"``, the grade that the evidence alone earns, where an
            assessor has confirmed the answer.
        asked: questions in the order in which they were shown, "don't know" included, so that "back" finds the last one.
        grades: grade of the evidence behind an answer, by question; what is not named is declared.
        carried: what other assessments already say, ``{"from": id, "lowest": codes, "highest": codes}``, or empty.
        revision: number of the last revision.
        detail: whether the person goes on though the level is certain.
        score_low, score_high, level_low, level_high: the score as declared; levels are None where there are none.
        supported_score, supported_level: the score that the evidence supports.
        dimensions: ``{dimension: [low, high]}`` in the standard's points.
    """

    class Status(models.TextChoices):
        """How far the assessment is."""

        OPEN = "open", _("In progress")
        COMPLETED = "completed", _("Completed")
        SIGNED = "signed", _("Signed off")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="assessments")
    standard = models.CharField(_("standard"), max_length=40)
    variant = models.CharField(_("variant"), max_length=40, blank=True)
    number = models.PositiveSmallIntegerField(_("number"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed off"), null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    answers = models.JSONField(default=dict)
    asked = models.JSONField(default=list)
    grades = models.JSONField(default=dict)
    carried = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    detail = models.BooleanField(default=False)

    score_low = models.FloatField(null=True)
    score_high = models.FloatField(null=True)
    level_low = models.PositiveSmallIntegerField(null=True)
    level_high = models.PositiveSmallIntegerField(null=True)
    supported_score = models.FloatField(null=True)
    supported_level = models.PositiveSmallIntegerField(null=True)
    answered = models.PositiveSmallIntegerField(default=0)
    dimensions = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(fields=("enterprise", "standard", "number"), name="assessment_number"),
        )

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.standard} · T{self.number}"

    @property
    def certain(self) -> bool:
        """Whether the level is certain."""
        return self.level_low is not None and self.level_low == self.level_high


class Revision(models.Model):
    """One change of one answer: who, when, from where, why. Never changed and never deleted on its own.

    Attributes:
        value: the raw answer from then on; None for "don't know" and for an answer taken back.
    """

    class Origin(models.TextChoices):
        """Where the answer came from."""

        HOLDER = "holder", _("Check without an account")
        OWNER = "owner", _("Owner")
        COLLEAGUE = "colleague", _("Colleague")
        ADVISER = "adviser", _("Adviser")
        ASSESSOR = "assessor", _("Assessor")
        WORKBOOK = "workbook", _("Workbook")
        API = "api", _("API")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    question = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    origin = models.CharField(max_length=10, choices=Origin)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("assessment", "number"), name="revision_number"),)

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.question} · {self.number}"
