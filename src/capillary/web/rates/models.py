"""Exchange rates as they were published, and files of them that wait to be taken over."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Certainty(models.TextChoices):
    """How sure a figure is."""

    OFFICIAL = "official", _("official")
    SECONDARY = "secondary", _("secondary source")
    UNVERIFIED = "unverified", _("unverified")


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in another on a day.

    Attributes:
        units: as it was published, a decimal number as text, so that no database rounds it.
        source_zh, source_en: who published it; the same text twice where it was given in one language.
        file_name: the file that it came from; empty where it was entered by hand.
    """

    base = models.CharField(_("one unit of"), max_length=3)
    currency = models.CharField(_("is worth, in"), max_length=3)
    day = models.DateField(_("day"))
    units = models.CharField(_("rate"), max_length=26)
    source_zh = models.CharField(_("source in Chinese"), max_length=200)
    source_en = models.CharField(_("source in English"), max_length=200)
    certainty = models.CharField(_("certainty"), max_length=10, choices=Certainty)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ("-day", "base", "currency")
        constraints = (models.UniqueConstraint(fields=("base", "currency", "day"), name="rate_once"),)

    def __str__(self) -> str:
        return f"{self.day}: 1 {self.base} = {self.units} {self.currency}"


class RateRevision(models.Model):
    """One row with a token that every change makes anew, by which each process knows whether its rates are the latest."""

    token = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = _("state of the exchange rates")
        verbose_name_plural = _("states of the exchange rates")

    def __str__(self) -> str:
        return str(self.token)


class RateUpload(models.Model):
    """A file of rates that was uploaded and not taken over yet; its content goes once it is.

    Attributes:
        certainty: of the bank's figures, as whoever uploaded it knows it.
        replaces: whether its figures replace those of the same days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    certainty = models.CharField(max_length=10, choices=Certainty)
    replaces = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("upload of exchange rates")
        verbose_name_plural = _("uploads of exchange rates")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.file_name
