"""Wide tables: rows and columns are named as their author sees them, and nothing is guessed silently."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from capillary.content import load_standard
from capillary.model.fields import fields_of
from capillary.model.problems import InputError, Problem
from capillary.sheets.files import MOST_PROBLEMS
from capillary.sheets.wide import WideBatch, read_wide

from .sheet_kit import STANDARDS


def read(path: Path, standard: str | None = None) -> tuple[list[WideBatch], list[Problem]]:
    problems: list[Problem] = []
    return list(read_wide(path, load_standard, STANDARDS, standard, problems)), problems


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "many.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def columns(tmp_path: Path, **arrays: Any) -> Path:
    path = tmp_path / "many.parquet"
    parquet.write_table(pa.table(arrays), path)
    return path


def good(path: Path, standard: str | None = None) -> WideBatch:
    batches, problems = read(path, standard)
    assert [problem.in_("en") for problem in problems] == []
    (batch,) = batches
    return batch


def refused(path: Path, standard: str | None = None) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read(path, standard)
    for problem in caught.value.problems:
        assert problem.place.file == path.name
        assert problem.remedy.in_("en")
    return list(caught.value.problems)


def noted(path: Path, standard: str | None = None) -> list[tuple[str, int | None, str | None]]:
    _, problems = read(path, standard)
    assert all(problem.place.file == path.name and problem.remedy.in_("en") for problem in problems)
    return [(problem.code, problem.place.row, problem.place.column) for problem in problems]


def codes(batch: WideBatch, field: str) -> list[int | None]:
    number = [item.id for item in fields_of(batch.standard)].index(field)
    spans = zip(batch.lowest[number].tolist(), batch.highest[number].tolist(), strict=True)
    return [low if low == high else None for low, high in spans]


# --- CSV as people save it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "id,Q02,Q05\na,35,C\nb,,B\n",
        "\ufeffid,Q02,Q05\na,35,C\nb,,B\n",
        "id,Q02,Q05\r\na,35,C\r\nb,,B\r\n",
        " id , Q02,Q05 \na,35, C\nb, ,B\n",
        "id;Q02;Q05\na;35;C\nb;;B\n",
        "id\tQ02\tQ05\na\t35\tC\nb\t\tB\n",
        '"id","Q02","Q05"\n"a","35%","c"\n"b","","B"\n',
        "id,Q02,Q05,,\na,35,C,,\nb,,B,,\n",
        "\n\nid,Q02,Q05\na,35,C\n\nb,,B\n,,\n",
        "id,Q02,Q05\na,３５,Ｃ\nb,,B",
    ],
)
def test_a_table_may_be_saved_in_many_ways(tmp_path: Path, text: str) -> None:
    batch = good(table(tmp_path, text))
    assert batch.standard.id == "miit-2024"
    assert batch.enterprise["id"] == ["a", "b"]
    assert codes(batch, "Q02") == [2, None]
    assert codes(batch, "Q05") == [2, 1]
    assert batch.answered.tolist() == [2, 1]


def test_decimal_commas_are_read_where_semicolons_part_the_cells(tmp_path: Path) -> None:
    batch = good(table(tmp_path, "id;Q02;Q01;employees\na;10,5;B,C;1 250\n"))
    assert codes(batch, "Q02") == [1]
    assert codes(batch, "Q01") == [3]
    assert batch.enterprise["employees"] == [1250]


@pytest.mark.parametrize(
    ("text", "code"), [("none", 0), ("无", 0), ("A", 0), ("B;C", 3), ("b c", 3), ("B、E", 9)]
)
def test_several_keys_stand_in_one_cell(tmp_path: Path, text: str, code: int) -> None:
    assert codes(good(table(tmp_path, f"id,Q01,Q05\na,{text},A\n")), "Q01") == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [("true", 1), ("TRUE", 1), ("是", 1), ("1", 1), ("no", 0), ("否", 0), ("0", 0), ("", None)],
)
def test_yes_and_no_are_understood_in_both_languages(tmp_path: Path, text: str, code: int | None) -> None:
    assert codes(good(table(tmp_path, f"id,C01,C02\na,{text},yes\n")), "C01") == [code]


def test_a_head_without_rows_holds_no_sheet(tmp_path: Path) -> None:
    for text in ("id,Q01,Q05", "id,Q01,Q05\n", "id,Q01,Q05\r\n\r\n"):
        assert read(table(tmp_path, text)) == ([], [])


def test_facts_beyond_the_usual_have_a_prefix(tmp_path: Path) -> None:
    text = "id,enterprise.district,enterprise.employees,Q05\na,West,1200,C\nb,,,B\n"
    batch = good(table(tmp_path, text))
    assert batch.enterprise == {"id": ["a", "b"], "district": ["West", None], "employees": [1200, None]}


def test_amounts_are_numbers(tmp_path: Path) -> None:
    text = (
        'id,employees,revenue,Q05\na,"1,250","12,345,678.50",C\nb,many,-3,B\nc,"12,5",inf,B\nd,nan,1_000,B\n'
    )
    batches, problems = read(table(tmp_path, text))
    assert batches[0].enterprise["employees"] == [1250, None, None, None]
    assert batches[0].enterprise["revenue"] == [12345678.5, None, None, None]
    assert [(problem.code, problem.place.row, problem.place.column) for problem in problems] == [
        ("not-a-number", 3, "employees"),
        ("not-a-number", 4, "employees"),
        ("not-a-number", 5, "employees"),
        ("not-a-number", 3, "revenue"),
        ("not-a-number", 4, "revenue"),
        ("not-a-number", 5, "revenue"),
    ]


# --- places ----------------------------------------------------------------------------------------------------------


def test_every_bad_cell_is_named_with_row_and_column(tmp_path: Path) -> None:
    text = "id,Q01,Q02,Q05,S01\na,B,35,C,1\nb,A;B,120,Z,9\nc,B;B,x,C,one\nd,Q;R,,,\n"
    assert noted(table(tmp_path, text)) == [
        ("none-with-others", 3, "Q01"),
        ("chosen-twice", 4, "Q01"),
        ("unknown-option", 5, "Q01"),
        ("unknown-option", 5, "Q01"),
        ("rate-range", 3, "Q02"),
        ("not-a-rate", 4, "Q02"),
        ("unknown-option", 3, "Q05"),
        ("level-range", 3, "S01"),
        ("not-a-number", 4, "S01"),
    ]


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    """Line ends in quotes, empty rows, rows of the wrong length and the head all count as one row each."""
    text = '"id","na\nme"\r\n'
    text = '"id","name","Q05"\r\n"a","two\r\nlines","C"\r\n\r\n"b","x","Z"\r\n"c","x"\r\n"d","x\ny","Z"\r\n,,\r\n"e","","Z"\r\n'
    found = sorted(noted(table(tmp_path, text), "miit-2024"), key=lambda item: item[1] or 0)
    assert found == [
        ("unknown-option", 4, "Q05"),
        ("ragged-row", 5, None),
        ("unknown-option", 6, "Q05"),
        ("unknown-option", 8, "Q05"),
    ]


def test_rows_are_counted_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capillary.sheets.tables.BLOCK", 2000)
    lines = ["id,Q05,Q08", *(f"firm-{number},C,A" for number in range(2, 1200))]
    for row, text in ((100, "x"), (400, ""), (700, "x,C,A,9"), (1000, ",,")):
        lines[row - 1] = text
    for row in (99, 101, 399, 401, 699, 701, 999, 1001, 1199):
        lines[row - 1] = f"firm-{row},Z,A"
    batches, problems = read(table(tmp_path, "\n".join(lines)))
    assert len(batches) > 3
    assert sorted(problem.place.row or 0 for problem in problems if problem.code == "ragged-row") == [
        100,
        700,
    ]
    bad = [problem.place.row for problem in problems if problem.code == "unknown-option"]
    assert bad == [99, 101, 399, 401, 699, 701, 999, 1001, 1199]
    assert sum(len(batch) for batch in batches) == 1198 - 4


def test_rows_of_parquet_are_counted_from_one(tmp_path: Path) -> None:
    path = columns(tmp_path, Q05=["C", "Z", None, "Z"], Q08=["A", "A", None, "A"])
    assert noted(path, "miit-2024") == [("unknown-option", 2, "Q05"), ("unknown-option", 4, "Q05")]


def test_problems_do_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capillary.sheets.tables.BLOCK", 20_000)
    text = "id,Q05,Q08,Q12,Q13\n" + "x,Z,Z,Z,Z\n" * 100_000
    batches, problems = read(table(tmp_path, text))
    assert len(problems) == MOST_PROBLEMS
    assert sum(len(batch) for batch in batches) < 10_000


# --- the head --------------------------------------------------------------------------------------------------------


def test_the_standard_is_told_from_the_columns(tmp_path: Path) -> None:
    for name in STANDARDS:
        head = ",".join(field.id for field in fields_of(load_standard(name)))
        batches, _ = read(table(tmp_path, f"id,{head}\na{',' * head.count(',')},\n"))
        assert [batch.standard.id for batch in batches] == [name]


def test_columns_of_no_standard_are_refused(tmp_path: Path) -> None:
    (problem,) = refused(table(tmp_path, "id,a,b\n1,2,3\n"))
    assert problem.code == "unknown-standard"
    assert "--standard" in problem.remedy.in_("en")


def test_many_facts_do_not_hide_the_standard(tmp_path: Path) -> None:
    text = (
        "id,name,region,sector,employees,revenue,enterprise.a,enterprise.b,variant,Q05,Q08\n1,,,,,,,,,C,A\n"
    )
    assert good(table(tmp_path, text)).standard.id == "miit-2024"


def test_a_column_standard_tells_the_standard_and_is_held_to_it(tmp_path: Path) -> None:
    text = "standard,C01\neu-dii-v3,yes\n,no\nmiit-2024,yes\n"
    assert noted(table(tmp_path, text)) == [("other-standard", 4, "standard")]
    (problem,) = refused(table(tmp_path, "standard,C01\neu-dii-v4,yes\n"))
    assert (problem.code, problem.place.row, problem.place.column) == ("unknown-standard", 2, "standard")


def test_every_unknown_column_is_named(tmp_path: Path) -> None:
    found = refused(table(tmp_path, "id,Q01,Q02,Q03,q05,Q88,owner\na,B,1,1,A,A,Li\n"))
    assert [(problem.code, problem.place.column) for problem in found] == [
        ("unknown-question", "q05"),
        ("unknown-question", "Q88"),
        ("unknown-question", "owner"),
    ]
    assert found[0].remedy.in_("en") == "Did you mean Q05?"
    assert "enterprise." in found[2].remedy.in_("en")


def test_columns_that_stand_twice_are_named(tmp_path: Path) -> None:
    found = refused(table(tmp_path, "id,Q05, Q05,id\n1,A,A,2\n"))
    assert [(problem.code, problem.place.column) for problem in found] == [
        ("stands-twice", "Q05"),
        ("stands-twice", "id"),
    ]
    (problem,) = refused(table(tmp_path, "id,enterprise.id,Q05\n1,2,A\n"))
    assert problem.code == "stands-twice"


def test_values_without_a_column_name_are_named(tmp_path: Path) -> None:
    assert noted(table(tmp_path, "id,Q05,Q08,\n1,A,A,\n2,A,A,left over\n")) == [("no-name", 3, "D")]


def test_a_table_without_answers_is_refused(tmp_path: Path) -> None:
    (problem,) = refused(table(tmp_path, "id,name\n1,a\n"), "miit-2024")
    assert problem.code == "no-answers"


# --- what does not apply, and kinds of firm --------------------------------------------------------------------------


def test_what_does_not_apply_is_dropped_or_zero_or_refused(tmp_path: Path) -> None:
    batch = good(table(tmp_path, "id,4.4,1.1\na,na,yes\nb,yes,na\n"), "cis-ig1")
    assert {name: where.tolist() for name, where in batch.dropped.items()} == {"4.4": [True, False]}
    assert codes(batch, "1.1") == [1, 0]
    assert batch.answered.tolist() == [2, 2]
    assert noted(table(tmp_path, "id,data\na,na\n"), "cmmm-2020") == [("not-applicable-refused", 2, "data")]


def test_variants_are_checked(tmp_path: Path) -> None:
    text = "id,variant,data\na,process,1\nb,,1\nc,chemical,1\n"
    batches, problems = read(table(tmp_path, text), "cmmm-2020")
    assert batches[0].variants == ["process", None, None]
    assert [(problem.code, problem.place.row) for problem in problems] == [("unknown-variant", 4)]
    assert noted(table(tmp_path, "id,variant,C01\na,process,yes\n"), "eu-dii-v3") == [
        ("unknown-variant", 2, "variant")
    ]


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_codes_beyond_their_range_are_named(tmp_path: Path) -> None:
    path = columns(
        tmp_path,
        Q01=pa.array([3, 16, -1], pa.int8()),
        Q02=pa.array([35.0, 101.0, None], pa.float64()),
        Q05=pa.array([2, None, 5], pa.int64()),
        Q08=pa.array([1.0, 1.5, 9.0], pa.float32()),
    )
    batches, problems = read(path, "miit-2024")
    assert [(problem.code, problem.place.row, problem.place.column) for problem in problems] == [
        ("number-range", 2, "Q01"),
        ("number-range", 3, "Q01"),
        ("number-range", 2, "Q02"),
        ("number-range", 3, "Q05"),
        ("number-range", 3, "Q08"),
        ("number-range", 2, "Q08"),
    ]
    assert codes(batches[0], "Q01") == [3, None, None]
    assert codes(batches[0], "Q05") == [2, None, None]
    assert codes(batches[0], "Q08") == [1, None, None]


def test_empty_entries_of_lists_are_named_and_not_read_as_another_row(tmp_path: Path) -> None:
    path = columns(tmp_path, Q01=pa.array([["B"], [None, "C"], ["B", "C"]], pa.list_(pa.string())))
    batches, problems = read(path, "miit-2024")
    assert [(problem.code, problem.place.row) for problem in problems] == [("unknown-option", 2)]
    assert codes(batches[0], "Q01") == [1, None, 3]


def test_rates_may_be_decimals_and_missing_as_nan(tmp_path: Path) -> None:
    path = columns(
        tmp_path,
        Q02=pa.array([Decimal("10.0"), Decimal("10.1"), None], pa.decimal128(4, 1)),
        Q03=pa.array([float("nan"), 10.0, 10.000001]),
        Q05=["A", "A", "A"],
    )
    batch = good(path, "miit-2024")
    assert codes(batch, "Q02") == [0, 1, None]
    assert codes(batch, "Q03") == [None, 0, 1]


@pytest.mark.parametrize(
    "values", [pa.array([date(2024, 1, 1)]), pa.array([b"A"]), pa.array([[1.5]]), pa.array([{"a": 1}])]
)
def test_columns_of_other_types_hold_no_answers(tmp_path: Path, values: Any) -> None:
    path = columns(tmp_path, Q01=values, Q05=["A"])
    assert noted(path, "miit-2024") == [("column-type", 1, "Q01")]


def test_an_empty_column_is_unknown(tmp_path: Path) -> None:
    batch = good(columns(tmp_path, Q01=pa.nulls(2), Q05=["A", "B"]), "miit-2024")
    assert codes(batch, "Q01") == [None, None]


# --- files that are no table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("many.csv", b"", "empty-file"),
        ("many.csv", b"\n\n\n", "empty-file"),
        ("many.csv", "id,name,Q05\n1,杭州精密机械,A\n".encode("gb18030"), "wrong-encoding"),
        ("many.csv", "id,Q05\n1,A\n".encode("utf-16"), "wrong-encoding"),
        ("many.csv", b"PK\x03\x04\x00\x00\x00", "not-text"),
        ("many.parquet", b"", "empty-file"),
        ("many.parquet", b"id,Q05\n1,A\n", "unreadable-table"),
        ("many.parquet", b"PAR1 and nothing more PAR1", "unreadable-table"),
    ],
)
def test_files_that_are_no_table_are_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (problem,) = refused(path)
    assert problem.code == code


def test_gb18030_is_named_with_its_row(tmp_path: Path) -> None:
    (problem,) = refused(table(tmp_path, b"id,name,Q05\n1,a,A\n" + "2,杭州精密机械厂,A\n".encode("gb18030")))
    assert problem.place.row == 3
    assert "GB18030" in problem.cause.in_("en")
    assert "CSV UTF-8" in problem.remedy.in_("en")


def test_parquet_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = columns(tmp_path, Q05=["A", "B"] * 5000, Q08=["A", "B"] * 5000)
    data = bytearray(path.read_bytes())
    data[4:400] = b"\0" * 396
    path.write_bytes(bytes(data))
    (problem,) = refused(path, "miit-2024")
    assert problem.code == "unreadable-table"


def test_text_of_parquet_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\x02\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    for name in ("Q05", "name", "standard"):
        path = columns(tmp_path, **{"Q08": ["A"], name: broken})
        (problem,) = refused(path, "miit-2024")
        assert problem.code == "unreadable-table"


def test_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    (problem,) = refused(table(tmp_path, b'id,Q05\n"' + b"a" * (9 << 20) + b'",A\n'), "miit-2024")
    assert problem.code == "unreadable-table"
