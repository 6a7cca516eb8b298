"""Answers and small standards to test with: at random from a seed for bulk, as Hypothesis strategies for search.

Sheets come in the form in which firms send them (JSON), so that a test goes through the reading of answers as well. A
*full* sheet answers every question; a *partial* one leaves out questions, rows of grids and columns of tick boxes.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from capillary.content import read_standard
from capillary.model.standard import Boolean, Grid, Level, Multiple, Question, Rate, Single, Standard, Ticks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from capillary.model.fields import Field

Raw: TypeAlias = dict[str, Any]
NA = "na"
NA_PATTERNS = 12


class Dice:
    """Random numbers from a seed, drawn in blocks because single draws are slow."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self._block: Iterator[float] = iter(())

    def roll(self) -> float:
        """Return a number from 0 to below 1."""
        for number in self._block:
            return number
        self._block = iter(self.random.random(1 << 15).tolist())
        return next(self._block)

    def below(self, count: int) -> int:
        """Return a whole number from 0 to below ``count``."""
        return int(self.roll() * count)

    def chance(self, share: float) -> bool:
        """Return true in this share of cases."""
        return self.roll() < share

    def pick(self, items: Sequence[Any]) -> Any:
        """Return one of the items."""
        return items[self.below(len(items))]

    def shuffled(self, items: Iterable[Any]) -> list[Any]:
        """Return the items in another order."""
        found = list(items)
        for last in range(len(found) - 1, 0, -1):
            other = self.below(last + 1)
            found[last], found[other] = found[other], found[last]
        return found


# --- Sheets at random --------------------------------------------------------------------------------------


def full_sheets(standard: Standard, count: int, seed: int) -> list[Raw]:
    """Return full sheets of firms of every strength, from nothing at all to everything."""
    dice = Dice(seed)
    skips = _skips(standard, dice)
    return [_sheet(standard, dice, 1.0, dice.pick(skips)) for _ in range(count)]


def partial_sheets(standard: Standard, count: int, seed: int) -> list[Raw]:
    """Return sheets with anything from no answer to all of them; the variant may be missing too."""
    dice = Dice(seed)
    skips = _skips(standard, dice)
    sheets = [_sheet(standard, dice, dice.roll(), dice.pick(skips)) for _ in range(count)]
    for sheet in sheets:
        if "variant" in sheet and dice.chance(0.3):
            del sheet["variant"]
    return sheets


