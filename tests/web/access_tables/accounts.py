"""Who may use the pages of accounts. allauth's own addresses are here too; what they let in, they let in for oneself only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

ALL = set(PEOPLE)
SIGNED_IN = ALL - {"anonymous", "holder"}
SIGNED_OUT = ALL - SIGNED_IN
# Django takes PUT for POST where a page is a form.
FORM = {"GET": ALL, "POST": ALL, "PUT": ALL}
OWN = {"GET": SIGNED_IN, "POST": SIGNED_IN, "PUT": SIGNED_IN}
# Pages that only send elsewhere here: the signed-in to their own place, or to say once more who they are; whatever the method.
ONWARD = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), SIGNED_IN)
# Pages for visitors who are not signed in: the others are sent to their own place.
ENTRANCE = {**FORM, "PATCH": SIGNED_IN, "DELETE": SIGNED_IN}
# Nobody of the tests' world is in the middle of this.
NOBODY: dict[str, set[str]] = {}
TABLE: dict[str, dict[str, set[str]]] = {
    "account-settings": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account-export": {"GET": SIGNED_IN},
    "account-delete": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account_login": ENTRANCE,
    "account_signup": ENTRANCE,
    "account_logout": {"GET": ALL, "POST": ALL},
    "account_inactive": {"GET": ALL},
    "account_reauthenticate": OWN,
    "account_email": OWN,
    "account_email_verification_sent": ONWARD,
    "account_change_password": OWN,
    "account_set_password": ONWARD,
    "account_reset_password": FORM,
    "account_confirm_login_code": ONWARD,
    "account_confirm_password_reset_code": NOBODY,
    "account_complete_password_reset": dict.fromkeys(ONWARD, ALL),
    "account_password_reset_completed": {"GET": ALL},
    "account_request_login_code": ENTRANCE,
    "mfa_index": {"GET": SIGNED_IN},
    "mfa_authenticate": ONWARD,
    "mfa_reauthenticate": ONWARD,
    "mfa_activate_totp": ONWARD,
    "mfa_deactivate_totp": NOBODY,
    "mfa_view_recovery_codes": NOBODY,
    "mfa_generate_recovery_codes": ONWARD,
    "mfa_download_recovery_codes": NOBODY,
    "mfa_list_webauthn": {"GET": SIGNED_IN},
    "mfa_add_webauthn": ONWARD,
    "mfa_reauthenticate_webauthn": ONWARD,
    "mfa_remove_webauthn": ONWARD,
    "mfa_edit_webauthn": ONWARD,
    "mfa_login_webauthn": ONWARD,
    "socialaccount_login_cancelled": {"GET": ALL},
    "socialaccount_login_error": NOBODY,
    "socialaccount_signup": NOBODY,
    "socialaccount_connections": OWN,
    "openid_connect_login": NOBODY,
    "openid_connect_callback": NOBODY,
}


def a_key(world: World) -> list[Any]:
    """Return the id of a stranger's key; whoever has not just signed in learns nothing about it."""
    from allauth.mfa.models import Authenticator

    data = {"name": "key", "credential": {}}
    key = Authenticator.objects.create(user=world.users["stranger"], type="webauthn", data=data)
    return [key.pk]


ARGS = {
    "mfa_remove_webauthn": a_key,
    "mfa_edit_webauthn": a_key,
    "openid_connect_login": lambda _world: ["none"],
    "openid_connect_callback": lambda _world: ["none"],
}
