"""Links that show a result to others, what all such links have in common, and the figures about peers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.assessments.models import Assessment

if TYPE_CHECKING:
    from datetime import datetime


class SecretLink(models.Model):
    """A link with which anybody may look at one thing, until it expires or is withdrawn.

    Attributes:
        id: chosen by the form that makes the link, so that sending it twice makes one link.
        token_hash: SHA-256 of the link's secret; the secret itself is shown once and kept nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    last_used = models.DateTimeField(_("last opened"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("times opened"), default=0)

    class Meta:
        abstract = True
        ordering = ("-made_at",)

    def works(self, now: datetime) -> bool:
        """Whether the link still opens."""
        return self.withdrawn_at is None and self.expires_at > now


class ShareLink(SecretLink):
    """A link with which anybody may look at one result.

    Attributes:
        show_answers: whether answers, and what follows question by question, are shown too.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="share_links")
    show_answers = models.BooleanField(_("shows the answers"), default=False)

    class Meta(SecretLink.Meta):
        verbose_name = _("share link")
        verbose_name_plural = _("share links")

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.made_at:%Y-%m-%d}"


class PeerFigure(models.Model):
    """How the enterprises of one group score under one standard; made anew as a whole, never for groups that are too small.

    Attributes:
        sector, size, region: what the members of the group share; empty where it does not matter.
        enterprises: how many they are.
        lower, median, upper: the quartiles of the score that their answers prove.
        levels: how many are on each level that their answers prove, by level.
    """

    standard = models.CharField(_("standard"), max_length=40)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    size = models.CharField(_("size class"), max_length=10, blank=True)
    region = models.CharField(_("region"), max_length=12, blank=True)
    enterprises = models.PositiveIntegerField(_("enterprises"))
    lower = models.FloatField(_("lower quartile"))
    median = models.FloatField(_("median"))
    upper = models.FloatField(_("upper quartile"))
    levels = models.JSONField(_("levels"), default=dict)
    made_at = models.DateTimeField(_("made on"), default=timezone.now)

    class Meta:
        verbose_name = _("figure about peers")
        verbose_name_plural = _("figures about peers")
        constraints = (
            models.UniqueConstraint(fields=("standard", "sector", "size", "region"), name="peer_group_once"),
        )

    def __str__(self) -> str:
        return " · ".join(part for part in (self.standard, self.sector, self.size, self.region) if part)
