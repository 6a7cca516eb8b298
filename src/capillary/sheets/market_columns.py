"""The columns of a table of offers and of one of providers: headings, how a cell is read, how a value is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capillary.model.days import is_day
from capillary.model.market import MOST_COUNT, MOST_PRICE, MOST_WEEKS, Offer, Provider
from capillary.model.market_words import (
    OFFER_KIND_WORDS,
    PARTNERSHIP_WORDS,
    PRICE_WORDS,
    PROFILE_WORDS,
    PROVIDER_KIND_WORDS,
    SIZE_WORDS,
)
from capillary.model.problems import did_you_mean
from capillary.model.text import Message, Text, msg
from capillary.sheets.cells import is_no_tick, is_tick, number_in, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LIST = re.compile(r"[;,、，；\n]+")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_URL = re.compile(r"https?://\S{1,490}")


class CellError(Exception):
    """A cell cannot be read; ``cause`` and ``remedy`` say why and what mends it."""

    def __init__(self, code: str, cause: Message, remedy: Message) -> None:
        super().__init__(code)
        self.code, self.cause, self.remedy = code, cause, remedy


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        key: its name in files made by programs.
        title: its heading in files made for people.
        entry: the entry of the offer or provider that it holds, with dots between the steps.
        read: what a cell's text means.
        needed: whether it must be filled in.
    """

    key: str
    title: Text
    entry: str
    read: Callable[[str], Any]
    needed: bool = False


def _text(given: str) -> str:
    return given.strip()


def _matching(pattern: re.Pattern[str], remedy: Message) -> Callable[[str], str]:
    def read(given: str) -> str:
        shown = plain(given)
        if not pattern.fullmatch(shown):
            raise CellError(
                "bad-form", msg("“{given}” does not have the expected form.", given=shown), remedy
            )
        return shown

    return read


def _list(item: Callable[[str], str]) -> Callable[[str], list[str]]:
    def read(given: str) -> list[str]:
        return [item(part) for part in _LIST.split(given) if part.strip()]

    return read


def _choice(words: Mapping[Any, Text]) -> Callable[[str], str]:
    known = {key: key for key in words}
    known |= {plain(title).casefold(): key for key, text in words.items() for title in (text.zh, text.en)}

    def read(given: str) -> str:
        shown = plain(given)
        found = known.get(shown.casefold())
        if found is None:
            cause = msg("“{given}” is not one of the allowed words.", given=shown)
            raise CellError("unknown-word", cause, did_you_mean(shown, list(words)))
        return str(found)

    return read


def _whole(most: int, least: int = 0) -> Callable[[str], int]:
    def read(given: str) -> int:
        value = number_in(given)
        if not isinstance(value, int) or not least <= value <= most:
            raise CellError(
                "not-a-count",
                msg(
                    "“{given}” is no whole number from {least} to {most}.",
                    given=given,
                    least=least,
                    most=most,
                ),
                msg("Write the plain number, without unit or words."),
            )
        return value

    return read


def _day(given: str) -> str:
    shown = plain(given).replace("/", "-").replace(".", "-")
    parts = shown.split("-")
    if len(parts) == 3:
        shown = "-".join([parts[0], parts[1].zfill(2), parts[2].zfill(2)])
    if not is_day(shown):
        raise CellError("bad-day", msg("“{given}” is no day.", given=given), msg("Write it as 2026-12-31."))
    return shown


def _flag(given: str) -> bool:
    if is_tick(given):
        return True
    if is_no_tick(given):
        return False
    cause = msg("“{given}” is neither yes nor no.", given=given)
    raise CellError("unknown-word", cause, msg("Write yes or no."))


def _counts(given: str) -> dict[str, int]:
    """Return counts by sector from a text such as ``metal-products: 12; machinery: 3``."""
    found: dict[str, int] = {}
    for part in _LIST.split(given):
        if not part.strip():
            continue
        name, colon, number = plain(part).partition(":")
        name = name.strip()
        if not colon or name in found or not _IDENTIFIER.fullmatch(name):
            raise CellError(
                "bad-form",
                msg("“{given}” does not have the expected form.", given=part.strip()),
                msg("Write each sector once, with its count: metal-products: 12; machinery: 3"),
            )
        found[name] = _whole(MOST_COUNT)(number)
    return found


