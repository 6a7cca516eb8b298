"""Figures about peers: who is counted, in which group, and never a group that is too small."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Consent, Enterprise
from capillary.web.results.models import PeerFigure
from capillary.web.results.peers import LEAST_PEERS, peers_of
from capillary.web.results.services import peers_refresh
from capillary.web.results.tasks import refresh_peers

from .kit import World


def firm(score: float, level: int = 1, *, consent: bool = True, **fields: object) -> Assessment:
    """Make an enterprise like the world's with a closed assessment."""
    facts = {"sector": "metal-products", "region": "CN-JS", "employees": 80, **fields}
    enterprise = Enterprise.objects.create(**facts)
    if consent:
        Consent.objects.create(enterprise=enterprise, purpose="benchmark")
    return closed(enterprise, score, level)


def closed(enterprise: Enterprise, score: float, level: int = 1, number: int = 0) -> Assessment:
    return Assessment.objects.create(
        enterprise=enterprise,
        standard="miit-2024",
        number=number,
        status="completed",
        completed_at=timezone.now(),
        score_low=score,
        score_high=score,
        level_low=level,
        level_high=level,
    )


def test_ten_are_shown_and_nine_are_not(world: World) -> None:
    for number in range(LEAST_PEERS - 1):
        firm(10 * number)
    peers_refresh()
    assert not PeerFigure.objects.exists()
    assert peers_of(world.assessment) is None
    page = world.client("owner").get(f"/en/assessments/{world.assessment.pk}/").content.decode()
    assert "fewer than 10 such enterprises" in page
    firm(90, level=3)
    peers_refresh()
    found = peers_of(world.assessment)
    assert found is not None
    assert (found.enterprises, found.lower, found.median, found.upper) == (10, 22.5, 45, 67.5)
    assert [(row.level, row.percent) for row in found.levels] == [(1, 90), (3, 10)]
    assert found.narrowest
    page = world.client("owner").get(f"/en/assessments/{world.assessment.pk}/").content.decode()
    assert "10 enterprises agreed to be counted" in page


def test_the_narrowest_group_that_is_large_enough_is_shown(world: World) -> None:
    for number in range(9):
        firm(number)
    firm(50, region="CN-ZJ")
    peers_refresh()
    found = peers_of(world.assessment)
    assert found is not None
    assert (found.group.size, found.group.region, found.narrowest) == ("50-249", "", False)


def test_only_the_last_closed_assessment_of_who_agreed_counts(world: World) -> None:
    for _ in range(10):
        firm(10)
    firm(99, consent=False)
    firm(99, erased_at=timezone.now())
    withdrawn = firm(99)
    withdrawn.enterprise.consents.update(withdrawn_at=timezone.now())
    again = firm(99)
    closed(again.enterprise, 10, number=1)
    still_open = closed(again.enterprise, 99, number=2)
    Assessment.objects.filter(pk=still_open.pk).update(status="open")
    unknown = Assessment.objects.create(
        enterprise=again.enterprise, standard="gone-2001", status="completed", score_low=1
    )
    assert unknown.pk
    peers_refresh()
    found = peers_of(world.assessment)
    assert found is not None
    assert (found.enterprises, found.lower, found.upper) == (11, 10, 10)
    assert set(PeerFigure.objects.values_list("standard", flat=True)) == {"miit-2024"}


def test_a_group_that_became_too_small_is_forgotten(world: World) -> None:
    for _ in range(10):
        firm(10)
    assert refresh_peers.enqueue().status == "SUCCESSFUL"
    assert PeerFigure.objects.exists()
    Consent.objects.filter(purpose="benchmark").first().delete()
    call_command("refresh_peers")
    assert not PeerFigure.objects.exists()


def test_published_figures_are_shown_where_there_are_some(world: World) -> None:
    Enterprise.objects.filter(pk=world.enterprise.pk).update(region="DE")
    client = world.client("owner")
    client.post(reverse("across-start", args=[world.assessment.pk, "eu-dii-v3"]))
    started = Assessment.objects.get(standard="eu-dii-v3")
    page = client.get(f"/en/assessments/{started.pk}/").content.decode()
    assert "Published figures" in page
    assert "Germany" in page


@pytest.mark.parametrize("employees", [None, 80])
def test_who_says_nothing_is_compared_with_everybody(world: World, employees: int | None) -> None:
    for _ in range(10):
        firm(10)
    peers_refresh()
    world.assessment.enterprise.sector = ""
    world.assessment.enterprise.employees = employees
    found = peers_of(world.assessment)
    assert found is not None
    assert found.group.sector == found.group.size == ""
