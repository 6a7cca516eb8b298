"""Files of offers and providers: every mistake is named with its cell, what is written is read back, imports are previewed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from openpyxl import Workbook, load_workbook

from capillary.content import SHIPPED
from capillary.content.library import Library
from capillary.content.market import offer_faults, provider_faults, read_market_file
from capillary.incentives.check import checked_accreditations
from capillary.incentives.evaluate import entitlements
from capillary.incentives.situation import read_situation
from capillary.matching.accreditation import is_accredited, provider_facts
from capillary.matching.preview import merged, preview
from capillary.model.market import (
    Accreditation,
    Cooperation,
    Market,
    Price,
    PricePart,
    Proof,
    Record,
    Tally,
    market_of,
    raised_by,
    size_class,
)
from capillary.model.problems import InputError
from capillary.model.text import Text
from capillary.sheets.market import cells_of, read_market, write_market_csv, write_market_xlsx
from capillary.sheets.market_columns import OFFER_COLUMNS
from capillary.web.demo.market import REGIONS, demonstration_file, demonstration_market

from .market_kit import ON, listed, offer, provider, text, vocabulary
from .sheet_kit import run


@pytest.fixture(scope="module")
def demo() -> Market:
    return demonstration_market(Library())


def codes(error: pytest.ExceptionInfo[InputError]) -> list[tuple[str, str]]:
    return [(problem.code, problem.place.in_("en")) for problem in error.value.problems]


# --- what a file can say ---------------------------------------------------------------------------------------------


def test_what_an_offer_raises_follows_from_its_measures() -> None:
    measures = Library().measures().measures
    assert raised_by(["sales-records-spreadsheet", "crm-cloud", "no-such"], measures) == {
        "cloud-services": (0, 2),
        "customer-relations": (0, 1),
        "sales-management": (0, 2),
    }


def test_sizes_end_where_the_recommendation_says() -> None:
    assert [size_class(count) for count in (0, 9, 10, 49, 50, 249, 250)] == [
        *["micro"] * 2,
        *["small"] * 2,
        *["medium"] * 2,
        "large",
    ]
    with pytest.raises(ValueError, match="0 or more"):
        size_class(-1)


@pytest.mark.parametrize(
    ("parts", "code", "entry"),
    [
        ({"measures": ("crm-clod",)}, "unknown-measure", "measures"),
        ({"measures": ("crm-cloud", "crm-cloud")}, "stands-twice", "measures"),
        ({"measures": ()}, "delivers-nothing", "measures"),
        ({"provider": "q"}, "unknown-provider", "provider"),
        ({"sectors": ("metals",)}, "unknown-name", "sectors"),
        ({"regions": ("CN-QQ",)}, "unknown-name", "regions"),
        ({"references": {"metals": 1}}, "unknown-name", "references"),
        ({"price": Price(currency="CNY")}, "price-missing", "price.model"),
        (
            {"price": Price(model="free", currency="CNY", yearly=PricePart(per_user=1))},
            "price-contradicts",
            "price.model",
        ),
        ({"price": listed(1, currency="XXX")}, "unknown-currency", "price.currency"),
        ({"valid_to": "2025-12-31"}, "days-order", "valid_to"),
        ({"valid_to": "2026-02-30"}, "bad-day", "valid_to"),
        ({"title": Text(zh="", en="a")}, "missing-translation", "title"),
        ({"kind": "cooperation", "measures": ()}, "cooperation", "cooperation"),
        (
            {"cooperation": Cooperation(profile="business-offer", partnerships=("supply",))},
            "cooperation",
            "cooperation",
        ),
    ],
)
def test_every_mistake_in_an_offer_is_found(parts: dict[str, Any], code: str, entry: str) -> None:
    assert list(offer_faults(offer(), ["p"], vocabulary())) == []
    found = list(offer_faults(offer(**parts), ["p"], vocabulary()))
    assert [(fault.code, fault.entry) for fault in found] == [(code, entry)]
    assert found[0].cause.in_("zh") != found[0].cause.in_("en")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"region": "XX"}, "unknown-name"),
        ({"since": "2026-13-01"}, "bad-day"),
        (
            {"accreditations": (Accreditation(programme="none", granted_on=ON, valid_to=ON),)},
            "unknown-name",
        ),
        ({"record": Record(delivered=2, in_time=Tally(hits=3, of=2))}, "part-exceeds-whole"),
        ({"record": Record(delivered=2, levels_gained={"1": 3})}, "part-exceeds-whole"),
        ({"record": Record(delivered=2, by_sector={"machinery": 3})}, "part-exceeds-whole"),
    ],
)
def test_every_mistake_in_a_provider_is_found(parts: dict[str, Any], code: str) -> None:
    assert list(provider_faults(provider(), vocabulary())) == []
    assert [fault.code for fault in provider_faults(provider(**parts), vocabulary())] == [code]


# --- YAML ------------------------------------------------------------------------------------------------------------


def test_a_yaml_file_is_read_and_its_mistakes_are_placed(tmp_path: Path) -> None:
    path = tmp_path / "market.yaml"
    raw = {
        "source": "own",
        "certainty": "unverified",
        "sources": [{"id": "own", "title": {"zh": "自编", "en": "own"}}],
        "providers": [msgspec.to_builtins(provider())],
        "offers": [msgspec.to_builtins(offer())],
    }
    path.write_text(yaml.safe_dump(_plain(raw), allow_unicode=True), encoding="utf-8")
    market, file = read_market_file(path, vocabulary())
    assert market.offers == {"a": offer()}
    assert file.certainty == "unverified"
    raw["source"] = "other"
    raw["offers"] = [msgspec.to_builtins(offer(measures=("nothing",))), msgspec.to_builtins(offer())]
    path.write_text(yaml.safe_dump(_plain(raw), allow_unicode=True), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_market(path, vocabulary())
    assert codes(error) == [
        ("unknown-name", "market.yaml, source"),
        ("stands-twice", "market.yaml, offers.a"),
        ("unknown-measure", "market.yaml, offers.a.measures"),
    ]


def _plain(raw: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(raw))


def test_a_yaml_file_with_an_unknown_entry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "market.yaml"
    path.write_text(
        "source: own\ncertainty: official\nsources: [{id: own, title: {zh: 自编, en: own}}]\nofers: []\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="Did you mean offers"):
        read_market(path, vocabulary())


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_demonstration_comes_back_from_a_workbook(tmp_path: Path, demo: Market, language: Any) -> None:
    path = tmp_path / "market.xlsx"
    write_market_xlsx(path, demo, language)
    read = read_market(path, vocabulary())
    found = preview(demo, read.market)
    assert (found.count("unchanged"), found.untouched) == (520, ())
    assert read.places["offers", "demo-offer-1"].row == 2


def test_the_demonstration_comes_back_from_csv(tmp_path: Path, demo: Market) -> None:
    path = tmp_path / "offers.csv"
    write_market_csv(path, list(demo.offers.values()), "offers")
    read = read_market(path, vocabulary(), demo.providers)
    assert read.market.offers == demo.offers
    write_market_csv(path, list(demo.providers.values()), "providers")
    read = read_market(path, vocabulary())
    assert preview(demo, read.market).count("unchanged") == 120


def test_several_proofs_and_a_cooperation_survive_a_table(tmp_path: Path) -> None:
    proofs = (Proof(title=text("first")), Proof(title=text("second"), url="https://example.org/x;y"))
    sought = Cooperation(profile="research-request", partnerships=("research", "licence"), readiness=4)
    item = offer(kind="cooperation", measures=(), evidence=proofs, cooperation=sought)
    path = tmp_path / "market.xlsx"
    write_market_xlsx(path, market_of([item], [provider()]), "en")
    assert read_market(path, vocabulary()).market.offers["a"] == item


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "market.xlsx"
    write_market_xlsx(path, market_of([offer(title=Text(zh="=1+1", en="=1+1"))], [provider()]), "en")
    book = load_workbook(path)
    assert book["Offers"]["D2"].data_type == "s"
    assert read_market(path, vocabulary()).market.offers["a"].title.en == "=1+1"


def offers_csv(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [column.key for column in OFFER_COLUMNS])
        writer.writeheader()
        writer.writerows(cells_of(offer()) | row for row in rows)
    return path


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("id", "an offer", "bad-form"),
        ("kind", "prodct", "unknown-word"),
        ("provider", "", "empty-cell"),
        ("measures", "crm-cloud; crm-clod", "unknown-measure"),
        ("sizes", "huge", "unknown-word"),
        ("regions", "Jiangsu", "bad-form"),
        ("languages", "Chinese", "bad-form"),
        ("one_off", "12k", "not-a-count"),
        ("one_off", "-1", "not-a-count"),
        ("one_off", "2000000000", "not-a-count"),
        ("weeks", "3.5", "not-a-count"),
        ("free_from", "soon", "bad-day"),
        ("valid_to", "2026-02-30", "bad-day"),
        ("references", "machinery", "bad-form"),
        ("references", "machinery: many", "not-a-count"),
        ("references", "metals: 3", "unknown-name"),
        ("evidence", "only one part", "bad-form"),
        ("evidence", "一 | one | ftp://x", "bad-form"),
        ("readiness", "10", "not-a-count"),
        ("price", "free", "price-contradicts"),
        ("currency", "RMB", "unknown-currency"),
        ("profile", "business-offer", "incomplete"),
    ],
)
def test_every_bad_cell_is_named(tmp_path: Path, column: str, value: str, code: str) -> None:
    path = offers_csv(tmp_path / "offers.csv", {}, {"id": "b", column: value})
    with pytest.raises(InputError) as error:
        read_market(path, vocabulary())
    place = "offers.csv, row 3" if code == "incomplete" else f"offers.csv, row 3, column {column}"
    assert codes(error) == [(code, place)]


def test_words_of_either_language_and_days_of_either_form_are_read(tmp_path: Path) -> None:
    row = {
        "kind": "咨询诊断",
        "price": "Listed",
        "sizes": "10–49 人、large",
        "valid_to": "2026/12/1",
        "one_off": "1,000",
    }
    read = read_market(offers_csv(tmp_path / "offers.csv", row), vocabulary())
    assert not read.providers_known
    found = read.market.offers["a"]
    assert (found.kind, found.sizes, found.valid_to) == ("consulting", ("small", "large"), "2026-12-01")


def test_tables_that_are_no_tables_of_offers_are_refused(tmp_path: Path) -> None:
    path = offers_csv(tmp_path / "offers.csv", {}, {})
    with pytest.raises(InputError) as error:
        read_market(path, vocabulary())
    assert codes(error) == [("stands-twice", "offers.csv, row 3, column id")]
    path.write_text("id,provider,prise\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_market(path, vocabulary())
    assert {code for code, _ in codes(error)} == {"missing-column", "unknown-column"}
    book = Workbook()
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(InputError) as error:
        read_market(tmp_path / "empty.xlsx", vocabulary())
    assert [code for code, _ in codes(error)] == ["wrong-sheet"]
    with pytest.raises(InputError) as error:
        read_market(tmp_path / "offers.txt", vocabulary())
    assert [code for code, _ in codes(error)] == ["file-kind"]
    write_market_xlsx(tmp_path / "form.xlsx", Market(), "zh")
    with pytest.raises(InputError) as error:
        read_market(tmp_path / "form.xlsx", vocabulary())
    assert [code for code, _ in codes(error)] == ["no-offers"]


def test_cells_of_a_workbook_are_named_by_their_letters(tmp_path: Path) -> None:
    path = tmp_path / "market.xlsx"
    write_market_xlsx(path, market_of([offer()], [provider()]), "en")
    book = load_workbook(path)
    book["Offers"]["H2"] = "=A1"
    book["Offers"]["U2"] = "many"
    book["Providers"]["G2"] = "XX"
    book.save(path)
    with pytest.raises(InputError) as error:
        read_market(path, vocabulary())
    assert sorted(codes(error)) == [
        ("formula-without-value", "market.xlsx, sheet Offers, row 2, column H"),
        ("unknown-name", "market.xlsx, sheet Providers, row 2, column G"),
    ]


# --- previews --------------------------------------------------------------------------------------------------------


def test_a_preview_says_what_is_new_changed_unchanged_and_left_alone() -> None:
    before = market_of(
        [offer("a"), offer("b", version=3), offer("c")], [provider(record=Record(delivered=4))]
    )
    given = market_of([offer("a"), offer("b", price=listed(900)), offer("d")], [provider()])
    found = preview(before, given)
    assert [(line.id, line.what) for line in found.lines] == [
        ("p", "unchanged"),
        ("a", "unchanged"),
        ("b", "changed"),
        ("d", "new"),
    ]
    assert [(item.entry, item.before, item.after) for item in found.lines[2].changes] == [
        ("price.one_off.fixed", 1000, 900)
    ]
    assert found.untouched == ("c",)
    after = merged(before, given)
    assert {name: item.version for name, item in after.offers.items()} == {"a": 1, "b": 4, "c": 1, "d": 1}
    assert after.providers["p"].record.delivered == 4
    assert preview(after, given).count("unchanged") == 4


# --- accreditation ---------------------------------------------------------------------------------------------------


def test_rules_of_accreditation_are_judged_with_what_the_market_knows() -> None:
    rules = checked_accreditations(Library())
    behind = provider()
    market = market_of([offer(str(number), references={"machinery": 1}) for number in range(6)], [behind])
    known = provider_facts(behind, market, ["machinery"])
    assert known == {"provider_reference_cases": 6, "provider_products": 6}
    stated = {
        "provider_is_cn_legal_person": True,
        "provider_violation_free": True,
        "provider_owns_ip": True,
        "provider_stages": ["production"],
    }

    def verdict(facts: dict[str, object]) -> tuple[str, list[str], tuple[str, ...]]:
        found = entitlements(rules, read_situation(facts, rules, on=ON))
        item = next(entry for entry in found if entry.programme.id == "cn-hangzhou-products")
        return item.verdict, [part.condition.id for part in item.failed], item.missing

    assert verdict(stated | known) == ("not-entitled", ["products"], ())
    assert verdict(stated | known | {"provider_products": 5}) == ("entitled", [], ())
    assert verdict(known | {"provider_products": 5})[0] == "unclear"


def test_an_accreditation_holds_on_both_its_ends() -> None:
    item = provider(
        accreditations=(
            Accreditation(programme="platform-admission", granted_on="2026-03-01", valid_to="2026-03-31"),
        )
    )
    days = ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")
    assert [is_accredited(item, "platform-admission", day) for day in days] == [False, True, True, False]
    assert not is_accredited(item, "cn-hangzhou-products", "2026-03-01")


def test_the_rules_of_accreditation_that_ship_hold_their_cases() -> None:
    done = run("programmes", "check", SHIPPED / "accreditations")
    assert (done.exit_code, "2 programmes, 5 cases" in done.out) == (0, True)


# --- the demonstration -----------------------------------------------------------------------------------------------


def test_the_demonstration_is_sound_and_says_what_it_is(demo: Market) -> None:
    words = vocabulary()
    assert (len(demo.offers), len(demo.providers)) == (400, 120)
    assert {item.region for item in demo.providers.values()} == set(REGIONS)
    assert [
        fault for item in demo.offers.values() for fault in offer_faults(item, demo.providers, words)
    ] == []
    assert [fault for item in demo.providers.values() for fault in provider_faults(item, words)] == []
    assert {name for item in demo.offers.values() for name in item.measures} == set(words.measures)
    assert all(item.title.en.startswith("Demonstration") for item in demo.offers.values())
    assert all(item.demonstration and "Demonstration" in item.title.en for item in demo.providers.values())
    assert len({item.kind for item in demo.offers.values()}) == 8
    assert len({item.kind for item in demo.providers.values()}) == 8
    assert demonstration_file(Library()).certainty == "unverified"


def test_the_demonstration_is_the_same_again(demo: Market) -> None:
    again = demonstration_market(Library())
    assert (again.offers, again.providers) == (demo.offers, demo.providers)
    larger = demonstration_market(Library(), offers=500)
    assert {name: larger.offers[name] for name in demo.offers} == demo.offers


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_checks_compares_and_makes_forms(tmp_path: Path) -> None:
    old, new, form = tmp_path / "old.xlsx", tmp_path / "new.csv", tmp_path / "form.xlsx"
    write_market_xlsx(old, market_of([offer("a"), offer("b")], [provider()]), "en")
    write_market_csv(new, [offer("a", weeks=9), offer("c")], "offers")
    assert "2 offers, 1 providers, no errors." in run("offers", "check", old).out
    assert "were not looked for" in run("offers", "check", new).out
    done = run("offers", "check", new, "--against", old)
    assert "New: 1. Changed: 1. Unchanged: 0. Not in the file and left as they are: 1." in done.out
    assert "~ a  weeks: 4 → 9" in done.out
    assert "Unchanged: 2" in run("offers", "check", new, "--against", new).out
    assert run("offers", "form", form, "--from", old).exit_code == 0
    assert load_workbook(form)["Offers"]["A3"].value == "b"
    run("offers", "form", tmp_path / "form.csv").only("file-kind")
    offers_csv(new, {"weeks": "nine"})
    assert run("offers", "check", new).only("not-a-count").place == "new.csv, row 2, column weeks"
