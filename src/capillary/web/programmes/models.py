"""Programmes and the enterprises that take part in them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.accounts.models import Organisation
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Enterprise


class Programme(models.Model):
    """A programme that an organisation runs for many enterprises under one standard; open through its last day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes")
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    standard = models.CharField(_("standard"), max_length=40)
    code = models.SlugField(_("code for joining"), max_length=40, unique=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ("name_en",)

    def __str__(self) -> str:
        return f"{self.name_zh} · {self.name_en}"

    def in_(self, language: str) -> str:
        """Return the name in a language."""
        return self.name_zh if language == "zh" else self.name_en


class Enrolment(models.Model):
    """An enterprise that takes part in a programme, and where it stands there.

    The officers see it while ``consented_at`` is set and ``withdrawn_at`` is not. The standing below is copied from the
    enterprise's last completed assessment under the programme's standard, so that lists and dashboards read one table.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="enrolments")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="enrolments")
    cohort = models.CharField(_("cohort"), max_length=60, blank=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    sector = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=12, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    level_low = models.PositiveSmallIntegerField(null=True)
    level_high = models.PositiveSmallIntegerField(null=True)
    score_low = models.FloatField(null=True)
    score_high = models.FloatField(null=True)
    supported_level = models.PositiveSmallIntegerField(null=True)
    weakest = models.CharField(max_length=40, blank=True)
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessments = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = (models.UniqueConstraint(fields=("programme", "enterprise"), name="enrolment_once"),)

    def __str__(self) -> str:
        return f"{self.programme} · {self.enterprise}"
