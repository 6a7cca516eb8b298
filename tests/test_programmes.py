"""The checker of programmes: every kind of mistake is found where it stands; what ships is right; the commands for both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from capillary.cli.programmes import check_programmes
from capillary.content import SHIPPED
from capillary.content.library import Library
from capillary.incentives.expressions import ExpressionError, parse
from capillary.model.problems import InputError

from .sheet_kit import run, write_json

ROOT = Path(__file__).parent.parent
TEXT = {"zh": "字", "en": "text"}
GOOD: dict[str, Any] = {
    "id": "my-city",
    "title": TEXT,
    "summary": TEXT,
    "kind": "subsidy",
    "country": "CN",
    "authority": TEXT,
    "currency": "CNY",
    "source": "law",
    "certainty": "official",
    "sources": [{"id": "law", "title": TEXT}],
    "versions": [
        {
            "id": "2026",
            "effective_from": "2026-01-01",
            "effective_to": "2026-12-31",
            "parameters": {
                "rate": {"unit": "ratio", "value": "0.5"},
                "least": {"unit": "level", "value": 2},
                "cap": {
                    "unit": "money",
                    "by": "level_after",
                    "values": {"2": 1000, "3": 2000},
                    "otherwise": 3000,
                },
            },
            "derived": {"spend": {"title": TEXT, "is": "spend_software + spend_cloud"}},
            "conditions": [{"id": "level", "if": "level_after >= least", "text": TEXT}],
            "amount": "min(rate * spend, cap)",
        }
    ],
}
CASES = {
    "cases": [
        {
            "title": TEXT,
            "on": "2026-06-01",
            "facts": {"level_after": 2, "spend_software": 1000, "spend_cloud": 0},
            "verdict": "entitled",
            "amount": 500,
        }
    ]
}


def folder(tmp_path: Path, programme: dict[str, Any], cases: dict[str, Any] | None = CASES) -> Path:
    """Write a content folder with one programme."""
    (tmp_path / "programmes" / "cases").mkdir(parents=True, exist_ok=True)
    (tmp_path / "programmes" / "my-city.yaml").write_text(yaml.safe_dump(programme), encoding="utf-8")
    if cases is not None:
        path = tmp_path / "programmes" / "cases" / "my-city.yaml"
        path.write_text(yaml.safe_dump(cases), encoding="utf-8")
    return tmp_path


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good programme with one entry set: ``versions.0.amount``; None takes it out."""
    found: dict[str, Any] = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    at: Any = found
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if isinstance(at, list):
        at.insert(int(last), value) if int(last) == len(at) else at.__setitem__(int(last), value)
    elif value is None:
        del at[last]
    else:
        at[last] = value
    return found


def codes(tmp_path: Path, programme: dict[str, Any], cases: dict[str, Any] | None = CASES) -> list[str]:
    try:
        check_programmes(folder(tmp_path, programme, cases))
    except InputError as error:
        for problem in error.problems:
            assert problem.place.file
            assert problem.in_("zh") != problem.in_("en")
        return [problem.code for problem in error.problems]
    return []


def test_what_ships_is_right_and_has_cases() -> None:
    programmes, cases = check_programmes(SHIPPED)
    assert programmes >= 20
    assert cases >= 3 * programmes
    done = run("programmes", "check")
    assert done.exit_code == 0
    assert f"{programmes}" in done.out


def test_a_good_programme_of_ones_own_is_accepted(tmp_path: Path) -> None:
    assert codes(tmp_path, GOOD) == []


V = "versions.0"


