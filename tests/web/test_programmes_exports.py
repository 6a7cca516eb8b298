"""Exports of the list: what stands in them, in every form, and that they flow."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from openpyxl import load_workbook
from pyarrow import parquet

from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes import exports
from capillary.web.programmes.exports import KINDS, Export
from capillary.web.programmes.filters import Filters
from capillary.web.programmes.models import Enrolment
from capillary.web.programmes.xlsx import xlsx_chunks

from .kit import World

ADDRESS = "/en/programmes/{}/export/?format={}&{}"


def fetched(world: World, form: str = "csv", query: str = "", language: str = "en") -> bytes:
    response = world.client("officer").get(
        ADDRESS.format(world.programme.pk, form, query).replace("/en/", f"/{language}/")
    )
    assert response.status_code == 200
    assert response.streaming
    assert response["Content-Type"] == KINDS[form]
    return b"".join(response.streaming_content)


def read_csv(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def bulk(world: World, count: int) -> None:
    """Let many assessed enterprises take part."""
    now = timezone.now()
    firms = [
        Enterprise(name=f"Firm {number:05}", region="CN-JS", sector="machinery", employees=30)
        for number in range(count)
    ]
    Enterprise.objects.bulk_create(firms, batch_size=500)
    dimensions = {name: [10.5, 12.0] for name in ("foundation", "operation", "management", "effect")}
    done = [
        Assessment(enterprise=firm, standard="miit-2024", status="completed", dimensions=dimensions)
        for firm in firms
    ]
    Assessment.objects.bulk_create(done, batch_size=500)
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                programme=world.programme,
                enterprise=firm,
                assessment=assessment,
                name=firm.name,
                region=firm.region,
                sector=firm.sector,
                employees=30,
                level_low=1,
                level_high=2,
                score_low=42.0,
                score_high=48.0,
                assessed_at=now,
                assessments=1,
                consented_at=now,
            )
            for firm, assessment in zip(firms, done, strict=True)
        ],
        batch_size=500,
    )


@pytest.mark.django_db
def test_csv_has_every_column_in_words(world: World) -> None:
    (row,) = read_csv(fetched(world))
    assert row["Name"] == "Example Metal Parts"
    assert row["Region"] == "Jiangsu"
    assert row["Employees"] == "80"
    assert row["Size"].startswith("Medium")
    assert row["Assessments"] == "1"
    assert row["Number of the enterprise"] == str(world.enterprise.pk)
    titles = [title for title in row if title.endswith((", at least", ", at most"))]
    assert len(titles) == 4 + 2 * 4
    scores = world.earlier.dimensions
    named = [row[title] for title in titles[4:]]
    assert [float(value) for value in named] == [end for span in scores.values() for end in span]
    (chinese,) = read_csv(fetched(world, language="zh-hans"))
    assert "江苏省" in chinese.values()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@now", "\t=1", '=HYPERLINK("http://x","y")'])
def test_names_are_never_formulas(world: World, name: str) -> None:
    Enrolment.objects.update(name=name)
    (row,) = read_csv(fetched(world))
    assert row["Name"] == f"'{name}"
    sheet = load_workbook(io.BytesIO(fetched(world, "xlsx"))).active
    assert sheet["B2"].data_type == "s"
    assert sheet["B2"].value == name


@pytest.mark.django_db
def test_xlsx_opens_with_times_numbers_and_odd_signs(world: World) -> None:
    Enrolment.objects.update(name="A <b> & “江河” \x07 ", cohort="")
    book = load_workbook(io.BytesIO(fetched(world, "xlsx")))
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    row = dict(zip(titles, (cell.value for cell in sheet[2]), strict=True))
    assert row["Name"] == "A <b> & “江河”  "
    assert row["Employees"] == 80
    assert row["Cohort"] is None
    completed = timezone.localtime(world.earlier.completed_at).replace(tzinfo=None)
    assert abs(row["Assessed"] - completed) < dt.timedelta(seconds=2)
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"


@pytest.mark.django_db
def test_parquet_has_codes_and_types(world: World) -> None:
    table = parquet.read_table(io.BytesIO(fetched(world, "parquet")))
    (row,) = table.to_pylist()
    assert (row["region"], row["sector"], row["size"]) == ("CN-JS", "metal-products", "medium")
    assert row["level_low"] == world.earlier.level_low
    assert row["foundation_low"] == world.earlier.dimensions["foundation"][0]
    assert row["assessed_at"].tzinfo is not None
    assert abs(row["assessed_at"] - world.earlier.completed_at) < dt.timedelta(milliseconds=2)


@pytest.mark.django_db
@pytest.mark.parametrize("form", KINDS)
def test_every_form_has_every_row_in_the_order_of_the_list(
    world: World, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 7)
    bulk(world, 40)
    data = fetched(world, form, "sort=-name&region=CN")
    if form == "csv":
        names = [row["Name"] for row in read_csv(data)]
    elif form == "xlsx":
        names = [
            row[1] for row in load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2, values_only=True)
        ]
    else:
        names = parquet.read_table(io.BytesIO(data))["name"].to_pylist()
    assert names == [f"Firm {number:05}" for number in range(39, -1, -1)] + ["Example Metal Parts"]


@pytest.mark.django_db
@pytest.mark.parametrize("form", KINDS)
def test_an_empty_list_makes_a_file_with_a_head(world: World, form: str) -> None:
    data = fetched(world, form, "q=nobody")
    if form == "csv":
        assert data.decode("utf-8-sig").startswith("Number of the enterprise,Name")
        assert read_csv(data) == []
    elif form == "xlsx":
        assert load_workbook(io.BytesIO(data)).active.max_row == 1
    else:
        assert parquet.read_table(io.BytesIO(data)).num_rows == 0


@pytest.mark.django_db
def test_filters_that_exclude_one_another_export_nothing(world: World) -> None:
    assert read_csv(fetched(world, query="from=3&to=1")) == []


@pytest.mark.django_db
def test_an_export_is_written_down_as_one_read_of_many(world: World) -> None:
    bulk(world, 30)
    fetched(world, "csv")
    entry = AuditEntry.objects.get(kind="read")
    assert entry.subject == f"csv of {world.programme.pk}: 31 enterprises"
    assert (entry.user, entry.role) == (world.users["officer"], "officer")


@pytest.mark.django_db
def test_strangers_and_unknown_forms_get_nothing(world: World) -> None:
    address = ADDRESS.format(world.programme.pk, "csv", "")
    for person in ("stranger", "owner", "adviser", "administrator"):
        assert world.client(person).get(address).status_code == 404
    assert world.client("officer").get(ADDRESS.format(world.programme.pk, "exe", "")).status_code == 404
    assert AuditEntry.objects.filter(kind="read").count() == 0


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("form", KINDS)
def test_memory_does_not_grow_with_rows(world: World, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many rows take about the same memory: what is held at once is one chunk, however many follow."""
    monkeypatch.setattr(exports, "CHUNK", 100)
    peaks = []
    for rows in (400, 1_200):
        bulk(world, rows)
        export = Export(world.programme, Filters(QueryDict(""), world.programme))
        for _turn in range(2):  # the first time loads what stays
            tracemalloc.start()
            length = sum(len(piece) for piece in export.bytes_of(form))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert length > 1000
        peaks.append(peak)
    assert peaks[1] < 1.25 * peaks[0] + 200_000, peaks


def test_the_first_bytes_come_before_the_last_row() -> None:
    seen = []

    def rows() -> Any:
        for number in range(3):
            seen.append(number)
            yield [[number, "text", None]]

    pieces = xlsx_chunks(["a", "b", "c"], rows())
    assert next(pieces).startswith(b"PK")
    assert seen == []
    b"".join(pieces)
    assert seen == [0, 1, 2]
