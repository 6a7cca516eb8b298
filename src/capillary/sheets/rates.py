"""Reads exchange rates: the European Central Bank's reference rates as CSV and XML, and tables of our own.

The bank's files say what one euro is worth in other currencies (``eurofxref-hist.csv``, ``eurofxref-daily.xml``,
``eurofxref.csv``). They hold many currencies; those that the content does not know are left out and named. A table of our own
has the columns ``day,base,currency,rate,source,certainty``; there a currency that is not known is an error.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from capillary.model.days import is_day
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.rates import Quote
from capillary.model.standard import Certainty
from capillary.model.text import Text, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from capillary.model.text import Message

Layout = Literal["ecb-csv", "ecb-xml", "own"]
OWN_COLUMNS = ("day", "base", "currency", "rate", "source", "certainty")
ECB = Text(
    zh="欧洲中央银行，欧元参考汇率",
    en="European Central Bank, euro foreign exchange reference rates",
)
EURO = "EUR"
MOST_DIGITS = 15
LONGEST_SOURCE = 200
MOST_PROBLEMS = 200
_RATE = re.compile(r"\d{1,12}(\.\d{1,12})?")
_SPELT = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NO_QUOTE = {"", "N/A"}


@dataclass(frozen=True)
class ReadQuote:
    """A quote and the place where it stands, which the same day's other figure is told with."""

    quote: Quote
    written: str
    place: Place


@dataclass(frozen=True)
class RatesRead:
    """What a file of rates holds.

    Attributes:
        left_out: currencies that the content does not know.
    """

    layout: Layout
    rows: tuple[ReadQuote, ...]
    left_out: tuple[str, ...] = ()

    def since(self, day: str) -> RatesRead:
        """Return it without the quotes before a day."""
        return replace(self, rows=tuple(row for row in self.rows if row.quote.day >= day))


class _Reader:
    """Takes one cell after the other, and gathers quotes and problems."""

    def __init__(self, name: str, known: Sequence[str], today: str, certainty: Certainty) -> None:
        self.name, self.known, self.today, self.certainty = name, known, today, certainty
        self.rows: dict[tuple[str, str, str], ReadQuote] = {}
        self.problems: list[Problem] = []

    def wrong(self, place: Place, code: str, cause: Message, remedy: Message) -> None:
        self.problems.append(Problem(code, place, cause, remedy))
        if len(self.problems) >= MOST_PROBLEMS:
            raise InputError(self.problems)

    def day(self, text: str, place: Place) -> str | None:
        """Return a day as ISO text, and note where it is none or still to come."""
        found = _iso(text)
        if not is_day(found):
            cause = msg("{word} is no day.", word=text or "–")
            self.wrong(place, "not-a-day", cause, msg("Write days as 2026-11-27."))
            return None
        if found > self.today:
            cause = msg("{word} is still to come.", word=found)
            self.wrong(place, "future-day", cause, msg("Write the day on which the rate was published."))
            return None
        return found

    def units(self, text: str, place: Place) -> str | None:
        """Return a rate as it is kept, and note where it is none or not more than 0."""
        found = text.strip()
        digits = found.replace(".", "").lstrip("0")
        if found.startswith("-") or (_RATE.fullmatch(found) and not digits):
            cause = msg("A rate of {word} cannot be.", word=found)
            self.wrong(place, "rate-not-positive", cause, msg("Write what one unit is worth, more than 0."))
            return None
        if not _RATE.fullmatch(found) or len(digits) > MOST_DIGITS:
            cause = msg("{word} is no rate.", word=found or "–")
            self.wrong(
                place,
                "not-a-rate",
                cause,
                msg("Write a number with a decimal point and at most {count} digits.", count=MOST_DIGITS),
            )
            return None
        return found

    def take(self, quote: Quote, written: str, place: Place) -> None:
        """Keep a quote, and note where the same day has another figure."""
        pair = (quote.base, quote.currency, quote.day)
        before = self.rows.get(pair)
        if before is None:
            self.rows[pair] = ReadQuote(quote, written, place)
        elif before.quote.units != quote.units:
            cause, remedy = other_figure(quote, written, before.written)
            self.wrong(place, "other-figure", cause, remedy)


def other_figure(quote: Quote, written: str, before: str) -> tuple[Message, Message]:
    """Return cause and remedy where the same day has another figure."""
    return (
        msg(
            "{base} in {currency} on {day} is {rate} here and {before} before.",
            base=quote.base,
            currency=quote.currency,
            day=quote.day,
            rate=written,
            before=before,
        ),
        msg("Leave the right one, or say that the new figures replace the old ones."),
    )


def read_rates(
    data: bytes,
    name: str,
    known: Sequence[str],
    today: str,
    *,
    certainty: Certainty = "official",
) -> RatesRead:
    """Return the quotes of a file.

    Args:
        data: what is in the file.
        name: how the file is named in errors.
        known: codes of the currencies that the content knows.
        today: no rate is younger than this ISO day.
        certainty: of the figures of the European Central Bank's files, as whoever loads them knows it; own tables say it.

    Raises:
        InputError: the file cannot be used; every problem names its row and column.
    """
    text = _decoded(data, name)
    reader = _Reader(name, known, today, certainty)
    left_out: tuple[str, ...] = ()
    layout: Layout
    if text.lstrip().startswith("<"):
        layout, left_out = "ecb-xml", _read_xml(reader, data)
    else:
        rows = _cells(text, name)
        head = [cell.strip() for cell in rows[0]] if rows else []
        if head[:1] == ["Date"]:
            layout, left_out = "ecb-csv", _read_ecb(reader, head, rows[1:])
        elif set(OWN_COLUMNS) <= set(head):
            layout = "own"
            _read_own(reader, head, rows[1:])
        else:
            raise InputError([_unknown_layout(name)])
    if reader.problems:
        raise InputError(reader.problems)
    if not reader.rows:
        cause, remedy = msg("The file holds no rate."), msg("Check that it is the right file.")
        raise InputError([Problem("no-rates", Place(file=name), cause, remedy)])
    return RatesRead(layout, tuple(reader.rows.values()), left_out)


