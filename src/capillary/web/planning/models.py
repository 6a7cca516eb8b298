"""Roadmaps that were asked for, what was found, and links that show them."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.assessments.models import Assessment
from capillary.web.results.models import SecretLink

LONGEST = timedelta(minutes=5)  # work on one roadmap; a large one takes a minute or two


class Roadmap(models.Model):
    """One question and its answer. A changed question is a new row, so that the way back is always open.

    Attributes:
        previous: the roadmap that this one was changed from.
        revision: the assessment's revision of answers that it was made from.
        wishes: what was asked for, see `capillary.web.planning.wishes`.
        first_year, first_quarter: the first quarter of its plans.
        progress: ``{"aim", "found", "wanted", "objective", "bound"}`` while it is being worked on.
        result: the roadmap as the engine states it; empty until it is ready.
        page: the same in sentences of both languages, see `capillary.web.planning.pages`.
        book_zh, book_en: the workbook in each language.
        problems: why the question cannot be answered: a path and a text in both languages each.
    """

    class Status(models.TextChoices):
        """How far the work is."""

        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being worked on")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Not possible")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="roadmaps")
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    begun_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(_("ready on"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    wishes = models.JSONField(default=dict)
    first_year = models.PositiveSmallIntegerField()
    first_quarter = models.PositiveSmallIntegerField()
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    page = models.JSONField(default=dict)
    book_zh = models.BinaryField(default=bytes, editable=False)
    book_en = models.BinaryField(default=bytes, editable=False)
    problems = models.JSONField(default=list)

    class Meta:
        verbose_name = _("roadmap")
        verbose_name_plural = _("roadmaps")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.assessment} · {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def first(self) -> tuple[int, int]:
        """Year and quarter in which its plans begin."""
        return self.first_year, self.first_quarter

    @property
    def is_open(self) -> bool:
        """Whether it is still to be worked on."""
        return self.status in {self.Status.WAITING, self.Status.WORKING}

    @property
    def hangs(self) -> bool:
        """Whether the work on it has gone on for so long that something must have stopped it."""
        return self.is_open and timezone.now() - (self.begun_at or self.made_at) > LONGEST


class RoadmapLink(SecretLink):
    """A link with which anybody may look at one roadmap."""

    roadmap = models.ForeignKey(Roadmap, on_delete=models.CASCADE, related_name="links")

    class Meta(SecretLink.Meta):
        verbose_name = _("link to a roadmap")
        verbose_name_plural = _("links to roadmaps")

    def __str__(self) -> str:
        return f"{self.roadmap_id} · {self.made_at:%Y-%m-%d}"
