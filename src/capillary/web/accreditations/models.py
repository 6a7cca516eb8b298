"""Desks that decide about accreditations, applications with their papers, decisions, and every step that was made."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.matching.accrediting import OUTCOME_WORDS, STATUS_WORDS, WAITING, Outcome, Status
from capillary.web.accounts.models import Organisation
from capillary.web.core.files import random_path
from capillary.web.core.language import language
from capillary.web.evidence.models import private_storage
from capillary.web.market.models import MarketProvider

MONTHS, MOST_MONTHS = 24, 120
APPEAL_DAYS = 30
LONGEST = 4000


def _person(title: object = "") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=title,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


def random_name(instance: models.Model, filename: str) -> str:  # noqa: ARG001 - Django passes both; they decide nothing
    """Return where a paper is stored."""
    return random_path("accreditations")


class Desk(models.Model):
    """An organisation that decides about one accreditation.

    Attributes:
        programme: id of the rules; see `capillary.web.engine.accreditations`.
        months: for how long an accreditation is given.
        is_open: whether it takes applications.
        numbers: the number of the last application.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="desks", verbose_name=_("organisation")
    )
    programme = models.CharField(_("accreditation"), max_length=60)
    months = models.PositiveSmallIntegerField(
        _("months of validity"),
        default=MONTHS,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
    )
    appeal_days = models.PositiveSmallIntegerField(_("days for an appeal"), default=APPEAL_DAYS)
    note = models.TextField(_("what applicants should know"), blank=True)
    contact = models.CharField(_("whom to ask"), max_length=200, blank=True)
    is_open = models.BooleanField(_("takes applications"), default=True)
    numbers = models.PositiveIntegerField(default=0, editable=False)
    made_by = _person(_("begun by"))
    made_at = models.DateTimeField(_("begun on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("office that accredits")
        verbose_name_plural = _("offices that accredit")
        ordering = ("programme", "organisation")
        constraints = (models.UniqueConstraint(fields=("organisation", "programme"), name="desk_once"),)

    def __str__(self) -> str:
        return f"{self.programme} · {self.organisation}"


class ProviderFacts(models.Model):
    """What a provider told of itself for the rules of accreditations; it is asked each fact once.

    Attributes:
        facts: values by fact, as rules read them.
    """

    provider = models.OneToOneField(
        MarketProvider, on_delete=models.CASCADE, related_name="accreditation_facts"
    )
    facts = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = _person(_("changed by"))

    class Meta:
        verbose_name = _("facts of a provider")
        verbose_name_plural = _("facts of providers")

    def __str__(self) -> str:
        return str(self.provider)


class AccreditationRequest(models.Model):
    """A provider's application for an accreditation; what it handed in is kept as it was.

    Attributes:
        before: the status that a proposal goes back to; empty where none waits.
        facts: what was handed in; empty in a draft, whose facts are the provider's own.
        checked: what the office found out or corrected: ``{fact: {"value": …, "why": …, "by": …, "at": …}}``.
        on: the day whose rules decide: that of the submission.
        round: 1 for the first decision, 2 for the one about an appeal.
        appeal_by: the last day of an appeal against the last decision.
        granted_on, valid_to: of the accreditation, both days included; None where it was never granted.
        remark: what the applicant adds.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField()
    provider = models.ForeignKey(
        MarketProvider, on_delete=models.CASCADE, related_name="accreditation_requests"
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        default=Status.DRAFT,
        choices=[(item.value, item.value) for item in Status],
    )
    before = models.CharField(max_length=10, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    facts = models.JSONField(default=dict, blank=True)
    checked = models.JSONField(default=dict, blank=True)
    on = models.DateField(_("day whose rules decide"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    submitted_by = _person(_("submitted by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    appeal_by = models.DateField(_("last day of an appeal"), null=True, blank=True)
    granted_on = models.DateField(_("accredited on"), null=True, blank=True)
    valid_to = models.DateField(_("valid through"), null=True, blank=True)
    made_by = _person(_("begun by"))
    made_at = models.DateTimeField(_("begun on"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("application for accreditation")
        verbose_name_plural = _("applications for accreditation")
        ordering = ("-made_at",)
        indexes = (models.Index(fields=("desk", "status", "submitted_at"), name="accreditation_queue"),)
        constraints = (
            models.UniqueConstraint(fields=("desk", "number"), name="accreditation_number"),
            models.UniqueConstraint(
                fields=("desk", "provider"),
                condition=models.Q(status__in=[Status.DRAFT, *sorted(WAITING)]),
                name="accreditation_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.GRANTED)
                | models.Q(granted_on__isnull=False, valid_to__gte=models.F("granted_on")),
                name="accreditation_has_days",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call it by."""
        return f"A-{self.desk.programme}-{self.number:04d}"

    @property
    def state(self) -> Status:
        """How far it is."""
        return Status(self.status)

    @property
    def holds(self) -> bool:
        """Whether the accreditation holds today."""
        granted = self.state == Status.GRANTED or (
            self.state == Status.PROPOSED and self.before == Status.GRANTED
        )
        return granted and self.valid_to is not None and self.valid_to >= timezone.localdate()

    @property
    def status_words(self) -> str:
        """How far it is, in the reader's language; an accreditation that is over says so."""
        if self.state == Status.GRANTED and not self.holds:
            return str(_("Expired"))
        return STATUS_WORDS[self.state].in_(language())


class AccreditationPaper(models.Model):
    """A file that was handed in; never changed once the application is submitted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(AccreditationRequest, on_delete=models.CASCADE, related_name="papers")
    item = models.CharField(_("item of the checklist"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    waived = models.CharField(_("why it does not apply"), max_length=300, blank=True)
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=random_name, max_length=100, blank=True
    )
    file_name = models.CharField(_("name of the file"), max_length=160, blank=True)
    file_type = models.CharField(_("type of the file"), max_length=100, blank=True)
    file_size = models.PositiveIntegerField(_("size of the file"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = _person(_("added by"))
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("paper of an application for accreditation")
        verbose_name_plural = _("papers of applications for accreditation")
        ordering = ("added_at",)

    def __str__(self) -> str:
        return self.title or self.file_name or self.item


class AccreditationDecision(models.Model):
    """A proposal of one officer and what another one made of it, with what the rules said.

    Attributes:
        judged: what the rules said, with the trace of every condition, as `Entitlement.as_json` writes it.
        state: waits, confirmed or returned.
    """

    class State(models.TextChoices):
        """What became of the proposal."""

        WAITS = "waits", _("Waits for the second officer")
        CONFIRMED = "confirmed", _("Confirmed")
        RETURNED = "returned", _("Sent back")

    request = models.ForeignKey(AccreditationRequest, on_delete=models.CASCADE, related_name="decisions")
    round = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(
        _("what is proposed"), max_length=10, choices=[(item.value, item.value) for item in Outcome]
    )
    reasons = models.TextField(_("reasons"), blank=True)
    judged = models.JSONField(default=dict)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.WAITS)
    proposed_by = _person(_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    judged_by = _person(_("confirmed or sent back by"))
    judged_at = models.DateTimeField(_("confirmed or sent back"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("decision about an accreditation")
        verbose_name_plural = _("decisions about accreditations")
        ordering = ("proposed_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(judged_by__isnull=True)
                | models.Q(proposed_by__isnull=True)
                | ~models.Q(proposed_by=models.F("judged_by")),
                name="accreditation_four_eyes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.outcome} · {self.state}"

    @property
    def outcome_words(self) -> str:
        """What is proposed, in the reader's language."""
        return OUTCOME_WORDS[Outcome(self.outcome)].in_(language())


class AccreditationEvent(models.Model):
    """One step in the life of an application; never changed.

    Attributes:
        office: whether the office made it.
        act: what was done, as `capillary.matching.accrediting.Act` names it, or ``start``, ``paper-remove``, ``grant``,
            ``refuse``, ``take-back``.
    """

    request = models.ForeignKey(AccreditationRequest, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = _person(_("by whom"))
    office = models.BooleanField(default=False)
    act = models.CharField(_("what"), max_length=20)
    text = models.TextField(_("what was said"), blank=True)

    class Meta:
        verbose_name = _("step of an application for accreditation")
        verbose_name_plural = _("steps of applications for accreditation")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"
