"""Exchange rates: dated series against an independent reading, rounding, files with every mistake named, the command."""

from __future__ import annotations

import datetime as dt
import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.matching.need import Rates
from capillary.model.days import days_between
from capillary.model.problems import InputError
from capillary.model.rates import (
    MOST_DAYS,
    SUREST_FIRST,
    WITHOUT_CENTS,
    NoRateError,
    Quote,
    RateSeries,
    RateTable,
    quotes_of,
    rounded,
    series_of,
)
from capillary.sheets.rates import read_rates

from .sheet_kit import run

if TYPE_CHECKING:
    from pathlib import Path

CURRENCIES = ("CNY", "EUR", "USD", "JPY")
KNOWN = [rate.currency for rate in Library().currencies().rates]
DAYS = [f"2026-03-{number:02}" for number in range(1, 13)]
TODAY = "2026-11-27"


@st.composite
def all_quotes(draw: st.DrawFn) -> tuple[Quote, ...]:
    """Return some quotes between some currencies, at most one of a pair and day."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES), st.sampled_from(DAYS)).filter(
                lambda key: key[0] != key[1]
            ),
            unique=True,
            max_size=14,
        )
    )
    units = st.fractions(min_value=Fraction(1, 500), max_value=500, max_denominator=1000)
    return tuple(
        Quote(
            base, currency, draw(units), day, f"{base}-{currency}-{day}", draw(st.sampled_from(SUREST_FIRST))
        )
        for base, currency, day in keys
    )


def plain_way(quotes: tuple[Quote, ...], currency: str, day: str) -> tuple[Quote, ...] | None:
    """The rule of the module's first paragraph, read by trying every chain of one or two quotes."""
    latest = [
        quote
        for quote in quotes
        if quote.day
        == max(
            (o.day for o in quotes if (o.base, o.currency) == (quote.base, quote.currency) and o.day <= day),
            default="",
        )
    ]
    chains: list[tuple[Quote, ...]] = [
        (quote,) for quote in latest if {quote.base, quote.currency} == {currency, "CNY"}
    ]
    for first, last in product(latest, latest):
        middle = {first.base, first.currency} - {currency}
        joins = currency in {first.base, first.currency} and "CNY" not in middle
        if joins and {last.base, last.currency} == middle | {"CNY"}:
            chains.append((first, last))
    if not chains:
        return None

    def rank(chain: tuple[Quote, ...]) -> tuple[object, ...]:
        oldest = min(quote.day for quote in chain)
        worst = max(("official", "secondary", "unverified").index(quote.certainty) for quote in chain)
        return oldest, -worst, -len(chain), [(quote.base, quote.currency) for quote in chain]

    return max(chains, key=rank)


@given(all_quotes(), st.sampled_from(DAYS))
def test_the_worth_of_a_currency_is_that_of_the_best_way(quotes: tuple[Quote, ...], day: str) -> None:
    table = RateSeries("CNY", quotes).on(day)
    for currency in CURRENCIES[1:]:
        way = plain_way(quotes, currency, day)
        if way is None:
            with pytest.raises(NoRateError):
                table.worth(currency)
            continue
        left, worth = currency, Fraction(1)
        for quote in way:
            worth = worth * quote.units if quote.base == left else worth / quote.units
            left = ({quote.base, quote.currency} - {left}).pop()
        assert left == "CNY"
        exchange = table.exchange(currency, "CNY")
        assert table.worth(currency) == exchange.units == worth
        assert exchange.day == min(quote.day for quote in way)
        assert exchange.day <= day
        assert exchange.sources == tuple(dict.fromkeys(quote.source for quote in way))


@given(all_quotes(), st.sampled_from(DAYS))
def test_rates_agree_with_one_another(quotes: tuple[Quote, ...], day: str) -> None:
    table = RateSeries("CNY", quotes, quotes_of(Library().currencies())).on(day)
    for one, two, three in product(CURRENCIES, repeat=3):
        there, on = table.exchange(one, two).units, table.exchange(two, three).units
        assert there * on == table.exchange(one, three).units
        assert there * table.exchange(two, one).units == 1
    # what is compared with a budget and what is shown rest on one and the same rate
    assert Rates.at(table).worth["USD"] / Rates.at(table).worth["EUR"] == table.exchange("USD", "EUR").units


AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2)


@given(
    AMOUNTS,
    st.fractions(min_value=Fraction(1, 9000), max_value=9000),
    st.sampled_from(KNOWN),
    st.sampled_from(KNOWN),
)
def test_there_and_back_differs_by_no_more_than_rounding(
    amount: Decimal, units: Fraction, one: str, other: str
) -> None:
    def step(value: Fraction, currency: str) -> Fraction:
        return Fraction(1, 2) if value >= 99 or currency in WITHOUT_CENTS else Fraction(1, 200)

    there = Fraction(amount) * units
    shown = Fraction(rounded(there, other))
    assert abs(shown - there) <= step(there, other)
    back = Fraction(rounded(shown / units, one))
    assert abs(back - Fraction(amount)) <= step(there, other) / units + step(shown / units, one)


@given(AMOUNTS, AMOUNTS, st.fractions(min_value=Fraction(1, 9000), max_value=9000), st.sampled_from(KNOWN))
def test_more_is_never_shown_as_less(one: Decimal, other: Decimal, units: Fraction, currency: str) -> None:
    low, high = sorted([Fraction(one) * units, Fraction(other) * units])
    assert rounded(low, currency) <= rounded(high, currency)
    assert rounded(-high, currency) == -rounded(high, currency)


@given(AMOUNTS, st.sampled_from(KNOWN))
def test_rounding_is_that_of_decimals(amount: Decimal, currency: str) -> None:
    whole = amount >= 100 or currency in WITHOUT_CENTS
    expected = amount.quantize(Decimal(1) if whole else Decimal("0.01"), ROUND_HALF_UP)
    assert rounded(Fraction(amount), currency) == expected


@given(st.dates(), st.dates())
def test_days_are_counted_as_the_calendar_does(one: dt.date, other: dt.date) -> None:
    assert days_between(one.isoformat(), other.isoformat()) == (other - one).days


def test_a_day_takes_the_latest_rate_and_says_when_it_is_old() -> None:
    quotes = [
        Quote("EUR", "CNY", Fraction(number), day, "test", "official")
        for number, day in ((7, "2026-03-02"), (8, "2026-03-06"))
    ]
    series = RateSeries("CNY", tuple(quotes))
    found = {
        day: series.on(day).exchange("EUR", "CNY")
        for day in ("2026-03-02", "2026-03-05", "2026-03-06", "2026-03-13", "2026-03-14")
    }
    assert [item.units for item in found.values()] == [7, 7, 8, 8, 8]
    assert [item.age for item in found.values()] == [0, 3, 0, MOST_DAYS, MOST_DAYS + 1]
    assert [item.is_old for item in found.values()] == [False, False, False, False, True]
    with pytest.raises(NoRateError):
        series.on("2026-03-01").worth("EUR")
    same = series.on("2026-03-02").exchange("EUR", "EUR")
    assert (same.units, same.day, same.sources, same.is_old) == (1, None, (), False)


def test_the_content_stands_in_where_nothing_is_loaded_and_nowhere_else() -> None:
    file = Library().currencies()
    bare = series_of(file).on(TODAY)
    assert bare.worth("EUR") == file.rate("EUR").per_unit
    assert bare.exchange("EUR", "USD").certainty == "unverified"
    old = Quote("EUR", "CNY", Fraction(7), "2020-01-02", "test", "official")
    loaded = series_of(file, [old]).on(TODAY)
    assert loaded.worth("EUR") == 7
    assert loaded.exchange("EUR", "CNY").is_old
    assert loaded.worth("VND") == file.rate("VND").per_unit
    assert series_of(file).on("2001-01-01").exchange("EUR", "CNY").age < -MOST_DAYS
    assert RateTable("CNY", TODAY).currencies == ("CNY",)


def test_no_quote_is_nothing_or_within_one_currency() -> None:
    for base, units in (("EUR", 0), ("EUR", -1), ("CNY", 1)):
        with pytest.raises(ValueError, match="between two currencies"):
            Quote(base, "CNY", Fraction(units), TODAY, "test", "official")


