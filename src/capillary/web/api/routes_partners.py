"""Cooperation profiles and interests, to be read. Agreeing to be named needs a person and has no operation here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router

from capillary.matching.partner_life import InterestSide
from capillary.web.access import Action, enterprise_for
from capillary.web.api import selectors
from capillary.web.api.problems import wrong_value
from capillary.web.api.schemas import PageIn, PageOut
from capillary.web.api.schemas_partners import (
    InterestFullOut,
    InterestOut,
    OwnPartnerOut,
    PartnerFitsOut,
    PartnerFullOut,
    PartnerOut,
    PartnersIn,
    StandardIn,
)
from capillary.web.cooperation import levels
from capillary.web.cooperation import selectors as cooperation
from capillary.web.cooperation.catalogue import live
from capillary.web.cooperation.models import CooperationProfile
from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.model.partner import PartnerProfile, Words
    from capillary.model.text import Text
    from capillary.web.cooperation.models import Interest

router = Router(tags=["partners"])


@router.get(
    "/partners",
    response=PageOut[PartnerOut],
    operation_id="partners",
    url_name="partners",
    summary="List the profiles",
)
def partners(request: HttpRequest, wanted: Query[PartnersIn]) -> Any:  # noqa: ARG001 - ninja passes it
    """Return the profiles that stand today, those that have the words best first, else by reference."""
    state = live()
    filters = {
        name: {value}
        for name in ("kind", "country", "partnership", "size", "language")
        if (value := getattr(wanted, name))
    }
    if wanted.section:
        filters["section"] = {f"isic-4:{wanted.section}"}
    hits = state.index.search(wanted.q, filters, first=wanted.offset, count=wanted.limit)
    return {
        "items": [_short(state.entries[name].profile) for name in hits.ids],
        "total": hits.total,
        "limit": wanted.limit,
        "offset": wanted.offset,
    }


@router.get(
    "/partners/{reference}",
    response=PartnerFullOut,
    operation_id="partner",
    url_name="partner",
    summary="Read a profile",
)
def partner(request: HttpRequest, reference: str, wanted: Query[StandardIn]) -> Any:
    """Return a profile, with the level of the firm behind it as a standard reads it, where the firm shows it."""
    row = cooperation.standing_by(reference)
    if wanted.standard and wanted.standard not in levels.levelled():
        known = ", ".join(levels.levelled())
        raise wrong_value(
            "query.standard",
            "unknown-standard",
            _("This standard is not installed or has no levels."),
            _("Ask for one of these: {names}").format(names=known),
        )
    profile = row.shown
    return {
        **_short(profile),
        "description": _words(profile.description),
        "strengths": _words(profile.strengths),
        "partner_regions": list(profile.partner_regions),
        "partner_sizes": list(profile.partner_sizes),
        "stage": profile.stage,
        "readiness": profile.readiness,
        "protection": profile.protection,
        "least": None
        if profile.least is None
        else {"standard": profile.least.standard, "level": profile.least.level},
        "level": _level(row, wanted.standard or levels.reader_standard(request)),
    }


@router.get(
    "/enterprises/{uuid:enterprise_id}/partner-profiles",
    response=PageOut[OwnPartnerOut],
    operation_id="partner_profiles",
    url_name="partner-profiles",
    summary="List an enterprise's own profiles",
)
def partner_profiles(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the profiles of an enterprise, the latest change first."""
    access = enterprise_for(request, enterprise_id, Action.MATCH)
    return selectors.page(cooperation.profiles_of(access.enterprise), page, _own)


