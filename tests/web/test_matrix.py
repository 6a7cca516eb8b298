"""Every role against every address with every method: who is let in, and who learns nothing.

Each part of the product says in ``access_tables/<part>.py`` who may use its addresses: ``TABLE`` maps an address's name to
``{method: people}``, ``ARGS`` gives the arguments of addresses that do not simply take the id of the world's assessment,
enterprise or programme. An address that no table knows fails the test, and so does an entry without an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from .kit import PEOPLE, World

pytestmark = pytest.mark.anywhere

TABLES = sorted(
    path.stem for path in (Path(__file__).parent / "access_tables").glob("*.py") if path.stem != "__init__"
)
MODULES = [import_module(f".access_tables.{name}", __package__) for name in TABLES]
ACCESS: dict[str, dict[str, set[str]]] = {
    name: methods for module in MODULES for name, methods in module.TABLE.items()
}
ARGS: dict[str, Callable[[World], list[Any]]] = {
    name: args for module in MODULES for name, args in getattr(module, "ARGS", {}).items()
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def addresses(patterns: list[Any] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address that has a name, with its namespace; the admin's own ones are tested in one row."""
    for item in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from addresses(item.url_patterns, inner)
        elif item.name or not str(item.pattern).startswith(
            "social/"
        ):  # old addresses that only lead to the new ones
            yield f"{space}{item.name}", item


def known_names() -> set[str]:
    return {name for name, _ in addresses()}


def test_every_address_is_in_a_table_and_every_row_is_an_address() -> None:
    own = {name for name in known_names() if not name.startswith("admin:") or name in ACCESS}
    assert sorted(own - set(ACCESS)) == [], "these addresses have no row: say who may use them"
    assert sorted(set(ACCESS) - known_names()) == [], "these rows have no address"


def address_of(name: str, world: World) -> str:
    if name in ARGS:
        return reverse(name, args=ARGS[name](world))
    pattern = next(item for known, item in addresses() if known == name).pattern
    takes = list(pattern.converters)
    if not takes:
        return reverse(name)
    route = str(pattern)
    for word, thing in (
        ("assessments/", world.assessment),
        ("enterprises/", world.enterprise),
        ("programmes/", world.programme),
    ):
        if word in route and len(takes) == 1:
            return reverse(name, args=[thing.pk])
    raise AssertionError(f"say in ARGS what {name} takes: {takes}")


def tried(world: World, person: str, method: str, address: str) -> HttpResponse:
    """Return what a person gets; what it changed is undone, so that everybody meets the same world."""
    client = world.client(person)
    with transaction.atomic():
        response = client.generic(method, address)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return response


def let_in(response: HttpResponse) -> bool:
    """Whether the answer shows that the person may do this: anything but a refusal (also a form with errors)."""
    if response.status_code in {401, 403, 404, 405}:
        return False
    to_sign_in = response.status_code == 302 and "/accounts/login/" in response["Location"]
    return not to_sign_in


@pytest.mark.parametrize("name", sorted(ACCESS))
def test_who_is_let_in(world: World, name: str) -> None:
    address = address_of(name, world)
    wrong = []
    for method, person in product(METHODS, PEOPLE):
        response = tried(world, person, method, address)
        allowed = person in ACCESS[name].get(method, set())
        if allowed != let_in(response):
            wrong.append(f"{person} {method}: {response.status_code}")
        if not allowed and response.status_code == 403:
            wrong.append(f"{person} {method}: 403 tells that there is something")
    assert wrong == [], f"{name} at {address}"
