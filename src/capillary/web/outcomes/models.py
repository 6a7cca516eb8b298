"""What firms tell of finished projects, and the figures that may be shown of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.outcomes.figures import Cell, Figure
from capillary.web.enterprises.models import Enterprise

LONGEST = 1000


class How(models.TextChoices):
    """How a figure before and after was found."""

    SYSTEM = "system", _("Read off a system or a meter")
    COUNTED = "counted", _("Counted or timed for at least a week")
    ESTIMATED = "estimated", _("Estimated (is kept, but does not count)")


def _person(title: object = "") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=title,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Outcome(models.Model):
    """What one finished project, or one delivery, came to, for the measures of one scenario.

    Attributes:
        project, match: where it comes from; None once that is deleted.
        version: changes with every change of what is told, so that a corrected report counts as a new one.
        measures: those of the scenario on the day of the report.
        sector, employees: the firm's own on that day.
        cost: once, without what it costs each year, in ``currency``; `done_on` is its day.
        improved: what got better: ``on``, ``of``, ``before``, ``after`` as decimal texts, and ``how``.
        wrong: what went wrong, in the firm's words, in ``language``.
        consented_at, withdrawn_at: since when it may be published without a name, and since when no longer.
        shows_words: whether the reviewer found that the words name nobody.
    """

    class State(models.TextChoices):
        """What a reviewer says."""

        WAITING = "waiting", _("Waits for review")
        ACCEPTED = "accepted", _("Counted")
        REFUSED = "refused", _("Sent back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="outcomes")
    project = models.ForeignKey(
        "projects.Project", null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes"
    )
    match = models.ForeignKey(
        "matches.Match", null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes"
    )
    version = models.UUIDField(default=uuid.uuid4, editable=False)
    scenario = models.CharField(_("scenario"), max_length=80, db_index=True)
    measures = models.JSONField(_("measures"))
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    done_on = models.DateField(_("done on"))
    cost = models.DecimalField(_("what it cost once"), max_digits=15, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    weeks = models.PositiveSmallIntegerField(_("weeks"), null=True, blank=True)
    hours = models.PositiveIntegerField(_("hours of own people"), null=True, blank=True)
    level_before = models.PositiveSmallIntegerField(_("level before"), null=True, blank=True)
    level_after = models.PositiveSmallIntegerField(_("level after"), null=True, blank=True)
    improved = models.JSONField(_("what got better"), default=list)
    wrong = models.TextField(_("what went wrong"), blank=True, max_length=LONGEST)
    language = models.CharField(_("language"), max_length=8)
    consented_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    consented_by = _person(_("agreed by"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    state = models.CharField(_("review"), max_length=8, choices=State, default=State.WAITING)
    shows_words = models.BooleanField(_("words are shown"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reviewed_by = _person(_("reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed on"), null=True, blank=True)
    told_by = _person(_("told by"))
    told_at = models.DateTimeField(_("told on"), default=timezone.now)

    not_exported = frozenset({"reviewed_by_id"})  # who reviewed it is no data of the firm

    class Meta:
        verbose_name = _("outcome of a project")
        verbose_name_plural = _("outcomes of projects")
        ordering = ("-told_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("project", "scenario"), name="outcome_of_project_once"),
            models.UniqueConstraint(fields=("match", "scenario"), name="outcome_of_match_once"),
        )

    def __str__(self) -> str:
        return f"{self.scenario} · {self.done_on}"

    @property
    def is_agreed(self) -> bool:
        """Whether the firm agrees that it is published without a name."""
        return self.consented_at is not None and self.withdrawn_at is None

    @property
    def counts(self) -> bool:
        """Whether it stands behind the figures of its scenario."""
        return self.is_agreed and self.state == self.State.ACCEPTED


class ScenarioFigure(models.Model):
    """One figure of a scenario as it may be told; written by `capillary.web.outcomes.services.figures_refresh` only.

    Attributes:
        part: such as ``weeks`` or ``one_off:small``, as `capillary.outcomes.figures.values_of` names them.
        low, typical, high: None where nothing may be told; amounts are in the base currency.
        reported: how many projects report it.
        told: the versions behind every figure that was told, firm by firm, without naming one.
    """

    scenario = models.CharField(_("scenario"), max_length=80)
    part = models.CharField(_("figure"), max_length=40)
    low = models.DecimalField(_("lower quartile"), max_digits=18, decimal_places=4, null=True, blank=True)
    typical = models.DecimalField(_("median"), max_digits=18, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("upper quartile"), max_digits=18, decimal_places=4, null=True, blank=True)
    projects = models.PositiveIntegerField(_("projects"), default=0)
    first_year = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    last_year = models.PositiveSmallIntegerField(_("to"), null=True, blank=True)
    reported = models.PositiveIntegerField(_("reported"), default=0)
    told = models.JSONField(default=list)
    made_at = models.DateTimeField(_("made on"), default=timezone.now)

    class Meta:
        verbose_name = _("figure of a scenario")
        verbose_name_plural = _("figures of scenarios")
        ordering = ("scenario", "part")
        constraints = (models.UniqueConstraint(fields=("scenario", "part"), name="scenario_figure_once"),)

    def __str__(self) -> str:
        return f"{self.scenario} · {self.part}"

    @property
    def cell(self) -> Cell:
        """The figure as the engine takes it."""
        from fractions import Fraction

        told = tuple(frozenset(tuple(group) for group in groups) for groups in self.told)
        if self.low is None or self.typical is None or self.high is None:
            return Cell(None, self.reported, told)
        figure = Figure(
            Fraction(self.low),
            Fraction(self.typical),
            Fraction(self.high),
            self.projects,
            (self.first_year or 0, self.last_year or 0),
        )
        return Cell(figure, self.reported, told)
