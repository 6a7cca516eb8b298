"""Writes of cooperation profiles and interests: written, submitted, reviewed, published, renewed, withdrawn; yes and no.

Every write locks in this order: the enterprise where it counts something, the profile, the interest. Two people who act at once
come one after the other, and the second one meets what the first one did.

A text is held against the names of its own writer's enterprise and of no other: who could try names of the other side would
learn from a refusal who that is.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import transaction
from django.utils import timezone

from capillary.matching.anonymous import identity_problems
from capillary.matching.partner_life import (
    MOST_PROFILES,
    InterestAct,
    InterestSide,
    InterestStatus,
    express_hindrance,
    interest_after,
)
from capillary.model.market import size_class
from capillary.model.partner import PartnerProfile, last_day, reference_of
from capillary.model.problems import InputError
from capillary.model.text import msg
from capillary.web.access import audit_write
from capillary.web.cooperation.locks import locked_for
from capillary.web.cooperation.models import (
    CooperationProfile,
    Interest,
    InterestEvent,
    InterestMessage,
    ProfileVersion,
    ReferenceNumber,
)
from capillary.web.core.refusals import RefusedError
from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Message
    from capillary.web.accounts.models import User
    from capillary.web.cooperation.selectors import Visit

State = CooperationProfile.State
OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.PUBLISHED)


def as_kept(item: PartnerProfile) -> dict[str, Any]:
    """Return a profile as JSON keeps it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(item))
    return found


def texts_of(item: PartnerProfile) -> dict[str, str]:
    """Return the public texts of a profile, by the field of the form that each stands in."""
    return {
        f"{name}_{tongue}": text
        for name in ("title", "summary", "description", "strengths")
        for tongue in ("zh", "en")
        if (text := getattr(getattr(item, name), tongue))
    }


def _must_name_nobody(texts: Mapping[str, str], enterprise: Enterprise) -> None:
    problems = identity_problems(texts, [enterprise.name])
    if problems:
        raise InputError(problems)


# --- profiles --------------------------------------------------------------------------------------------------------


@transaction.atomic
def profile_save(
    *,
    enterprise: Enterprise,
    row: CooperationProfile | None,
    profile: PartnerProfile,
    contact: str,
    shows_level: bool,
    by: User | None,
) -> CooperationProfile:
    """Keep a profile as it is being worked on; what is public stays as it is until the change was reviewed.

    That the level is shown is a consent and no text: it holds at once, given or taken back.

    Args:
        enterprise: whose profile it is.
        row: which profile; None for a new one.
        profile: what it says; region and size are those of the enterprise.
        contact: what the other side reads once both have agreed.
        shows_level: whether the enterprise agrees that its level is shown.
        by: who writes it; None for the demonstration.

    Raises:
        InputError: a public text says who wrote it; every problem names its field.
        RefusedError: it waits for review, there are too many, or region or head count are not known.
    """
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    kept = _own(profile, locked)
    _must_name_nobody(texts_of(kept), locked)
    if row is None:
        if locked.cooperation_profiles.filter(state__in=OPEN).count() >= MOST_PROFILES:
            raise RefusedError(
                msg("{most} of your profiles are open. Withdraw one first.", most=MOST_PROFILES)
            )
        found = CooperationProfile(enterprise=locked, made_by=by)
    else:
        found = CooperationProfile.objects.select_for_update().get(pk=row.pk, enterprise=locked)
    if found.state == State.SUBMITTED:
        raise RefusedError(msg("The profile waits for review. Withdraw it first, or wait for the answer."))
    found.data = as_kept(msgspec.structs.replace(kept, reference=found.reference or ""))
    found.title_zh, found.title_en = kept.title.zh, kept.title.en
    found.contact, found.state, found.changed_at = contact, State.DRAFT, timezone.now()
    found.save()
    _consented(found, shows=shows_level, by=by)
    audit_write(by, "partner-save", locked.pk, f"profile {found.pk}")
    return found


@transaction.atomic
def level_consent(*, profile: CooperationProfile, shows: bool, by: User | None) -> None:
    """Agree that the level is shown with a profile, or take that back; it holds at once, whatever the profile waits for."""
    _consented(_locked(profile), shows=shows, by=by)


