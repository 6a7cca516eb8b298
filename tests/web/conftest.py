"""Fixtures of the web product's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from .kit import World, make_world


@pytest.fixture(autouse=True)
def _nothing_public_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the test before let be found: the numbers of changes begin anew with every database."""
    from capillary.web.find.registry import forget
    from capillary.web.market import live

    forget()

    monkeypatch.setattr(live._Holder, "state", live.Live())


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Begin every test in one language: a page leaves its own behind, and the next test would get addresses in it."""
    with translation.override("en"):
        yield