# --- files ---------------------------------------------------------------------------------------------------------------

HIST = "Date,USD,JPY,CNY,AUD,\n2026-11-27,1.1571,180.5,8.21,1.77,\n2026-11-26,1.1500,N/A,8.20,1.76,\n\n"
DAILY = "Date, USD, JPY, CNY, AUD, \n27 November 2026, 1.1571, 180.5, 8.21, 1.77, \n"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time='2026-11-27'><Cube currency='USD' rate='1.1571'/><Cube currency='CNY' rate='8.21'/>
<Cube currency='AUD' rate='1.77'/></Cube></Cube></gesmes:Envelope>"""
OWN = "day,base,currency,rate,source,certainty\n2026-11-27,USD,CNY,7.0951,Example bank,secondary\n"


def read(text: str, **options: object) -> dict[tuple[str, str, str], Fraction]:
    found = read_rates(text.encode(), "rates.csv", KNOWN, TODAY, **options)  # type: ignore[arg-type]
    return {(row.quote.base, row.quote.currency, row.quote.day): row.quote.units for row in found.rows}


def test_every_layout_is_read() -> None:
    last = {("EUR", "USD", TODAY): Fraction("1.1571"), ("EUR", "CNY", TODAY): Fraction("8.21")}
    assert read(XML) == last
    assert read(DAILY) == last | {("EUR", "JPY", TODAY): Fraction("180.5")}
    before = {("EUR", "USD", "2026-11-26"): Fraction("1.15"), ("EUR", "CNY", "2026-11-26"): Fraction("8.2")}
    assert read(HIST) == read(DAILY) | before
    assert read("\ufeff" + HIST) == read(HIST)
    assert read(OWN) == {("USD", "CNY", TODAY): Fraction("7.0951")}
    found = read_rates(HIST.encode(), "rates.csv", KNOWN, TODAY, certainty="unverified")
    assert found.left_out == ("AUD",)
    assert {row.quote.certainty for row in found.rows} == {"unverified"}
    assert {row.quote.day for row in found.since(TODAY).rows} == {TODAY}
    table = RateSeries("CNY", tuple(row.quote for row in found.rows)).on(TODAY)
    assert table.exchange("USD", "CNY").units == Fraction("8.21") / Fraction("1.1571")


WRONG = [
    (HIST.replace("1.1571", "0"), "rate-not-positive", "row 2, column USD"),
    (HIST.replace("1.1571", "0.000"), "rate-not-positive", "row 2, column USD"),
    (HIST.replace("180.5", "-180.5"), "rate-not-positive", "row 2, column JPY"),
    (HIST.replace("8.20", "8,2".replace(",", ".") + "x"), "not-a-rate", "row 3, column CNY"),
    (HIST.replace("8.20", "1e5"), "not-a-rate", "row 3, column CNY"),
    (HIST.replace("8.20", "8.1234567890123456"), "not-a-rate", "row 3, column CNY"),
    (HIST.replace("2026-11-26", "2026-11-28"), "future-day", "row 3, column Date"),
    (HIST.replace("2026-11-26", "2026-02-30"), "not-a-day", "row 3, column Date"),
    (HIST.replace("2026-11-26", TODAY), "other-figure", "row 3, column USD"),
    (DAILY.replace("November", "Brumaire"), "not-a-day", "row 2, column Date"),
    (XML.replace("8.21", "0"), "rate-not-positive", "Cube[@time='2026-11-27']/CNY"),
    (XML.replace("2026-11-27", "2027-01-01"), "future-day", "Cube[@time='2027-01-01']"),
    (XML.replace("</Cube></Cube>", "</Cube>"), "not-xml", "rates.csv"),
    (XML.replace("<Cube><", "<!DOCTYPE x [<!ENTITY a 'b'>]><Cube><", 1), "not-xml", "rates.csv"),
    (OWN.replace("USD", "XXX"), "unknown-currency", "row 2, column base"),
    (OWN.replace("CNY", ""), "unknown-currency", "row 2, column currency"),
    (OWN.replace("USD", "CNY"), "same-currency", "row 2, column currency"),
    (OWN.replace("Example bank", ""), "no-source", "row 2, column source"),
    (OWN.replace("Example bank", "a" * 300), "no-source", "row 2, column source"),
    (OWN.replace("secondary", "sure"), "certainty", "row 2, column certainty"),
    (OWN.replace("7.0951", ""), "not-a-rate", "row 2, column rate"),
    (OWN + "2026-11-27,USD,CNY,7.1,Example bank,secondary\n", "other-figure", "row 3, column rate"),
    ("name,price\na,1\n", "unknown-layout", "row 1"),
    ("", "unknown-layout", "row 1"),
    ("Date,USD,\n", "no-rates", "rates.csv"),
    ("Date,EUR,\n2026-11-27,1,\n", "no-rates", "rates.csv"),
    ("day,base,currency,rate,source,certainty\n2026-11-27\n", "not-a-rate", "row 2, column rate"),
]


@pytest.mark.parametrize(
    ("text", "code", "place"), WRONG, ids=[f"{n}-{c}" for n, (_t, c, _p) in enumerate(WRONG)]
)
def test_every_mistake_is_named_with_its_place_and_remedy(text: str, code: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    found = [problem for problem in caught.value.problems if problem.code == code]
    assert found, [problem.in_("en") for problem in caught.value.problems]
    assert place in found[0].in_("en")
    assert found[0].remedy.in_("zh") != found[0].remedy.in_("en")


def test_a_figure_that_stands_twice_is_no_mistake_and_bytes_that_are_no_text_are_one() -> None:
    assert read(OWN + OWN.splitlines()[1]) == read(OWN)
    with pytest.raises(InputError, match="not UTF-8"):
        read_rates(b"\xff\xfe\x00", "rates.csv", KNOWN, TODAY)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: ("Date,USD\n" + text).encode()))
def test_no_bytes_bring_the_reader_down(data: bytes) -> None:
    problems, rows = [], ()
    try:
        rows = read_rates(data, "rates.csv", KNOWN, TODAY).rows
    except InputError as error:
        problems = [problem.place.file for problem in error.problems]
    assert problems or rows
    assert set(problems) <= {"rates.csv"}
    assert all(row.quote.units > 0 and row.quote.day <= TODAY for row in rows)


# --- the command ---------------------------------------------------------------------------------------------------------


def test_the_command_lists_and_works_out(tmp_path: Path) -> None:
    path = tmp_path / "hist.csv"
    path.write_text(HIST, encoding="utf-8")
    day = ("--on", TODAY, "--from-file", str(path))
    lines = run("rates", "list", *day, "--lang", "en").out.splitlines()
    assert (
        "1 EUR = 8.21 CNY  rate of 2026-11-27, official: European Central Bank, euro foreign exchange reference rates"
        in lines
    )
    assert any(line.startswith("1 VND = 0.00028 CNY") and "unverified" in line for line in lines)
    done = json.loads(run("rates", "convert", "1000", "USD", "CNY", *day, "--json").out)
    assert Fraction(done["exact"]) == Fraction("8.21") / Fraction("1.1571")
    assert Decimal(done["shown"]) == Decimal(7095)
    assert "USD 1,000 ≈ CNY 7,095" in run("rates", "convert", "1000", "USD", "CNY", *day).out
    assert "距所问日期" in run("rates", "list", "--on", "2026-12-24", "--lang", "zh").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("convert", "1", "USD", "XXX"), "unknown-currency"),
        (("convert", "much", "USD", "CNY"), "not-an-amount"),
        (("convert", "NaN", "USD", "CNY"), "not-an-amount"),
        (("list", "--on", "yesterday"), "not-a-day"),
        (("list", "--in", "ABC"), "unknown-currency"),
    ],
)
def test_the_command_refuses_with_a_remedy(arguments: tuple[str, ...], code: str) -> None:
    refused = run("rates", *arguments)
    assert refused.exit_code == 2
    assert f"[{code}]" in refused.err


def test_every_currency_of_the_content_has_a_rate() -> None:
    table = series_of(Library().currencies()).on(TODAY)
    assert set(table.currencies) == set(KNOWN)
    assert all(table.exchange(one, other).units > 0 for one, other in pairwise(KNOWN))
