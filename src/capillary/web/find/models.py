"""The numbers by which every process sees that something of a catalogue has changed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogueRevision(models.Model):
    """How often what is public of a catalogue has changed; a kind without a row has not."""

    kind = models.CharField(_("kind"), max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("revision of a catalogue")
        verbose_name_plural = _("revisions of catalogues")

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
