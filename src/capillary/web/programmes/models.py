"""Programmes and the enterprises that take part in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.accounts.models import Organisation
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Enterprise


class Programme(models.Model):
    """A programme that an organisation runs for many enterprises under one standard; open through its last day.

    Attributes:
        figures_at: when the dashboard's figures were worked out last.
        figures_asked_at: when somebody last asked for new ones, so that only one asks within a while.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes")
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    standard = models.CharField(_("standard"), max_length=40)
    code = models.SlugField(_("code for joining"), max_length=40, unique=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    figures_at = models.DateTimeField(null=True, editable=False)
    figures_asked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ("name_en",)

    def __str__(self) -> str:
        return f"{self.name_zh} · {self.name_en}"

    def in_(self, language: str) -> str:
        """Return the name in a language."""
        return self.name_zh if language == "zh" else self.name_en

    @property
    def figures_on_the_way(self) -> bool:
        """Whether new figures were asked for since the last ones were worked out."""
        asked, done = self.figures_asked_at, self.figures_at
        return asked is not None and (done is None or asked > done)


LONGEST_COHORT = 60
LONGEST_VIEW_NAME = 80
# What a list is sorted by. Every column has an index in whose order a page is read, however long the list is.
SORTED_COLUMNS = (
    "name",
    "region",
    "sector",
    "employees",
    "level_low",
    "supported_level",
    "score_low",
    "weakest",
    "assessed_at",
    "assessments",
    "cohort",
)
# Levels go with scores: whoever wants high scores of a low level would pass row after row for nothing.
BESIDE = {"score_low": ("level_low",)}
# What lists are filtered by, in one index: looking for what is rare reads it from end to end, and nothing besides. The last
# two follow from the index's condition, but SQLite looks for them in the row if they are not in the index.
FILTERED_COLUMNS = (
    *("name", "region", "sector", "employees", "level_low", "assessed_at", "cohort"),
    *("id", "consented_at", "withdrawn_at"),
)
# The part of the enrolments that officers see, as far as this table knows; see `capillary.web.access`.
CONSENTING = models.Q(consented_at__isnull=False, withdrawn_at__isnull=True)


class Enrolment(models.Model):
    """An enterprise that takes part in a programme, and where it stands there.

    The officers see it while ``consented_at`` is set and ``withdrawn_at`` is not. The standing below is copied from the
    enterprise's last completed assessment under the programme's standard, so that lists and dashboards read one table.

    Attributes:
        folded: the name in small letters, which the database keeps itself, so that a search on PostgreSQL need not fold
            every name; SQLite compares without regard to capitals, and is quicker with a column that it does not work out.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="enrolments")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="enrolments")
    cohort = models.CharField(_("cohort"), max_length=LONGEST_COHORT, blank=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    folded = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=200), db_persist=True
    )
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
        indexes = (
            *(
                models.Index(
                    fields=("programme", column, "id", *BESIDE.get(column, ())),
                    name=f"list_{column}",
                    condition=CONSENTING,
                )
                for column in SORTED_COLUMNS
            ),
            models.Index(fields=("programme", *FILTERED_COLUMNS), name="list_filters", condition=CONSENTING),
        )

    def __str__(self) -> str:
        return f"{self.programme} · {self.enterprise}"


class SavedView(models.Model):
    """Filters and sorting of a programme's list, kept under a name.

    Attributes:
        query: the part of the address that carries them, without the page.
        shared: whether the other officers of the programme see it too; only its owner changes it.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="views")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=LONGEST_VIEW_NAME)
    query = models.CharField(_("filters"), max_length=600, blank=True)
    shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("programme", "user", "name"), name="view_name_once"),)

    def __str__(self) -> str:
        return self.name


class Aggregate(models.Model):
    """One figure of a programme's dashboard: how many, and where it helps, the sum of what.

    The figures are stored as they are; small ones are held back where they are shown.

    Attributes:
        key: the row of the table: a region, a sector, a dimension, a level, a month.
        part: the column of the table: mostly a level; empty where the table has one column.
        total: sum of the scores, or of the changes of the score.
    """

    class Grouping(models.TextChoices):
        """Which table the figure belongs to."""

        ENTERPRISES = "enterprises", _("Enterprises")
        REGION = "region", _("Levels by region")
        SECTOR = "sector", _("Levels by sector")
        WEAKEST = "weakest", _("Weakest dimensions")
        SUPPORTED = "supported", _("Declared and supported levels")
        MONTH = "month", _("Assessments by month")
        CHANGE = "change", _("Change since the first assessment")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="aggregates")
    grouping = models.CharField(_("table"), max_length=12, choices=Grouping)
    key = models.CharField(_("row"), max_length=40, blank=True)
    part = models.CharField(_("column"), max_length=40, blank=True)
    count = models.PositiveIntegerField(_("how many"))
    total = models.FloatField(_("sum"), default=0)

    class Meta:
        verbose_name = _("figure of a dashboard")
        verbose_name_plural = _("figures of dashboards")
        constraints = (
            models.UniqueConstraint(fields=("programme", "grouping", "key", "part"), name="aggregate_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_grouping_display()} · {self.key} · {self.part}"
