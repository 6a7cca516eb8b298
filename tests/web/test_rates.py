"""Exchange rates in the product: the reader's currency, amounts beside their own, loading with a preview, the API."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from capillary.incentives.situation import rate as rate_of_rules
from capillary.matching.need import Need
from capillary.matching.rank import rank
from capillary.web import engine
from capillary.web.accounts.models import User
from capillary.web.accounts.services import account_delete
from capillary.web.api.services import token_create
from capillary.web.core.models import AuditEntry
from capillary.web.market.live import live
from capillary.web.rates.current import COOKIE, rates_today, table_on
from capillary.web.rates.models import ExchangeRate, RateUpload
from capillary.web.rates.services import rate_enter, rates_preview, rates_remove, rates_take

from ..market_kit import listed, offer
from ..sheet_kit import run
from .kit import make_world
from .market_kit import FAR, publish
from .match_kit import advanced, match_world, sent
from .match_kit import need as published_need

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = TODAY - dt.timedelta(days=2)
BEFORE = DAY - dt.timedelta(days=1)
HIST = f"Date,USD,CNY,AUD,\n{DAY},1.25,10,1.77,\n{BEFORE},1.2,9.6,1.76,\n"


def loaded(text: str = HIST, **options: Any) -> int:
    preview = rates_preview(text.encode(), "hist.csv", **options)
    return rates_take(preview=preview, file_name="hist.csv", by=None)


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.content.decode()))


# --- which rate counts ---------------------------------------------------------------------------------------------------


def test_loaded_rates_come_before_the_contents_and_a_change_is_seen_at_once() -> None:
    content = engine.library().currencies()
    assert rates_today().worth["EUR"] == content.rate("EUR").per_unit
    loaded()
    assert rates_today().worth["EUR"] == 10
    assert rates_today().worth["USD"] == 8
    assert rates_today().worth["VND"] == content.rate("VND").per_unit
    assert table_on(BEFORE.isoformat()).worth("USD") == 8
    assert table_on(BEFORE.isoformat()).worth("EUR") == Fraction("9.6")
    rates_remove(
        rows=ExchangeRate.objects.filter(currency="CNY", day=DAY),
        by=User.objects.create_user("a@example.com"),
    )
    assert rates_today().worth["EUR"] == Fraction("9.6")
    assert table_on().exchange("EUR", "CNY").age == 3
    assert AuditEntry.objects.filter(action="rate-remove").count() == 1


def test_ranking_and_budgets_use_the_loaded_rates() -> None:
    publish(offer("euro", **FAR, price=listed(100, currency="EUR")), offer("yuan", **FAR, price=listed(900)))

    def fits(budget: int) -> list[str]:
        need = Need(on=TODAY.isoformat(), wanted={"crm-cloud": None}, budget=budget)
        return [match.offer.id for match in rank(need, live().market, rates_today()).matches]

    assert fits(850) == ["euro"]  # at the content's 8.0
    loaded()
    assert fits(850) == []
    assert fits(950) == ["yuan"]
    assert fits(1000) == ["yuan", "euro"]


def test_what_the_law_counts_with_stays_as_it_was() -> None:
    pairs = [("EUR", "CNY"), ("USD", "CNY"), ("CNY", "EUR")]
    before = [rate_of_rules(engine.rules(), *pair) for pair in pairs]
    loaded()
    assert [table_on().exchange(*pair).units for pair in pairs] != before
    assert [rate_of_rules(engine.rules(), *pair) for pair in pairs] == before


# --- amounts on pages ----------------------------------------------------------------------------------------------------


def shown(client: Client, language: str = "en") -> str:
    return text_of(client.get(f"/{language}/market/offers/euro/"))


@pytest.fixture
def euro() -> None:
    publish(offer("euro", **FAR, price=listed(1000, 50, currency="EUR", per_user=3)))


def test_visitors_see_amounts_in_the_currency_they_choose(euro: None, client: Client) -> None:
    loaded()
    assert "EUR once 1,000 + 3 a user; each year 50" in shown(client)
    assert "≈" not in shown(client)
    answer = client.post("/en/rates/currency/", {"currency": "USD", "next": "/en/market/offers/euro/"})
    assert answer["Location"] == "/en/market/offers/euro/"
    assert f"≈ USD once 1,250 + 3.75 a user; each year 62.50 (rate of {DAY}, official)" in shown(client)
    client.post("/en/rates/currency/", {"currency": "EUR"})
    assert "≈" not in shown(client)


def test_chinese_pages_show_the_yuan_where_nothing_was_chosen(euro: None, client: Client) -> None:
    page = shown(client, "zh-hans")
    assert "≈ CNY 一次性 8,000" in page
    assert "2026-11-27 汇率，未核实" in page
    client.cookies[COOKIE] = "XXX"  # no currency at all counts as none
    assert "≈ CNY" in shown(client, "zh-hans")


def test_an_old_rate_says_how_old_it_is(euro: None, client: Client) -> None:
    client.cookies[COOKIE] = "CNY"
    old = TODAY - dt.timedelta(days=30)
    loaded(f"Date,CNY\n{old},10\n")
    assert f"(rate of {old}, official, 30 days old)" in shown(client)


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", "javascript:alert(1)", ""])
def test_the_choice_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post("/en/rates/currency/", {"currency": "USD", "next": target})["Location"] == "/en/rates/"


def test_an_account_keeps_its_currency(euro: None) -> None:
    world = make_world()
    client, owner = world.client("owner"), world.users["owner"]
    client.cookies[COOKIE] = "JPY"  # of a visitor on the same computer
    client.post("/en/account/", {"name": "Owner", "language": "en", "currency": "GBP"})
    owner.refresh_from_db()
    assert owner.currency == "GBP"
    assert "≈ GBP once 860 + 2.58 a user; each year 43.01" in shown(client)
    assert '"currency": "GBP"' in client.get("/en/account/export/").content.decode()
    client.post("/en/rates/currency/", {"currency": "SGD"})
    owner.refresh_from_db()
    assert owner.currency == "SGD"
    assert AuditEntry.objects.filter(action="currency-choose", user=owner).exists()
    stranger = world.users["stranger"]
    User.objects.filter(pk=stranger.pk).update(currency="USD")
    account_delete(user=stranger)
    stranger.refresh_from_db()
    assert stranger.currency == ""


def test_pages_with_many_amounts_read_the_rates_once(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    publish(*(offer(f"o{number}", **FAR, price=listed(1000, 50)) for number in range(12)))
    client.cookies[COOKIE] = "EUR"
    client.get("/en/market/")
    with django_assert_max_num_queries(5):
        page = client.get("/en/market/")
    assert page.content.decode().count("≈") == 12


def test_matches_and_scenarios_show_amounts_in_the_readers_currency() -> None:
    world = match_world()
    loaded()
    client = world.client("owner")
    User.objects.filter(pk=world.users["owner"].pk).update(currency="EUR")
    row = published_need(world)
    page = text_of(client.get(f"/en/needs/{row.pk}/"))
    assert "CNY 50,000 to 200,000 ≈ EUR 5,000–20,000 (rate of" in page
    assert "≈ EUR 1,080 (rate of" in page  # 6,000 once and 4,800 a year
    match = advanced(world, sent(world, row), "quoted")
    assert "≈ EUR once " in text_of(client.get(f"/en/matches/{match.pk}/"))
    scenario = text_of(client.get("/en/scenarios/order-board-and-erp-disagree/"))
    assert "≈ EUR" in scenario
    plan = text_of(client.get(f"/en/assessments/{world.assessment.pk}/offers/?bundle=1"))
    assert "≈ EUR 1,080" in plan
    assert "≈ EUR once 600, each year 480" in plan


# --- the public page -----------------------------------------------------------------------------------------------------


def test_the_page_of_rates_says_day_source_and_certainty(client: Client) -> None:
    loaded()
    page = client.get("/en/rates/")
    rows = {row.code: row for row in page.context["rows"]}
    assert rows["USD"].shown == "8"
    assert rows["USD"].exchange.day == DAY.isoformat()
    text = text_of(page)
    assert "European Central Bank" in text
    assert "Approximate rates from memory" in text
    assert "unverified" in text
    worked = text_of(client.get("/en/rates/?amount=100&one=USD&other=EUR"))
    assert "USD 100 ≈ EUR 80" in worked
    old = client.get(f"/en/rates/?on={BEFORE}&amount=100&one=EUR&other=CNY")
    assert "EUR 100 ≈ CNY 960" in text_of(old)
    assert client.get("/en/rates/?amount=-1&one=USD&other=XXX").status_code == 422
    assert "汇率" in text_of(client.get("/zh-hans/rates/"))


# --- the administrator ---------------------------------------------------------------------------------------------------


def upload(client: Client, text: str, **given: Any) -> Any:
    file = SimpleUploadedFile("hist.csv", text.encode())
    return client.post("/en/admin/rates/", {"file": file, "certainty": "official", **given}, follow=True)


def test_an_administrator_loads_a_file_after_a_preview() -> None:
    client = make_world().client("administrator")
    page = upload(client, HIST)
    assert "New: 4. Replaced: 0. There already: 0." in text_of(page)
    assert "AUD" in text_of(page)
    assert not ExchangeRate.objects.exists()
    address = page.redirect_chain[-1][0]
    done = client.post(address, follow=True)
    assert "4 rates were taken over." in text_of(done)
    assert table_on().worth("USD") == 8
    kept = RateUpload.objects.get()
    assert (bytes(kept.content), kept.taken_at is None) == (b"", False)
    assert "taken over before" in text_of(client.post(address, follow=True))
    assert "The file changes nothing." in text_of(upload(client, HIST))
    entry = AuditEntry.objects.get(action="rates-take")
    assert entry.subject == "hist.csv: 4 rates, 0 replaced"


def test_other_figures_of_a_day_are_refused_or_replaced_as_wanted() -> None:
    client = make_world().client("administrator")
    loaded()
    changed = HIST.replace("1.25", "1.3")
    page = upload(client, changed)
    assert page.status_code == 422
    assert f"hist.csv, row 2, column USD: EUR in USD on {DAY} is 1.3 here and 1.25 before." in text_of(page)
    page = upload(client, changed, replaces="on")
    assert "New: 0. Replaced: 1. There already: 3." in text_of(page)
    client.post(page.redirect_chain[-1][0])
    assert ExchangeRate.objects.get(currency="USD", day=DAY).units == "1.3"
    assert ExchangeRate.objects.count() == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HIST.replace("1.25", "0"), "row 2, column USD: A rate of 0 cannot be."),
        (
            "day,base,currency,rate,source,certainty\n2026-01-05,XXX,CNY,1,me,official\n",
            "The currency XXX is not known.",
        ),
        ("Date,USD\n2999-01-01,1.2\n", "2999-01-01 is still to come."),
        ("\x00\x01", "This is no table of rates."),
    ],
)
def test_a_bad_file_is_refused_by_cell(text: str, said: str) -> None:
    page = upload(make_world().client("administrator"), text)
    assert page.status_code == 422
    assert said in text_of(page)
    assert not RateUpload.objects.exists()


def test_a_preview_that_does_not_hold_any_more_is_told() -> None:
    world = make_world()
    client = world.client("administrator")
    page = upload(client, HIST)
    rate_enter(
        given=entered(base="EUR", currency="USD", units="1.5", day=DAY), by=world.users["administrator"]
    )
    done = client.post(page.redirect_chain[-1][0])
    assert done.status_code == 422
    assert "is 1.25 here and 1.5 before" in text_of(done)
    assert ExchangeRate.objects.count() == 1


def entered(**parts: Any) -> dict[str, Any]:
    return {
        "base": "USD",
        "currency": "CNY",
        "units": "7.5",
        "day": TODAY,
        "source": "Example bank",
        "certainty": "secondary",
    } | parts


def test_a_rate_is_entered_by_hand_and_taken_away() -> None:
    client = make_world().client("administrator")
    page = client.post("/en/admin/rates/enter/", entered(), follow=True)
    assert f"Kept: {TODAY}: 1 USD = 7.5 CNY" in text_of(page)
    assert table_on().exchange("USD", "CNY").certainty == "secondary"
    refused = client.post("/en/admin/rates/enter/", entered(units="7.6"))
    assert refused.status_code == 422
    assert "has the rate 7.5 already" in text_of(refused)
    client.post("/en/admin/rates/enter/", entered(units="7.6", replaces="on"))
    row = ExchangeRate.objects.get()
    assert row.units == "7.6"
    client.post(f"/en/admin/rates/{row.pk}/remove/")
    assert not ExchangeRate.objects.exists()
    assert {"rate-enter", "rate-remove"} <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"units": "0"}, "A rate is more than 0."),
        ({"units": "-7"}, "A rate is more than 0."),
        ({"units": "many"}, "number"),
        ({"currency": "USD"}, "Choose another currency than the first."),
        ({"day": "2999-01-01"}, "still to come"),
        ({"source": ""}, "required"),
        ({"base": "XXX"}, "XXX"),
    ],
)
def test_a_bad_rate_is_refused(parts: dict[str, str], said: str) -> None:
    page = make_world().client("administrator").post("/en/admin/rates/enter/", entered(**parts))
    assert page.status_code == 422
    assert said in text_of(page)
    assert not ExchangeRate.objects.exists()


# --- the command and the API ---------------------------------------------------------------------------------------------


def test_the_command_loads_what_the_page_loads(tmp_path: Path) -> None:
    path = tmp_path / "hist.csv"
    path.write_text(HIST, encoding="utf-8")
    dry = run("rates", "import", path, "--dry-run", "--lang", "en")
    assert (dry.exit_code, dry.err) == (0, "")
    assert "Nothing was written." in dry.out
    assert not ExchangeRate.objects.exists()
    done = run("rates", "import", path, "--since", str(DAY), "--lang", "en").out
    assert "New: 2. Replaced: 0. There already: 0." in done
    assert "Left out, because the content does not know them: AUD." in done
    assert table_on().worth("USD") == 8
    path.write_text(HIST.replace("1.25", "1.3"), encoding="utf-8")
    refused = run("rates", "import", path)
    assert refused.exit_code == 2
    assert "[other-figure]" in refused.err
    run("rates", "import", path, "--replace", "--certainty", "unverified")
    row = ExchangeRate.objects.get(currency="USD", day=DAY)
    assert (row.units, row.certainty) == ("1.3", "unverified")
    assert run("rates", "import", path, "--since", "soon").exit_code == 2


def test_the_api_lists_the_rates_of_a_day(client: Client) -> None:
    loaded()
    world = make_world()
    _token, secret = token_create(user=world.users["owner"], name="test", scope="read", expires_at=None)
    heads = {"Authorization": f"Bearer {secret}"}
    rows = client.get(f"/api/v1/rates?on={BEFORE}&to=EUR", headers=heads).json()
    found = {row["currency"]: row for row in rows}
    assert Fraction(found["USD"]["rate"]) == 1 / Fraction("1.2")
    assert found["USD"]["certainty"] == "official"
    assert found["USD"]["sources"][0]["zh"] == "欧洲中央银行，欧元参考汇率"
    assert "EUR" not in found
    assert Decimal(str(found["CNY"]["about"])) == pytest.approx(Decimal(1) / Decimal("9.6"))
