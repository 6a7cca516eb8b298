"""Providers and offers as they are kept: what is public, what is being worked on, and every version that was public."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.accounts.models import Organisation

if TYPE_CHECKING:
    import datetime as dt

SOON_DAYS = 30


class MarketRevision(models.Model):
    """The number of the last change of what is public; one row, locked by whoever changes something."""

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("revision of the market")
        verbose_name_plural = _("revisions of the market")

    def __str__(self) -> str:
        return str(self.number)


class MarketProvider(models.Model):
    """A provider.

    Attributes:
        code: its id in files and addresses.
        organisation: whose people may work for it; None for one of the demonstration.
        data: what it says of itself, a `capillary.model.market.Provider` as JSON.
        public: what everybody sees of it; None before its first offer was published.
        waits: whether ``data`` waits for review. Before the first offer it does not: it is reviewed with that offer.
        reason: why it was sent back.
        revision: the number of the last change of what is public.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("id"), max_length=80, unique=True)
    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="market_provider"
    )
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    data = models.JSONField()
    public = models.JSONField(null=True, blank=True)
    waits = models.BooleanField(_("waits for review"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    revision = models.PositiveBigIntegerField(db_index=True, default=0)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.name_zh} · {self.name_en}"


class MarketOffer(models.Model):
    """An offer.

    Attributes:
        code: its id in files and addresses.
        data: the offer as it is being worked on, a `capillary.model.market.Offer` as JSON.
        public: the offer as everybody sees it; None where nobody does.
        state: of ``data``: how far it is on its way to the public.
        reason: why it was sent back.
        version: how often it was published.
        valid_to: the last day of what is public.
        revision: the number of the last change of what is public.
    """

    class State(models.TextChoices):
        """How far what is being worked on is."""

        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waits for review")
        RETURNED = "returned", _("Sent back")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("id"), max_length=80, unique=True)
    provider = models.ForeignKey(
        MarketProvider, verbose_name=_("provider"), on_delete=models.CASCADE, related_name="offers"
    )
    title_zh = models.CharField(_("title in Chinese"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300)
    data = models.JSONField()
    public = models.JSONField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT, db_index=True)
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    revision = models.PositiveBigIntegerField(db_index=True, default=0)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.title_zh} · {self.title_en}"

    def ends_soon(self, today: dt.date) -> bool:
        """Whether what is public ends within a month, or has ended."""
        return self.valid_to is not None and (self.valid_to - today).days < SOON_DAYS


class OfferVersion(models.Model):
    """An offer as it was published once; never changed."""

    offer = models.ForeignKey(MarketOffer, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    data = models.JSONField()
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("version of an offer")
        verbose_name_plural = _("versions of offers")
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("offer", "number"), name="offer_version_once"),)

    def __str__(self) -> str:
        return f"{self.offer} · {self.number}"


class OfferImport(models.Model):
    """Offers that a provider uploaded and has not taken over yet.

    Attributes:
        offers: each a `capillary.model.market.Offer` as JSON.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(MarketProvider, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=200)
    offers = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("upload of offers")
        verbose_name_plural = _("uploads of offers")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.file_name
