"""Messages of Django and allauth whose Chinese translation is missing or poor; here they get into this part's catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_noop, ngettext_lazy

ALSO_TRANSLATED = (
    gettext_noop("Code"),
    gettext_noop("Authenticator code"),
    gettext_noop("Email"),
    gettext_noop("Email address"),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        8,
    ),
)
