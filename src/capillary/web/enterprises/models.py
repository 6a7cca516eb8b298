"""Enterprises, the people who act for them, and what an enterprise agreed to."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

INVITATION_DAYS = 14


class Enterprise(models.Model):
    """One enterprise. Before somebody claims it, it belongs to whoever holds the check's cookie.

    Attributes:
        sector: id in ``content/places`` of the sector list.
        industry_scheme, industry_code: the section or division in a classification, such as ``gbt-4754`` and ``C33``; both are
            empty where the firm did not say it.
        region: an ISO 3166 code: a country (``DE``) or a subdivision (``CN-JS``); empty where it is not known.
        employees: head count.
        claimed_at: when a user took it over; None for a check without an account.
        erased_at: when its people had it erased; only counts without a name remain.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    industry_scheme = models.CharField(_("classification"), max_length=10, blank=True)
    industry_code = models.CharField(_("code of the industry"), max_length=3, blank=True)
    region = models.CharField(_("region"), max_length=12, blank=True)
    employees = models.PositiveIntegerField(
        _("employees"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        indexes = (
            models.Index(fields=("region", "sector"), name="enterprise_place"),
            models.Index(fields=("name",), name="enterprise_name"),
        )

    def __str__(self) -> str:
        return self.name or str(_("Enterprise without a name"))


class Member(models.Model):
    """A person who acts for an enterprise or was let in by it.

    Ended memberships stay, so that it remains known who acted when.

    Attributes:
        parts: what the person was asked to answer, dimensions by standard; empty for everything.
    """

    class Role(models.TextChoices):
        """What the person may do; see `capillary.web.access`."""

        OWNER = "owner", _("Owner")
        COLLEAGUE = "colleague", _("Colleague")
        ADVISER = "adviser", _("Adviser")
        ASSESSOR = "assessor", _("Assessor")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    let_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    parts = models.JSONField(_("parts to answer"), default=dict, blank=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "user", "role"),
                condition=models.Q(until__isnull=True),
                name="member_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class Consent(models.Model):
    """What an enterprise agreed to, purpose by purpose; withdrawn consents stay as they were."""

    class Purpose(models.TextChoices):
        """What the data may be used for."""

        PROGRAMME = "programme", _("Show the assessments to the officers of a programme")
        BENCHMARK = "benchmark", _("Count the result, without a name, in figures about peers")
        CONTACT = "contact", _("Be told about offers that fit the result")
        INCENTIVES = (
            "incentives",
            _(
                "Let the officers of our programmes count with what we told under “My money” when they try out rules, "
                "and see what we would get"
            ),
        )

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "purpose"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="consent_once",
            ),
        )

    def __str__(self) -> str:
        return self.get_purpose_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by whether they can still be accepted."""

    def waiting(self) -> InvitationQuerySet:
        """Return those that are neither accepted, declined, withdrawn nor expired."""
        return self.filter(
            accepted_at=None, ended_at=None, expires_at__gt=timezone.now(), enterprise__erased_at=None
        )


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=INVITATION_DAYS)


class Invitation(models.Model):
    """An owner's invitation by e-mail to act for the enterprise.

    The secret of its link stands in the letter only; here is its hash. A new letter makes a new secret.

    Attributes:
        parts: see `Member.parts`.
        language: of the letter.
        sent_at: when the last letter went out; None while it waits to be sent.
        ended_at: when it was withdrawn by an owner or declined by the invited person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Member.Role)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    parts = models.JSONField(_("parts to answer"), default=dict, blank=True)
    secret = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), default=_expiry)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-invited_at",)
        indexes = (models.Index(fields=("email",), name="invitation_email"),)
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "email", "role"),
                condition=models.Q(accepted_at__isnull=True, ended_at__isnull=True),
                name="invitation_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"


class ErasedCount(models.Model):
    """How many results erased enterprises had: a number without a name, which nobody sees while it is small.

    Attributes:
        level: as declared; `UNCERTAIN` where it was not certain, so that equal rows meet in the constraint.
        size_class: of the head count; empty where that is not known.
        month: the first day of the month in which the assessment was completed.
    """

    UNCERTAIN = -1

    standard = models.CharField(_("standard"), max_length=40)
    level = models.SmallIntegerField(_("level"), default=UNCERTAIN)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    region = models.CharField(_("region"), max_length=12, blank=True)
    size_class = models.CharField(_("size"), max_length=10, blank=True)
    month = models.DateField(_("month"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("count of erased results")
        verbose_name_plural = _("counts of erased results")
        constraints = (
            models.UniqueConstraint(
                fields=("standard", "level", "sector", "region", "size_class", "month"),
                name="erased_count_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.standard} · {self.month:%Y-%m}"
