"""The demonstration: believable, the same every time, and consistent with what the product itself would have stored."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from capillary.outcomes.figures import LEAST
from capillary.web.access import programmes_of
from capillary.web.accounts.models import User
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import figures_refresh
from capillary.web.cooperation.models import CooperationProfile, Interest
from capillary.web.cooperation.selectors import fit_for, standing
from capillary.web.demo import outcomes
from capillary.web.demo.history import made_up
from capillary.web.demo.load import demo_load
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.funding.models import Simulation
from capillary.web.funding.outcome import Outcome
from capillary.web.market.models import MarketOffer
from capillary.web.matches.models import Match, Need
from capillary.web.outcomes.models import ScenarioFigure
from capillary.web.outcomes.selectors import told_of, waiting
from capillary.web.programmes.models import Enrolment, Programme
from capillary.web.talent.models import TalentProfile, TrainingPlan

PARTNERS = 8  # made-up firms with cooperation profiles
FIGURES = ("score_low", "score_high", "level_low", "level_high", "answered", "dimensions")


@pytest.fixture
def demo(db: None) -> None:
    demo_load(now=timezone.now(), tell=lambda _: None, count=60)


def test_the_whole_population_covers_regions_and_sectors() -> None:
    firms = list(made_up(300))
    assert len({firm.name for firm in firms}) == len(firms) == 300
    assert len({firm.region for firm in firms}) == 5
    assert len({firm.sector for firm in firms}) == 8
    assert {len(firm.days) for firm in firms} == {1, 2, 3}
    assert firms == list(made_up(300))


@pytest.mark.usefixtures("demo")
def test_what_is_stored_is_what_the_product_would_work_out() -> None:
    for stored in Assessment.objects.select_related("enterprise"):
        kept = {name: getattr(stored, name) for name in FIGURES}
        figures_refresh(stored)
        assert {name: getattr(stored, name) for name in FIGURES} == kept
        revisions = {item.question: item.value for item in stored.revisions.all()}
        assert revisions == {name: entry["value"] for name, entry in stored.answers.items()}


@pytest.mark.usefixtures("demo")
def test_enterprises_get_better_on_the_whole() -> None:
    first, later = [], []
    for enterprise in Enterprise.objects.prefetch_related("assessments"):
        done = sorted(
            (item for item in enterprise.assessments.all() if item.completed_at), key=lambda item: item.number
        )
        if len(done) > 1:
            first.append(done[0].score_low)
            later.append(done[-1].score_low)
    assert len(first) > 10
    assert sum(later) > sum(first)


@pytest.mark.usefixtures("demo")
def test_programmes_and_accounts_are_there_and_loading_again_changes_nothing() -> None:
    assert Programme.objects.count() == 3
    assert Enrolment.objects.filter(assessment=None).count() == 0
    assert set(Member.objects.values_list("role", flat=True)) == {"owner", "adviser", "assessor"}
    call_command("load_demo", verbosity=0)
    assert Enterprise.objects.count() == 60 + PARTNERS
    assert User.objects.filter(is_demo=True).count() == 8
    assert MarketOffer.objects.exclude(public=None).count() == 400
    assert MarketOffer.objects.filter(state=MarketOffer.State.SUBMITTED).count() == 1


@pytest.mark.django_db
def test_an_installation_with_data_of_its_own_is_left_alone() -> None:
    Enterprise.objects.create(name="Own", claimed_at=timezone.now())
    with pytest.raises(CommandError, match="data folder"):
        call_command("load_demo", verbosity=0)


@pytest.mark.usefixtures("demo")
def test_the_officer_finds_a_draft_and_what_it_would_change() -> None:
    row = Simulation.objects.select_related("programme").get()
    found = Outcome(row)
    assert row.made_by is not None
    assert programme_names(row.made_by) >= {row.programme.name_en}
    assert 0 < found.told < found.firms
    assert found.sums()[2].low < 0
    assert found.unsettled()


def programme_names(user: User) -> set[str]:
    return {item.name_en for item in programmes_of(user)}


@pytest.mark.usefixtures("demo")
def test_there_is_a_match_at_every_stage_and_other_firms_have_needs() -> None:
    known = set(Match.objects.values_list("status", flat=True))
    walked = {
        "interest",
        "sent",
        "taken",
        "quoted",
        "contracted",
        "delivered",
        "confirmed",
        "measured",
        "rated",
    }
    assert known == walked
    owned = set(Match.objects.values_list("need__enterprise__members__user__email", flat=True))
    assert "owner@demo.example" in owned
    assert Need.objects.exclude(matches__isnull=False).count() > 3


@pytest.mark.usefixtures("demo")
def test_a_training_plan_and_a_talent_profile_are_there() -> None:
    plan = TrainingPlan.objects.get()
    assert plan.proven
    assert plan.attendances.count() >= 1
    profile = TalentProfile.objects.get()
    assert profile.user.is_demo
    assert profile.levels


@pytest.mark.usefixtures("demo")
def test_one_scenario_shows_figures_of_projects_and_one_has_too_few() -> None:
    shown = ScenarioFigure.objects.get(scenario=outcomes.SHOWN, part="weeks")
    assert shown.typical is not None
    # the sixth waits for the next batch
    assert (shown.projects, shown.reported) == (LEAST, len(outcomes.SPREAD))
    few = ScenarioFigure.objects.filter(scenario=outcomes.FEW)
    assert {(row.typical, row.reported) for row in few} == {(None, outcomes.FEW_FIRMS - 1)}
    assert waiting(User.objects.get(email__startswith="officer@")).count() == 1
    assert all("演示" in item.text or "demonstration" in item.text for item in told_of(outcomes.SHOWN).words)


@pytest.mark.usefixtures("demo")
def test_profiles_of_partners_are_labelled_and_come_from_many_countries() -> None:
    rows = standing(timezone.localdate())
    assert {row.country for row in rows} == {"CN", "DE", "ES", "FR", "IT", "JP", "KR"}
    assert all(row.demonstration and row.shows_level for row in CooperationProfile.objects.all())
    assert CooperationProfile.objects.filter(state="submitted").count() == 1
    assert sorted(Interest.objects.values_list("status", flat=True)) == ["agreed", "waiting"]
    owner = User.objects.get(email="owner@demo.example")
    mine = CooperationProfile.objects.get(enterprise__members__user=owner)
    fit = fit_for(mine, "miit-2024")
    assert [item.partner.profile.country for item in fit.fitting] == ["ES"]
    seen = fit.fitting[0].seen
    assert seen is not None
    assert not seen.read.own