def _periods(given: str) -> list[dict[str, str]]:
    """Return accreditations from a text such as ``cn-provider-pool 2026-01-01 2027-12-31``, several by semicolons."""
    found = []
    for part in re.split(r"[;；\n]+", given):
        words = plain(part).split()
        if not words:
            continue
        if len(words) != 3:
            raise CellError(
                "bad-form",
                msg("“{given}” does not have the expected form.", given=part.strip()),
                msg("Write the programme, its first and its last day: hangzhou-2026 2026-01-01 2027-12-31"),
            )
        found.append(
            {"programme": _identifier(words[0]), "granted_on": _day(words[1]), "valid_to": _day(words[2])}
        )
    return found


def _lines(given: str, least: int, most: int, remedy: Message) -> list[list[str]]:
    """Return the parts of every line of a cell, as many as there must be."""
    found = []
    for line in given.splitlines():
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if not any(parts):
            continue
        if not least <= len(parts) <= most or not all(parts[:least]):
            cause = msg("“{given}” does not have the expected form.", given=line.strip())
            raise CellError("bad-form", cause, remedy)
        found.append(parts)
    return found


def _proofs(given: str) -> list[dict[str, Any]]:
    remedy = msg("Write a line for each: title in Chinese | title in English | address (may be left out)")
    return [
        {"title": {"zh": zh, "en": en}, "url": _url(rest[0]) if any(rest) else None}
        for zh, en, *rest in _lines(given, 2, 3, remedy)
    ]


def _conflicts(given: str) -> list[dict[str, Any]]:
    remedy = msg("Write a line for each: id of the organisation | reason in Chinese | reason in English")
    return [
        {"party": _identifier(party), "reason": {"zh": zh, "en": en}}
        for party, zh, en in _lines(given, 3, 3, remedy)
    ]


_identifier = _matching(_IDENTIFIER, msg("Use letters, digits, dots and hyphens: my-offer-1"))
_region = _matching(_REGION, msg("Use the code of ISO 3166: CN or CN-JS"))
_language = _matching(_LANGUAGE, msg("Use the code of ISO 639: zh, en"))
_currency = _matching(_CURRENCY, msg("Use the code of ISO 4217: CNY, EUR"))
_url = _matching(_URL, msg("Write the whole address: https://…"))
_money = _whole(MOST_PRICE)

