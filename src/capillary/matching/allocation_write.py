"""An allocation as JSON, as a CSV table, or as a workbook: for the officer, and so with the ids of all enterprises."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capillary.matching.allocation_words import explanation
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.matching.allocation import Allocation
    from capillary.matching.allocation_lines import Lines, Standing
    from capillary.matching.allocation_rules import Rule
    from capillary.model.text import Language, Message

# Of a longer line the first are named; every enterprise finds its own place in its own row.
MOST_WAITING = 100
# A spreadsheet takes a cell that begins with one of these for a formula.
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Move:
    """A firm whose place changed after others declined."""

    firm: str
    before: str | None
    after: str | None


def moves(before: Allocation, after: Allocation) -> list[Move]:
    """Return the firms that moved up, without those that declined."""
    ids, offers = before.market.firms, before.market.offers
    return [
        Move(ids[firm].id, None if old < 0 else offers[old], None if new < 0 else offers[new])
        for firm, (old, new) in enumerate(zip(before.got, after.got, strict=True))
        if old != new and firm not in after.gone
    ]


def rule_text(rule: Rule) -> str:
    """Return a rule as `read_rule` reads it."""
    return f"{rule.column}={','.join(rule.values) if rule.kind == 'listed' else rule.kind}"


def firm_json(lines: Lines, firm: str, language: Language) -> dict[str, Any]:
    """Return what came of a firm's choices."""
    standings = lines.standings(firm)
    got = _got(standings)
    return {
        "firm": firm,
        "offer": None if got is None else got.offer,
        "choice": None if got is None else got.choice,
        "lottery": lines.market.priorities.numbers[lines.market.number_of[firm]],
        "standings": [_standing_json(each) for each in standings],
        "explanation": [words.in_(language) for words in explanation(lines, firm, standings)],
    }


def _standing_json(standing: Standing) -> dict[str, Any]:
    found: dict[str, Any] = {
        "offer": standing.offer,
        "choice": standing.choice,
        "outcome": standing.outcome,
    }
    if standing.outcome != "in-line" or standing.between is None:
        return found
    between = standing.between
    kind = "own-order" if between.own_order else "lottery" if between.rule is None else between.rule.column
    return {
        **found,
        "place": standing.place,
        "ahead": standing.ahead,
        "provider_place": standing.provider_place,
        "provider_ahead": standing.provider_ahead if standing.provider_place is not None else None,
        "last": standing.last,
        "decided_by": {"rule": kind, "last": between.first, "own": between.second},
    }


def offer_json(lines: Lines, offer: str) -> dict[str, Any]:
    """Return what is taken of an offer, and who waits."""
    row = lines.row(offer, MOST_WAITING)
    return {
        "offer": row.offer,
        "provider": row.provider,
        "places": row.places,
        "taken": len(row.admitted),
        "admitted": row.admitted,
        "waiting": row.in_line,
        "next": row.waiting,
    }


def as_json(
    lines: Lines, language: Language, firms: Sequence[str], moved: Sequence[Move] = ()
) -> Iterator[str]:
    """Yield an allocation as one JSON document, in lines: one for each offer and each firm, as there may be many.

    Args:
        lines: its lines.
        language: of the explanations.
        firms: ids of the firms to tell of.
        moved: who moved up after others had declined.
    """
    given = lines.market
    yield "{"
    yield f'  "seed": {given.seed},'
    yield f'  "rules": {_dumped([rule_text(rule) for rule in given.priorities.rules])},'
    yield f'  "declined": {_dumped([given.firms[firm].id for firm in sorted(lines.allocation.gone)])},'
    moves_ = ({"firm": each.firm, "before": each.before, "after": each.after} for each in moved)
    yield from _listed("moved", moves_)
    yield from _listed("offers", (offer_json(lines, offer) for offer in given.offers))
    yield from _listed("firms", (firm_json(lines, firm, language) for firm in firms), comma="")
    yield "}"


