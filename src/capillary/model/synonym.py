"""Other names under which people look for a capability."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from capillary.model.standard import AT_LEAST_ONE, Identifier

Name = Annotated[str, Meta(min_length=2, max_length=80)]


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Names(_Item, frozen=True, kw_only=True):
    """Names in each language; whoever looks for one of them finds what has another."""

    zh: tuple[Name, ...] = ()
    en: tuple[Name, ...] = ()


class Synonyms(_Item, frozen=True, kw_only=True):
    """Names that mean the same: what a capability is called beside its titles, or words that no capability stands for."""

    capability: Identifier | None = None
    names: Names


class SynonymFile(_Item, frozen=True, kw_only=True):
    """``synonyms.yaml`` as it is written."""

    synonyms: Annotated[tuple[Synonyms, ...], AT_LEAST_ONE]
