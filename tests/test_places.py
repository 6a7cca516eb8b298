"""Tables of a draw, the promise about its seed, and the line that moves on."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.matching.allocation import Market, allocate, decline
from capillary.matching.allocation_lines import Lines
from capillary.matching.places import (
    Having,
    Held,
    Wanting,
    bad_name,
    commitment,
    held_of,
    market_of,
    moved_on,
    read_providers,
    standing_now,
    tables,
    told,
)
from capillary.model.problems import InputError

NAMES = ("North", "South", "West")
RULES = ("size=micro,small,medium,large", "level=lowest")


@st.composite
def markets(draw: st.DrawFn, *, strict: bool = False) -> Market:
    """Return a small market; in a strict one everybody names the places that it wants, and takes no other."""
    having = [Having(name, draw(st.integers(0, 2))) for name in NAMES]
    wanting = []
    for number in range(draw(st.integers(1, 8))):
        choices = tuple(draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=int(strict), max_size=3)))
        facts = {
            "size": draw(st.sampled_from(["micro", "small", None])),
            "level": draw(st.sampled_from(["0", "1", None])),
        }
        wanting.append(
            Wanting(f"x-{number:04d}", choices, not choices or (not strict and draw(st.booleans())), facts)
        )
    return market_of(tables(wanting, having, RULES, draw(st.integers(0, 99))))


@settings(max_examples=60, deadline=None)
@given(markets(strict=True), st.data())
def test_who_gives_up_one_after_the_other_is_as_all_at_once(found: Market, data: st.DataObject) -> None:
    ids = [firm.id for firm in found.firms]
    leaving = data.draw(st.lists(st.sampled_from(ids), unique=True, min_size=1))
    held = held_of(allocate(found))
    for name in leaving:
        held = moved_on(found, held, [name])
    assert held == held_of(decline(allocate(found), leaving))
    assert held.gone == set(leaving)


@settings(max_examples=60, deadline=None)
@given(markets(), st.data())
def test_who_came_stays_and_no_place_is_given_twice(found: Market, data: st.DataObject) -> None:
    before = held_of(allocate(found))
    fixed = data.draw(st.sets(st.sampled_from(sorted(before.got)))) if before.got else set()
    held = Held(before.got, before.gone, frozenset(fixed))
    leaving = [firm.id for firm in found.firms if firm.id not in fixed][:3]
    after = moved_on(found, held, leaving)
    assert {name: after.got[name] for name in fixed} == {name: before.got[name] for name in fixed}
    for provider in found.providers:
        assert list(after.got.values()).count(provider.id) <= provider.capacity
    assert not set(leaving) & set(after.got)
    # nobody else is worse off: each keeps its place or has one that it would rather have
    for firm in found.firms:
        if firm.id in before.got and firm.id not in leaving:
            assert firm.id in after.got
    # and no place stays empty while somebody who wants it has none
    for provider in found.providers:
        if list(after.got.values()).count(provider.id) < provider.capacity:
            idle = [firm for firm in found.firms if firm.id not in after.got and firm.id not in leaving]
            assert not any(firm.takes_any or provider.id in firm.choices for firm in idle)


def test_who_came_has_used_its_place_even_when_it_is_gone() -> None:
    wanting = [Wanting(f"x-{number}", (), takes_any=True) for number in range(2)]
    found = market_of(tables(wanting, [Having("North", 1)], [], 7))
    held = held_of(allocate(found))
    (holder,) = held.got
    after = moved_on(found, Held(held.got, fixed=frozenset({holder})), [holder])
    assert after.got == held.got


def test_the_tables_hold_only_what_rules_look_at() -> None:
    facts = {"size": "micro", "level": None, "region": "CN-JS"}
    found = tables(
        [Wanting("x-1", ("North",), takes_any=True, facts=facts)], [Having("North", 3, "CN-JS")], RULES, 7
    )
    assert found.firms == "firm,choices,size,level\nx-1,North;*,micro,\n"
    assert found.providers == "provider,capacity\nNorth,3\n"
    assert found.marks[0] == hashlib.sha256(found.firms.encode()).hexdigest()
    regional = tables([], [Having("North", 3, "CN-JS")], ["region=same"], 7)
    assert regional.providers == "provider,capacity,region\nNorth,3,CN-JS\n"


def test_a_seed_cannot_be_changed_without_the_promise_showing_it() -> None:
    assert commitment(7, "ab") == hashlib.sha256(b"7:ab").hexdigest()
    assert len({commitment(seed, key) for seed in range(9) for key in ("ab", "cd")}) == 18


@pytest.mark.parametrize("name", ["=1+1", "A;B", "A；B", "*", "-x", "@x", "+x"])
def test_names_that_would_be_misread_are_refused(name: str) -> None:
    assert bad_name(name) is not None
    with pytest.raises(InputError):
        read_providers("labs.csv", f'provider,capacity\n"{name}",1\n'.encode(), with_region=False)


def test_providers_of_a_file() -> None:
    assert bad_name("North Lab") is None
    data = b"provider,capacity,region\nNorth,2,CN-JS\nSouth,1,\n"
    assert read_providers("labs.csv", data, with_region=True) == [
        Having("North", 2, "CN-JS"),
        Having("South", 1, ""),
    ]
    with pytest.raises(InputError) as caught:
        read_providers("labs.csv", b"provider,capacity\nNorth,2\n", with_region=True)
    assert [item.code for item in caught.value.problems] == ["missing-column"]


def test_sentences_speak_in_words_and_not_in_columns() -> None:
    wanting = [
        Wanting("x-1", ("North",), takes_any=False, facts={"size": "micro"}),
        Wanting("x-2", ("North",), takes_any=False, facts={"size": "small"}),
    ]
    found = market_of(tables(wanting, [Having("North", 1)], RULES[:1], 7))
    lines = Lines(standing_now(found, held_of(allocate(found))))
    said = dict(told(lines, ["x-1", "x-2"], "en", lambda column, value: f"<{value or column}>"))
    assert said["x-1"].provider == "North"
    assert (said["x-2"].provider, said["x-2"].place) == (None, 1)
    assert "by <size> the order is <micro> > <small>" in said["x-2"].sentences[1]
    assert "the last one admitted has <micro>, you have <small>" in said["x-2"].sentences[1]
