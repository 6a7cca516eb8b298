"""YAML by the rules of YAML 1.2, exact and strict.

PyYAML reads YAML 1.1, where ``no`` is false, ``1_0`` is 10 and 0.7 is a float. Here only ``true`` and ``false`` are truth
values, numbers with a fraction become ``Decimal``, dates stay text, and a key that stands twice is an error.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import yaml

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if TYPE_CHECKING:
    from yaml import SafeLoader as _Base
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """A loader with the core schema of YAML 1.2, on libyaml where it is there."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?[0-9]+\.[0-9]+$", "-+0123456789"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[object, object]:
    pairs = loader.construct_pairs(node, deep=True)
    mapping: dict[object, object] = {}
    for (key, value), (key_node, _) in zip(pairs, node.value, strict=True):
        if isinstance(key, list | dict):
            raise yaml.constructor.ConstructorError(
                None, None, "a key is a list or a mapping", key_node.start_mark
            )
        if key in mapping:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
        mapping[key] = value
    return mapping


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path, shown: str) -> object:
    """Return what a YAML file holds.

    Args:
        path: the file.
        shown: how the file is named in errors.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(
            [
                Problem(
                    "missing-file",
                    Place(file=shown),
                    msg("The file does not exist."),
                    msg("Create it; docs/authors/content-format.md shows what it holds."),
                )
            ]
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            [
                Problem(
                    "wrong-encoding",
                    Place(file=shown),
                    msg("The file is not UTF-8."),
                    msg("Save it as UTF-8."),
                )
            ]
        ) from error
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise InputError(
            [
                Problem(
                    "not-yaml",
                    Place(file=shown, row=None if mark is None else mark.line + 1),
                    msg("The file is not valid YAML: {cause}.", cause=str(cause)),
                    msg("Mend the file at this line; texts with a colon or a hash sign need quotes."),
                )
            ]
        ) from error


def line_of(path: Path, wanted: tuple[str | int, ...]) -> int | None:
    """Return the line, from 1, on which the item at a path in the file starts; None where there is none.

    Args:
        path: a YAML file.
        wanted: keys and list positions from the top of the file down.
    """
    with path.open(encoding="utf-8") as stream:
        node = yaml.compose(stream, Loader=_Loader)
    for step in wanted:
        child = next((value for key, value in _children(node) if key == step), None)
        if child is None:
            break
        node = child
    return None if node is None else node.start_mark.line + 1


def _children(node: yaml.Node | None) -> Iterator[tuple[str | int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.value, value
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)
