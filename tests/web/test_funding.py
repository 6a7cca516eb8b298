"""A firm's money in the product: what it may claim, telling facts, after a plan, and the programmes for everybody."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.rules import cases, rules
from capillary.web.funding.selectors import money_page
from capillary.web.planning.models import Roadmap

from .access_tables.planning import roadmap_without_a_plan
from .kit import make_world

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
NANJING = {
    "city": "nanjing",
    "is_pilot_industry": "yes",
    "has_central_funding": "no",
    "completed_on": "2026-01-15",
}


@pytest.fixture
def world() -> World:
    return make_world()


def address(world: World, name: str = "assessment-money") -> str:
    return reverse(name, args=[world.assessment.pk])


def tell(world: World, person: str = "owner", name: str = "assessment-facts", **facts: Any) -> Any:
    client = world.client(person)
    return client.post(address(world, name), {"currency": "CNY", **facts})


def by_id(world: World, day: str = "2026-02-01") -> dict[str, Any]:
    page = world.client("owner").get(address(world), {"on": day}).context["page"]
    lists = (page.entitled, page.unclear, page.refused, page.elsewhere, page.classes)
    return {item.programme.id: item for part in lists for item in part}


def test_what_is_told_is_kept_and_changes_what_may_be_claimed(world: World) -> None:
    assert by_id(world)["cn-nanjing"].verdict in {"unclear", "not-entitled"}
    spend = {"spend_software": "600000.50", "spend_cloud": "0", "spend_gateways": "0"}
    done = tell(world, level_after="", turnover="30000000", industry_cn="industry", **NANJING, **spend)
    assert done.status_code == 302
    row = FirmFacts.objects.get(enterprise=world.enterprise)
    assert row.facts["city"] == "nanjing"
    assert row.facts["spend_software"] == "600000.50"
    assert row.facts["is_pilot_industry"] is True
    assert "country" not in row.facts
    FirmFacts.objects.filter(pk=row.pk).update(facts={**row.facts, "level_after": 2, "size_cn": "small"})
    found = by_id(world)["cn-nanjing"]
    assert found.verdict == "entitled"
    assert str(found.money.low) == "300000"
    text = world.client("owner").get(address(world), {"on": "2026-02-01"}).content.decode()
    assert "300,000" in text
    assert AuditEntry.objects.filter(action="facts-save", enterprise=world.enterprise.pk).exists()


def test_a_fact_that_is_known_anyway_is_not_kept_twice(world: World) -> None:
    form = world.client("owner").get(address(world, "assessment-facts")).context["form"]
    employees = form.initial["employees"]
    assert employees == world.enterprise.employees
    tell(world, employees=str(employees), city="wuhan")
    assert set(FirmFacts.objects.get().facts) == {"city"}
    tell(world, employees=str(employees + 1), city="")
    assert FirmFacts.objects.get().facts == {"employees": employees + 1}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"employees": "-3"}, "employees"),
        ({"employees": "3.5"}, "employees"),
        ({"turnover": "lots"}, "turnover"),
        ({"city": "atlantis"}, "city"),
        ({"completed_on": "2026-02-30"}, "completed_on"),
        ({"titles": ["king"]}, "titles"),
        ({"debt_ratio": "-1"}, "debt_ratio"),
        ({"currency": "XXX"}, "currency"),
        ({"aid_known": "on", "aid_date_1": "2026-01-01"}, "aid_amount_1"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_lost(
    world: World, wrong: dict[str, Any], field: str
) -> None:
    done = tell(world, **{"assets": "123456", **wrong})
    assert done.status_code == 422
    assert field in done.context["form"].errors
    assert 'value="123456"' in done.content.decode()
    assert not FirmFacts.objects.exists()


def test_shares_are_asked_in_percent_and_keys_may_be_none(world: World) -> None:
    tell(world, debt_ratio="54.5", revenue_growth_main="-3", titles=["no-key"], rd_institute="no")
    facts = FirmFacts.objects.get().facts
    assert (facts["debt_ratio"], facts["revenue_growth_main"]) == ("0.545", "-0.03")
    assert (facts["titles"], facts["rd_institute"]) == ([], False)
    form = world.client("owner").get(address(world, "assessment-facts")).context["form"]
    assert str(form.initial["debt_ratio"]) == "54.5"
    assert form.initial["titles"] == ["no-key"]


def test_earlier_aid_counts_only_where_it_is_said_to_be_all(world: World) -> None:
    row = {"aid_date_1": "2025-06-01", "aid_amount_1": "250000"}
    tell(world, **row)
    assert FirmFacts.objects.get().aids is None
    tell(world, aid_known="on", **row)
    assert FirmFacts.objects.get().aids == [
        {"date": "2025-06-01", "amount": "250000", "currency": "EUR", "scheme": "de-minimis"}
    ]
    tell(world, aid_known="on")
    assert FirmFacts.objects.get().aids == []


def test_the_short_form_keeps_what_it_did_not_ask(world: World) -> None:
    tell(world, city="nanjing", is_pilot_industry="yes")
    client = world.client("owner")
    form = client.get(address(world)).context["form"]
    assert 0 < len(form.asked) <= 6
    assert "level_after" not in form.asked
    asked = {"asked": ["has_central_funding"], "currency": "CNY", "has_central_funding": "no"}
    assert client.post(address(world), asked).status_code == 302
    assert set(FirmFacts.objects.get().facts) == {"city", "is_pilot_industry", "has_central_funding"}
    assert client.post(address(world), {**asked, "currency": "?"}).status_code == 422


def test_after_a_plan_its_level_and_its_day_count(world: World) -> None:
    made = roadmap_without_a_plan(world)
    plan = {"level": 3, "measures": [{"complete": 2}, {"complete": 3}], "money": {"one_off": 90_000}}
    Roadmap.objects.filter(pk=made.pk).update(result={"plans": [plan]}, first_year=2027, first_quarter=1)
    tell(world, city="wuhan", is_pilot_industry="yes", has_central_funding="no", size_cn="small")
    client = world.client("owner")
    page = client.get(address(world), {"plan": f"{made.pk}-0"})
    known = page.context["page"].known
    assert (known["level_after"], known["completed_on"], known["spend_total"]) == (3, "2027-09-30", 90_000)
    after = next(
        item
        for item in page.context["page"].unclear + page.context["page"].entitled
        if item.programme.id == "cn-wuhan"
    )
    assert after.verdict == "entitled"
    assert str(after.money.high) == "400000"
    plan["money"] = {"one_off": 90_000, "spend": {"software": 50_000, "training": 40_000}}
    Roadmap.objects.filter(pk=made.pk).update(result={"plans": [plan]})
    page = client.get(address(world), {"plan": f"{made.pk}-0"}).context["page"]
    exact = next(item for item in page.entitled if item.programme.id == "cn-wuhan")
    assert (exact.money.low, exact.money.high) == (20_000, 20_000)
    tell(
        world,
        city="wuhan",
        is_pilot_industry="yes",
        has_central_funding="no",
        size_cn="small",
        spend_cloud="7",
    )
    page = client.get(address(world), {"plan": f"{made.pk}-0"}).context["page"]
    assert page.known["spend_cloud"] == "7"
    assert "spend_software" not in page.known
    assert client.get(address(world), {"plan": "nonsense"}).context["plan"] is None


def test_a_firm_is_judged_by_the_rules_of_the_day(world: World) -> None:
    tell(world, city="hefei")
    assert by_id(world, "2025-06-01")["cn-hefei"].timing == "in-force"
    assert by_id(world, "2026-06-01")["cn-hefei"].timing == "ended"
    for day in ("soon", "2026-02-30"):
        page = world.client("owner").get(address(world), {"on": day})
        assert page.status_code == 200
        assert day in page.content.decode()


@pytest.mark.parametrize("person", ["officer", "assessor", "stranger"])
def test_a_firm_s_figures_are_for_the_firm_and_its_adviser(world: World, person: str) -> None:
    tell(world, turnover="123456789")
    client = world.client(person)
    assert client.get(address(world)).status_code == 404
    if person != "stranger":
        result = client.get(reverse("assessment-result", args=[world.assessment.pk])).content.decode()
        assert "/money/" not in result


def test_the_holder_of_a_check_may_tell_too(world: World) -> None:
    client = world.client("holder")
    at = reverse("assessment-facts", args=[world.check.pk])
    assert client.post(at, {"currency": "EUR", "country": "es"}).status_code == 302
    assert FirmFacts.objects.get().currency == "EUR"
    page = money_page(world.check)
    assert {item.programme.id for item in page.unclear} == {"es-kit-digital"}
    assert client.get(reverse("assessment-money", args=[world.check.pk])).status_code == 200


def test_facts_are_exported_and_erased(world: World) -> None:
    tell(world, city="nanjing")
    with (
        enterprise_archive(world.enterprise) as archive,
        zipfile.ZipFile(io.BytesIO(archive.read())) as packed,
    ):
        records = json.loads(packed.read("records.json"))
    assert records["funding.FirmFacts"][0]["facts"] == {"city": "nanjing"}
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert not FirmFacts.objects.exists()


def test_programmes_are_found_and_shown(client: Any) -> None:
    whole = client.get("/en/incentives/")
    assert whole.context["count"] == len(rules().programmes)
    assert client.get("/zh-hans/incentives/?q=南京").context["count"] == 1
    assert client.get("/en/incentives/?kind=recognition").context["count"] == 3
    assert client.get("/en/incentives/?country=ES").context["count"] == 2
    assert client.get("/en/incentives/?q=zzz").context["count"] == 0
    for name, programme in rules().programmes.items():
        for language, title in (("en", programme.title.en), ("zh-hans", programme.title.zh)):
            page = client.get(f"/{language}/incentives/{name}/")
            assert page.status_code == 200
            assert title.replace("'", "&#x27;") in page.content.decode()
        assert len(page.context["cases"]) == len(cases()[name])
    assert client.get("/en/incentives/no-such/").status_code == 404


def test_the_administrator_sees_facts(world: World) -> None:
    tell(world, city="nanjing")
    listed = world.client("administrator").get(reverse("admin:funding_firmfacts_changelist"))
    assert listed.status_code == 200
