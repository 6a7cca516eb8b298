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
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from capillary.model.text import Message

    Lines = Callable[[tuple[str | int, ...]], int | None]

if TYPE_CHECKING:
    from yaml import SafeLoader as _Base
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


DEEPEST = 20  # lists and mappings in one another, in what somebody types; a programme has eight


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
    return read_text(text, shown)


def read_text(text: str, shown: str) -> object:
    """Return what a text of YAML holds.

    Args:
        text: the text.
        shown: how it is named in errors.

    Raises:
        InputError: it is not YAML, or a number in it has more digits than can be read.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        raise _departure(error, shown) from error
    except (ValueError, ArithmeticError) as error:
        raise _not_yaml(shown, None, str(error)) from error


def _departure(error: yaml.YAMLError, shown: str) -> InputError:
    mark = getattr(error, "problem_mark", None)
    cause = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return _not_yaml(shown, None if mark is None else mark.line + 1, str(cause))


def _not_yaml(shown: str, row: int | None, cause: str) -> InputError:
    return InputError(
        [
            Problem(
                "not-yaml",
                Place(file=shown, row=row),
                msg("The file is not valid YAML: {cause}.", cause=cause),
                msg("Mend the file at this line; texts with a colon or a hash sign need quotes."),
            )
        ]
    )


def check_typed(text: str, shown: str) -> None:
    """Refuse a text that somebody typed where reading it could take without measure.

    That is: aliases, which may stand for one another again and again, and nesting without end.

    Raises:
        InputError: it has an alias or is nested more than `DEEPEST` deep.
    """
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                cause, remedy = msg("Anchors and aliases are not read here."), msg("Write the part out.")
                raise InputError([_at(event, shown, "alias", cause, remedy)])
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                cause = msg("Lists and mappings stand more than {count} deep in one another.", count=DEEPEST)
                raise InputError(
                    [_at(event, shown, "too-deep", cause, msg("Nothing of a rule is that deep."))]
                )
    except yaml.YAMLError as error:
        raise _departure(error, shown) from error


def _at(event: yaml.Event, shown: str, code: str, cause: Message, remedy: Message) -> Problem:
    mark = event.start_mark
    return Problem(code, Place(file=shown, row=None if mark is None else mark.line + 1), cause, remedy)


def line_of(path: Path, wanted: tuple[str | int, ...]) -> int | None:
    """Return the line, from 1, on which the item at a path in the file starts; None where there is none.

    Args:
        path: a YAML file.
        wanted: keys and list positions from the top of the file down.
    """
    return lines_of(path.read_text(encoding="utf-8"))(wanted)


def lines_of(text: str) -> Lines:
    """Return what finds lines in a text: from a path of keys and list positions to the line, from 1, on which that is named.

    Where there is nothing at a path, the nearest item above it counts. The text is read once, however many lines are asked for.

    Args:
        text: valid YAML.
    """
    top = yaml.compose(text, Loader=_Loader)

    def line(wanted: tuple[str | int, ...]) -> int | None:
        node = top
        found = None if node is None else node.start_mark.line + 1
        for step in wanted:
            child = next((value for key, value in _children(node) if key == step), None)
            if child is None:
                break
            found = (_key_line(node, step) or child.start_mark.line) + 1
            node = child
        return found

    return line


def _key_line(node: yaml.Node | None, step: str | int) -> int | None:
    """Return the line, from 0, of a key; None in a list."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((key.start_mark.line for key, _ in node.value if key.value == step), None)


def replaced(text: str, values: Mapping[tuple[str | int, ...], str]) -> str:
    """Return a text of YAML with other values at some places; all else stays as it was typed, comments included.

    Args:
        text: valid YAML.
        values: new values by path; each path leads to a value without parts.

    Raises:
        KeyError: a path leads nowhere, or to a list or a mapping.
    """
    top = yaml.compose(text, Loader=_Loader)
    lines = text.splitlines(keepends=True)
    spots = [(_scalar(top, path), value) for path, value in values.items()]
    for node, value in sorted(
        spots, key=lambda item: (item[0].start_mark.line, item[0].start_mark.column), reverse=True
    ):
        first, last = node.start_mark, node.end_mark
        if first.line != last.line:
            raise KeyError(value)
        line = lines[first.line]
        lines[first.line] = f"{line[: first.column]}{_written(value, node.style)}{line[last.column :]}"
    return "".join(lines)


def _scalar(top: yaml.Node | None, path: tuple[str | int, ...]) -> yaml.ScalarNode:
    node = top
    for step in path:
        node = next((value for key, value in _children(node) if key == step), None)
    if not isinstance(node, yaml.ScalarNode):
        raise KeyError(path)
    return node


def _written(value: str, style: str | None) -> str:
    """Return a figure or a day as it is written: whole numbers bare where they were bare, all else in quotes.

    >>> _written("0.45", None), _written("450000", None), _written("2", "'")
    ('"0.45"', '450000', "'2'")
    """
    if style in {"'", '"'}:
        return f"{style}{value}{style}"
    return value if re.fullmatch(r"-?[0-9]+", value) else f'"{value}"'


def _children(node: yaml.Node | None) -> Iterator[tuple[str | int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.value, value
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)