def bands(by: str, *ends: dict[str, Any]) -> dict[str, Any]:
    return {"unit": "money", "by": by, "bands": [{**end, "value": 1} for end in ends]}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (f"{V}.amount", "min(rate * spend, cap", "bad-expression"),
        (f"{V}.amount", "__import__('os')", "bad-expression"),
        (f"{V}.amount", "min(rate * spend, 500)", "bad-expression"),
        (f"{V}.amount", "min(rate * spned, cap)", "unknown-fact"),
        (f"{V}.amount", "min(rate * spend, cap) + employees", "wrong-unit"),
        (f"{V}.amount", "spend * cap * rate", "wrong-unit"),
        (f"{V}.amount", "rate * rate * level_after", "wrong-unit"),
        (f"{V}.amount", "level_after >= least", "wrong-unit"),
        (f"{V}.conditions.0.if", "level_after >= rate", "wrong-unit"),
        (f"{V}.conditions.0.if", "level_after", "wrong-unit"),
        (f"{V}.conditions.0.if", "not level_after", "wrong-unit"),
        (f"{V}.conditions.0.if", "employees in ('a', 'b')", "wrong-unit"),
        (f"{V}.conditions.0.if", "city == 'paris'", "unreachable"),
        (f"{V}.conditions.0.if", "level_after >= least or level_after >= 0", "always"),
        (f"{V}.conditions.0.if", "level_after >= least and level_after < 0", "contradiction"),
        (f"{V}.conditions.1", {"id": "low", "if": "level_after < least", "text": TEXT}, "contradiction"),
        (f"{V}.conditions.0.source", "elsewhere", "unknown-name"),
        (f"{V}.parameters.spare", {"unit": "ratio", "value": 1}, "unused"),
        (f"{V}.parameters.rate", {"unit": "ratio", "value": "half"}, "wrong-unit"),
        (f"{V}.parameters.rate", {"unit": "date", "value": "2026-02-30"}, "wrong-unit"),
        (f"{V}.parameters.rate", {"unit": "ratio"}, "parameter-form"),
        (f"{V}.parameters.employees", {"unit": "ratio", "value": 1}, "name-taken"),
        (f"{V}.parameters.cap.values", {"2": 1000, "two": 1000}, "unreachable"),
        (f"{V}.parameters.cap.otherwise", None, "incomplete"),
        (f"{V}.parameters.cap.by", "levl_after", "unknown-name"),
        (f"{V}.parameters.cap.by", "spend_cloud", "wrong-unit"),
        (f"{V}.parameters.cap", {"unit": "money", "by": "city", "values": {"paris": 1}, "otherwise": 1}, "unreachable"),
        (f"{V}.parameters.cap", bands("employees", {"below": 9}, {"up_to": 5}, {}), "unreachable"),
        (f"{V}.parameters.cap", bands("employees", {"below": 9}), "incomplete"),
        (f"{V}.parameters.cap", bands("completed_on", {"up_to": "2026-02-30"}, {}), "bad-day"),
        (f"{V}.parameters.cap", bands("city", {}), "wrong-unit"),
        (f"{V}.derived.spend.is", "spend + spend_cloud", "cycle"),
        (f"{V}.derived.employees", {"title": TEXT, "is": "rate"}, "name-taken"),
        (f"{V}.effective_to", "2025-12-31", "dates-order"),
        (f"{V}.effective_to", "2026-13-31", "bad-day"),
        ("versions.1", {"id": "again", "effective_from": "2026-12-31"}, "dates-overlap"),
        ("currency", None, "no-currency"),
        ("currency", "XXX", "unknown-currency"),
        ("under", "my-city", "unknown-name"),
        ("not_with", ["nobody"], "unknown-name"),
        ("judged_on", "some_day", "unknown-name"),
        ("source", "elsewhere", "unknown-name"),
        ("id", "another", "file-name"),
        ("kind", "gift", "schema-enum"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_and_named(tmp_path: Path, path: str, value: object, code: str) -> None:
    assert code in codes(tmp_path, changed(path, value))


def test_classes_must_be_in_order_and_known(tmp_path: Path) -> None:
    rules = [{"key": "large", "text": TEXT}, {"key": "tiny", "if": "employees < 1", "text": TEXT}]
    programme = changed(V, {"id": "1", "effective_from": "2026-01-01", "classes": rules})
    programme |= {"kind": "classification", "gives": "size_cn"}
    found = codes(tmp_path, programme)
    assert found.count("class-order") == 2
    assert "unknown-name" in found


def classification(name: str, gives: str, asks: str) -> dict[str, Any]:
    rules = [{"key": "large", "if": f"{asks} == 'large'", "text": TEXT}, {"key": "micro", "text": TEXT}]
    found = changed(V, {"id": "1", "effective_from": "2026-01-01", "classes": rules})
    return found | {"kind": "classification", "gives": gives, "id": name}


def test_classifications_that_ask_for_one_another_are_found(tmp_path: Path) -> None:
    root = folder(tmp_path, classification("my-city", "one_class", "other_class"))
    second = classification("your-city", "other_class", "one_class")
    (root / "programmes" / "your-city.yaml").write_text(yaml.safe_dump(second), encoding="utf-8")
    choices = [{"key": key, "title": TEXT} for key in ("large", "micro")]
    facts = [
        {
            "id": name,
            "title": TEXT,
            "question": TEXT,
            "unit": "choice",
            "about": "enterprise",
            "choices": choices,
        }
        for name in ("one_class", "other_class")
    ]
    (root / "programmes" / "facts.yaml").write_text(yaml.safe_dump({"facts": facts}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check_programmes(root)
    assert [problem.code for problem in caught.value.problems] == ["cycle"]


def test_one_programme_decides_a_fact(tmp_path: Path) -> None:
    assert codes(tmp_path, classification("my-city", "size_cn", "size_eu")) == ["decided-twice"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 501}, "case-fails"),
        ({"verdict": "unclear"}, "case-fails"),
        ({"missing": ["employees"]}, "case-fails"),
        ({"failed": ["level"]}, "case-fails"),
        ({"on": "2027-01-01"}, "case-fails"),
        ({"facts": {"levl": 2}}, "unknown-fact"),
        ({"facts": {"level_after": "two"}}, "wrong-unit"),
    ],
)
def test_a_case_that_does_not_hold_is_named(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    cases = {"cases": [{**CASES["cases"][0], **change}]}
    assert code in codes(tmp_path, GOOD, cases)


def test_a_loan_asks_for_level_and_evidence_and_tells_its_terms(tmp_path: Path) -> None:
    loan = changed(f"{V}.terms", [{"title": TEXT, "text": TEXT}])
    loan |= {"kind": "loan"}
    version = loan["versions"][0]
    version["conditions"].append(
        {"id": "grade", "if": "evidence_grade in ('measured', 'verified')", "text": TEXT}
    )
    version |= {
        "parameters": {"least": {"unit": "level", "value": 2}, "most": {"unit": "money", "value": 500_000}}
    }
    version |= {"derived": {}, "amount": "most"}
    case = {**CASES["cases"][0], "facts": {"level_after": 2, "evidence_grade": "verified"}, "amount": 500_000}
    declared = {**case, "facts": {"level_after": 2, "evidence_grade": "declared"}, "verdict": "not-entitled"}
    declared = {name: value for name, value in declared.items() if name != "amount"} | {"failed": ["grade"]}
    assert codes(tmp_path, loan, {"cases": [case, declared]}) == []


def test_a_programme_without_a_case_is_refused(tmp_path: Path) -> None:
    assert codes(tmp_path, GOOD, None) == ["no-case"]


def test_an_expression_is_no_program() -> None:
    for text in (
        "a.b",
        "a[0]",
        "f(x)",
        "lambda: 1",
        "a if b",
        "1 < a < 1",
        "min(a)",
        "'x'",
        "True",
        "a ** a",
        "-a",
        "(" * 300,
        "a" * 3000,
    ):
        with pytest.raises(ExpressionError):
            parse(text)
    deep = "not " * 60 + "a"
    with pytest.raises(ExpressionError):
        parse(deep)


# --- the commands ----------------------------------------------------------------------------------------------------


def test_programmes_are_listed_and_shown() -> None:
    listed = run("programmes", "--lang", "zh")
    assert "cn-nanjing" in listed.out
    assert "补助" in listed.out
    for name in Library().programmes().programmes:
        shown = run("programmes", "show", name)
        assert shown.exit_code == 0
        assert "Source:" in shown.out
    wrong = run("programmes", "show", "cn-nanjin")
    assert wrong.exit_code == 2
    assert "cn-nanjing" in wrong.err


def test_the_entitlements_of_the_example() -> None:
    sheet = ROOT / "examples" / "metal-parts.json"
    done = run(
        "entitlements",
        sheet,
        "--on",
        "2026-01-20",
        "--fact",
        "city=nanjing",
        "--fact",
        "level_after=2",
        "--json",
    )
    assert done.exit_code == 0, done.err
    found = json.loads(done.out)
    by_id = {item["programme"]: item for item in found["programmes"]}
    assert by_id["cn-size"]["classes"] == ["small"]
    assert by_id["cn-nanjing"]["verdict"] == "unclear"
    assert by_id["cn-nanjing"]["amount"]["high"] == "500000"
    assert by_id["sg-psg"]["verdict"] == "not-entitled"
    assert found["missing"][0]["fact"] in by_id["cn-nanjing"]["missing"]
    for language in ("zh", "en"):
        said = run("entitlements", sheet, "--on", "2026-01-20", "--fact", "city=nanjing", "--lang", language)
        assert said.exit_code == 0
        assert "500,000" not in said.out  # the sheet is at level 1, so Nanjing pays nothing
        assert ("Nanjing" if language == "en" else "南京") in said.out


def test_a_file_of_facts_is_read(tmp_path: Path) -> None:
    facts = {
        "city": "wuhan",
        "size_cn": "small",
        "is_pilot_industry": True,
        "has_central_funding": False,
        "level_after": 3,
        "spend_software": 100_000,
        "spend_cloud": 0,
        "spend_gateways": 0,
    }
    raw = {"on": "2026-01-01", "currency": "CNY", "facts": facts, "aids": []}
    for path in (tmp_path / "facts.yaml", tmp_path / "facts.json"):
        path.write_text(json.dumps(raw), encoding="utf-8")
        done = run("entitlements", path, "--programme", "cn-wuhan", "--lang", "en")
        assert (done.exit_code, done.err) == (0, "")
        assert "CNY 40,000" in done.out


@pytest.mark.parametrize(
    ("raw", "arguments", "code"),
    [
        ({"facts": {"employes": 3}}, [], "unknown-fact"),
        ({"facts": {}, "fact": {}}, [], "unknown-entry"),
        ({"facts": []}, [], "no-facts"),
        ({"facts": {}, "aids": [{"date": "x"}]}, [], "bad-aid"),
        ({"facts": {}}, ["--fact", "employees"], "option"),
        ({"facts": {}}, ["--on", "tomorrow"], "bad-day"),
        ({"facts": {}}, ["--programme", "nothing"], "unknown-name"),
        ({"facts": {}, "currency": "XYZ"}, [], "unknown-currency"),
        ([], [], "not-an-object"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, raw: Any, arguments: list[str], code: str) -> None:
    path = write_json(tmp_path / "facts.json", raw)
    done = run("entitlements", path, *arguments, "--lang", "en")
    assert done.exit_code == 2
    assert f"[{code}]" in done.err
    assert done.out == ""


def test_a_plan_counts_what_a_programme_pays() -> None:
    sheet = ROOT / "examples" / "metal-parts.json"
    facts = ["--fact", "city=wuhan", "--fact", "size_cn=small"]
    common = ["--to-level", "2", "--by", "2028-12", "--aim", "cheapest", "--json"]
    done = run("plan", sheet, *common, "--programme", "cn-wuhan", *facts, "--lang", "en")
    assert done.exit_code == 0, done.err
    found = json.loads(done.out)
    (subsidy,) = found["goal"]["subsidies"]
    assert (subsidy["percent"], subsidy["cap"], subsidy["from_level"]) == (30, 300_000, 2)
    assert [(tier["level"], tier["percent"], tier["cap"]) for tier in subsidy["higher"]] == [(3, 40, 400_000)]
    money = found["plans"][0]["money"]
    assert subsidy["categories"] == ["cloud", "gateways", "software"]
    counted = sum(money["spend"].get(name, 0) for name in subsidy["categories"])
    assert 0 < counted < money["one_off"] == sum(money["spend"].values())
    assert money["subsidy"] == counted * 30 // 100
    assert "it counts software, cloud services and data capture equipment" in done.err
    assert "pilot-industry" in done.err
    plain = json.loads(run("plan", sheet, *common).out)["plans"][0]["money"]
    assert money["ownership"] <= plain["ownership"]
    for arguments, code in (
        (["--programme", "cn-wuhna", *facts], "unknown-name"),
        (["--programme", "cn-wuhan", "--fact", "city=hefei"], "pays-nothing"),
        (["--programme", "cn-wuhan", "--fact", "city"], "option"),
    ):
        refused = run("plan", sheet, *common, *arguments, "--lang", "en")
        assert refused.exit_code == 2
        assert f"[{code}]" in refused.err


# --- another form of a programme -------------------------------------------------------------------------------------

FIRMS = """id,city,size_cn,is_pilot_industry,has_central_funding,level_after,spend_software,spend_cloud,spend_gateways,titles
a,wuhan,small,true,no,2,1000000,0,0,
b,wuhan,small,yes,false,3,900000,100000,0,high-tech;tier-1
c,wuhan,large,true,false,3,5000000,0,0,
d,nanjing,small,true,false,3,5000000,0,0,
e,wuhan,small,true,false,,2000000,0,0,
"""


def richer(tmp_path: Path, **figures: Any) -> Path:
    """Write a folder with another form of Wuhan's programme."""
    programme = yaml.safe_load((SHIPPED / "programmes" / "cn-wuhan.yaml").read_text(encoding="utf-8"))
    programme["versions"][0]["parameters"]["cap"]["bands"] = [
        {"below": 3, "value": 200_000},
        {"value": 800_000},
    ]
    programme["versions"][0]["effective_from"] = "2025-07-21"
    programme["versions"][0] |= figures
    (tmp_path / "programmes").mkdir(exist_ok=True)
    (tmp_path / "programmes" / "cn-wuhan.yaml").write_text(yaml.safe_dump(programme), encoding="utf-8")
    return tmp_path


def test_two_forms_of_a_programme_are_compared_over_many_firms(tmp_path: Path) -> None:
    firms, out = tmp_path / "firms.csv", tmp_path / "changes.csv"
    firms.write_text(FIRMS, encoding="utf-8")
    common = ["compare", "cn-wuhan", firms, "--with", richer(tmp_path), "--on", "2026-01-01"]
    done = run("programmes", *common, "--json", "--out", out)
    assert done.exit_code == 0, done.err
    found = json.loads(done.out)
    # a gets 300,000 as it is and 200,000 afterwards; b 400,000 of either; e may have no level yet
    assert found["before"] == {"entitled": 2, "unclear": 1, "certain": 700_000, "at_most": 1_100_000}
    assert found["after"] == {"entitled": 2, "unclear": 1, "certain": 600_000, "at_most": 1_400_000}
    assert (found["gain"], found["lose"]) == ({"firms": 0, "amount": 0}, {"firms": 1, "amount": 100_000})
    assert out.read_text(encoding="utf-8").splitlines()[:3] == ["id,change", "a,-100000.00", "b,0.00"]
    said = run("programmes", *common, "--lang", "zh")
    assert "100,000" in said.out
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = {
        "city": ["wuhan"],
        "level_after": [4],
        "spend_software": [3e6],
        "spend_cloud": [None],
        "size_cn": ["micro"],
    }
    pq.write_table(pa.table(rows), tmp_path / "firms.parquet")
    done = run("programmes", "compare", "cn-wuhan", tmp_path / "firms.parquet", *common[3:], "--json")
    assert done.exit_code == 0, done.err
    assert json.loads(done.out)["after"]["at_most"] == 800_000


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("id,levl\na,2\n", "unknown-fact"),
        ("id,level_after\na,two\n", "bad-value"),
        ("id,city\na,paris\n", "bad-value"),
        ("id,is_accepted\na,perhaps\n", "bad-value"),
        ("id,completed_on\na,2026-02-30\n", "bad-value"),
        ("id,spend_cloud\na,1\nb,1,2\n", "bad-table"),
        ("", "bad-table"),
    ],
)
def test_a_table_that_cannot_be_used_is_named_with_its_row(tmp_path: Path, table: str, code: str) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(table, encoding="utf-8")
    done = run("programmes", "compare", "cn-wuhan", path, "--with", richer(tmp_path), "--lang", "en")
    assert done.exit_code == 2
    assert f"[{code}]" in done.err
    assert "firms.csv" in done.err
    if code == "bad-value":
        assert "row 2" in done.err


def test_another_form_that_is_wrong_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(FIRMS, encoding="utf-8")
    wrong = run("programmes", "compare", "cn-wuhan", path, "--with", richer(tmp_path, amount="cap * cap"))
    assert wrong.exit_code == 2
    missing = run("programmes", "compare", "cn-hefei", path, "--with", tmp_path)
    assert "[unknown-name]" in missing.err