def _consented(row: CooperationProfile, *, shows: bool, by: User | None) -> None:
    if shows == row.shows_level:
        return
    row.shows_level, row.changed_at = shows, timezone.now()
    row.level_agreed_at = timezone.now() if shows else None
    row.save(update_fields=["shows_level", "level_agreed_at", "changed_at"])
    audit_write(by, f"partner-level-{'show' if shows else 'hide'}", row.enterprise_id, f"profile {row.pk}")


def _own(profile: PartnerProfile, enterprise: Enterprise) -> PartnerProfile:
    """Return a profile with region and size of its enterprise, as far as everybody may know them."""
    if not enterprise.region or not enterprise.employees:
        raise RefusedError(
            msg("Region and head count of the enterprise are not known. Enter them among its facts first.")
        )
    return msgspec.structs.replace(
        profile, region=public_region(enterprise), size=size_class(enterprise.employees)
    )


def public_region(enterprise: Enterprise) -> str:
    """Return where an enterprise is, with nothing below a subdivision."""
    return "-".join(enterprise.region.split("-")[:2])


def _locked(row: CooperationProfile) -> CooperationProfile:
    return CooperationProfile.objects.select_for_update().get(pk=row.pk)


def _not_now() -> RefusedError:
    return RefusedError(msg("The profile changed meanwhile. Read the page again."))


@transaction.atomic
def profile_submit(*, profile: CooperationProfile, by: User | None) -> None:
    """Ask for the review of what was worked on.

    Raises:
        RefusedError: there is nothing new, there is no contact, or its last day is over or too far away.
    """
    row = _locked(profile)
    if row.state not in {State.DRAFT, State.RETURNED, State.WITHDRAWN}:
        raise RefusedError(msg("There is nothing new to review."))
    if not row.contact.strip():
        raise RefusedError(msg("Enter a contact: the other side needs one once both have agreed."), "contact")
    against = last_day_problem(row.written.valid_to, timezone.localdate())
    if against is not None:
        raise RefusedError(against, "valid_to")
    row.state, row.submitted_at, row.reason = State.SUBMITTED, timezone.now(), ""
    row.save(update_fields=["state", "submitted_at", "reason"])
    audit_write(by, "partner-submit", row.enterprise_id, f"profile {row.pk}")


def last_day_problem(last: str, today: dt.date) -> Message | None:
    """Return what is wrong with the last day of a profile that is published today; None where nothing is."""
    latest = last_day(today.isoformat())
    if last < today.isoformat():
        return msg("The last day is over. Enter a later one.")
    if last > latest:
        return msg("A profile stands for twelve months at most: until {day}.", day=latest)
    return None


@transaction.atomic
def profile_publish(*, profile: CooperationProfile, by: User | None) -> None:
    """Publish what waits for review, as a new version; the first time it gets its reference.

    Raises:
        RefusedError: it does not wait for review, or its last day is over.
    """
    row = _locked(profile)
    today = timezone.localdate()
    if row.state != State.SUBMITTED:
        raise _not_now()
    written = row.written
    if written.valid_to < today.isoformat():
        raise RefusedError(msg("The last day is over. Send it back, so that a later one is entered."))
    row.reference = row.reference or _next_reference(written, today)
    row.version += 1
    shown = msgspec.structs.replace(written, reference=row.reference, valid_from=today.isoformat())
    row.data = row.public = as_kept(shown)
    row.kind, row.country = shown.kind, shown.country
    row.valid_from, row.valid_to = today, dt.date.fromisoformat(shown.valid_to)
    row.state, row.reason = State.PUBLISHED, ""
    row.reviewed_at = row.changed_at = timezone.now()
    row.reviewed_by = by
    row.save()
    ProfileVersion.objects.create(profile=row, number=row.version, data=row.public, published_by=by)
    audit_write(by, "partner-publish", row.enterprise_id, f"profile {row.reference}")


