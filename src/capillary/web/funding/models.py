"""What a firm told about itself for the sake of incentives, and what officers try out with the rules."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes.models import Programme

LONGEST_NAME, LONGEST_NOTE = 80, 500
LONGEST_WORK = timedelta(minutes=10)


class FirmFacts(models.Model):
    """Facts of one enterprise, beside what its assessments say.

    Attributes:
        facts: values by fact, as `capillary.incentives.situation.read_situation` takes them.
        aids: earlier aid; None where the firm was not asked yet.
        currency: of all amounts.
    """

    enterprise = models.OneToOneField(
        Enterprise, on_delete=models.CASCADE, related_name="facts", primary_key=True
    )
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    aids = models.JSONField(_("earlier aid"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("facts of an enterprise")
        verbose_name_plural = _("facts of enterprises")

    def __str__(self) -> str:
        return str(self.enterprise)


class RuleDraft(models.Model):
    """Another form of an incentive programme that somebody tries out. No firm is ever judged by it.

    Attributes:
        incentive: the id of the programme.
        text: the whole programme, as its file writes it; it passed all checks when it was kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incentive = models.CharField(_("incentive programme"), max_length=80, db_index=True)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    text = models.TextField(_("rules"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)

    class Meta:
        verbose_name = _("draft of rules")
        verbose_name_plural = _("drafts of rules")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.incentive} · {self.name}"


class Simulation(models.Model):
    """What one form of an incentive programme would change against another, over the enterprises of a programme.

    Attributes:
        programme: whose enterprises are the population.
        incentive: the id of the incentive programme.
        on: the day whose rules and aid count.
        before_name, after_name: names of drafts; empty for the form in force, or for one that was not kept.
        before_text, after_text: both forms, as they were.
        progress: ``{"done", "all"}`` while it is being worked on.
        result: an enrolment's number for each enterprise, and both answers; see `capillary.web.funding.trials`. Which of them
            are shown is decided when they are.
        problems: why nothing can be worked out, in both languages.
    """

    class Status(models.TextChoices):
        """How far the work is."""

        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being worked on")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Not possible")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="simulations")
    incentive = models.CharField(_("incentive programme"), max_length=80)
    on = models.DateField(_("day"))
    before_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    before_text = models.TextField()
    after_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    after_text = models.TextField()
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(_("ready on"), null=True)
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    problems = models.JSONField(default=list)

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        ordering = ("-made_at",)
        indexes = (models.Index(fields=("incentive", "programme"), name="simulation_of"),)

    def __str__(self) -> str:
        return f"{self.incentive} · {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be worked on."""
        return self.status in {self.Status.WAITING, self.Status.WORKING}

    @property
    def hangs(self) -> bool:
        """Whether the work on it has gone on for so long that something must have stopped it."""
        return self.is_open and timezone.now() - (self.begun_at or self.made_at) > LONGEST_WORK
