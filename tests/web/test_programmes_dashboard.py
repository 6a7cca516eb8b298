"""The dashboard: stored figures, and that nobody works out what is held back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes.aggregates import aggregates_refresh, refresh_wanted
from capillary.web.programmes.dashboard import Table, dashboard_of
from capillary.web.programmes.models import Aggregate, Enrolment, Programme
from capillary.web.programmes.suppression import LEAST, held_back, hidden_of, small

from .kit import World


def worked_out(counts: list[list[int]], held: Any) -> list[tuple[int, int]]:
    """Return the hidden cells that the totals shown determine: by linear algebra, without a thought on graphs."""
    rows, width = len(counts), len(counts[0])
    unknown = {
        cell: index
        for index, cell in enumerate(
            [(row, column) for row, column in product(range(rows), range(width)) if held.cells[row][column]]
            + [(row, width) for row in range(rows) if held.rows[row]]
            + [(rows, column) for column in range(width) if held.columns[column]]
        )
    }
    lines = [([(row, column) for column in range(width)], (row, width)) for row in range(rows)]
    lines += [([(row, column) for row in range(rows)], (rows, column)) for column in range(width)]
    lines += [([(row, width) for row in range(rows)], (rows, width))]
    lines += [([(rows, column) for column in range(width)], (rows, width))]
    matrix = np.zeros((len(lines), len(unknown)))
    for number, (parts, total) in enumerate(lines):
        for part in parts:
            if part in unknown:
                matrix[number, unknown[part]] = 1
        if total in unknown:
            matrix[number, unknown[total]] = -1
    known = np.linalg.matrix_rank(matrix) if unknown else 0
    found = []
    for cell, index in unknown.items():
        unit = np.zeros((1, len(unknown)))
        unit[0, index] = 1
        if np.linalg.matrix_rank(np.vstack([matrix, unit])) == known:
            found.append(cell)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_figure_follows_from_those_shown(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows, width = chance.randint(2, 9), chance.randint(2, 6)
    kinds = [
        0,
        0,
        chance.randint(1, 9),
        chance.randint(1, 9),
        chance.randint(10, 200),
        chance.randint(10, 40),
    ]
    counts = [[chance.choice(kinds) for _ in range(width)] for _ in range(rows)]
    held = held_back(counts)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            assert held.cells[row][column] or not small(count)
        assert held.rows[row] or not small(sum(line))
    if sum(map(sum, counts)) >= 4 * LEAST and not all(map(all, held.cells)):
        assert worked_out(counts, held) == []


@pytest.mark.parametrize("seed", range(60))
def test_tables_that_share_totals_do_not_tell_on_one_another(seed: int) -> None:
    """With the totals of the columns decided beforehand, they stay as decided and nothing follows from them."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows, width = chance.randint(3, 12), chance.randint(3, 6)
    counts = [[chance.choice([0, 2, 7, 12, 30, 90]) for _ in range(width)] for _ in range(rows)]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    hidden = hidden_of(sums)
    held = held_back(counts, hidden)
    assert list(held.columns) == hidden
    assert worked_out(counts, held) == []


def test_what_is_hidden_in_a_line_adds_up_to_enough() -> None:
    assert hidden_of([3, 4, 50, 12]) == [True, True, False, True]
    assert hidden_of([1, 2]) == [True, True]
    assert hidden_of([]) == []
    held = held_back([[3, 4, 50, 60], [40, 50, 60, 70], [40, 50, 60, 70]])
    for row, total in zip(held.cells, held.rows, strict=True):
        assert total or sum(row) != 1


def fill(world: World, *groups: tuple[int, str, str, int | None, int | None]) -> None:
    """Let enterprises take part: how many, region, sector, level, supported level."""
    now = timezone.now()
    for count, region, sector, level, supported in groups:
        for number in range(count):
            firm = Enterprise.objects.create(name=f"Firm {number}", region=region, sector=sector, employees=9)
            assessed = level is not None
            done = Assessment.objects.create(
                enterprise=firm,
                standard="miit-2024",
                status="completed",
                completed_at=dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC),
                level_low=level,
                score_low=30,
            )
            Enrolment.objects.create(
                programme=world.programme,
                enterprise=firm,
                assessment=done,
                region=region,
                sector=sector,
                level_low=level,
                supported_level=supported,
                score_low=40.0,
                weakest="foundation" if number % 2 else "effect",
                assessed_at=done.completed_at if assessed else None,
                assessments=1,
                consented_at=now,
            )


