"""The reading *query*: the scoring program as an Ibis expression over a wide table, one column a field.

The same expression runs on DuckDB and on Spark. A column may hold codes (whole numbers: the position of the option, a bit
mask for multiple choices, a level), percentages for rates, keys as text, or arrays of keys.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

from capillary.scoring.columns import WIDTH, whole
from capillary.scoring.rules import Cap, Extreme, Gate, Points, SetTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from capillary.model.fields import Field
    from capillary.scoring.program import Program


LARGEST = 1 << 31


def query(program: Program, table: Any, *, unknown: str = "null") -> Any:
    """Return ``table`` with the columns ``score``, ``level`` (where there are levels) and ``dimension_<id>`` added.

    Args:
        program: the compiled standard.
        table: an Ibis table with a column for every field of the program, named by the field's id.
        unknown: what an empty answer counts as: ``"null"`` (the results are null), ``"lowest"`` or ``"highest"``, which
            give the two ends of the interval.

    Raises:
        ValueError: a column is missing, ``unknown`` is not one of the three, or the program's numbers are too large.
    """
    if unknown not in {"null", "lowest", "highest"}:
        raise ValueError(f"unknown={unknown!r}")
    if _largest(program) >= LARGEST:
        raise ValueError(f"the values of {program.standard.id} do not fit {WIDTH}")
    missing = [field.id for field in program.fields if field.id not in table.columns]
    if missing:
        raise ValueError(f"the table has no column for {', '.join(missing)}")
    codes = [_filled(code_expression(table[field.id], field), field, unknown) for field in program.fields]
    values = _values(program, codes)
    scoring = program.standard.file.scoring
    columns = {"score": _points(program, values, scoring.score)}
    if program.level is not None:
        columns["level"] = values[program.level]
    for dimension, node in scoring.dimensions.items():
        if node in program.position:
            columns[f"dimension_{dimension}"] = _points(program, values, node)
    return table.mutate(**columns)


def _largest(program: Program) -> int:
    """Return the largest number that stands anywhere in the arithmetic."""
    found = 0
    for node, top in zip(program.nodes, program.tops, strict=True):
        found = max(found, top)
        match node.rule:
            case Cap(_, factor):
                found = max(found, program.tops[node.children[0]] * factor)
            case Extreme(_, factors):
                pairs = zip(node.children, factors, strict=True)
                found = max(found, *(program.tops[child] * factor for child, factor in pairs))
            case Points(_, tables):
                found = max(
                    found, *(sum(t.values) if isinstance(t, SetTable) else t.values[-1] for t in tables)
                )
    return found


def code_expression(column: Any, field: Field) -> Any:
    """Return a column's answers as codes, whatever of the four forms it holds them in."""
    kind = column.type()
    if kind.is_string():
        return _from_keys(column, field)
    if kind.is_array():
        if field.kind != "set":
            raise ValueError(f"{field.id} takes one answer, but its column holds arrays")
        return _from_arrays(column, field)
    if field.upper:
        return _sum([(column > _edge(kind, upper)).cast(WIDTH) for upper in field.upper])
    return column.cast(WIDTH) if kind.is_boolean() else column


def _edge(kind: Any, upper: Fraction) -> float:
    """Return an edge of a band in the column's own kind of number: x > 10.5 is x > 10 for whole x, and faster."""
    return floor(upper) if kind.is_integer() else float(upper)


def _from_keys(column: Any, field: Field) -> Any:
    import ibis

    if field.kind == "set":
        padded = ibis.literal(";") + column + ibis.literal(";")
        return _sum(
            [padded.contains(f";{key};").cast(WIDTH) * whole(1 << bit) for bit, key in enumerate(field.keys)]
        )
    return ibis.cases(*((column == key, whole(code)) for code, key in enumerate(field.keys)))


def _from_arrays(column: Any, field: Field) -> Any:
    return _sum([column.contains(key).cast(WIDTH) * whole(1 << bit) for bit, key in enumerate(field.keys)])


def _filled(code: Any, field: Field, unknown: str) -> Any:
    if unknown == "null":
        return code
    import ibis

    return ibis.coalesce(code.cast(WIDTH), whole(0 if unknown == "lowest" else field.top))


def _values(program: Program, codes: list[Any]) -> list[Any]:
    values: list[Any] = []
    read: list[frozenset[int]] = []
    for node in program.nodes:
        if isinstance(node.rule, Points):
            read.append(frozenset(node.children))
            values.append(node.rule.express([codes[child] for child in node.children]))
            continue
        read.append(frozenset[int]().union(*(read[child] for child in node.children)))
        value = node.rule.express([values[child] for child in node.children])
        if isinstance(node.rule, Gate):
            value += _nothing([values[child] for child in _witnesses(node.children, read)])
        values.append(value)
    return values


def _witnesses(children: Sequence[int], read: Sequence[frozenset[int]]) -> list[int]:
    """Return some of the children that together read every field that the children read."""
    found: list[int] = []
    seen: set[int] = set()
    for child in sorted(children, key=lambda item: -len(read[item])):
        if not read[child] <= seen:
            found.append(child)
            seen |= read[child]
    return found


def _nothing(values: list[Any]) -> Any:
    """Return 0, or null where one of the values is null: a CASE takes an unknown condition for a false one."""
    return _sum(values) * whole(0)


def _points(program: Program, values: list[Any], name: str) -> Any:
    node = program.position[name]
    unit = program.nodes[node].unit
    return values[node].cast("float64") / unit


def _sum(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