OFFER_COLUMNS: tuple[Column, ...] = (
    Column("id", Text(zh="编号", en="Id"), "id", _identifier, needed=True),
    Column("kind", Text(zh="类型", en="Kind"), "kind", _choice(OFFER_KIND_WORDS), needed=True),
    Column("provider", Text(zh="服务商编号", en="Provider id"), "provider", _identifier, needed=True),
    Column("title_zh", Text(zh="名称（中文）", en="Title (Chinese)"), "title.zh", _text, needed=True),
    Column("title_en", Text(zh="名称（英文）", en="Title (English)"), "title.en", _text, needed=True),
    Column("summary_zh", Text(zh="简介（中文）", en="Summary (Chinese)"), "summary.zh", _text, needed=True),
    Column("summary_en", Text(zh="简介（英文）", en="Summary (English)"), "summary.en", _text, needed=True),
    Column("measures", Text(zh="交付的措施", en="Measures delivered"), "measures", _list(_identifier)),
    Column("sectors", Text(zh="适用行业", en="Sectors"), "sectors", _list(_identifier)),
    Column("sizes", Text(zh="适用规模", en="Sizes"), "sizes", _list(_choice(SIZE_WORDS))),
    Column("regions", Text(zh="服务地区", en="Regions"), "regions", _list(_region)),
    Column("languages", Text(zh="服务语言", en="Languages"), "languages", _list(_language), needed=True),
    Column("price", Text(zh="计价方式", en="Price"), "price.model", _choice(PRICE_WORDS), needed=True),
    Column("currency", Text(zh="币种", en="Currency"), "price.currency", _currency, needed=True),
    Column("one_off", Text(zh="一次性", en="One-off"), "price.one_off.fixed", _money),
    Column(
        "one_off_user", Text(zh="一次性，每用户", en="One-off per user"), "price.one_off.per_user", _money
    ),
    Column(
        "one_off_machine",
        Text(zh="一次性，每台设备", en="One-off per machine"),
        "price.one_off.per_machine",
        _money,
    ),
    Column("yearly", Text(zh="每年", en="Yearly"), "price.yearly.fixed", _money),
    Column("yearly_user", Text(zh="每年，每用户", en="Yearly per user"), "price.yearly.per_user", _money),
    Column(
        "yearly_machine",
        Text(zh="每年，每台设备", en="Yearly per machine"),
        "price.yearly.per_machine",
        _money,
    ),
    Column("weeks", Text(zh="交付周数", en="Weeks to delivery"), "weeks", _whole(MOST_WEEKS), needed=True),
    Column(
        "places",
        Text(zh="每季度名额", en="Places a quarter"),
        "capacity.places",
        _whole(MOST_COUNT),
        needed=True,
    ),
    Column("free_from", Text(zh="最早可开始", en="Free from"), "capacity.free_from", _day, needed=True),
    Column("references", Text(zh="服务过的企业", en="Firms served"), "references", _counts),
    Column(
        "evidence",
        Text(
            zh="佐证（每行一条：中文 | 英文 | 网址）",
            en="Evidence (a line each: Chinese | English | address)",
        ),
        "evidence",
        _proofs,
    ),
    Column(
        "profile",
        Text(zh="合作类型", en="Cooperation profile"),
        "cooperation.profile",
        _choice(PROFILE_WORDS),
    ),
    Column(
        "partnerships",
        Text(zh="合作形式", en="Partnerships"),
        "cooperation.partnerships",
        _list(_choice(PARTNERSHIP_WORDS)),
    ),
    Column(
        "partner_regions",
        Text(zh="伙伴所在地区", en="Regions of the partner"),
        "cooperation.partner_regions",
        _list(_region),
    ),
    Column(
        "readiness", Text(zh="技术成熟度", en="Technology readiness"), "cooperation.readiness", _whole(9, 1)
    ),
    Column("valid_from", Text(zh="有效期起", en="Valid from"), "valid_from", _day, needed=True),
    Column("valid_to", Text(zh="有效期止", en="Valid to"), "valid_to", _day, needed=True),
)
PROVIDER_COLUMNS: tuple[Column, ...] = (
    Column("id", Text(zh="编号", en="Id"), "id", _identifier, needed=True),
    Column("kind", Text(zh="类型", en="Kind"), "kind", _choice(PROVIDER_KIND_WORDS), needed=True),
    Column("title_zh", Text(zh="名称（中文）", en="Title (Chinese)"), "title.zh", _text, needed=True),
    Column("title_en", Text(zh="名称（英文）", en="Title (English)"), "title.en", _text, needed=True),
    Column("summary_zh", Text(zh="简介（中文）", en="Summary (Chinese)"), "summary.zh", _text, needed=True),
    Column("summary_en", Text(zh="简介（英文）", en="Summary (English)"), "summary.en", _text, needed=True),
    Column("region", Text(zh="所在地区", en="Region"), "region", _region, needed=True),
    Column("regions", Text(zh="服务地区", en="Regions served"), "regions", _list(_region)),
    Column("languages", Text(zh="服务语言", en="Languages"), "languages", _list(_language), needed=True),
    Column("since", Text(zh="本地经营起始日", en="Works there since"), "since", _day),
    Column("places", Text(zh="每季度名额", en="Places a quarter"), "places", _whole(MOST_COUNT)),
    Column("accreditations", Text(zh="入库认定", en="Accreditations"), "accreditations", _periods),
    Column(
        "conflicts",
        Text(
            zh="利益冲突（每行一条：机构编号 | 中文 | 英文）",
            en="Conflicts of interest (a line each: organisation id | Chinese | English)",
        ),
        "conflicts",
        _conflicts,
    ),
    Column("demonstration", Text(zh="演示数据", en="Demonstration"), "demonstration", _flag),
)
SHEETS: Mapping[str, tuple[Text, type[Offer | Provider], tuple[Column, ...]]] = {
    "providers": (Text(zh="服务商", en="Providers"), Provider, PROVIDER_COLUMNS),
    "offers": (Text(zh="服务", en="Offers"), Offer, OFFER_COLUMNS),
}