def _skips(standard: Standard, dice: Dice) -> list[frozenset[str]]:
    """Return a few sets of questions that do not apply: few, because each set is a program of its own."""
    allowed = [item.id for item in standard.questions if item.not_applicable != "refused"]
    patterns = [frozenset[str]()]
    for share in (0.05, 0.1, 0.3):
        for _ in range(NA_PATTERNS // 3):
            chosen = frozenset(name for name in allowed if dice.chance(share))
            patterns.append(chosen if len(chosen) < len(standard.questions) else frozenset())
    if allowed:
        patterns.append(frozenset(allowed[:1]))
    return [frozenset[str]()] * 4 + patterns


def _sheet(standard: Standard, dice: Dice, known: float, skip: frozenset[str]) -> Raw:
    strength = min(1.0, max(0.0, dice.roll() * 1.3 - 0.15))
    spread = dice.pick((0.05, 0.2, 0.5, 1.0))
    answers: Raw = {}
    for question in dice.shuffled(standard.questions) if dice.chance(0.1) else standard.questions:
        if known < 1.0 and not dice.chance(known):
            if dice.chance(0.1):
                answers[question.id] = None
            continue
        own = min(1.0, max(0.0, strength + (dice.roll() - 0.5) * spread))
        answers[question.id] = NA if question.id in skip else random_answer(question, dice, own, known)
    sheet: Raw = {"standard": standard.id, "answers": answers}
    if standard.file.variants:
        sheet["variant"] = dice.pick(standard.file.variants).id
    return sheet


def random_answer(question: Question, dice: Dice, strength: float, known: float = 1.0) -> Any:  # noqa: PLR0911 - one for each kind
    """Return an answer in one of the forms that a sheet may hold.

    Args:
        question: what is answered.
        dice: where chance comes from.
        strength: 0 for the least that can be answered, 1 for the most.
        known: the share of the rows or columns that is answered.
    """
    match question:
        case Single():
            return question.options[_rung(len(question.options), dice, strength)].key
        case Rate():
            return _rate(question, dice, strength)
        case Multiple():
            none = [option.key for option in question.options if option.exclusive]
            ticks = [o.key for o in question.options if not o.exclusive and dice.chance(strength)]
            if not ticks:
                return [dice.pick(none)] if none and dice.chance(0.5) else []
            return _keys(ticks, dice)
        case Level():
            level = _rung(len(question.levels) + 1, dice, strength)
            return float(level) if dice.chance(0.05) else level
        case Boolean():
            return dice.chance(strength)
        case Grid():
            rows = [row for row in question.rows if known >= 1.0 or dice.chance(known)]
            scale = [value.key for value in question.scale]
            values = [scale[_rung(len(scale), dice, strength)] for _ in rows]
            return dict(zip((row.key for row in rows), _keys(values, dice, shuffle=False), strict=True))
        case Ticks():
            columns = [column for column in question.columns if known >= 1.0 or dice.chance(known)]
            rows = [row.key for row in question.rows]
            return {c.key: _keys([row for row in rows if dice.chance(strength)], dice) for c in columns}
    raise TypeError(type(question))


def _rung(count: int, dice: Dice, strength: float) -> int:
    return min(count - 1, max(0, round(strength * (count - 1) + (dice.roll() - 0.5) * 0.8)))


def _keys(keys: list[str], dice: Dice, *, shuffle: bool = True) -> list[Any]:
    """Return keys in any order; a key that is a number may also come as a number."""
    found = dice.shuffled(keys) if shuffle and dice.chance(0.2) else keys
    if found and dice.chance(0.1) and all(key.isdigit() for key in found):
        return [int(key) for key in found]
    return found


def _rate(question: Rate, dice: Dice, strength: float) -> Any:
    band = question.options[_rung(len(question.options), dice, strength)]
    if dice.chance(0.3):
        return band.key
    return dice.pick(rates_of(question)[band.key])


def rates_of(question: Rate) -> dict[str, list[float]]:
    """Return percentages of each band: its ends, the nearest numbers beside them, and some in between."""
    found: dict[str, list[float]] = {}
    for band in question.options:
        low, high = float(band.above or 0), float(band.up_to)
        inner = [
            math.nextafter(low, 100.0),
            low + (high - low) / 3,
            (low + high) / 2,
            math.nextafter(high, 0.0),
        ]
        ends: list[float] = [high, int(high)] if high.is_integer() else [high]
        found[band.key] = [*inner, *ends, *([0, 0.0] if band.above is None else [])]
    return found


def random_codes(fields: Sequence[Field], count: int, seed: int) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """Return full answers as codes, one array a field, every code as likely as every other."""
    random = np.random.default_rng(seed)
    return [random.integers(0, field.size, count) for field in fields]


# --- Sheets by search --------------------------------------------------------------------------------------


def answers_to(question: Question, *, partial: bool = False) -> st.SearchStrategy[Any]:
    """Return the strategy of all valid answers to a question ("does not apply" included where it is allowed)."""
    usual = _usual(question, partial=partial)
    return usual if question.not_applicable == "refused" else st.one_of(usual, st.just(NA))


def _usual(question: Question, *, partial: bool) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one for each kind
    match question:
        case Single():
            return st.sampled_from([option.key for option in question.options])
        case Rate():
            numbers = [number for some in rates_of(question).values() for number in some]
            keys = [option.key for option in question.options]
            return st.one_of(
                st.sampled_from(keys), st.sampled_from(numbers), st.integers(0, 100), st.floats(0, 100)
            )
        case Multiple():
            none = [[option.key] for option in question.options if option.exclusive]
            ticks = _subset([option.key for option in question.options if not option.exclusive])
            return st.one_of(ticks, st.sampled_from(none)) if none else ticks
        case Level():
            return st.integers(0, len(question.levels))
        case Boolean():
            return st.booleans()
        case Grid():
            value = st.sampled_from([value.key for value in question.scale])
            return _object({row.key: value for row in question.rows}, partial=partial)
        case Ticks():
            rows = _subset([row.key for row in question.rows])
            return _object({column.key: rows for column in question.columns}, partial=partial)
    raise TypeError(type(question))


def _subset(keys: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(keys)), unique=True)


