"""A benchmark: how the peers of a firm are spread over the bands of a standard's score."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from capillary.model.standard import Certainty, Date, Identifier, Source
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class SizeClass(_Item, frozen=True, kw_only=True):
    """A size class by head count, both ends included; ``to`` is None for "and more"."""

    id: str
    title: Text
    from_: int = msgspec.field(name="from")
    to: int | None = None


class BenchmarkFile(_Item, frozen=True, kw_only=True):
    """``benchmarks/<id>.yaml`` as it is written.

    Attributes:
        data: the CSV beside it: geo, size, year, one column a band in percent of enterprises, flag.
        bands: names of the CSV's band columns, from lowest to highest.
        edges: score edges of the bands, one more than there are bands.
        aliases: country codes of ISO 3166 that the figures write otherwise, with the code of the figures.
    """

    id: Identifier
    standard: Identifier
    title: Text
    source: Source
    certainty: Certainty
    data: str
    bands: tuple[str, ...]
    edges: tuple[Fraction, ...]
    default_geo: str
    size_classes: tuple[SizeClass, ...]
    geos: dict[str, Text]
    aliases: dict[str, str] = {}
    method: Text
    coverage: Text
    effective_from: Date | None = None
    versions: Text | None = None


@dataclass(frozen=True)
class Benchmark:
    """A benchmark with its figures.

    Attributes:
        file: what it says of itself.
        shares: percent of enterprises in each band, by (geo, size class, year); complete rows only.
    """

    file: BenchmarkFile
    shares: Mapping[tuple[str, str, int], tuple[Fraction, ...]]