@pytest.fixture
def busy(world: World) -> World:
    world.enrolment.delete()
    Assessment.objects.filter(enterprise=world.enterprise).delete()
    fill(
        world,
        (30, "CN-JS", "machinery", 1, None),
        (3, "CN-JS", "machinery", 2, None),
        (20, "CN-JS", "textiles-clothing", 3, 2),
        (25, "CN-ZJ", "machinery", 2, 1),
        (15, "CN-ZJ", "textiles-clothing", 1, None),
        (4, "DE", "machinery", 1, None),
        (5, "DE", "machinery", None, None),
    )
    aggregates_refresh(programme=world.programme)
    world.programme.refresh_from_db()
    return world


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def figures(table: Table) -> dict[str, list[int | None]]:
    return {row.title: [cell.count for cell in row.cells] for row in table.rows}


def named(world: World, name: str) -> Table:
    return next(table for table in dashboard_of(world.programme, publication=True).tables if table.id == name)


@pytest.mark.django_db
def test_the_tables_add_up_and_hold_small_figures_back(busy: World) -> None:
    found = dashboard_of(busy.programme, publication=True)
    assert (found.enterprises, found.assessed, found.again) == (102, 97, 0)
    regions = figures(named(busy, "region"))
    assert regions["Together"] == [0, 49, 28, 20, 0, 97]
    assert regions["Jiangsu"][1:3] == [None, None]
    assert regions["Germany"][-1] is None
    supported = figures(named(busy, "supported"))
    assert supported["Together"][-1] == 97
    months = figures(named(busy, "month"))
    assert months == {"2026-03": [102]}


@pytest.mark.django_db
def test_all_level_totals_are_the_same_everywhere(busy: World) -> None:
    regions, sectors = figures(named(busy, "region")), figures(named(busy, "sector"))
    supported = figures(named(busy, "supported"))
    assert regions["Together"] == sectors["Together"]
    assert [row[-1] for title, row in supported.items() if title != "Together"] == regions["Together"][:-1]


@pytest.mark.django_db
def test_few_enterprises_have_no_figures(world: World) -> None:
    page = (
        world.client("officer")
        .get(f"/en/programmes/{world.programme.pk}/dashboard/?publication=1")
        .content.decode()
    )
    assert "There are fewer than 10 assessed enterprises." in page
    assert "<table" not in page


@pytest.mark.django_db
def test_the_page_says_what_is_held_back_and_as_of_when(busy: World) -> None:
    page = (
        busy.client("officer")
        .get(f"/en/programmes/{busy.programme.pk}/dashboard/?publication=1")
        .content.decode()
    )
    assert "held back" in page
    assert "Held back: figures of fewer than 10 enterprises" in page
    assert "As of" in page
    assert page.count('class="chart"') == 5
    for name in ("region", "sector", "weakest", "supported", "month"):
        assert f'data-table="table-{name}"' in page
        assert f'<table class="table table-sm" id="table-{name}"' in page


@pytest.mark.django_db
def test_change_since_the_first_assessment(busy: World) -> None:
    for enrolment in Enrolment.objects.filter(region="CN-JS", level_low=1):
        last = Assessment.objects.create(
            enterprise=enrolment.enterprise,
            standard="miit-2024",
            number=1,
            status="completed",
            completed_at=dt.datetime(2026, 5, 5, tzinfo=dt.UTC),
            level_low=2,
            score_low=42.5,
        )
        Enrolment.objects.filter(pk=enrolment.pk).update(
            assessment=last, level_low=2, score_low=42.5, assessments=2
        )
    aggregates_refresh(programme=busy.programme)
    found = dashboard_of(busy.programme, publication=True)
    assert (found.again, found.gain) == (30, 12.5)
    then = figures(named(busy, "then-and-now"))
    assert then["First assessment"][1] == 30
    assert then["Now"][2] == 30
    change = figures(named(busy, "change"))
    assert next(row for title, row in change.items() if title.startswith("Level 1"))[2] == 30
    months = figures(named(busy, "month"))
    assert months == {"2026-03": [102], "2026-04": [0], "2026-05": [30]}