def _object(parts: Mapping[str, Any], *, partial: bool) -> st.SearchStrategy[Raw]:
    return st.fixed_dictionaries({}, optional=dict(parts)) if partial else st.fixed_dictionaries(dict(parts))


def sheets(standard: Standard, *, partial: bool = False) -> st.SearchStrategy[Raw]:
    """Return the strategy of valid sheets of a standard."""
    answers = _object(
        {item.id: answers_to(item, partial=partial) for item in standard.questions}, partial=partial
    )
    parts: dict[str, Any] = {"standard": st.just(standard.id), "answers": answers}
    variant = (
        st.sampled_from([item.id for item in standard.file.variants]) if standard.file.variants else None
    )
    if variant is None:
        return st.fixed_dictionaries(parts)
    if partial:
        return st.fixed_dictionaries(parts, optional={"variant": variant})
    return st.fixed_dictionaries({**parts, "variant": variant})


def codes_of(fields: Sequence[Field]) -> st.SearchStrategy[tuple[int, ...]]:
    """Return the strategy of full answers as codes."""
    return st.tuples(*(st.integers(0, field.top) for field in fields))


# --- Small standards ---------------------------------------------------------------------------------------


def text(words: str) -> Raw:
    """Return a text in both languages."""
    return {"zh": words, "en": words}


def question(name: str, kind: str, points: object, **rest: Any) -> Raw:
    """Return a question as ``questions.yaml`` holds it."""
    words = {part: text(name) for part in ("title", "text", "why", "example")}
    return {"id": name, "dimension": "all", "kind": kind, "points": str(points), **words, **rest}


def options(*points: object, key: str = "A", **rest: Any) -> list[Raw]:
    """Return options A, B, C … (or from another letter on) with these points."""
    return [
        {"key": chr(ord(key) + index), "text": text("option"), "points": str(value), **rest}
        for index, value in enumerate(points)
    ]


def levels(*points: object) -> list[Raw]:
    """Return levels 1, 2, 3 … with these points."""
    return [
        {"level": n, "text": text("level"), "points": str(value)} for n, value in enumerate(points, start=1)
    ]


def rows(count: int) -> list[Raw]:
    """Return rows r1, r2, r3 …"""
    return [{"key": f"r{number}", "text": text("row")} for number in range(1, count + 1)]


def build(
    questions: Sequence[Raw],
    nodes: Sequence[Raw],
    *,
    score: str = "score",
    level: str | None = "level",
    variants: Sequence[str] = (),
) -> Standard:
    """Return a standard of these questions and nodes, written to files and read as content is read."""
    scoring: Raw = {
        "max": 100,
        "unit": text("points"),
        "nodes": list(nodes),
        "score": score,
        "dimensions": {"all": score},
    }
    if level is not None:
        scoring["level"] = level
    file = {
        "id": "small",
        "edition": "1",
        **{part: text("small") for part in ("title", "short_title", "summary", "publisher")},
        "effective_from": "2026-01-01",
        "source": "test",
        "certainty": "unverified",
        "sources": [{"id": "test", "title": text("test")}],
        "dimensions": [{"id": "all", "title": text("all"), "summary": text("all")}],
        "variants": [{"id": name, "title": text(name)} for name in variants],
        "scoring": scoring,
    }
    with TemporaryDirectory() as folder:  # JSON is YAML
        (Path(folder) / "standard.yaml").write_text(json.dumps(file), encoding="utf-8")
        (Path(folder) / "questions.yaml").write_text(
            json.dumps({"questions": list(questions)}), encoding="utf-8"
        )
        return read_standard(Path(folder))


FRACTIONS = st.builds(Fraction, st.integers(0, 12), st.sampled_from([1, 2, 3, 4, 7, 10]))
POSITIVE = st.builds(Fraction, st.integers(1, 12), st.sampled_from([1, 2, 3, 4, 7, 10]))


