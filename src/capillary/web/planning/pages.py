"""Keeps the page of a roadmap: every sentence in both languages, so that a page is shown without planning again."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from capillary.model.text import Message, Text
from capillary.report import page as report_page
from capillary.report.roadmap import page as roadmap_page

if TYPE_CHECKING:
    from capillary.report.roadmap.page import RoadmapPage

KIND = "$"


class OutdatedPageError(Exception):
    """The page was kept by another version of the product and cannot be shown; planning again makes a new one."""


@cache
def _kinds() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in (report_page, roadmap_page):
        found |= {
            name: item for name, item in vars(module).items() if isinstance(item, type) and is_dataclass(item)
        }
    return found


def kept(value: Any) -> Any:
    """Return a page, or a part of one, as JSON."""
    if isinstance(value, Text | Message):
        return {"zh": value.in_("zh"), "en": value.in_("en")}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {item.name: kept(getattr(value, item.name)) for item in fields(value)}
        return {KIND: type(value).__name__, **parts}
    if isinstance(value, tuple | list):
        return [kept(item) for item in value]
    return value


def shown(value: dict[str, Any]) -> RoadmapPage:
    """Return the page that was kept.

    Raises:
        OutdatedPageError: another version of the product kept it.
    """
    try:
        page = _restored(value)
    except (KeyError, TypeError):
        raise OutdatedPageError from None
    if not isinstance(page, roadmap_page.RoadmapPage):
        raise OutdatedPageError
    return page


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_restored(item) for item in value)
    if not isinstance(value, dict):
        return value
    if KIND in value:
        return _kinds()[value[KIND]](
            **{name: _restored(part) for name, part in value.items() if name != KIND}
        )
    return Text(zh=value["zh"], en=value["en"])
