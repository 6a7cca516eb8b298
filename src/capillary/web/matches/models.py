"""Needs of firms, matches with offers, quotes, messages, ratings, and every step that was made."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.matching.life import OVER, STATUS_WORDS, Status
from capillary.web.assessments.models import Assessment
from capillary.web.core.files import random_path
from capillary.web.core.language import language
from capillary.web.enterprises.models import Enterprise
from capillary.web.evidence.models import private_storage
from capillary.web.market.models import MarketProvider

DIGITS = 15
LONGEST = 4000


def _amount(title: object, **options: object) -> models.DecimalField:
    return models.DecimalField(title, max_digits=DIGITS, decimal_places=2, **options)


def _person(title: object = "") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=title,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


def random_name(instance: models.Model, filename: str) -> str:  # noqa: ARG001 - Django passes the name; it decides nothing
    """Return where a file of a match is stored; nothing that the sender chose is part of it."""
    return random_path("matches")


class Need(models.Model):
    """What a firm needs. Providers see of it what `capillary.matching.leads` says, until both have agreed.

    Attributes:
        assessment: whose shortcomings or plan it comes from; None once that is gone.
        measures: ids of measures.
        sector, region, employees: the firm's own on the day of publication.
        users, machines: what prices by user and machine are multiplied by.
        languages: that would do; empty for any.
        budget: the most that the first year may cost, in whole units of ``currency``; None where none is told.
        start_by: the day by which it must be possible to begin.
        words: what the firm adds; read by a provider once both have agreed.
    """

    class State(models.TextChoices):
        """Whether providers find it."""

        OPEN = "open", _("Published")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="needs")
    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.SET_NULL, related_name="needs"
    )
    measures = models.JSONField(_("measures"))
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    region = models.CharField(_("region"), max_length=12, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    users = models.PositiveIntegerField(_("people who work with it"), default=0)
    machines = models.PositiveIntegerField(_("machines"), default=0)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    budget = models.PositiveBigIntegerField(_("budget"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    start_by = models.DateField(_("to begin by"), null=True, blank=True)
    words = models.TextField(_("in your own words"), blank=True)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    published_by = _person(_("published by"))
    published_at = models.DateTimeField(_("published"), default=timezone.now, db_index=True)
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ("-published_at",)
        indexes = (models.Index(fields=("state", "published_at"), name="need_open"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call it by; it says nothing of the firm."""
        return f"N-{self.pk.hex[:6].upper()}"


class Match(models.Model):
    """A need and an offer, from the first word to the rating.

    Attributes:
        offer_code: the offer's id.
        offer: the offer as it was when the match began, a `capillary.model.market.Offer` as JSON.
        by_firm: whether the firm sent its need; else the provider expressed an interest.
        firm_agreed_at, provider_agreed_at: since when each may be named to the other.
        since: the day on which it came to its status; its clock runs from there.
        in_time: whether the provider took care within three working days; None before that.
        contract_on, contract_amount, contract_currency, deliver_by: what was agreed.
        delivered_on: the day of delivery, as the provider says and the firm confirms.
        cost, used_by, level_before, level_after: what was measured.
        satisfied, in_use, trained: the answers of the rating; None where there are none.
        complaint_at, complaint_firm, settled_at: the last complaint, who made it, and when it was settled.
        reminded_on, overdue_on: the days on which its clock struck since the last step, whenever that was noticed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="matches")
    provider = models.ForeignKey(MarketProvider, on_delete=models.CASCADE, related_name="matches")
    offer_code = models.CharField(_("offer"), max_length=80)
    offer = models.JSONField()
    status = models.CharField(
        _("status"), max_length=10, choices=[(item.value, item.value) for item in Status]
    )
    by_firm = models.BooleanField(_("begun by the firm"))
    firm_agreed_at = models.DateTimeField(_("agreed by the firm"), null=True, blank=True)
    provider_agreed_at = models.DateTimeField(_("agreed by the provider"), null=True, blank=True)
    since = models.DateField(_("since"))
    in_time = models.BooleanField(_("taken care of in time"), null=True, blank=True)
    contract_on = models.DateField(_("day of the contract"), null=True, blank=True)
    contract_amount = _amount(_("amount of the contract"), null=True, blank=True)
    contract_currency = models.CharField(_("currency of the contract"), max_length=3, blank=True)
    deliver_by = models.DateField(_("to be delivered by"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("delivery confirmed"), null=True, blank=True)
    cost = _amount(_("what it cost"), null=True, blank=True)
    used_by = models.PositiveIntegerField(_("people who use it"), null=True, blank=True)
    level_before = models.PositiveSmallIntegerField(_("level before"), null=True, blank=True)
    level_after = models.PositiveSmallIntegerField(_("level after"), null=True, blank=True)
    satisfied = models.BooleanField(_("would order again"), null=True, blank=True)
    in_use = models.BooleanField(_("is in daily use"), null=True, blank=True)
    trained = models.BooleanField(_("people were trained"), null=True, blank=True)
    complaint_at = models.DateTimeField(_("complaint"), null=True, blank=True)
    complaint_firm = models.BooleanField(_("complaint of the firm"), default=True)
    settled_at = models.DateTimeField(_("complaint settled"), null=True, blank=True)
    reminded_on = models.DateField(_("reminded"), null=True, blank=True)
    overdue_on = models.DateField(_("overdue"), null=True, blank=True)
    made_by = _person(_("begun by"))
    made_at = models.DateTimeField(_("begun on"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ("-changed_at",)
        indexes = (
            models.Index(fields=("provider", "status"), name="match_provider"),
            models.Index(fields=("status", "since"), name="match_clock"),
        )
        constraints = (
            models.UniqueConstraint(fields=("need", "offer_code"), name="match_once"),
            models.CheckConstraint(
                condition=models.Q(satisfied__isnull=True) | models.Q(confirmed_at__isnull=False),
                name="match_rated_once_delivered",
            ),
        )

    def __str__(self) -> str:
        return f"{self.need.reference} · {self.offer_code}"

    @property
    def state(self) -> Status:
        """How far it is."""
        return Status(self.status)

    @property
    def is_over(self) -> bool:
        """Whether nothing is waited for any more."""
        return self.state in OVER

    @property
    def status_words(self) -> str:
        """How far it is, in the reader's language."""
        return STATUS_WORDS[self.state].in_(language())

    @property
    def named(self) -> bool:
        """Whether both agreed, so that each sees the other's name."""
        return self.firm_agreed_at is not None and self.provider_agreed_at is not None

    @property
    def complains(self) -> bool:
        """Whether a complaint waits to be settled."""
        return self.complaint_at is not None and self.settled_at is None

    @classmethod
    def for_export(cls, rows: models.QuerySet[Match]) -> models.QuerySet[Match]:
        """Return what a firm's own archive holds: no interest of a provider to whom it has not agreed."""
        return rows.filter(firm_agreed_at__isnull=False)


