"""What the grades of evidence are called, for every part of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise


class Grade(models.TextChoices):
    """How well an answer is supported, from least to most."""

    DECLARED = "declared", _("Declared")
    DOCUMENTED = "documented", _("Documented")
    MEASURED = "measured", _("Measured")
    VERIFIED = "verified", _("Verified")


# for readers who do not know the order of the grades, such as a bank with a certificate on paper
MEANINGS: Mapping[Grade, Promise] = {
    Grade.DECLARED: _("declared by the enterprise, without papers"),
    Grade.DOCUMENTED: _("supported by papers"),
    Grade.MEASURED: _("supported by measurements"),
    Grade.VERIFIED: _("verified on site"),
}
