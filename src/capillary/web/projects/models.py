"""Projects and their milestones."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.enterprises.models import Enterprise
from capillary.web.planning.models import Roadmap

if TYPE_CHECKING:
    from datetime import date


class Project(models.Model):
    """A plan of a roadmap that an enterprise carries out.

    Attributes:
        standard: under which its milestones raise answers.
        roadmap: where the plan comes from; None once that is deleted.
        aims: what the plan was best at.
        budget: what the plan may cost; None where that was not said.
    """

    class Status(models.TextChoices):
        """How far the project is."""

        ACTIVE = "active", _("Running")
        ENDED = "ended", _("Ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="projects")
    standard = models.CharField(_("standard"), max_length=40)
    roadmap = models.ForeignKey(
        Roadmap, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects"
    )
    name = models.CharField(_("name"), max_length=200)
    aims = models.JSONField(default=list)
    level = models.PositiveSmallIntegerField(_("level to reach"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    budget = models.PositiveBigIntegerField(_("budget"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.name


class Milestone(models.Model):
    """One measure of a project.

    Attributes:
        measure: id of the measure.
        owner: who sees to it: a name, inside or outside of the firm.
        planned: what it should cost: one-off costs and one year's running costs.
        spent: what it has cost so far.
        raised: questions whose answers became better when it was completed.
    """

    class Status(models.TextChoices):
        """How far the milestone is."""

        OPEN = "open", _("Not begun")
        UNDERWAY = "underway", _("Under way")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    measure = models.CharField(_("measure"), max_length=80)
    owner = models.CharField(_("who sees to it"), max_length=100, blank=True)
    begins = models.DateField(_("begins"))
    due = models.DateField(_("due"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    planned = models.PositiveBigIntegerField(_("planned cost"), default=0)
    spent = models.PositiveBigIntegerField(_("cost so far"), default=0)
    note = models.TextField(_("note"), blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    raised = models.JSONField(default=list)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("project", "number"), name="milestone_number"),
            models.UniqueConstraint(fields=("project", "measure"), name="milestone_measure"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.measure}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in {self.Status.OPEN, self.Status.UNDERWAY}

    def is_late(self, today: date) -> bool:
        """Whether it should have been done."""
        return self.is_open and self.due < today
