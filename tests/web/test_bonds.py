"""Bonds of providers: declared in the open, and whom they keep from reviewing, mediating and assessing without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from capillary.matching.life import Act, Side
from capillary.model.market import Conflict
from capillary.model.text import Text
from capillary.web.accounts.models import Organisation, Position
from capillary.web.advising import services_review
from capillary.web.advising.models import Review
from capillary.web.advising.problems import NotNowError
from capillary.web.assessments.services import assessment_complete
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Member
from capillary.web.market.bonds import bound_organisations, party_of, tie
from capillary.web.market.models import MarketOffer, MarketProvider
from capillary.web.market.services import bond_declare, offer_submit, provider_of, provider_publish
from capillary.web.matches import selectors, services

from ..market_kit import offer
from .market_kit import draft, publish
from .match_kit import advanced, match_world, need, seen, sent, shop_row

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
REASON = Text(zh="持有股份", en="It holds shares")


@pytest.fixture
def world() -> World:
    return match_world()


def bind(provider: MarketProvider, party: str) -> None:
    bond_declare(provider=provider, bond=Conflict(party=party, reason=REASON), by=None)


def test_a_provider_declares_bonds_and_everybody_sees_them(world: World) -> None:
    client = world.client("provider")
    bank = Organisation.objects.create(name_zh="示例银行", name_en="Example Bank", kind="bank")
    Organisation.objects.create(name_zh="示例银行二", name_en="Example Bank Two", kind="bank")
    data = {"party": "Example Ba", "reason_zh": REASON.zh, "reason_en": REASON.en}
    many = client.post("/en/market/mine/bonds/", data)
    assert many.status_code == 422
    assert party_of(bank) in many.content.decode()
    assert (
        "Nobody here is called so."
        in client.post("/en/market/mine/bonds/", data | {"party": "Nowhere"}).content.decode()
    )
    done = client.post("/en/market/mine/bonds/", data | {"party": "example bank"}, follow=True)
    assert "Everybody sees it from now on." in done.content.decode()
    shown = Client().get("/en/market/providers/shop/").content.decode()
    assert "It holds shares (Example Bank)" in shown
    assert client.post("/en/market/mine/bonds/", data | {"party": party_of(bank)}).status_code == 422
    ended = client.post(f"/en/market/mine/bonds/{party_of(bank)}/end/", follow=True).content.decode()
    assert "until an officer has reviewed that" in ended
    assert "It holds shares" in Client().get("/en/market/providers/shop/").content.decode()
    row = shop_row()
    assert row.waits
    provider_publish(provider=row, by=world.users["officer"])
    assert "It holds shares" not in Client().get("/en/market/providers/shop/").content.decode()
    assert set(
        AuditEntry.objects.filter(action__startswith="market-bond").values_list("action", flat=True)
    ) == {"market-bond-declare", "market-bond-end"}


def test_a_profile_that_is_saved_keeps_the_bonds(world: World) -> None:
    bind(shop_row(), party_of(world.organisation))
    about = {
        "kind": "product-vendor", "region": "CN-JS", "languages": ["zh"], "title_zh": "甲", "title_en": "A",
        "summary_zh": "软件", "summary_en": "Software",
    }  # fmt: skip
    assert world.client("provider").post("/en/market/mine/profile/", about).status_code == 302
    assert [item.party for item in provider_of(shop_row()).conflicts] == [party_of(world.organisation)]


@pytest.mark.parametrize("who_declares", ["provider", "other side"])
def test_a_bond_holds_both_ways(world: World, who_declares: str) -> None:
    officer = world.users["officer"]
    assert tie(officer, shop_row()) is None
    if who_declares == "provider":
        bind(shop_row(), party_of(world.organisation))
    else:
        publish(offer("city"))
        MarketProvider.objects.filter(code="p").update(organisation=world.organisation)
        bind(MarketProvider.objects.get(code="p"), "shop")
    why = tie(officer, shop_row())
    assert why is not None
    assert "It holds shares" in why.in_("en")
    assert world.organisation.pk in bound_organisations(shop_row())
    assert tie(world.users["stranger"], shop_row()) is None


def test_a_bound_officer_does_not_review(world: World) -> None:
    row = draft(world, "later")
    offer_submit(offer=row, by=None)
    officer = world.client("officer")
    assert str(row.pk) in officer.get("/en/market/review/").content.decode()
    bind(shop_row(), party_of(world.organisation))
    assert str(row.pk) not in officer.get("/en/market/review/").content.decode()
    refused = officer.post(f"/en/market/review/{row.pk}/", {"publish": "1"})
    assert refused.status_code == 409
    assert "Somebody else has to review this" in refused.content.decode()
    assert MarketOffer.objects.get(pk=row.pk).state == "submitted"
    assert AuditEntry.objects.filter(action="market-review-refused").exists()


def test_a_bound_officer_does_not_mediate(world: World) -> None:
    match = advanced(world, sent(world), "contracted")
    services.complaint_make(visit=seen(world, match, "owner"), text="Nothing came")
    match.refresh_from_db()
    visit = selectors.Visit(world.users["officer"], match, Side.OFFICER)
    assert visit.hindrance(Act.SETTLE) is None
    bind(shop_row(), party_of(world.organisation))
    again = selectors.Visit(world.users["officer"], match, Side.OFFICER).hindrance(Act.SETTLE)
    assert again is not None
    assert "bound to the provider" in again.in_("en")
    assert not selectors.has_mediators(match)


def test_an_offer_says_that_the_adviser_is_bound(world: World) -> None:
    row = need(world)
    owner = world.client("owner")
    assert "advises or assesses you" not in owner.get(f"/en/needs/{row.pk}/").content.decode()
    bind(shop_row(), party_of(world.organisation))  # the city's advisers and assessors
    shown = owner.get(f"/en/needs/{row.pk}/").content.decode()
    assert "works for an organisation that is bound to this provider: It holds shares" in shown
    plan = owner.get(f"/en/assessments/{world.assessment.pk}/offers/").content.decode()
    assert "bound to this provider" in plan
    organisation = shop_row().organisation
    Position.objects.create(user=world.users["adviser"], organisation=organisation, role="adviser")
    shown = owner.get(f"/en/needs/{row.pk}/").content.decode()
    assert "Adviser, who advises or assesses you, works for this provider." in shown


def test_an_assessor_of_a_provider_that_sells_to_the_firm_is_named_so(world: World) -> None:
    advanced(world, sent(world), "contracted")
    assessor = world.users["assessor"]
    Position.objects.create(user=assessor, organisation=shop_row().organisation, role="assessor")
    assessment = world.assessment
    assessment_complete(assessment=assessment, by=world.users["owner"])
    assessment.refresh_from_db()
    address = f"/en/assessments/{assessment.pk}/review/"
    assert (
        "The assessor works for Example Provider, which sells to this firm."
        in world.client("assessor").get(address).content.decode()
    )
    for name in assessment.answers:
        services_review.answer_confirm(assessment=assessment, question=name, by=assessor)
    services_review.review_sign(assessment=assessment, by=assessor)
    assert Review.objects.get().bonds[0]["en"].startswith("The assessor works for")
    assert AuditEntry.objects.filter(action="review-sign-bound", enterprise=world.enterprise.pk).exists()
    Position.objects.filter(user=assessor).delete()
    kept = world.client("owner").get(address).content.decode()
    assert "which sells to this firm" in kept, "it stays as it was at the sign-off"


def test_nobody_verifies_his_own_house(world: World) -> None:
    assessment = world.assessment
    assessment_complete(assessment=assessment, by=world.users["owner"])
    assessment.refresh_from_db()
    assessor = world.users["assessor"]
    Member.objects.create(enterprise=world.enterprise, user=assessor, role="colleague")
    with pytest.raises(NotNowError, match="belong"):
        services_review.answer_confirm(
            assessment=assessment, question=next(iter(assessment.answers)), by=assessor
        )
    shown = world.client("assessor").get(f"/en/assessments/{assessment.pk}/review/").content.decode()
    assert "You belong or belonged to this firm" in shown


def test_places_of_a_provider_hold_over_all_its_offers(world: World) -> None:
    first, second = need(world), need(world)
    match, other = sent(world, first), sent(world, second)
    MarketProvider.objects.filter(code="shop").update(
        data=shop_row().data | {"places": 1}, public=shop_row().data | {"places": 1}, revision=99
    )
    from capillary.web.market.models import MarketRevision

    MarketRevision.objects.update(number=99)
    advanced(world, match, "taken")
    with pytest.raises(
        services.RefusedError, match="1 firms a quarter over all its offers, and has 1 already"
    ):
        services.match_take(visit=seen(world, other, "provider"))
    third = need(world)
    with pytest.raises(services.RefusedError, match="a quarter over all its offers"):
        sent(world, third)
    assert "over all its offers" in world.client("owner").get(f"/en/needs/{third.pk}/").content.decode()
    assert selectors.leads_of(shop_row()) == []
    services.match_refuse(visit=seen(world, match, "provider"), why="Too much to do")
    services.match_take(visit=seen(world, other, "provider"))