@router.get(
    "/partner-profiles/{uuid:profile_id}/fits",
    response=PartnerFitsOut,
    operation_id="partner_fits",
    url_name="partner-fits",
    summary="List who fits a profile",
)
def partner_fits(request: HttpRequest, profile_id: UUID) -> Any:
    """Return the profiles of others that fit one of the enterprise's own, best first, and why the others do not."""
    row = CooperationProfile.objects.filter(pk=profile_id).first()
    if row is None:
        raise Http404
    enterprise_for(request, row.enterprise_id, Action.MATCH)
    fit = cooperation.fit_for(row, levels.reader_standard(request))
    return {
        "fits": [
            {
                "reference": item.partner.profile.reference,
                "kind": item.partner.profile.kind,
                "overlap": item.partner.overlap.value,
                "partnerships": list(item.partner.partnerships),
                "languages": list(item.partner.languages),
                "theirs": item.partner.theirs.value,
                "ours": item.partner.ours.value,
                "reasons": [line.in_(language()) for line in item.reasons],
            }
            for item in fit.fitting
        ],
        "ruled_out": {item.profile.reference: list(item.failed) for item in fit.found.ruled_out},
        "clash": list(fit.found.clash),
    }


@router.get(
    "/enterprises/{uuid:enterprise_id}/interests",
    response=PageOut[InterestOut],
    operation_id="interests",
    url_name="interests",
    summary="List an enterprise's interests",
)
def interests(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the interests that an enterprise received and expressed, the latest change first."""
    access = enterprise_for(request, enterprise_id, Action.MATCH)
    rows = cooperation.interests_of(access.enterprise)
    return selectors.page(
        rows, page, lambda row: _interest(row, publisher=row.enterprise_id != access.enterprise.pk)
    )


@router.get(
    "/interests/{uuid:interest_id}",
    response=InterestFullOut,
    operation_id="interest",
    url_name="interest",
    summary="Read an interest",
)
def interest(request: HttpRequest, interest_id: UUID) -> Any:
    """Return an interest with its messages. Name and contact of the other firm are null until both have agreed."""
    seen = cooperation.visit(request, interest_id)
    row = seen.interest
    return {
        **_interest(row, publisher=seen.is_publisher),
        "sought": row.sought,
        "missing": row.missing,
        "contact": seen.other_contact or None,
        "messages": [
            {"side": item.side, "anonymous": item.anonymous, "text": item.text, "at": item.at}
            for item in row.thread.all()
        ],
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _short(profile: PartnerProfile) -> dict[str, Any]:
    return {
        "reference": profile.reference,
        "kind": profile.kind,
        "title": _text(profile.title),
        "summary": _text(profile.summary),
        "region": profile.region,
        "country": profile.country,
        "size": profile.size,
        "industries": [item.word for item in profile.industries],
        "partnerships": list(profile.partnerships),
        "languages": list(profile.languages),
        "amount": profile.amount,
        "currency": profile.currency,
        "valid_from": profile.valid_from,
        "valid_to": profile.valid_to,
    }


def _level(row: CooperationProfile, standard: str) -> dict[str, Any] | None:
    seen = cooperation.level_seen(row, standard)
    if seen is None:
        return None
    return {
        "standard": standard,
        "level": [seen.read.at_least, seen.read.at_most],
        "own": seen.read.own,
        "grade": seen.read.grade,
        "score": seen.read.score.as_json(),
        "rests_on": {basis.standard: basis.day for basis in seen.bases},
    }


def _own(row: CooperationProfile) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reference": row.reference,
        "state": row.state,
        "version": row.version,
        "title": {"zh": row.title_zh, "en": row.title_en},
        "kind": row.written.kind,
        "valid_to": row.valid_to,
        "shows_level": row.shows_level,
        "waiting": row.waiting,
        "reason": row.reason,
    }


def _interest(row: Interest, *, publisher: bool) -> dict[str, Any]:
    other = row.enterprise if publisher else row.profile.enterprise
    return {
        "id": row.pk,
        "code": row.code,
        "reference": row.about.reference,
        "side": InterestSide.PUBLISHER.value if publisher else InterestSide.SEEKER.value,
        "status": row.status,
        "named": row.named,
        "other": other.name if row.named else None,
        "made_at": row.made_at,
        "changed_at": row.changed_at,
    }
