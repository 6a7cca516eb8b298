"""What allauth leaves to the product: the user's language, and the product's name in letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django.http import HttpRequest

    from capillary.web.accounts.models import User

PRODUCT = "Capillary"


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of the product."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """Keep the language in which the person signed up; letters come in it."""
        user.language = get_language() or ""
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter that names the product, not only the host."""
        site = {"name": PRODUCT, "domain": self.request.get_host()}
        super().send_mail(template_prefix, email, {"current_site": site, **context})
