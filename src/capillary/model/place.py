"""Where an enterprise is and what it does: the vocabularies that forms offer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from capillary.model.standard import Certainty, Date, Figure, Identifier, Source
from capillary.model.text import Text

ClassCode = Annotated[str, Meta(pattern=r"^[A-Z](\d{2,4})?$")]
RegionCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]+)*$")]


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Sector(Figure, frozen=True, kw_only=True):
    """A line of business that an owner recognises.

    Attributes:
        isic: the sections and divisions of ISIC Rev. 4 that it stands for, such as ``C25``; in NACE Rev. 2 they are the same.
        gbt: the sections and divisions of GB/T 4754-2017 that it stands for, such as ``C33``.
    """

    id: Identifier
    title: Text
    isic: tuple[ClassCode, ...]
    gbt: tuple[ClassCode, ...]


class Region(Figure, frozen=True, kw_only=True):
    """A country or a part of one, by its code of ISO 3166.

    Attributes:
        parent: the region that it is a part of; None for a country.
    """

    id: RegionCode
    title: Text
    parent: RegionCode | None = None

    @property
    def country(self) -> str:
        """The code of the country.

        >>> Region(id="CN-JS", title=Text(zh="江苏省", en="Jiangsu"), parent="CN").country
        'CN'
        """
        return self.id.partition("-")[0]


class SectorFile(_Item, frozen=True, kw_only=True):
    """``sectors.yaml`` as it is written."""

    source: str
    certainty: Certainty
    effective_from: Date
    sources: tuple[Source, ...]
    sectors: tuple[Sector, ...]


class RegionFile(_Item, frozen=True, kw_only=True):
    """``regions.yaml`` as it is written."""

    source: str
    certainty: Certainty
    effective_from: Date
    sources: tuple[Source, ...]
    regions: tuple[Region, ...]