class _WithFile(models.Model):
    """Something that may carry a file, which has been checked by its content."""

    file = models.FileField(
        _("file"), storage=private_storage, upload_to=random_name, max_length=100, blank=True
    )
    file_name = models.CharField(_("name of the file"), max_length=160, blank=True)
    file_type = models.CharField(_("type of the file"), max_length=100, blank=True)
    file_size = models.PositiveIntegerField(_("size of the file"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True


class Quote(_WithFile):
    """A price with dates; the last one of a match counts.

    Attributes:
        one_off, yearly: in ``currency``, without tax.
        weeks: from the contract to the delivery.
        valid_until: the last day on which the firm can accept it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="quotes")
    number = models.PositiveSmallIntegerField()
    one_off = _amount(_("paid once"))
    yearly = _amount(_("paid each year"), default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3)
    weeks = models.PositiveSmallIntegerField(_("weeks to delivery"))
    valid_until = models.DateField(_("stands until"))
    note = models.TextField(_("note"), blank=True)
    by = _person(_("by whom"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("match", "number"), name="quote_number"),)

    def __str__(self) -> str:
        return f"{self.currency} {self.one_off} + {self.yearly}"

    @property
    def first_year(self) -> Decimal:
        """What is paid in the first year."""
        return self.one_off + self.yearly


class MatchMessage(_WithFile):
    """A message inside a match; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="thread")
    side = models.CharField(_("side"), max_length=8)
    text = models.TextField(_("message"))
    by = _person(_("by whom"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("message of a match")
        verbose_name_plural = _("messages of matches")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text[:60]


class MatchEvent(models.Model):
    """One step in the life of a match; never changed.

    Attributes:
        side: which side made it; empty where a clock struck.
        act: what was done, as `capillary.matching.life.Act` names it, or ``send``, ``express``, ``remind``, ``overdue``.
        text: what was said with it.
    """

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = _person(_("by whom"))
    side = models.CharField(_("side"), max_length=8, blank=True)
    act = models.CharField(_("what"), max_length=20)
    text = models.TextField(_("what was said"), blank=True)

    class Meta:
        verbose_name = _("step of a match")
        verbose_name_plural = _("steps of matches")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"

    @classmethod
    def for_export(cls, rows: models.QuerySet[MatchEvent]) -> models.QuerySet[MatchEvent]:
        """Return what a firm's own archive holds: no step of a match to which it has not agreed."""
        return rows.filter(match__firm_agreed_at__isnull=False)


class LetterChoice(models.Model):
    """What a person wants of letters about needs and matches, and when the last one went out.

    Attributes:
        stopped_at: when the person unsubscribed; None where letters are sent.
        last_on: the day of the last letter: there is one a day at most.
        last_at: what happened until then has been told.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="match_letters"
    )
    stopped_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True)
    last_on = models.DateField(_("last letter"), null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("choice about letters")
        verbose_name_plural = _("choices about letters")

    def __str__(self) -> str:
        return f"{self.user}"
