"""Applications below the web: the life of one, the line for a budget, and spend claimed twice, each against an oracle."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from capillary.incentives.applying import (
    LIVE,
    WAITING,
    Act,
    Person,
    Side,
    Standing,
    Status,
    hindrance,
    status_after,
)
from capillary.incentives.asked import facts_asked
from capillary.incentives.budget import Waiting, line, room_for, split
from capillary.incentives.evaluate import AIDS, Evaluator
from capillary.incentives.invoices import Line, clashes, invoice_key
from capillary.incentives.situation import read_situation

from .incentive_kit import full_facts, rules

# --- the life of an application ---------------------------------------------------------------------------------------


class Life(RuleBasedStateMachine):
    """Officers and a firm act by lot, only as the engine lets them; what must never be is watched from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.round = Status.DRAFT, 1
        self.proposer: int | None = None
        self.grants = False
        self.judges: set[int] = set()
        self.decided: list[tuple[int, int]] = []
        self.days: int | None = None
        self.overdue = self.granted_before = False

    def standing(self) -> Standing:
        return Standing(
            self.status,
            self.round,
            self.proposer,
            frozenset(self.judges),
            frozenset({1, 5}),
            self.days,
            self.status == Status.REFUSED or not self.grants,
            is_overdue=self.overdue,
            has_grant=self.granted_before,
        )

    def tried(self, act: Act, person: Person) -> bool:
        if hindrance(act, self.standing(), person) is not None:
            return False
        before = self.status
        self.status = status_after(act, self.standing(), grants=self.grants)
        assert before in LIVE | {Status.DRAFT, Status.REFUSED}
        return True

    @rule(act=st.sampled_from([Act.SUBMIT, Act.ANSWER, Act.WITHDRAW]), side=st.sampled_from(list(Side)))
    def of_the_firm(self, act: Act, side: Side) -> None:
        if self.tried(act, Person(1, side)):
            assert side != Side.OFFICE
            assert side == Side.SIGNER or act == Act.ANSWER

    @rule(who=st.integers(2, 5), overdue=st.booleans())
    def ask(self, who: int, overdue: bool) -> None:  # noqa: FBT001 - hypothesis names it
        was_asked = self.status == Status.QUESTION
        if self.tried(Act.ASK, Person(who, Side.OFFICE)):
            assert not was_asked or self.overdue
            self.overdue = overdue

    @rule(who=st.integers(2, 5))
    def pay(self, who: int) -> None:
        before = self.status
        if self.tried(Act.PAY, Person(who, Side.OFFICE)):
            assert self.granted_before
            assert self.status == before

    @rule(who=st.integers(2, 5), grants=st.booleans())
    def propose(self, who: int, grants: bool) -> None:  # noqa: FBT001 - hypothesis names it
        was_asked = self.status == Status.QUESTION
        if self.tried(Act.PROPOSE, Person(who, Side.OFFICE)):
            assert not was_asked or self.overdue, "the enterprise still has time to answer"
            self.proposer, self.grants = who, grants

    @rule(who=st.integers(2, 5))
    def send_back(self, who: int) -> None:
        if self.tried(Act.RETURN, Person(who, Side.OFFICE)):
            self.proposer = None

    @rule(who=st.integers(2, 5))
    def confirm(self, who: int) -> None:
        proposer = self.proposer
        if self.tried(Act.CONFIRM, Person(who, Side.OFFICE)):
            assert proposer is not None
            self.decided.append((proposer, who))
            self.judges |= {proposer, who}
            self.proposer, self.days = None, 60
            self.granted_before |= self.status == Status.GRANTED

    @rule(days=st.integers(-2, 60))
    @precondition(lambda self: self.days is not None)
    def appeal(self, days: int) -> None:
        self.days = days
        if self.tried(Act.APPEAL, Person(1, Side.SIGNER)):
            assert days >= 0
            self.round = 2

    @invariant()
    def two_pairs_of_eyes_and_no_kin(self) -> None:
        for proposer, confirmer in self.decided:
            assert proposer != confirmer
            assert 5 not in {proposer, confirmer}

    @invariant()
    def others_decide_the_appeal(self) -> None:
        assert len(self.decided) <= 2
        if len(self.decided) == 2:
            assert not set(self.decided[0]) & set(self.decided[1])

    @invariant()
    def no_decision_without_two_officers(self) -> None:
        if self.status in {Status.GRANTED, Status.REFUSED}:
            assert self.decided


