"""Tokens with which programs sign in to the API in a user's name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A token of a user; only its hash is stored, so that nobody can read it here.

    Attributes:
        start: the first signs of the token, by which its owner recognises it.
        digest: SHA-256 of the token. A token is random and long, so that a slow hash would add nothing.
    """

    class Scope(models.TextChoices):
        """What the token may do of what its user may do."""

        READ = "read", _("Read only")
        WRITE = "write", _("Read and write")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=60)
    start = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(_("may"), max_length=5, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} · {self.start}…"

    @property
    def is_valid(self) -> bool:
        """Whether the token can still be used."""
        return self.withdrawn_at is None and (self.expires_at is None or self.expires_at > timezone.now())
