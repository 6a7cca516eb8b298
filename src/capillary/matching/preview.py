"""What an import would do, before it does it: what is new, what changes and how, and what stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.model.market import Market, Offer, Provider

Listed = Literal["offers", "providers"]
# What an import does not decide: versions count by themselves, and a record is counted from projects that were delivered.
KEPT = frozenset({"version", "record"})
T = TypeVar("T", bound="Offer | Provider")


@dataclass(frozen=True)
class Changed:
    """One entry that would change, such as ``price.yearly.fixed``, from ``before`` to ``after``."""

    entry: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Line:
    """What would happen to one offer or provider.

    Attributes:
        changes: the entries that would change; empty where it is new or unchanged.
    """

    listed: Listed
    id: str
    what: Literal["new", "changed", "unchanged"]
    changes: tuple[Changed, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What an import would do.

    Attributes:
        lines: all that stand in the file, providers first, in the order of the file.
        untouched: ids of offers that stand in the market and not in the file; an import takes nothing away.
    """

    lines: tuple[Line, ...]
    untouched: tuple[str, ...]

    def count(self, what: str) -> int:
        """Return how many lines are new, changed or unchanged."""
        return sum(line.what == what for line in self.lines)


def preview(before: Market, given: Market) -> Preview:
    """Return what it would do to the market ``before`` to import ``given``."""
    lines = [
        *_lines("providers", before.providers, given.providers),
        *_lines("offers", before.offers, given.offers),
    ]
    return Preview(tuple(lines), tuple(name for name in before.offers if name not in given.offers))


def _lines(listed: Listed, before: Mapping[str, T], given: Mapping[str, T]) -> Iterator[Line]:
    for name, item in given.items():
        if name not in before:
            yield Line(listed, name, "new")
            continue
        changes = tuple(_changes("", _plain(before[name]), _plain(item)))
        yield Line(listed, name, "changed" if changes else "unchanged", changes)


def _plain(item: Offer | Provider) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(item)
    return {entry: value for entry, value in found.items() if entry not in KEPT}


def _changes(path: str, before: Any, after: Any) -> Iterator[Changed]:
    if isinstance(before, dict) and isinstance(after, dict):
        for entry in sorted(before.keys() | after.keys()):
            yield from _changes(f"{path}.{entry}".lstrip("."), before.get(entry), after.get(entry))
    elif before != after:
        yield Changed(path, before, after)


def merged(before: Market, given: Market) -> Market:
    """Return the market after an import: a changed offer counts one version up, and every provider keeps its record."""
    lines = preview(before, given).lines
    changed = {line.id for line in lines if line.listed == "offers" and line.what == "changed"}
    offers, providers = dict(before.offers), dict(before.providers)
    for name, item in given.offers.items():
        old = before.offers.get(name)
        version = 1 if old is None else old.version + (name in changed)
        offers[name] = msgspec.structs.replace(item, version=version)
    for name, provider in given.providers.items():
        known = before.providers.get(name)
        providers[name] = (
            provider if known is None else msgspec.structs.replace(provider, record=known.record)
        )
    return type(before)(offers, providers)
