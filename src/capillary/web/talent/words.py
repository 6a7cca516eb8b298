"""Words of this part that stand in several places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM_WORDS: Mapping[str, Any] = {
    "self-study": _("self-study"),
    "workshop": _("workshop"),
    "on-the-job": _("on the job"),
}
LANGUAGES: Mapping[str, Any] = {
    "zh": _("Chinese"),
    "en": _("English"),
    "de": _("German"),
    "es": _("Spanish"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
}
