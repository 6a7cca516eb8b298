"""``capillary allocate``: files in both forms, what is printed and written, and errors that say where."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from capillary.matching.allocation_rules import lottery_number

from .sheet_kit import Run, run

EXAMPLES = Path(__file__).parent.parent / "examples"
FIRMS, PROVIDERS = EXAMPLES / "allocation-firms.csv", EXAMPLES / "allocation-providers.csv"
RULES = (
    "--priority",
    "served_before=no,yes",
    "--priority",
    "size=micro,small,medium",
    "--priority",
    "level=lowest",
)
HEAD = "firm,choices,size\n"


def told(result: Run) -> dict[str, Any]:
    assert result.exit_code == 0, result.err
    found: dict[str, Any] = json.loads(result.out)
    return found


def files(folder: Path, firms: str, providers: str = "provider,capacity\nA,1\nB,2\n") -> tuple[Path, Path]:
    paths = folder / "firms.csv", folder / "providers.csv"
    for path, text in zip(paths, (firms, providers), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def book(path: Path, rows: list[list[object]]) -> Path:
    made = Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


# --- what it prints and writes ---------------------------------------------------------------------------------------


def test_the_example_is_allocated_and_adds_up() -> None:
    found = told(run("allocate", FIRMS, PROVIDERS, *RULES, "--seed", "7", "--json"))
    with FIRMS.open(encoding="utf-8") as stream:
        rows = {row["firm"]: row for row in csv.DictReader(stream)}
    assert [firm["firm"] for firm in found["firms"]] == list(rows)
    assert (found["seed"], found["rules"]) == (7, [text for text in RULES if text != "--priority"])
    got = {firm["firm"]: firm["offer"] for firm in found["firms"]}
    for offer in found["offers"]:
        assert offer["taken"] == len(offer["admitted"]) <= offer["places"]
        assert sorted(offer["admitted"]) == sorted(name for name, own in got.items() if own == offer["offer"])
        assert offer["waiting"] == len(offer["next"])
        own = [name for name, row in rows.items() if offer["offer"] in row["choices"].split("; ")]
        assert set(offer["admitted"]) <= {
            *own,
            *(name for name in rows if rows[name]["choices"].endswith("*")),
        }
    for firm in found["firms"]:
        assert firm["lottery"] == lottery_number(7, firm["firm"])
        for each in firm["standings"]:
            if each["outcome"] == "in-line" and each["choice"] is not None:
                line = next(offer for offer in found["offers"] if offer["offer"] == each["offer"])
                assert line["next"][each["place"] - 1] == firm["firm"]
                assert line["admitted"][-1] == each["last"]


def test_a_firm_reads_why_it_waits_in_its_language(tmp_path: Path) -> None:
    firms, providers = files(
        tmp_path, HEAD + "Enterprise 1,A,small\nEnterprise 2,A;B,micro\nEnterprise 3,A,micro\n"
    )
    order = ("--priority", "size=micro,small")
    english = run("allocate", firms, providers, *order, "--seed", "3")
    assert (
        "A, your choice 1: you are number 2 in line, because by size the order is micro > small: "
        "the last one admitted has micro, you have small."
    ) in english.out
    assert "You move in when 2 of the 2 enterprises before you give up." in english.out
    chinese = run(
        "allocate", firms, providers, *order, "--seed", "3", "--lang", "zh", "--firm", "Enterprise 1"
    )
    assert "您没有获得名额。" in chinese.out
    assert "排在您前面的 2 家企业中有 2 家放弃时，就轮到您。" in chinese.out
    assert "Enterprise 2" not in chinese.out


def test_another_seed_draws_another_lot() -> None:
    drawn = {
        seed: [
            firm["offer"]
            for firm in told(run("allocate", FIRMS, PROVIDERS, "--json", "--seed", seed))["firms"]
        ]
        for seed in ("1", "2")
    }
    assert drawn["1"] != drawn["2"]
    assert drawn["1"] == [
        firm["offer"] for firm in told(run("allocate", FIRMS, PROVIDERS, "--json", "--seed", "1"))["firms"]
    ]


def test_the_next_in_line_moves_up_when_a_place_is_declined() -> None:
    before = told(run("allocate", FIRMS, PROVIDERS, *RULES, "--json"))
    offer = next(offer for offer in before["offers"] if offer["waiting"])
    leaves, moves_up = offer["admitted"][0], offer["next"][0]
    after = told(run("allocate", FIRMS, PROVIDERS, *RULES, "--json", "--declined", leaves))
    assert after["declined"] == [leaves]
    assert moves_up in {move["firm"] for move in after["moved"] if move["after"] == offer["offer"]}
    said = run("allocate", FIRMS, PROVIDERS, *RULES, "--declined", leaves)
    assert f"{moves_up} moves up" in said.out
    assert f"\n{leaves}\n  You declined.\n" in said.out


def test_tables_are_written(tmp_path: Path) -> None:
    plain, workbook = tmp_path / "out.csv", tmp_path / "out.xlsx"
    for path in (plain, workbook):
        done = run("allocate", FIRMS, PROVIDERS, *RULES, "-o", path)
        assert (done.exit_code, done.err) == (0, f"Wrote {path}.\n")
    with plain.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    made = load_workbook(workbook)
    assert made.sheetnames == ["Enterprises", "Offers", "Waiting"]
    cells = list(made["Enterprises"].iter_rows(values_only=True))
    assert [["" if cell is None else str(cell) for cell in row] for row in cells] == rows
    found = told(run("allocate", FIRMS, PROVIDERS, *RULES, "--json"))
    assert [row[:2] for row in rows[1:]] == [[firm["firm"], firm["offer"] or ""] for firm in found["firms"]]
    assert [row[-1] for row in rows[1:]] == [" ".join(firm["explanation"]) for firm in found["firms"]]
    waiting = list(made["Waiting"].iter_rows(min_row=2, values_only=True))
    assert waiting == [
        (offer["offer"], place, name)
        for offer in found["offers"]
        for place, name in enumerate(offer["next"], start=1)
    ]
    offers = list(made["Offers"].iter_rows(min_row=2, values_only=True))
    assert [row[:5] for row in offers] == [
        (offer["offer"], offer["provider"], offer["places"], offer["taken"], offer["waiting"])
        for offer in found["offers"]
    ]


def test_a_name_is_never_a_formula(tmp_path: Path) -> None:
    firms, providers = files(tmp_path, "firm,choices\n=1+1,A\n")
    run("allocate", firms, providers, "-o", tmp_path / "out.csv")
    assert "\n'=1+1,A," in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    run("allocate", firms, providers, "-o", tmp_path / "out.xlsx")
    cell = load_workbook(tmp_path / "out.xlsx")["Enterprises"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_workbooks_with_chinese_headings_are_read_as_csv_is(tmp_path: Path) -> None:
    days = [dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 2), dt.datetime(2026, 3, 1, 9, 30)]  # noqa: DTZ001 - as workbooks hold it
    firms = book(
        tmp_path / "firms.xlsx",
        [
            ["企业", "志愿", "applied"],
            *([f"企业 {number}", "甲；*", day] for number, day in enumerate(days, start=1)),
        ],
    )
    providers = book(tmp_path / "providers.xlsx", [["服务商", "名额"], ["甲", 1], ["乙", 1.0], [None, None]])
    found = told(run("allocate", firms, providers, "--priority", "applied=earliest", "--json"))
    assert [firm["offer"] for firm in found["firms"]] == ["甲", None, "乙"]
    assert found["firms"][1]["standings"][0]["decided_by"] == {
        "rule": "applied",
        "last": "2026-03-01",
        "own": "2026-03-02",
    }


def test_offers_of_one_provider_share_its_capacity(tmp_path: Path) -> None:
    firms, providers = files(
        tmp_path,
        "firm,choices,level\n1,check,0\n2,course,1\n3,course,2\n",
        "provider,capacity,offer,places\nP,2,check,1\nP,2,course,2\n",
    )
    found = told(run("allocate", firms, providers, "--priority", "level=lowest", "--json"))
    assert [firm["offer"] for firm in found["firms"]] == ["check", "course", None]
    standing = found["firms"][2]["standings"][0]
    assert (standing["place"], standing["provider_place"], standing["provider_ahead"]) == (0, 1, 2)
    assert found["firms"][2]["explanation"][1].startswith(
        "course, your choice 1: it has room, but P has none left; you are number 1 in line there, because by level"
    )


def test_a_provider_may_have_an_order_of_its_own(tmp_path: Path) -> None:
    firms, providers = files(tmp_path, "firm,choices\n1,A\n2,A\n3,A\n", "provider,capacity,order\nA,1,3; 1\n")
    found = told(run("allocate", firms, providers, "--json"))
    assert [firm["offer"] for firm in found["firms"]] == [None, None, "A"]
    assert [firm["standings"][0]["outcome"] for firm in found["firms"]] == ["in-line", "not-taken", "got"]
    assert found["firms"][0]["standings"][0]["decided_by"]["rule"] == "own-order"


def test_without_choices_everybody_takes_any(tmp_path: Path) -> None:
    firms, providers = files(tmp_path, "firm\n1\n2\n3\n4\n")
    found = told(run("allocate", firms, providers, "--json"))
    assert sorted(str(firm["offer"]) for firm in found["firms"]) == ["A", "B", "B", "None"]


# --- what it refuses -------------------------------------------------------------------------------------------------

BAD_FIRMS = {
    "unknown-provider": (
        HEAD + "1,A;C,micro\n",
        "firms.csv, row 2, column choices",
        "There is no provider C.",
    ),
    "stands-twice": (
        HEAD + "1,A,micro\n1,B,micro\n",
        "firms.csv, row 3, column firm",
        "1 stands in row 2 too.",
    ),
    "no-id": (HEAD + ",A,micro\n", "firms.csv, row 2, column firm", "The cell is empty."),
    "no-choice": (HEAD + "1,,micro\n", "firms.csv, row 2, column choices", "The enterprise wants nothing."),
    "any-not-last": (
        HEAD + "1,*;A,micro\n",
        "firms.csv, row 2, column choices",
        "“*” does not stand at the end.",
    ),
    "unknown-value": (HEAD + "1,A,mirco\n", "firms.csv, row 2, column size", "Did you mean micro?"),
    "missing-column": ("name,choices,size\n1,A,micro\n", "firms.csv, row 1", "The column firm is missing."),
    "empty-file": (HEAD, "firms.csv", "The file has no row below its head."),
    "ragged-row": (HEAD + "1,A\n", "firms.csv, row 2", "The row has 2 cells, the head has 3."),
}


@pytest.mark.parametrize("code", BAD_FIRMS)
def test_what_is_wrong_with_enterprises_is_told_by_cell(tmp_path: Path, code: str) -> None:
    text, place, words = BAD_FIRMS[code]
    firms, providers = files(tmp_path, text)
    found = run("allocate", firms, providers, "--priority", "size=micro,small").only(code)
    assert found.place == place
    assert words in found.text


BAD_PROVIDERS = {
    "not-a-capacity": ("A,1.5,,,\n", "row 2, column capacity", "“1.5” is not a number of places."),
    "contradiction": ("A,1,x,1,\nA,2,y,1,\n", "row 3, column capacity", "Row 2 says something else of A."),
    "stands-twice": ("A,1,,,\nA,1,,,\n", "row 3, column provider", "A stands in row 2 too."),
    "bad-id": ("A;B,1,,,\n", "row 2, column provider", "A;B cannot be chosen"),
    "unknown-enterprise": ("A,1,,,1;2\n", "row 2, column order", "There is no enterprise 2."),
    "no-id": (",1,,,\nA,1,,,\n", "row 2, column provider", "The cell is empty."),
}


@pytest.mark.parametrize("code", BAD_PROVIDERS)
def test_what_is_wrong_with_providers_is_told_by_cell(tmp_path: Path, code: str) -> None:
    text, place, words = BAD_PROVIDERS[code]
    firms, providers = files(tmp_path, "firm\n1\n", "provider,capacity,offer,places,order\n" + text)
    found = run("allocate", firms, providers).only(code)
    assert found.place == f"providers.csv, {place}"
    assert words in found.text


@pytest.mark.parametrize("value", ["", "-1", "many", "10000001"])
def test_a_capacity_is_a_whole_number(tmp_path: Path, value: str) -> None:
    firms, providers = files(tmp_path, "firm\n1\n", f"provider,capacity\nA,{value}\n")
    found = run("allocate", firms, providers).only("not-a-capacity")
    assert "Give a whole number from 0 to 10,000,000." in found.text


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    _, providers = files(tmp_path, "firm,choices\n1,A\n")
    assert run("allocate", tmp_path / "none.csv", providers).only("missing-file").place == "none.csv"
    assert (
        run("allocate", EXAMPLES / "metal-parts.json", providers).only("file-kind").place
        == "metal-parts.json"
    )
    (tmp_path / "empty.csv").write_bytes(b"")
    assert (
        "Save it as CSV UTF-8" in run("allocate", tmp_path / "empty.csv", providers).only("empty-file").text
    )
    (tmp_path / "gbk.csv").write_bytes("firm,choices\n企业,A\n".encode("gbk"))
    found = run("allocate", tmp_path / "gbk.csv", providers).only("wrong-encoding")
    assert (found.place, "GB18030" in found.text) == ("gbk.csv, row 2", True)
    (tmp_path / "no.xlsx").write_bytes(b"PK nothing")
    run("allocate", tmp_path / "no.xlsx", providers).only("not-a-workbook")
    formula = book(tmp_path / "formula.xlsx", [["firm", "choices"], ["1", "=A1"]])
    found = run("allocate", formula, providers).only("formula-without-value")
    assert found.place == "formula.xlsx, sheet Sheet, row 2, column choices"
    twice = book(tmp_path / "twice.xlsx", [["firm", "企业"], ["1", "A"]])
    assert (
        run("allocate", twice, providers)
        .only("stands-twice")
        .text.startswith("The column firm stands twice.")
    )
    blank = book(tmp_path / "blank.xlsx", [])
    run("allocate", blank, providers).only("empty-file")


def test_files_that_are_too_big_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from capillary.matching import allocation_files

    firms, providers = files(tmp_path, "firm\n1\n2\n3\n")
    monkeypatch.setattr(allocation_files, "MOST_FIRMS", 2)
    assert "more than 2 rows" in run("allocate", firms, providers).only("too-many-rows").text
    rows = book(tmp_path / "firms.xlsx", [["firm"], ["1"], ["2"], ["3"]])
    assert "more than 2 rows" in run("allocate", rows, providers).only("too-many-rows").text
    monkeypatch.setattr(allocation_files, "LARGEST_TABLE", 3)
    assert run("allocate", firms, providers).only("file-too-large").place == "firms.csv"


def test_options_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    firms, providers = files(tmp_path, "firm,size\nEnterprise 1,micro\n")
    assert run("allocate", firms, providers, "--priority", "size").only("priority").place == "size"
    found = run("allocate", firms, providers, "--priority", "sise=lowest").only("missing-column")
    assert "Did you mean size?" in found.text
    assert (
        run("allocate", firms, providers, "--priority", "size=same").only("missing-column").place
        == "providers.csv, row 1"
    )
    for option in ("--firm", "--declined"):
        found = run("allocate", firms, providers, option, "Enterprise 2").only("unknown-enterprise")
        assert (found.place, "Did you mean Enterprise 1?" in found.text) == (option, True)
    run("allocate", firms, providers, "-o", tmp_path / "out.pdf").only("file-kind")
    before = firms.read_bytes()
    run("allocate", firms, providers, "-o", firms).only("out-is-input")
    assert firms.read_bytes() == before


def test_every_problem_is_told_and_hints_stop_when_there_are_many(tmp_path: Path) -> None:
    firms, providers = files(tmp_path, "firm,choices\n" + "".join(f"{number},C\n" for number in range(60)))
    found = run("allocate", firms, providers)
    assert found.codes == ["unknown-provider"] * 60
    assert "Known are: A, B." in found.problems[0].text
    assert found.problems[-1].text.endswith("Write it as it stands in the file of providers.")
