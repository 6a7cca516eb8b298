"""People who sign in, and the organisations that they work for."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes users, who are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user.

        Raises:
            ValueError: there is no e-mail address.
        """
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an administrator."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractUser):
    """A person who signs in with an e-mail address. What they may do follows from memberships, not from here.

    Attributes:
        currency: in which amounts are shown beside their own; empty for each as it is, or the yuan on Chinese pages.
        erased_at: when the person deleted the account. The row stays with nothing in it that says who it was, so that
            revisions and the audit log still tell one author from another.
    """

    username = None
    first_name = None
    last_name = None
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    currency = models.CharField(_("currency of amounts"), max_length=3, blank=True)
    is_demo = models.BooleanField(
        _("demonstration account"),
        default=False,
        help_text=_("The start page of a demonstration shows its log-in."),
    )
    erased_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return str(_("Deleted account")) if self.erased_at else self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, or the e-mail address where there is none."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the name, or the e-mail address where there is none."""
        return str(self)


class Organisation(models.Model):
    """A city's office, an association, a chamber, a provider, a bank: whoever works with many enterprises."""

    class Kind(models.TextChoices):
        """What the organisation is."""

        AUTHORITY = "authority", _("Authority")
        ASSOCIATION = "association", _("Association or chamber")
        PROVIDER = "provider", _("Provider")
        SERVICE = "service", _("Professional service")
        BANK = "bank", _("Bank")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name_en",)

    def __str__(self) -> str:
        return f"{self.name_zh} · {self.name_en}"

    def in_(self, language: str) -> str:
        """Return the name in a language."""
        return self.name_zh if language == "zh" else self.name_en


class Position(models.Model):
    """What a user is for an organisation."""

    class Role(models.TextChoices):
        """The roles that an organisation gives."""

        OFFICER = "officer", _("Programme officer")
        ADVISER = "adviser", _("Adviser")
        ASSESSOR = "assessor", _("Assessor")
        PROVIDER = "provider", _("Provider")

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="positions")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="positions"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = (
            models.UniqueConstraint(fields=("user", "organisation", "role"), name="position_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"
