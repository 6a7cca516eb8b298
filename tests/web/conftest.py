"""Fixtures of the web product's tests."""

from __future__ import annotations

import pytest

from .kit import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