def _cells(text: str, name: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.splitlines(), skipinitialspace=True))
    except csv.Error as error:
        raise InputError([_unknown_layout(name)]) from error


def _unknown_layout(name: str) -> Problem:
    return Problem(
        "unknown-layout",
        Place(file=name, row=1),
        msg("This is no table of rates."),
        msg(
            "Use a file of the European Central Bank's reference rates, or a table with the columns {names}.",
            names=", ".join(OWN_COLUMNS),
        ),
    )


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cause = msg("The file is not UTF-8.")
        problem = Problem("wrong-encoding", Place(file=name), cause, msg("Save it as UTF-8."))
        raise InputError([problem]) from error


def _iso(text: str) -> str:
    """Return a day as ISO text, also one that is spelt out in English; other texts as they are.

    >>> _iso("27 November 2026"), _iso("2026-11-27")
    ('2026-11-27', '2026-11-27')
    """
    found = _SPELT.fullmatch(text.strip())
    if found is None or found.group(2) not in _MONTHS:
        return text.strip()
    day, month, year = found.groups()
    return f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}"


def _read_ecb(reader: _Reader, head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    columns = [
        (place, code) for place, code in enumerate(head) if place and code in reader.known and code != EURO
    ]
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        day = reader.day(cells[0], Place(file=reader.name, row=number, column="Date"))
        for position, code in columns:
            written = cells[position].strip() if position < len(cells) else ""
            if day is not None and written not in _NO_QUOTE:
                _take_euro(reader, code, written, day, Place(file=reader.name, row=number, column=code))
    return tuple(sorted(code for code in head[1:] if code and code not in reader.known))


def _take_euro(reader: _Reader, code: str, written: str, day: str, place: Place) -> None:
    units = reader.units(written, place)
    if units is not None:
        reader.take(Quote(EURO, code, Fraction(units), day, ECB, reader.certainty), units, place)


def _read_xml(reader: _Reader, data: bytes) -> tuple[str, ...]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        cause = msg("The file is not the XML of the European Central Bank's reference rates.")
        remedy = msg("Load the file again from the bank, and leave it as it is.")
        raise InputError([Problem("not-xml", Place(file=reader.name), cause, remedy)]) from error
    left_out: set[str] = set()
    days = [item for item in root.iter() if "time" in item.attrib]
    for item in days:
        path = f"Cube[@time='{item.attrib['time']}']"
        day = reader.day(item.attrib["time"], Place(file=reader.name, path=path))
        for cell in item:
            code, written = cell.attrib.get("currency", ""), cell.attrib.get("rate", "")
            if code not in reader.known or code == EURO:
                left_out.add(code)
            elif day is not None:
                place = Place(file=reader.name, path=f"{path}/{code}")
                _take_euro(reader, code, written, day, place)
    return tuple(sorted(left_out - {""}))


def _read_own(reader: _Reader, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        given = {name: cells[place].strip() if place < len(cells) else "" for place, name in enumerate(head)}
        row = Place(file=reader.name, row=number)
        day = reader.day(given["day"], replace(row, column="day"))
        units = reader.units(given["rate"], replace(row, column="rate"))
        words_fit = all([*_currencies_fit(reader, given, row), *_words_fit(reader, given, row)])
        if day is not None and units is not None and words_fit:
            certainty = next(word for word in get_args(Certainty) if word == given["certainty"])
            quote = Quote(given["base"], given["currency"], Fraction(units), day, given["source"], certainty)
            reader.take(quote, units, replace(row, column="rate"))


def _currencies_fit(reader: _Reader, given: dict[str, str], row: Place) -> Iterator[bool]:
    for column in ("base", "currency"):
        fits = given[column] in reader.known
        if not fits:
            cause = msg("The currency {word} is not known.", word=given[column] or "–")
            remedy = did_you_mean(given[column], list(reader.known))
            reader.wrong(replace(row, column=column), "unknown-currency", cause, remedy)
        yield fits
    if given["base"] and given["base"] == given["currency"]:
        cause = msg("A rate is between two currencies; here both are {word}.", word=given["base"])
        reader.wrong(replace(row, column="currency"), "same-currency", cause, msg("Correct one of them."))
        yield False


def _words_fit(reader: _Reader, given: dict[str, str], row: Place) -> Iterator[bool]:
    has_source = 0 < len(given["source"]) <= LONGEST_SOURCE
    if not has_source:
        cause = msg("The rate needs a source of at most {count} characters.", count=LONGEST_SOURCE)
        reader.wrong(replace(row, column="source"), "no-source", cause, msg("Write who published it."))
    yield has_source
    is_certainty = given["certainty"] in get_args(Certainty)
    if not is_certainty:
        cause = msg("{word} is not one of the allowed words.", word=given["certainty"] or "–")
        remedy = did_you_mean(given["certainty"], list(get_args(Certainty)))
        reader.wrong(replace(row, column="certainty"), "certainty", cause, remedy)
    yield is_certainty