TestLife = Life.TestCase


def test_every_refusal_says_why() -> None:
    for status in Status:
        for act in Act:
            for side in Side:
                found = hindrance(act, Standing(status), Person(1, side))
                assert found is None or found.in_("en") != found.in_("zh")


# --- the line ---------------------------------------------------------------------------------------------------------

AMOUNTS = st.integers(0, 50).map(Decimal)
QUEUES = st.lists(st.tuples(st.integers(0, 5), AMOUNTS), min_size=1, max_size=8)


def _waiting(rows: list[tuple[int, Decimal]]) -> list[Waiting]:
    return [Waiting(f"a{number}", since, asked) for number, (since, asked) in enumerate(rows)]


@given(QUEUES, AMOUNTS, st.randoms(use_true_random=False))
def test_the_line_is_that_of_the_days_whatever_the_order_of_the_rows(
    rows: list[tuple[int, Decimal]], left: Decimal, dice: object
) -> None:
    waiting = _waiting(rows)
    found = line(waiting, left)
    shuffled = list(waiting)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert line(shuffled, left) == found
    moments = {item.id: item.since for item in waiting}
    assert [moments[place.id] for place in found] == sorted(moments.values())
    for place in found:
        earlier = [
            item.asked for item in waiting if (item.since, str(item.id)) < (moments[place.id], str(place.id))
        ]
        assert place.before == sum(earlier, Decimal(0))
        assert place.number == len(earlier) + 1
        assert room_for(place.id, waiting, left) == max(left - sum(earlier, Decimal(0)), Decimal(0))


@given(QUEUES, AMOUNTS, st.data())
def test_whoever_is_decided_first_those_in_front_lose_nothing_and_the_budget_holds(
    rows: list[tuple[int, Decimal]], budget: Decimal, data: st.DataObject
) -> None:
    """Everybody gets all that the room lets him, in an order by lot: nobody gets less than if the line had been kept."""
    waiting = _waiting(rows)
    fair: dict[object, Decimal] = {}
    left = budget
    for item in sorted(waiting, key=lambda item: (item.since, str(item.id))):  # type: ignore[return-value,arg-type]
        fair[item.id] = min(item.asked, left)
        left -= fair[item.id]
    got: dict[object, Decimal] = {}
    open_ones, left = list(waiting), budget
    while open_ones:
        item = data.draw(st.sampled_from(open_ones))
        room = room_for(item.id, open_ones, left)
        assert room is not None
        got[item.id] = min(item.asked, room)
        left -= got[item.id]
        open_ones.remove(item)
    assert left >= 0
    assert got == fair


@given(QUEUES)
def test_without_a_budget_everybody_fits(rows: list[tuple[int, Decimal]]) -> None:
    assert all(place.fits for place in line(_waiting(rows), None))
    with pytest.raises(KeyError):
        room_for("nobody", _waiting(rows), Decimal(1))


@given(
    st.decimals(0, 10**9, places=2, allow_nan=False),
    st.lists(st.decimals(0, 10**6, places=2, allow_nan=False), min_size=1, max_size=6),
)
def test_parts_add_up_and_keep_their_shares(amount: Decimal, parts: list[Decimal]) -> None:
    whole = sum(parts, Decimal(0))
    if whole == 0:
        if amount:
            with pytest.raises(ValueError, match="not all zero"):
                split(amount, parts)
        return
    found = split(amount, parts)
    assert sum(found, Decimal(0)) == amount
    for part, got in zip(parts[:-1], found[:-1], strict=True):
        exact = Fraction(amount) * Fraction(part) / Fraction(whole)
        assert 0 <= exact - Fraction(got) < Fraction(1, 100)


# --- spend claimed twice ----------------------------------------------------------------------------------------------


