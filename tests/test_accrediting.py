"""The life of an application for accreditation: whoever tries what in whatever order, two who are not bound decide."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from capillary.matching.accrediting import (
    OUTCOME_WORDS,
    STATUS_WORDS,
    WAITING,
    Act,
    Outcome,
    Person,
    Side,
    Standing,
    Status,
    hindrance,
    outcomes,
    round_after,
    status_after,
    verdict_hindrance,
)

BOUND = "bound"
OFFICERS = ("a", "b", "c", "d", BOUND)


class Life(RuleBasedStateMachine):
    """Tries every act by everybody; what it believes comes from the list of what was done."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing(Status.DRAFT, bound=frozenset({BOUND}))
        self.proposal: tuple[str, Outcome] | None = None
        self.decisions: list[tuple[Outcome, str, str]] = []
        self.appeals: list[frozenset[str]] = []

    def _move(self, act: Act, outcome: Outcome | None = None, **changes: object) -> None:
        before = self.standing
        status = status_after(act, before, outcome)
        values = {
            "status": status,
            "round": round_after(act, before, outcome),
            "holds": status == Status.GRANTED or (status == Status.PROPOSED and before.holds),
            "judges": before.judges,
            "bound": before.bound,
            "days_to_appeal": before.days_to_appeal,
        }
        self.standing = Standing(**(values | changes))  # type: ignore[arg-type]

    @rule(act=st.sampled_from(list(Act)), who=st.sampled_from(OFFICERS), number=st.integers(0, 1))
    def office(self, act: Act, who: str, number: int) -> None:
        if hindrance(act, self.standing, Person(who, Side.OFFICE)) is not None:
            return
        assert who != BOUND
        if act == Act.PROPOSE:
            possible = outcomes(self.standing)
            assert possible
            outcome = possible[number % len(possible)]
            self.proposal = (who, outcome)
            self._move(act, before=self.standing.status, proposer=who)
        elif act == Act.CONFIRM:
            assert self.proposal is not None
            proposer, outcome = self.proposal
            assert who != proposer, "two pairs of eyes"
            if self.standing.round > 1:
                assert {who, proposer}.isdisjoint(self.appeals[-1])
            self.decisions.append((outcome, proposer, who))
            self.proposal = None
            self._move(act, outcome, judges=frozenset({proposer, who}), days_to_appeal=0)
        elif act == Act.RETURN:
            before = self.standing.before
            self.proposal = None
            self._move(act)
            assert self.standing.status == before
        else:
            assert act == Act.CHECK

    @rule(act=st.sampled_from(list(Act)))
    def provider(self, act: Act) -> None:
        if hindrance(act, self.standing, Person("p", Side.PROVIDER)) is not None:
            return
        if act == Act.APPEAL:
            outcome, *people = self.decisions[-1]
            assert outcome != Outcome.GRANT
            self.appeals.append(frozenset(people))
        if act == Act.WITHDRAW:
            self.proposal = None
        self._move(act)

    @invariant()
    def an_accreditation_holds_by_the_last_decision(self) -> None:
        if self.standing.holds:
            assert self.decisions[-1][0] == Outcome.GRANT
        if self.standing.status == Status.TAKEN_BACK:
            assert [item[0] for item in self.decisions[-2:]] == [Outcome.GRANT, Outcome.TAKE_BACK]

    @invariant()
    def a_proposal_waits_exactly_in_proposed(self) -> None:
        assert (self.proposal is not None) == (self.standing.status == Status.PROPOSED)


Life.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("status", list(Status))
def test_every_refusal_says_why(side: Side, status: Status) -> None:
    for act in Act:
        found = hindrance(act, Standing(status), Person("x", side))
        assert found is None or len(found.in_("zh")) > 4


def test_an_appeal_has_its_days_and_is_made_once() -> None:
    def against(days: int | None, round_: int = 1) -> str:
        standing = Standing(Status.REFUSED, round=round_, days_to_appeal=days)
        found = hindrance(Act.APPEAL, standing, Person("p", Side.PROVIDER))
        return "" if found is None else found.in_("en")

    assert against(0) == ""
    assert against(-1) == against(None) == "The time for an appeal is over."
    assert against(5, 2).startswith("The appeal has been decided.")


def test_nobody_is_accredited_against_the_rules_and_a_no_needs_words() -> None:
    for verdict in ("entitled", "unclear", "not-entitled"):
        allowed = verdict_hindrance(Outcome.GRANT, verdict, "") is None
        assert allowed == (verdict == "entitled")
        for outcome in (Outcome.REFUSE, Outcome.TAKE_BACK):
            assert verdict_hindrance(outcome, verdict, "  ") is not None
            assert verdict_hindrance(outcome, verdict, "because") is None


def test_what_has_expired_is_not_taken_back() -> None:
    standing = Standing(Status.GRANTED, holds=False)
    assert outcomes(standing) == ()
    assert hindrance(Act.PROPOSE, standing, Person("a", Side.OFFICE)) is not None
    assert outcomes(Standing(Status.GRANTED, holds=True)) == (Outcome.TAKE_BACK,)


def test_everything_has_words() -> None:
    assert set(STATUS_WORDS) == set(Status)
    assert set(OUTCOME_WORDS) == set(Outcome)
    assert set(Status) >= WAITING
