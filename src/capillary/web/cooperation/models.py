"""Cooperation profiles, every version that was public, interests in them, and every step that was made."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.matching.partner_life import STATUS_WORDS, InterestSide, InterestStatus
from capillary.model.partner import PartnerProfile
from capillary.web.core.language import language
from capillary.web.enterprises.models import Enterprise

if TYPE_CHECKING:
    import datetime as dt

SOON_DAYS = 30


def _person(title: object = "") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=title,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class ReferenceNumber(models.Model):
    """The last number that was given to a profile of a country, a kind and a day; locked by whoever gives the next one."""

    prefix = models.CharField(max_length=20, unique=True)
    last = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("number of references")
        verbose_name_plural = _("numbers of references")

    def __str__(self) -> str:
        return f"{self.prefix}{self.last:03}"


class CooperationProfile(models.Model):
    """What partner an enterprise seeks.

    Attributes:
        reference: what everybody calls it by; empty before it was published first.
        data: the profile as it is being worked on, a `capillary.model.partner.PartnerProfile` as JSON.
        public: the profile as everybody sees it; None where nobody does.
        shows_level: whether the enterprise agreed that its level is shown, without its name.
        level_agreed_at: since when; None where it did not.
        contact: whom to reach and how; the other side reads it once both have agreed.
        state: of ``data``: how far it is on its way to the public.
        reason: why it was sent back.
        version: how often it was published.
        kind, country, valid_from, valid_to: of what is public, so that lists can be asked by them; empty where nothing is.
        demonstration: whether it is made up for showing the product.
    """

    class State(models.TextChoices):
        """How far what is being worked on is."""

        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waits for review")
        RETURNED = "returned", _("Sent back")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="cooperation_profiles")
    reference = models.CharField(_("reference"), max_length=20, null=True, blank=True, unique=True)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=160)
    data = models.JSONField()
    public = models.JSONField(null=True, blank=True)
    shows_level = models.BooleanField(_("shows its level"), default=False)
    level_agreed_at = models.DateTimeField(_("agreed to show its level"), null=True, blank=True)
    contact = models.TextField(_("contact"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT, db_index=True)
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    demonstration = models.BooleanField(_("made up for demonstration"), default=False)
    made_by = _person(_("written by"))
    made_at = models.DateTimeField(_("written on"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = _person(_("reviewed by"))

    # people stand in the file of people of an archive, by what they did for the enterprise
    not_exported = frozenset({"reviewed_by_id"})

    class Meta:
        verbose_name = _("cooperation profile")
        verbose_name_plural = _("cooperation profiles")
        ordering = ("-changed_at", "id")
        indexes = (models.Index(fields=("valid_from", "valid_to"), name="cooperation_stands"),)

    def __str__(self) -> str:
        return self.reference or f"{self.title_zh} · {self.title_en}"

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return self.title_zh if language() == "zh" else self.title_en

    @property
    def written(self) -> PartnerProfile:
        """The profile as it is being worked on."""
        return msgspec.convert(self.data, PartnerProfile)

    @property
    def shown(self) -> PartnerProfile:
        """The profile as everybody sees it.

        Raises:
            ValueError: nobody does.
        """
        if self.public is None:
            raise ValueError("this profile is not public")
        return msgspec.convert(self.public, PartnerProfile)

    def stands(self, today: dt.date) -> bool:
        """Whether everybody sees it on a day."""
        return (
            self.public is not None
            and self.valid_from is not None
            and self.valid_to is not None
            and self.valid_from <= today <= self.valid_to
        )

    def ends_soon(self, today: dt.date) -> bool:
        """Whether what is public ends within a month, or has ended."""
        return self.valid_to is not None and (self.valid_to - today).days < SOON_DAYS


class ProfileVersion(models.Model):
    """A profile as it was published once; never changed."""

    profile = models.ForeignKey(CooperationProfile, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    data = models.JSONField()
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    published_by = _person(_("published by"))

    not_exported = frozenset({"published_by_id"})

    class Meta:
        verbose_name = _("version of a cooperation profile")
        verbose_name_plural = _("versions of cooperation profiles")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("profile", "number"), name="cooperation_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.profile} · {self.number}"


class Interest(models.Model):
    """An enterprise's interest in a profile, from the first word on.

    Attributes:
        enterprise: who is interested.
        profile_data: the profile as it was when the interest was expressed.
        sought: what cooperation is sought; the other side reads it at once, and it names nobody.
        missing: what is missing in the profile; likewise.
        who: who the interested enterprise is and whom to reach; the other side reads it once both have agreed.
        shows_level: whether the interested enterprise agreed that its level is shown, without its name.
        seeker_agreed_at, publisher_agreed_at: since when each side may be named to the other.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(CooperationProfile, on_delete=models.CASCADE, related_name="interests")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="cooperation_interests")
    profile_data = models.JSONField()
    sought = models.TextField(_("what cooperation is sought"))
    missing = models.TextField(_("what is missing"), blank=True)
    who = models.TextField(_("who we are"))
    shows_level = models.BooleanField(_("shows its level"), default=False)
    region = models.CharField(_("region"), max_length=12, blank=True)
    size = models.CharField(_("size"), max_length=10, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=[(item.value, item.value) for item in InterestStatus],
        default=InterestStatus.WAITING.value,
    )
    seeker_agreed_at = models.DateTimeField(_("agreed by the interested side"), default=timezone.now)
    publisher_agreed_at = models.DateTimeField(_("agreed by the other side"), null=True, blank=True)
    made_by = _person(_("expressed by"))
    made_at = models.DateTimeField(_("expressed on"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("interest in a profile")
        verbose_name_plural = _("interests in profiles")
        ordering = ("-changed_at", "id")
        indexes = (models.Index(fields=("enterprise", "made_at"), name="interest_of"),)
        constraints = (
            models.UniqueConstraint(
                fields=("profile", "enterprise"),
                condition=models.Q(status__in=[InterestStatus.WAITING.value, InterestStatus.AGREED.value]),
                name="interest_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[InterestStatus.AGREED.value, InterestStatus.ENDED.value])
                | models.Q(publisher_agreed_at__isnull=False),
                name="interest_agreed_by_both",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """What people call it by; it says nothing of the enterprise."""
        return f"I-{self.pk.hex[:6].upper()}"

    @property
    def state(self) -> InterestStatus:
        """How far it is."""
        return InterestStatus(self.status)

    @property
    def status_words(self) -> str:
        """How far it is, in the reader's language."""
        return STATUS_WORDS[self.state].in_(language())

    @property
    def named(self) -> bool:
        """Whether both agreed, so that each sees the other's name."""
        return self.publisher_agreed_at is not None

    @property
    def about(self) -> PartnerProfile:
        """The profile as it was when the interest was expressed."""
        return msgspec.convert(self.profile_data, PartnerProfile)

    def exported_for(self, columns: dict[str, Any], enterprise: Enterprise) -> dict[str, Any]:
        """Return the row for the archive of one side: what the other one keeps back stays out of it until both have agreed."""
        if enterprise.pk == self.enterprise_id:
            return columns
        hidden = {"made_by_id", "shows_level"} | (set() if self.named else {"enterprise_id", "who"})
        return {name: value for name, value in columns.items() if name not in hidden}


class InterestMessage(models.Model):
    """A question or answer without names before both have agreed, a message after that; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    interest = models.ForeignKey(Interest, on_delete=models.CASCADE, related_name="thread")
    side = models.CharField(
        _("side"), max_length=10, choices=[(item.value, item.value) for item in InterestSide]
    )
    anonymous = models.BooleanField(_("before both agreed"))
    text = models.TextField(_("message"))
    by = _person(_("by whom"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    not_exported = frozenset({"by_id"})

    class Meta:
        verbose_name = _("message about a profile")
        verbose_name_plural = _("messages about profiles")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text[:60]


class InterestEvent(models.Model):
    """One step in the life of an interest; never changed.

    Attributes:
        act: what was done, as `capillary.matching.partner_life.InterestAct` names it, or ``express``, ``named``, ``close``.
        text: what was said with it.
    """

    interest = models.ForeignKey(Interest, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = _person(_("by whom"))
    side = models.CharField(_("side"), max_length=10)
    act = models.CharField(_("what"), max_length=10)
    text = models.TextField(_("what was said"), blank=True)

    not_exported = frozenset({"by_id"})

    class Meta:
        verbose_name = _("step of an interest")
        verbose_name_plural = _("steps of interests")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"