def _line(which: int, /, **changes: object) -> Line:
    values: dict[str, object] = {
        "id": which,
        "application": which,
        "enterprise": "e1",
        "supplier": "Example Software Ltd",
        "number": "INV-1",
        "day": 700_000,
        "total": Decimal(100),
        "claimed": Decimal(100),
        "currency": "CNY",
    }
    return Line(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Example Software Ltd", "INV-0012"), ("EXAMPLE  software, Co., Ltd.", "inv 0012")),
        (("杭州示例软件有限公司", "00123"), ("杭州示例软件股份有限公司", " 123")),
        (("ＥＸＡＭＰＬＥ", "１２３"), ("Example GmbH", "0123")),
    ],
    ids=["signs", "legal form", "width"],
)
def test_an_invoice_is_known_however_it_is_written(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert invoice_key(*one) == invoice_key(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A", "1"), ("B", "1")),
        (("A", "1"), ("A", "2")),
        (("A", "10"), ("A", "1")),
        (("Ltd", "1"), ("GmbH", "1")),
    ],
    ids=["supplier", "number", "zero at the end", "nothing but a legal form"],
)
def test_other_invoices_stay_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert invoice_key(*one) != invoice_key(*other)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=5))
def test_of_one_invoice_no_more_is_claimed_than_it_amounts_to(claims: list[int]) -> None:
    lines = [_line(number, claimed=Decimal(claim)) for number, claim in enumerate(claims)]
    found = clashes(lines[:1], lines[1:])
    assert ("over" in {clash.kind for clash in found}) == (sum(claims) > 100)
    # every order of the same lines says the same
    for order in permutations(lines[1:]):
        again = clashes(lines[:1], order)
        assert {(clash.kind, clash.name) for clash in again} == {(clash.kind, clash.name) for clash in found}


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        ({"claimed": Decimal(1)}, {"over"}),
        ({"total": Decimal(101), "claimed": Decimal(1)}, {"totals"}),
        ({"enterprise": "e2"}, {"over", "other-firm"}),
        ({"supplier": "Another Maker"}, {"number"}),
        ({"number": "INV-2", "day": 700_031}, {"amount"}),
        ({"number": "INV-2", "day": 700_032}, set()),
        ({"number": "INV-2", "total": Decimal(99), "claimed": Decimal(99)}, set()),
        ({"number": "INV-2", "enterprise": "e2"}, set()),
        ({"number": "INV-2", "application": 0}, set()),
        ({"number": "INV-2", "currency": "EUR"}, set()),
    ],
    ids=[
        "part",
        "totals",
        "other firm",
        "number",
        "same month",
        "later",
        "other amount",
        "other firm's own",
        "own",
        "currency",
    ],
)
def test_what_meets_what(other: dict[str, object], kinds: set[str]) -> None:
    found = clashes([_line(0)], [_line(1, **other)])
    assert {clash.kind for clash in found} == kinds
    assert all(clash.is_certain == (clash.kind in {"over", "totals", "other-firm"}) for clash in found)


# --- what a programme asks for ----------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.sampled_from(sorted(rules().programmes)))
def test_what_is_not_asked_for_changes_nothing(seed: int, name: str) -> None:
    """The facts that a programme does not ask for can be anything: its answer stays the same."""
    programme = rules().programmes[name]
    if programme.kind == "ceiling":
        return
    day = "2026-06-01"
    asked = set(facts_asked(rules(), programme, day))
    one, other = full_facts(seed), full_facts(seed + 1)
    mixed = {key: (one if key in asked else other)[key] for key in one}
    answers = [
        Evaluator(rules(), read_situation(facts, rules(), on=day, aids=())).of(programme).as_json()
        for facts in (one, mixed)
    ]
    assert answers[0] == answers[1]
    assert (AIDS in asked) == (programme.under is not None)


def test_waiting_and_live_do_not_overlap_with_what_is_over() -> None:
    assert WAITING < LIVE
    assert not LIVE & {Status.DRAFT, Status.REFUSED, Status.WITHDRAWN}