def _next_reference(profile: PartnerProfile, today: dt.date) -> str:
    prefix = reference_of(profile.country, profile.kind, today.isoformat(), 1)[:-3]
    ReferenceNumber.objects.get_or_create(prefix=prefix)
    row = ReferenceNumber.objects.select_for_update().get(prefix=prefix)
    row.last += 1
    row.save(update_fields=["last"])
    return reference_of(profile.country, profile.kind, today.isoformat(), row.last)


@transaction.atomic
def profile_return(*, profile: CooperationProfile, by: User | None, reason: str) -> None:
    """Send back what waits for review, with a reason; what is public stays.

    Raises:
        RefusedError: it does not wait for review, or no reason is given.
    """
    row = _locked(profile)
    if not reason.strip():
        raise RefusedError(msg("Write why it is sent back."), "reason")
    if row.state != State.SUBMITTED:
        raise _not_now()
    row.state, row.reason, row.reviewed_at, row.reviewed_by = State.RETURNED, reason, timezone.now(), by
    row.save(update_fields=["state", "reason", "reviewed_at", "reviewed_by"])
    audit_write(by, "partner-return", row.enterprise_id, f"profile {row.pk}")


@transaction.atomic
def profile_withdraw(*, profile: CooperationProfile, by: User | None) -> None:
    """Take a profile from the public and from review; what waits for an answer ends, what both agreed on goes on.

    Raises:
        RefusedError: it is neither public nor waits for review.
    """
    row = _locked(profile)
    if row.public is None and row.state != State.SUBMITTED:
        raise RefusedError(msg("The profile is not public."))
    row.public, row.state, row.valid_from, row.valid_to = None, State.WITHDRAWN, None, None
    row.kind = row.country = ""
    row.changed_at = timezone.now()
    row.save()
    waiting = row.interests.select_for_update(of=("self",)).filter(status=InterestStatus.WAITING)
    for interest in waiting:
        _moved(interest, InterestStatus.WITHDRAWN)
        InterestEvent.objects.create(interest=interest, by=by, side=InterestSide.PUBLISHER, act="close")
    audit_write(by, "partner-withdraw", row.enterprise_id, f"profile {row.pk}")


@transaction.atomic
def profile_renew(*, profile: CooperationProfile, by: User | None) -> None:
    """Ask that what is public stands for twelve months from today; it is reviewed once more.

    Raises:
        RefusedError: it is not public, or something else of it is being worked on.
    """
    row = _locked(profile)
    if row.state != State.PUBLISHED:
        raise RefusedError(msg("Only what is published and not being changed can be renewed."))
    until = last_day(timezone.localdate().isoformat())
    row.data = as_kept(msgspec.structs.replace(row.written, valid_to=until))
    row.state, row.submitted_at, row.reason = State.SUBMITTED, timezone.now(), ""
    row.save(update_fields=["data", "state", "submitted_at", "reason"])
    audit_write(by, "partner-renew", row.enterprise_id, f"profile {row.reference}")


# --- interests -------------------------------------------------------------------------------------------------------


@transaction.atomic
def interest_express(
    *, profile: CooperationProfile, enterprise: Enterprise, values: Mapping[str, Any], by: User | None
) -> Interest:
    """Express an enterprise's interest in a profile. Who it is, the other side learns once it has agreed.

    Args:
        profile: which profile.
        enterprise: who is interested.
        values: sought, missing, who, shows_level.
        by: who expresses it; binds the enterprise. None for the demonstration.

    Raises:
        InputError: a text that is read at once says who wrote it; every problem names its field.
        RefusedError: a limit is reached, the profile does not stand, it is the own one, or it was declined before.
    """
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    row = _locked(profile)
    today = timezone.localdate()
    if not row.stands(today):
        raise RefusedError(msg("This profile does not stand any more."))
    if (
        row.enterprise_id == locked.pk
        or Member.objects.filter(enterprise=row.enterprise_id, user=by, until=None).exists()
    ):
        raise RefusedError(msg("This is a profile of an enterprise that you act for."))
    _must_express(row, locked, today)
    _must_name_nobody({name: values.get(name, "") for name in ("sought", "missing")}, locked)
    found = Interest.objects.create(
        profile=row,
        enterprise=locked,
        profile_data=row.public,
        region=public_region(locked),
        size=size_class(locked.employees) if locked.employees else "",
        made_by=by,
        **values,
    )
    _noted(found, by, InterestSide.SEEKER, "express")
    return found


