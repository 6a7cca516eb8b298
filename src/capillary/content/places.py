"""What a schema cannot say of sectors and regions: names that stand once, sources and parents that exist."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from capillary.model.place import Region, RegionFile, SectorFile
from capillary.model.problems import Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def broken_places(file: SectorFile | RegionFile, shown: str, known: Sequence[str] = ()) -> list[Problem]:
    """Return every name that stands twice, every source that is not there and every parent that does not fit.

    Args:
        file: the file as read.
        shown: how the file is named in the problems.
        known: codes of regions that may be parents besides those of the file.
    """
    listed, items = ("sectors", file.sectors) if isinstance(file, SectorFile) else ("regions", file.regions)
    problems = [
        Problem(
            "stands-twice",
            Place(file=shown, path=listed),
            msg("{word} stands {count} times.", word=name, count=count),
            msg("Give each its own name."),
        )
        for name, count in Counter(item.id for item in items).items()
        if count > 1
    ]
    sources = [source.id for source in file.sources]
    named = [("source", file.source)]
    named += [(f"{listed}.{item.id}.source", item.source) for item in items if item.source is not None]
    problems += [_unknown(shown, path, source, sources) for path, source in named if source not in sources]
    if isinstance(file, RegionFile):
        problems += _wrong_parents(file.regions, shown, known)
    return problems


def _wrong_parents(regions: Sequence[Region], shown: str, known: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for every parent that is of another country, does not exist, or stands below its part."""
    all_codes = {region.id for region in regions}
    above = list(known)
    for region in regions:
        path, parent = f"regions.{region.id}.parent", region.parent
        if (parent is None) != (region.id == region.country) or (
            parent is not None and parent.partition("-")[0] != region.country
        ):
            yield Problem(
                "region-parent",
                Place(file=shown, path=path),
                msg("The code and the parent of {region} do not fit each other.", region=region.id),
                msg(
                    "A country has two letters and no parent; a part begins with the letters of its country "
                    "and names its parent."
                ),
            )
        elif parent is not None and parent not in above:
            yield _unknown(shown, path, parent, above, is_below=parent in all_codes)
        above.append(region.id)


def _unknown(shown: str, path: str, word: str, known: Sequence[str], *, is_below: bool = False) -> Problem:
    remedy = msg("Move {word} above its parts.", word=word) if is_below else did_you_mean(word, known)
    return Problem(
        "unknown-name", Place(file=shown, path=path), msg("{word} is not known.", word=word), remedy
    )
