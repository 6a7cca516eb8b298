"""Calls with a budget, applications with their spend and papers, decisions, payments, and the ledger of the money."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.incentives.applying import STATUS_WORDS, Status
from capillary.web.accounts.models import Organisation
from capillary.web.assessments.models import Assessment
from capillary.web.core.files import random_path
from capillary.web.core.language import language
from capillary.web.enterprises.models import Enterprise
from capillary.web.evidence.models import private_storage

APPEAL_DAYS = 60
DIGITS = 15


# what happens inside of the office until it decides
INSIDE = frozenset({"propose", "return", "released", "held", "clear"})


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
    """Return where a paper is stored; nothing that the sender chose is part of it."""
    return random_path("papers")


class Call(models.Model):
    """An organisation's call for applications to an incentive programme; open through its last day.

    The database itself holds that no more is granted than the budget, and no more paid than granted.

    Attributes:
        programme: id of the incentive programme whose rules decide.
        code: what references begin with.
        budget: what may be granted in all; None where the programme gives no money, or has no limit.
        granted: what was granted and not given back; the sum of the ledger.
        paid: what was paid; the sum of the ledger.
        numbers: the number of the last application.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="calls")
    programme = models.CharField(_("incentive programme"), max_length=60)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    note = models.TextField(_("what applicants should know"), blank=True)
    contact = models.CharField(_("whom to ask"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    budget = _amount(_("budget"), null=True, blank=True, validators=[MinValueValidator(Decimal(0))])
    granted = _amount(_("granted"), default=Decimal(0), editable=False)
    paid = _amount(_("paid"), default=Decimal(0), editable=False)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    appeal_days = models.PositiveSmallIntegerField(_("days for an appeal"), default=APPEAL_DAYS)
    numbers = models.PositiveIntegerField(default=0, editable=False)
    made_by = _person(_("begun by"))
    made_at = models.DateTimeField(_("begun on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("call for applications")
        verbose_name_plural = _("calls for applications")
        ordering = ("-opens_on", "code")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(budget__isnull=True) | models.Q(granted__lte=models.F("budget")),
                name="call_never_overspent",
            ),
            models.CheckConstraint(
                condition=models.Q(paid__gte=0) & models.Q(paid__lte=models.F("granted")),
                name="call_paid_within_granted",
            ),
            models.CheckConstraint(
                condition=models.Q(closes_on__gte=models.F("opens_on")), name="call_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def left(self) -> Decimal | None:
        """What may still be granted; None where there is no limit."""
        return None if self.budget is None else self.budget - self.granted


class Application(models.Model):
    """An enterprise's application; what it handed in is kept as it was.

    Attributes:
        assessment: the one whose level it rests on; None once that is gone.
        facts, aids, currency: what was handed in, as the rules read it; empty in a draft, whose facts are the enterprise's own.
        checked: facts that the office corrected: ``{fact: {"value": …, "why": …, "by": …, "at": …}}``.
        on: the day whose rules decide: that of the submission.
        asked: the most that it can get by the rules; None in a draft and where the programme gives no money.
        wanted: ``asked`` as it was when it was submitted, before the office corrected anything.
        granted: what was granted; None before a decision and where the programme gives no money.
        in_line_at: since when it stands in line for the money.
        round: 1 for the first decision, 2 for the one about an appeal.
        appeal_by: the last day of an appeal against the first decision; it stays whatever the call says later.
        signed_as: the name under the statement of truth.
        remark: what the applicant wants to add, such as why the rules' answer is wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    number = models.PositiveIntegerField()
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="applications")
    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.SET_NULL, related_name="applications"
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        default=Status.DRAFT,
        choices=[(item.value, item.value) for item in Status],
    )
    round = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("name of the enterprise"), max_length=200, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    aids = models.JSONField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    checked = models.JSONField(default=dict, blank=True)
    on = models.DateField(_("day whose rules decide"), null=True, blank=True)
    asked = _amount(_("asked for"), null=True, blank=True)
    wanted = _amount(_("asked for when submitted"), null=True, blank=True)
    granted = _amount(_("granted"), null=True, blank=True)
    verdict = models.CharField(_("what the rules say"), max_length=12, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    signed_as = models.CharField(_("signed as"), max_length=120, blank=True)
    submitted_by = _person(_("submitted by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    in_line_at = models.DateTimeField(_("in line since"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    appeal_by = models.DateField(_("last day of an appeal"), null=True, blank=True)
    made_by = _person(_("begun by"))
    made_at = models.DateTimeField(_("begun on"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("-made_at",)
        indexes = (models.Index(fields=("call", "status", "in_line_at"), name="application_line"),)
        constraints = (
            models.UniqueConstraint(fields=("call", "number"), name="application_number"),
            models.UniqueConstraint(
                fields=("call", "enterprise"),
                condition=~models.Q(status__in=[Status.WITHDRAWN, Status.REFUSED]),
                name="application_once",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @staticmethod
    def exported(row: dict[str, Any]) -> dict[str, Any]:
        """Return a row as an enterprise's own archive holds it: no officer's name stands behind a corrected fact."""
        checked = {
            name: {key: value for key, value in entry.items() if key != "by"}
            for name, entry in row["checked"].items()
        }
        return {**row, "checked": checked}

    @property
    def reference(self) -> str:
        """What people call it by."""
        return f"{self.call.code}-{self.number:04d}"

    @property
    def state(self) -> Status:
        """How far it is."""
        return Status(self.status)

    @property
    def status_words(self) -> str:
        """How far it is, in the reader's language."""
        return STATUS_WORDS[self.state].in_(language())


class Spend(models.Model):
    """What an application claims of one invoice.

    Attributes:
        category: the fact that it counts for, such as ``spend_software``.
        key: a hash of what the invoice is known by; see `capillary.incentives.invoices.invoice_key`.
        total: what the invoice amounts to without tax, in ``currency``.
        claimed: how much of it this application claims.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="spends")
    category = models.CharField(_("category"), max_length=40)
    supplier = models.CharField(_("supplier"), max_length=200)
    number = models.CharField(_("invoice number"), max_length=60)
    key = models.CharField(max_length=64, db_index=True, editable=False)
    plain_number = models.CharField(max_length=60, db_index=True, editable=False)
    day = models.DateField(_("date of the invoice"))
    total = _amount(_("amount of the invoice, without tax"))
    claimed = _amount(_("of which claimed here"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("spend")
        verbose_name_plural = _("spend")
        ordering = ("day", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(claimed__gt=0) & models.Q(claimed__lte=models.F("total")),
                name="spend_within_invoice",
            ),
        )

    def __str__(self) -> str:
        return f"{self.supplier} · {self.number}"


class Invoice(models.Model):
    """An invoice of which something was granted. It holds no name, and outlives an erasure, so that nothing is paid twice.

    The database itself holds that no more is granted of it than it amounts to.

    Attributes:
        key: as in `Spend`.
        claims: what live grants have claimed of it.
    """

    key = models.CharField(max_length=64, primary_key=True)
    currency = models.CharField(max_length=3)
    total = _amount(_("amount"))
    claims = _amount(_("amount claimed"), default=Decimal(0))

    class Meta:
        verbose_name = _("invoice of which something was granted")
        verbose_name_plural = _("invoices of which something was granted")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(claims__gte=0) & models.Q(claims__lte=models.F("total")),
                name="invoice_never_claimed_twice",
            ),
        )

    def __str__(self) -> str:
        return self.key[:12]


class Paper(models.Model):
    """A file that was handed in; never changed once the application is submitted.

    Attributes:
        item: which item of the programme's checklist it is; empty for something else.
        waived: for an item without a file: why it does not apply.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="papers")
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
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ("added_at",)

    def __str__(self) -> str:
        return self.title or self.file_name or self.item


class Question(models.Model):
    """A question of the office to the enterprise, and its answer."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField(_("question asked"))
    asked_by = _person(_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answer_by = models.DateField(_("answer by"))
    answer = models.TextField(_("answer"), blank=True)
    answered_by = _person(_("answered by"))
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    class Meta:
        verbose_name = _("question of the office")
        verbose_name_plural = _("questions of the office")
        ordering = ("asked_at",)

    not_exported = frozenset({"asked_by_id"})

    def __str__(self) -> str:
        return self.text[:60]


class Clearance(models.Model):
    """Why an invoice that looks like another one is not the same spend, or why an enterprise may be granted aid once more.

    Attributes:
        clash: what the doubt is known by; see `capillary.incentives.invoices.Clash.name` and `selectors.Earlier.name`.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="clearances")
    clash = models.CharField(max_length=400)
    why = models.CharField(_("reason"), max_length=500)
    by = _person()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("cleared doubt")
        verbose_name_plural = _("cleared doubts")
        constraints = (models.UniqueConstraint(fields=("application", "clash"), name="clearance_once"),)

    def __str__(self) -> str:
        return self.clash[:60]

    @classmethod
    def for_export(cls, rows: models.QuerySet[Clearance]) -> models.QuerySet[Clearance]:
        """Return what an enterprise's own archive holds: nothing of what the office weighs."""
        return rows.none()


class Decision(models.Model):
    """A proposal of one officer, and what another officer made of it.

    Attributes:
        round: 1 for the first decision, 2 for the one about an appeal.
        amount: what is to be granted in all; None where the programme gives no money, and for a refusal.
        entitlement: what the rules say with the trace of every figure, as it was when the proposal was made.
        facts: what the rules were read with.
    """

    class State(models.TextChoices):
        """What became of the proposal."""

        PROPOSED = "proposed", _("Proposed")
        CONFIRMED = "confirmed", _("Confirmed")
        RETURNED = "returned", _("Returned")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="decisions")
    round = models.PositiveSmallIntegerField()
    grants = models.BooleanField(_("grant"))
    amount = _amount(_("amount"), null=True, blank=True)
    reasons = models.TextField(_("reasons"))
    entitlement = models.JSONField()
    facts = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = _person(_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    judged_by = _person(_("confirmed or returned by"))
    judged_at = models.DateTimeField(_("confirmed or returned"), null=True, blank=True)
    remark = models.TextField(_("remark of the second officer"), blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("proposed_at",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(proposed_by__isnull=True)
                | models.Q(judged_by__isnull=True)
                | ~models.Q(proposed_by=models.F("judged_by")),
                name="decision_four_eyes",
            ),
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(state="proposed"), name="decision_one_waits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} · {self.get_state_display()}"

    @classmethod
    def for_export(cls, rows: models.QuerySet[Decision]) -> models.QuerySet[Decision]:
        """Return what an enterprise's own archive holds: decisions, and no proposal that waits or was returned."""
        return rows.filter(state=cls.State.CONFIRMED)

    not_exported = frozenset({"proposed_by_id", "judged_by_id", "remark"})


class Payment(models.Model):
    """A part of the money; one officer releases it, another one confirms that it was paid.

    Attributes:
        phase: id of the phase of the programme; empty for a grant that is paid at once.
        reference: of the bank transfer.
    """

    class State(models.TextChoices):
        """How far the payment is."""

        PLANNED = "planned", _("Planned")
        RELEASED = "released", _("Released, waits for the second officer")
        PAID = "paid", _("Paid out")
        CANCELLED = "cancelled", _("Cancelled")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="payments")
    number = models.PositiveSmallIntegerField()
    phase = models.CharField(_("phase"), max_length=60, blank=True)
    when_zh = models.CharField(max_length=300, blank=True)
    when_en = models.CharField(max_length=300, blank=True)
    amount = _amount(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    released_by = _person(_("released by"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    paid_by = _person(_("confirmed by"))
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    reference = models.CharField(_("reference of the transfer"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("application", "number"), name="payment_number"),
            models.CheckConstraint(
                condition=~models.Q(state="paid")
                | models.Q(released_by__isnull=True)
                | models.Q(paid_by__isnull=True)
                | ~models.Q(released_by=models.F("paid_by")),
                name="payment_four_eyes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} · {self.number}"

    not_exported = frozenset({"released_by_id", "released_at", "paid_by_id"})

    @classmethod
    def exported(cls, row: dict[str, object]) -> dict[str, object]:
        """Return a row as an enterprise's own archive holds it: until it is paid it is planned."""
        return {**row, "state": cls.State.PLANNED.value} if row["state"] == cls.State.RELEASED else row

    def when(self) -> str:
        """Return when it is paid, in the reader's language."""
        return self.when_zh if language() == "zh" else self.when_en


class Booking(models.Model):
    """One line of a call's ledger; never changed, and kept without a name when an enterprise is erased.

    Attributes:
        amount: None for a budget without a limit.
    """

    class Kind(models.TextChoices):
        """What happened to the money."""

        GRANT = "grant", _("Granted")
        RELEASE = "release", _("Given back to the budget")
        PAYMENT = "payment", _("Paid out")
        BUDGET = "budget", _("Budget changed")

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="bookings")
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.SET_NULL, related_name="bookings"
    )
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    amount = _amount(_("amount"), null=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = _person(_("by whom"))

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("ledger")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.reference} · {self.get_kind_display()} · {self.amount}"


class Event(models.Model):
    """One step in the life of an application; never changed.

    Attributes:
        act: what was done, as `capillary.incentives.applying.Act` names it, or ``paid``, ``released`` …
        office: whether the office did it; then the enterprise sees the office, not the person.
        text: what was said with it.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = _person(_("by whom"))
    office = models.BooleanField(default=False)
    act = models.CharField(_("what"), max_length=20)
    text = models.TextField(_("what was said"), blank=True)

    class Meta:
        verbose_name = _("step of an application")
        verbose_name_plural = _("steps of applications")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"

    @classmethod
    def for_export(cls, rows: models.QuerySet[Event]) -> models.QuerySet[Event]:
        """Return what an enterprise's own archive holds: nothing of what the office weighs."""
        return rows.exclude(act__in=INSIDE)

    @staticmethod
    def exported(row: dict[str, object]) -> dict[str, object]:
        """Return a row as an enterprise's own archive holds it: the office is one body."""
        return {**row, "by_id": None} if row["office"] else row
