"""What a firm told about itself for the sake of incentives."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.enterprises.models import Enterprise


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
