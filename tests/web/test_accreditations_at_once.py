"""People who decide about an accreditation at the same moment, in real transactions of their own: one decision holds."""

from __future__ import annotations

import pytest

from capillary.matching.accrediting import Outcome
from capillary.web.accreditations import services
from capillary.web.accreditations.models import AccreditationEvent, AccreditationRequest
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import provider_of

from .accreditation_kit import SITE, accreditation_world, as_, desk_of, identity_checked, submitted
from .test_applications_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def held() -> int:
    return len(provider_of(MarketProvider.objects.get(code="shop")).accreditations)


def test_two_officers_confirm_once() -> None:
    world = accreditation_world()
    row = submitted(world)
    identity_checked(world, row)
    services.decision_propose(visit=as_(world, "officer", row), outcome=Outcome.GRANT, reasons="")
    visits = [as_(world, name, row) for name in ("second", "third")]
    refused = at_once(
        [lambda visit=visit: services.decision_confirm(visit=visit, remark="", site=SITE) for visit in visits]
    )
    assert len(refused) == 1
    assert AccreditationEvent.objects.filter(request=row, act="grant").count() == 1
    assert held() == 1


def test_a_decision_is_confirmed_while_the_provider_withdraws() -> None:
    world = accreditation_world()
    row = submitted(world)
    identity_checked(world, row)
    services.decision_propose(visit=as_(world, "officer", row), outcome=Outcome.GRANT, reasons="")
    office, shop = as_(world, "second", row), as_(world, "provider", row)
    refused = at_once(
        [
            lambda: services.decision_confirm(visit=office, remark="", site=SITE),
            lambda: services.request_withdraw(visit=shop, why="We stop"),
        ]
    )
    # an accreditation can be given back as soon as it is there, so both may hold, one after the other
    assert len(refused) in {0, 1}
    assert AccreditationRequest.objects.get(pk=row.pk).status == "withdrawn"
    assert held() == 0


def test_an_application_is_begun_once() -> None:
    world = accreditation_world()
    desk, provider = desk_of(world), MarketProvider.objects.get(code="shop")
    refused = at_once(
        [
            lambda: services.request_start(desk=desk, provider=provider, by=world.users["provider"])
            for _ in range(3)
        ]
    )
    assert refused == []
    assert AccreditationRequest.objects.count() == 1
