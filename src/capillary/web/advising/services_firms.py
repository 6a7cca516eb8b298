"""A firm that an adviser adds, and the invitation to its owner, who then decides who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.access import audit_write
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.selectors_firms import firms_to_withdraw
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.invitations import invitation_send
from capillary.web.enterprises.models import Enterprise, Invitation, Member

if TYPE_CHECKING:
    from capillary.web.accounts.models import User


@dataclass(frozen=True)
class FirmFacts:
    """What an adviser says about a firm."""

    name: str
    sector: str
    region: str
    employees: int | None


@transaction.atomic
def firm_add(*, facts: FirmFacts, owner_email: str, by: User, language: str, base: str) -> Enterprise:
    """Add a firm that an adviser works with, and invite its owner. The adviser is let in until the owner ends it.

    Args:
        facts: what is known of the firm.
        owner_email: where the invitation goes.
        by: the adviser.
        language: of the invitation.
        base: the address of the installation, for the invitation's link.

    Raises:
        NotNowError: the owner's address is the adviser's own.
    """
    _must_be_another(owner_email, by)
    firm = Enterprise.objects.create(
        name=facts.name,
        sector=facts.sector,
        region=facts.region,
        employees=facts.employees,
        claimed_at=timezone.now(),
    )
    Member.objects.create(enterprise=firm, user=by, role=Member.Role.ADVISER, let_in_by=by)
    audit_write(by, "firm-add", firm.id)
    owner_invite(firm=firm, email=owner_email, by=by, language=language, base=base)
    return firm


@transaction.atomic
def owner_invite(*, firm: Enterprise, email: str, by: User, language: str, base: str) -> Invitation:
    """Invite the owner of a firm that has none yet, or send the letter once more.

    Raises:
        NotNowError: the firm has an owner, or the address is the adviser's own.
    """
    _must_be_another(email, by)
    if Member.objects.filter(enterprise=firm, role=Member.Role.OWNER, until=None).exists():
        raise NotNowError(_("This firm has an owner already."))
    return invitation_send(
        enterprise=firm, email=email, role=Member.Role.OWNER, language=language, by=by, base=base
    )


@transaction.atomic
def firm_withdraw(*, firm: Enterprise, by: User) -> None:
    """Erase a firm that an adviser added and that never had an owner.

    Raises:
        NotNowError: an owner accepted in the meantime, or somebody else added it.
    """
    # whoever accepts at this moment comes first, or finds no invitation any more
    list(Invitation.objects.select_for_update().filter(enterprise=firm))
    if not firms_to_withdraw(by).filter(pk=firm.pk).exists():
        raise NotNowError(_("This firm has an owner by now, who alone can erase it."))
    enterprise_erase(enterprise=firm, by=by)


def _must_be_another(email: str, by: User) -> None:
    if email.strip().lower() == by.email.lower():
        raise NotNowError(_("The owner is somebody else: this is your own address."))
