"""Everything that can be found now, in the memory of this process.

Each catalogue keeps an index of its own. They are joined without reading a document again, and joined anew only after one of
them has changed; the parts of an index that did not change are shared.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from capillary.matching.search import Index
from capillary.web.find.registry import Part, catalogues, numbers, thesaurus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.listed import Listed

_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False)
class Everything:
    """All entries of all catalogues.

    Attributes:
        parts: by kind, what stands in its catalogue.
        index: over all of them.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    index: Index = field(default_factory=Index)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many entries of each kind there are."""
        return self.index.search(count=0).counts.get("what", {})

    def listed(self, key: str) -> Listed:
        """Return an entry by its key.

        Raises:
            KeyError: there is none.
        """
        kind, _, code = key.partition(":")
        found = self.parts[kind].listed(code)
        if found is None:
            raise KeyError(key)
        return found


class _Holder:
    state = Everything()


def everything() -> Everything:
    """Return what can be found now; a query for each source of changes where nothing changed."""
    known = numbers()
    parts = {item.kind: item.part(known) for item in catalogues()}
    state = _Holder.state
    if _same(state.parts, parts):
        return state
    with _LOCK:
        state = _Holder.state
        if not _same(state.parts, parts):
            state = _Holder.state = Everything(parts, _joined(parts))
    return state


def _same(one: Mapping[str, Part], other: Mapping[str, Part]) -> bool:
    return one.keys() == other.keys() and all(one[kind] is other[kind] for kind in one)


def _joined(parts: Mapping[str, Part]) -> Index:
    # kinds that are indexed together have one part
    distinct = dict.fromkeys(part.index for part in parts.values())
    return Index(thesaurus()).joined(*distinct)
