"""What other parts show of advising."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from capillary.web.advising.notices import notices_of

if TYPE_CHECKING:
    from capillary.web.advising.notices import Notice
    from capillary.web.enterprises.models import Enterprise

register = template.Library()


@register.simple_tag
def advising_notices(enterprise: Enterprise) -> list[Notice]:
    """Return what advisers and assessors did lately for an enterprise."""
    return notices_of(enterprise)