@pytest.mark.django_db
def test_whoever_withdraws_is_counted_no_longer(busy: World) -> None:
    Enrolment.objects.filter(region="CN-ZJ").update(withdrawn_at=timezone.now())
    aggregates_refresh(programme=busy.programme)
    assert dashboard_of(busy.programme, publication=True).assessed == 57
    assert "Zhejiang" not in figures(named(busy, "region"))
    assert figures(named(busy, "month")) == {"2026-03": [62]}


@pytest.mark.django_db
def test_a_table_as_a_file_holds_the_same_back(busy: World) -> None:
    client = busy.client("officer")
    response = client.get(f"/en/programmes/{busy.programme.pk}/dashboard/region.csv?publication=1")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][0] == "Region"
    assert rows[1][0] == "Jiangsu"
    assert rows[1][2:4] == ["held back", "held back"]
    assert rows[-1][-1] == "97"
    assert client.get(f"/en/programmes/{busy.programme.pk}/dashboard/nothing.csv").status_code == 404
    assert busy.client("stranger").get(response.request["PATH_INFO"]).status_code == 404


@pytest.mark.django_db
def test_the_dashboard_costs_few_queries(busy: World, django_assert_max_num_queries: Any) -> None:
    client = busy.client("officer")
    with django_assert_max_num_queries(12):
        client.get(f"/en/programmes/{busy.programme.pk}/dashboard/")


@pytest.mark.django_db
def test_new_figures_are_asked_for_once_in_a_while(busy: World) -> None:
    client, address = busy.client("officer"), f"/en/programmes/{busy.programme.pk}/dashboard/"
    old = timezone.now() - dt.timedelta(hours=1)
    Aggregate.objects.filter(programme=busy.programme).delete()
    client.get(address)
    assert not Aggregate.objects.exists(), "fresh figures stay"
    Programme.objects.update(figures_at=old, figures_asked_at=old)
    client.get(address)
    assert Aggregate.objects.exists(), "old ones are worked out anew"
    Programme.objects.update(figures_at=old, figures_asked_at=old)
    assert [refresh_wanted(programme=busy.programme) for _ in range(3)] == [True, False, False]


@pytest.mark.django_db
def test_the_command_refreshes_all_or_some(busy: World) -> None:
    Aggregate.objects.all().delete()
    out = io.StringIO()
    call_command("refresh_aggregates", "other", stdout=out)
    assert not Aggregate.objects.exists()
    call_command("refresh_aggregates", stdout=out)
    assert out.getvalue() == f"example: {Aggregate.objects.count()}\n"
    assert Aggregate.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("standard", ["cis-ig1", "eu-dii-v3"])
def test_other_standards_have_a_dashboard_too(busy: World, standard: str) -> None:
    Programme.objects.update(standard=standard)
    if standard == "cis-ig1":
        Enrolment.objects.update(level_low=None, supported_level=None, weakest="4")
    Assessment.objects.update(standard=standard)
    client = busy.client("officer")
    aggregates_refresh(programme=busy.programme)
    page = client.get(f"/en/programmes/{busy.programme.pk}/dashboard/")
    assert page.status_code == 200
    assert client.get(f"/en/programmes/{busy.programme.pk}/").status_code == 200


def test_officers_see_every_figure_for_their_own_work(busy: World) -> None:
    """Who is counted agreed to be seen by them, so the list below would give every small figure anyway."""
    found = dashboard_of(busy.programme, publication=False)
    assert all(cell.count is not None for table in found.tables for row in table.rows for cell in row.cells)
    regions = next(table for table in found.tables if table.id == "region")
    *rows, together = regions.rows
    for column, cell in enumerate(together.cells):
        assert sum(row.cells[column].count for row in rows) == cell.count
    page = busy.client("officer").get(f"/en/programmes/{busy.programme.pk}/dashboard/").content.decode()
    assert "held back" not in page.lower().replace("held back: figures", "")
    assert "agreed to be seen by you" in page