def _listed(name: str, items: Iterable[dict[str, Any]], comma: str = ",") -> Iterator[str]:
    before = f'  "{name}": ['
    for item in items:
        yield before
        before = f"    {_dumped(item)},"
    yield before.removesuffix(",")
    yield f"  ]{comma}"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def writer_for(suffix: str) -> Callable[[Path, Lines, Language], None] | None:
    """Return what writes a file with a certain ending; None where nothing does."""
    return {".csv": write_csv, ".xlsx": write_book}.get(suffix.lower())


def write_csv(path: Path, lines: Lines, language: Language) -> None:
    """Write a row for each firm, in UTF-8 with the mark that spreadsheets look for."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_say(FIRM_HEADINGS.values(), language))
        for values in firm_rows(lines, language):
            writer.writerow([_disarmed(value) for value in values])


def write_book(path: Path, lines: Lines, language: Language) -> None:
    """Write a workbook with a row for each firm, one for each offer, and one for each that waits."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheets: Sequence[tuple[Message, Sequence[Message], Iterator[Sequence[Any]]]] = (
        (msg("Enterprises"), tuple(FIRM_HEADINGS.values()), firm_rows(lines, language)),
        (msg("Offers"), OFFER_HEADINGS, offer_rows(lines)),
        (msg("Waiting"), WAITING_HEADINGS, waiting_rows(lines)),
    )
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title.in_(language))
        sheet.freeze_panes = "A2"
        for column, width in zip("ABCDEFGH", (24, 24, 10, 24, 10, 18, 60, 60), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.append(_say(headings, language))
        for values in rows:
            cells = []
            for value in values:
                if not isinstance(value, str):
                    cells.append(value)
                    continue
                cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
                cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    book.properties.creator = "Capillary"
    book.save(path)


FIRM_HEADINGS: Mapping[str, Message] = {
    "firm": msg("Enterprise"),
    "offer": msg("Place at"),
    "choice": msg("Choice"),
    "line": msg("In line at"),
    "place": msg("Number in line"),
    "lottery": msg("Lottery number"),
    "explanation": msg("Explanation"),
}
OFFER_HEADINGS = (
    msg("Offer"),
    msg("Provider"),
    msg("Places"),
    msg("Taken"),
    msg("Waiting"),
    msg("Last admitted"),
    msg("Admitted"),
)
WAITING_HEADINGS = (msg("Offer"), msg("Number in line"), msg("Enterprise"))


def firm_rows(lines: Lines, language: Language) -> Iterator[Sequence[Any]]:
    """Yield the row of each firm: of all lines that it stands in, that of its dearest choice."""
    space = "" if language == "zh" else " "
    for number, firm in enumerate(lines.market.firms):
        standings = lines.standings(firm.id)
        got = _got(standings)
        line = next((each for each in standings if each.outcome == "in-line"), None)
        yield (
            firm.id,
            None if got is None else got.offer,
            None if got is None else got.choice,
            None if line is None else line.offer,
            None if line is None else line.place or line.provider_place,
            lines.market.priorities.numbers[number],
            space.join(words.in_(language) for words in explanation(lines, firm.id, standings)),
        )


def offer_rows(lines: Lines) -> Iterator[Sequence[Any]]:
    """Yield the row of each offer."""
    for offer in lines.market.offers:
        row = lines.row(offer, 0)
        last = row.admitted[-1] if row.admitted and row.in_line else None
        yield (
            row.offer,
            row.provider,
            row.places,
            len(row.admitted),
            row.in_line,
            last,
            "; ".join(row.admitted[:MOST_WAITING]),
        )


def waiting_rows(lines: Lines) -> Iterator[Sequence[Any]]:
    """Yield a row for each of the first in line at each offer."""
    for offer in lines.market.offers:
        for place, firm in enumerate(lines.row(offer, MOST_WAITING).waiting, start=1):
            yield offer, place, firm


def _got(standings: Sequence[Standing]) -> Standing | None:
    return next((each for each in standings if each.outcome == "got"), None)


def _say(headings: Any, language: Language) -> list[str]:
    return [words.in_(language) for words in headings]


def _disarmed(value: object) -> object:
    """Return a value as it may stand in a CSV file: a spreadsheet would run text that begins like a formula.

    >>> _disarmed("=1+1"), _disarmed(3), _disarmed("Enterprise 1")
    ("'=1+1", 3, 'Enterprise 1')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value