@st.composite
def small_questions(draw: st.DrawFn, name: str) -> Raw:  # noqa: PLR0911 - one for each kind
    """Draw a small question of any kind."""
    kind = draw(st.sampled_from(["single", "multiple", "rate", "level", "boolean", "grid", "ticks"]))
    if kind == "boolean":
        return question(name, kind, draw(FRACTIONS))
    if kind == "multiple":
        gains = draw(st.lists(FRACTIONS, min_size=1, max_size=4))
        most = sum(gains, Fraction(0))
        cap = draw(st.one_of(st.just(most), FRACTIONS.map(lambda value: min(value, most))))
        none = options(0, key="Z", exclusive=True) if draw(st.booleans()) else []
        return question(name, kind, cap, options=[*none, *options(*gains)])
    if kind == "ticks":
        gains = draw(st.lists(FRACTIONS, min_size=1, max_size=2))
        count = draw(st.integers(1, 3))
        columns = [{**item, "key": f"c{number}"} for number, item in enumerate(options(*gains))]
        return question(name, kind, sum(gains, Fraction(0)) * count, rows=rows(count), columns=columns)
    rising = sorted(draw(st.lists(FRACTIONS, min_size=1, max_size=4)))
    if kind == "single":
        return question(name, kind, rising[-1], options=options(*rising))
    if kind == "level":
        return question(name, kind, rising[-1], levels=levels(*rising))
    if kind == "grid":
        count = draw(st.integers(1, 3))
        return question(name, kind, rising[-1] * count, rows=rows(count), scale=options(*rising))
    cuts = [20, 40.5, 60][: len(rising) - 1]
    bands = options(*rising[: len(cuts) + 1])
    for band, above, up_to in zip(bands, [None, *cuts], [*cuts, 100], strict=True):
        band.update({"up_to": up_to} if above is None else {"up_to": up_to, "above": above})
    return question(name, kind, rising[len(cuts)], options=bands)


LINEAR = ("sum", "mean")
EVERY_KIND = (*LINEAR, "cap", "minimum", "maximum", "count-at-least", "band", "band-above")


@st.composite
def small_nodes(draw: st.DrawFn, name: str, above: Sequence[str], kinds: Sequence[str]) -> Raw:
    """Draw a node of one of these kinds that reads some of ``above``."""
    kind = draw(st.sampled_from(list(kinds)))
    some = draw(st.lists(st.sampled_from(list(above)), min_size=1, max_size=4, unique=True))
    node: Raw = {"id": name, "kind": kind, "of": some}
    match kind:
        case "sum" | "mean":
            if draw(st.booleans()):
                node["weights"] = [str(draw(POSITIVE)) for _ in some]
            node["times"] = str(draw(FRACTIONS))
            if len(kinds) > len(LINEAR):
                node["plus"] = str(draw(FRACTIONS))
        case "cap":
            node |= {"of": some[:1], "limit": str(draw(FRACTIONS))}
        case "count-at-least":
            node["threshold"] = str(draw(FRACTIONS))
        case "band" | "band-above":
            cuts = [str(cut) for cut in sorted(draw(st.sets(FRACTIONS, min_size=1, max_size=3)))]
            node |= {"kind": "band", "of": some[:1], "from" if kind == "band" else "above": cuts}
    return node


@st.composite
def small_standards(draw: st.DrawFn, kinds: Sequence[str] = EVERY_KIND) -> Standard:
    """Draw a small standard with questions of every kind, nodes of these kinds, and a gate for its level."""
    asked = [draw(small_questions(f"Q{number}")) for number in range(draw(st.integers(1, 4)))]
    names = [item["id"] for item in asked]
    nodes: list[Raw] = []
    for number in range(draw(st.integers(0, 4))):
        nodes.append(draw(small_nodes(f"n{number}", names, kinds)))
        names.append(nodes[-1]["id"])
    nodes.append({"id": "score", "kind": "sum", "of": list(names)})
    names.append("score")
    gate: list[Raw] = []
    needs: dict[str, Fraction] = {}
    for level in range(1, draw(st.integers(1, 3)) + 1):
        more = draw(st.dictionaries(st.sampled_from(names), FRACTIONS, min_size=not needs, max_size=3))
        # every level demands all that the one below it demands
        needs = {**needs, **{name: max(least, needs.get(name, least)) for name, least in more.items()}}
        gate.append(
            {"level": level, "needs": [{"node": name, "at_least": str(needs[name])} for name in needs]}
        )
    nodes.append({"id": "level", "kind": "gate", "levels": gate})
    return build(asked, nodes)