def _must_express(row: CooperationProfile, enterprise: Enterprise, today: dt.date) -> None:
    mine = Interest.objects.filter(enterprise=enterprise)
    before = set(mine.filter(profile=row).values_list("status", flat=True))
    if before & {InterestStatus.WAITING, InterestStatus.AGREED}:
        raise RefusedError(msg("Your enterprise has expressed its interest in this profile before."))
    if InterestStatus.DECLINED in before:
        raise RefusedError(msg("Your interest in this profile was declined."))
    against = express_hindrance(
        mine.filter(made_at__date=today).count(), mine.filter(status=InterestStatus.WAITING).count()
    )
    if against is not None:
        raise RefusedError(against)


@transaction.atomic
def interest_agree(*, visit: Visit) -> None:
    """Agree to be named: both have agreed, and each sees the other's name and contact from now on.

    Raises:
        RefusedError: it is not the visitor's to do, or not the time.
    """
    row = locked_for(visit, InterestAct.AGREE)
    row.publisher_agreed_at = timezone.now()
    _act(row, visit, InterestAct.AGREE)
    _noted(row, visit.user, visit.side, "named")


@transaction.atomic
def interest_decline(*, visit: Visit, why: str) -> None:
    """Decline an interest with a reason, which names nobody.

    Raises:
        InputError: the reason says who wrote it.
        RefusedError: it is not the visitor's to do, or not the time.
    """
    row = locked_for(visit, InterestAct.DECLINE)
    _must_name_nobody({"text": why}, visit.own)
    _act(row, visit, InterestAct.DECLINE, why)


@transaction.atomic
def interest_withdraw(*, visit: Visit, why: str) -> None:
    """Withdraw an own interest before the other side has agreed.

    Raises:
        InputError: the reason says who wrote it.
        RefusedError: it is not the visitor's to do, or not the time.
    """
    row = locked_for(visit, InterestAct.WITHDRAW)
    _must_name_nobody({"text": why}, visit.own)
    _act(row, visit, InterestAct.WITHDRAW, why)


@transaction.atomic
def interest_end(*, visit: Visit, why: str) -> None:
    """End what both had agreed on: no more messages. Names that were read cannot be taken back.

    Raises:
        RefusedError: it is not the visitor's to do, or not the time.
    """
    row = locked_for(visit, InterestAct.END)
    _act(row, visit, InterestAct.END, why)


@transaction.atomic
def message_write(*, visit: Visit, text: str) -> InterestMessage:
    """Ask or answer without names before both have agreed, or write a message after that.

    Raises:
        InputError: a text that is read before both agreed says who wrote it.
        RefusedError: it is over, or too many questions were asked.
    """
    act = InterestAct.WRITE if visit.interest.named else InterestAct.ASK
    row = locked_for(visit, act)
    if act == InterestAct.ASK:
        _must_name_nobody({"text": text}, visit.own)
    found = InterestMessage.objects.create(
        interest=row, by=visit.user, side=visit.side, text=text, anonymous=act == InterestAct.ASK
    )
    row.changed_at = timezone.now()
    row.save(update_fields=["changed_at"])
    _noted(row, visit.user, visit.side, act)
    return found


def _act(row: Interest, visit: Visit, act: InterestAct, text: str = "") -> None:
    _moved(row, interest_after(act, row.state))
    _noted(row, visit.user, visit.side, act, text)


def _moved(row: Interest, status: InterestStatus) -> None:
    row.status, row.changed_at = status, timezone.now()
    row.save()


def _noted(row: Interest, by: User | None, side: InterestSide, act: str, text: str = "") -> None:
    """Note a step; in the audit log of the side that made it alone, for the log names people."""
    InterestEvent.objects.create(interest=row, by=by, side=side, act=str(act), text=text)
    enterprise = row.profile.enterprise_id if side == InterestSide.PUBLISHER else row.enterprise_id
    audit_write(by, f"interest-{act}", enterprise, f"interest {row.code}")
