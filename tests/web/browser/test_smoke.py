"""The pages that everybody meets first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.django_db(transaction=True)
def test_start_page(visit: Callable[..., Any]) -> None:
    browser = visit()
    browser.go("/")
    browser.check("start")
