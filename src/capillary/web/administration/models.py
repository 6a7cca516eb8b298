"""Reports on what a new edition of a standard does to the stored assessments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EditionReport(models.Model):
    """One comparison of two editions, made in the background.

    Attributes:
        old, latest: ids of the standards.
        total, done: how many assessments there are to score again, and how many of them are.
        failure: what went wrong, for the administrator; empty if nothing did.
        result: ``levels`` (``[before, after, count]``), ``largest`` (the largest changes), ``refused`` (answers that do not
            fit, by question and reason), ``unreadable`` (assessments whose answers do not even fit the old edition).
    """

    old = models.CharField(_("present edition"), max_length=40)
    latest = models.CharField(_("other edition"), max_length=40)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("report on a change of editions")
        verbose_name_plural = _("reports on changes of editions")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.old} → {self.latest}"
