"""The life of a match: whatever is tried in whatever order, names wait for both sides, and a rating for the delivery.

The machine tries every act by everybody at every step. What it believes comes from a plain list of what was done, and not from
the engine's own state.
"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from capillary.matching.leads import BUDGET_ENDS, budget_class, lead_of
from capillary.matching.life import (
    FIRM,
    GRACE_DAYS,
    LIVE,
    MOST_INTERESTS,
    MOST_SENT,
    STATUS_WORDS,
    WAITS,
    Act,
    Measured,
    Person,
    Side,
    Standing,
    Status,
    agreed_after,
    begun,
    due,
    hindrance,
    in_time,
    interest_hindrance,
    marks,
    record_delivered,
    record_measured,
    record_rated,
    send_hindrance,
    status_after,
    working_days_after,
)
from capillary.matching.need import Need
from capillary.model.market import Record

KIN, STAFF, MEDIATOR, BOTH = "kin", "staff", "officer", "both"
PEOPLE = (
    Person(KIN, Side.SIGNER),
    Person("helper", Side.HELPER),
    Person(STAFF, Side.PROVIDER),
    Person(BOTH, Side.PROVIDER),
    Person(MEDIATOR, Side.OFFICER),
    Person(BOTH, Side.OFFICER),
    Person(STAFF, Side.OFFICER),
)
ENDS_A_COMPLAINT = {Act.SETTLE, Act.DROP}
BACK = {Act.REFUSE, Act.WITHDRAW, Act.RETURN, Act.REJECT, Act.WRITE, Act.COMPLAIN, Act.DROP}
DAYS = st.integers(dt.date(2026, 1, 1).toordinal(), dt.date(2028, 12, 31).toordinal())


class MatchMachine(RuleBasedStateMachine):
    """Everybody tries everything."""

    @initialize(by_firm=st.booleans())
    def begin(self, *, by_firm: bool) -> None:
        self.by_firm = by_firm
        self.standing = self._full(begun(by_firm=by_firm))
        self.done: list[tuple[Act, Person]] = []

    def _full(self, bare: Standing, **changes: object) -> Standing:
        given_parts = {
            "status": bare.status,
            "firm_agreed": bare.firm_agreed,
            "provider_agreed": bare.provider_agreed,
            "complaint": bare.complaint,
            "quote_days": bare.quote_days,
            "kin": frozenset({KIN, "helper", BOTH}),
            "staff": frozenset({STAFF, BOTH}),
        }
        return Standing(**(given_parts | changes))

    @rule(act=st.sampled_from(list(Act)), person=st.sampled_from(PEOPLE), ends=st.booleans())
    def try_it(self, *, act: Act, person: Person, ends: bool) -> None:
        before = self.standing
        against = hindrance(act, before, person)
        if against is not None:
            assert against.in_("en")
            return
        firm, provider = agreed_after(act, before)
        complaint = act == Act.COMPLAIN or (before.complaint and act not in ENDS_A_COMPLAINT)
        self.standing = self._full(
            before,
            status=status_after(act, before, ends=ends),
            firm_agreed=firm,
            provider_agreed=provider,
            complaint=complaint,
            complaint_firm=person.side in FIRM if act == Act.COMPLAIN else before.complaint_firm,
            quote_days=5 if act == Act.QUOTE else before.quote_days,
        )
        self.done.append((act, person))

    @rule(pick=st.integers(0, 10_000))
    def go_on(self, *, pick: int) -> None:
        """Do something that can be done and leads on, so that late stages are reached as well."""
        ways = [
            (act, person)
            for act in Act
            for person in PEOPLE
            if act not in BACK and hindrance(act, self.standing, person) is None
        ]
        if ways:
            act, person = ways[pick % len(ways)]
            self.try_it(act=act, person=person, ends=False)

    @precondition(lambda self: self.standing.status == Status.QUOTED)
    @rule()
    def wait_until_the_quote_runs_out(self) -> None:
        self.standing = self._full(self.standing, quote_days=-1)
        assert hindrance(Act.CONTRACT, self.standing, PEOPLE[0]) is not None

    def _acts(self) -> list[Act]:
        return [act for act, _ in self.done]

    @invariant()
    def nobody_is_named_before_both_agreed(self) -> None:
        firm_said = self.by_firm or Act.ACCEPT in self._acts()
        provider_said = not self.by_firm or Act.TAKE in self._acts()
        assert self.standing.named == (firm_said and provider_said)

    @invariant()
    def nobody_writes_quotes_or_complains_before_both_agreed(self) -> None:
        if not self.standing.named:
            assert not {Act.WRITE, Act.QUOTE, Act.COMPLAIN, Act.CONTRACT, Act.RATE} & set(self._acts())

    @invariant()
    def a_rating_rests_on_a_delivery_that_both_confirmed(self) -> None:
        acts = self._acts()
        if Act.RATE in acts:
            made = acts[: acts.index(Act.RATE)]
            delivered = max(index for index, act in enumerate(made) if act == Act.DELIVER)
            confirmed = max(index for index, act in enumerate(made) if act == Act.CONFIRM)
            assert self.done[delivered][1].side == Side.PROVIDER
            assert self.done[confirmed][1].side == Side.SIGNER
            assert delivered < confirmed < made.index(Act.MEASURE)
            assert acts.count(Act.RATE) == acts.count(Act.MEASURE) == acts.count(Act.CONFIRM) == 1

    @invariant()
    def officers_come_with_a_complaint_and_belong_to_no_side(self) -> None:
        open_complaint = False
        for act, person in self.done:
            if person.side == Side.OFFICER:
                assert open_complaint
                assert person.id == MEDIATOR
            open_complaint = act == Act.COMPLAIN or (open_complaint and act not in ENDS_A_COMPLAINT)

    @invariant()
    def a_complaint_is_taken_back_by_whoever_made_it(self) -> None:
        by_firm: bool | None = None
        for act, person in self.done:
            if act == Act.DROP:
                assert by_firm == (person.side in FIRM)
            if act == Act.COMPLAIN:
                by_firm = person.side in FIRM
            elif act in ENDS_A_COMPLAINT:
                by_firm = None

    @invariant()
    def nobody_answers_for_a_provider_to_his_own_firm(self) -> None:
        assert all(person.id != BOTH for _, person in self.done)

    @invariant()
    def what_binds_is_left_to_whoever_may_sign(self) -> None:
        binding = set(Act) - {Act.WRITE, Act.MEASURE}
        assert all(act not in binding for act, person in self.done if person.side == Side.HELPER)


TestMatch = MatchMachine.TestCase
TestMatch.settings = settings(max_examples=300, stateful_step_count=25, deadline=None, derandomize=True)


def test_a_whole_life_can_be_walked() -> None:
    owner, shop = PEOPLE[0], PEOPLE[2]
    for by_firm in (True, False):
        standing = begun(by_firm=by_firm)
        way = [] if by_firm else [(Act.ACCEPT, owner)]
        way += [
            (Act.TAKE, shop),
            (Act.QUOTE, shop),
            (Act.CONTRACT, owner),
            (Act.DELIVER, shop),
            (Act.CONFIRM, owner),
            (Act.MEASURE, owner),
            (Act.RATE, owner),
        ]
        for act, person in way:
            assert hindrance(act, standing, person) is None, (by_firm, act)
            firm, provider = agreed_after(act, standing)
            standing = Standing(status_after(act, standing), firm, provider, quote_days=1)
        assert standing.status == Status.RATED


def test_every_status_has_words_and_every_wait_lives() -> None:
    assert set(STATUS_WORDS) == set(Status)
    assert set(WAITS) == LIVE


# --- clocks ----------------------------------------------------------------------------------------------------------


def plain_working_days(day: dt.date, count: int) -> dt.date:
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5
    return day


@given(day=DAYS, count=st.integers(0, 30))
def test_working_days_are_monday_to_friday(day: int, count: int) -> None:
    plain = plain_working_days(dt.date.fromordinal(day), count)
    assert working_days_after(day, count) == plain.toordinal()


@given(
    status=st.sampled_from(list(Status)),
    since=DAYS,
    until=st.one_of(st.none(), DAYS),
    checks=st.lists(st.integers(0, 90), max_size=12),
    last=st.integers(0, 90),
)
def test_clocks_do_not_depend_on_when_anybody_looked(
    status: Status, since: int, until: int | None, checks: list[int], last: int
) -> None:
    """Whoever checks now and then, in any order and up to the same day, notes what one check on that day notes."""
    noted = {}
    for offset in [*(check for check in checks if check <= last), last]:
        for mark in marks(status, since, since + offset, until):
            noted.setdefault(mark.kind, mark.day)
    assert noted == {mark.kind: mark.day for mark in marks(status, since, since + last, until)}


@given(status=st.sampled_from(list(WAITS)), since=DAYS, later=st.integers(0, 60))
def test_nobody_is_late_through_the_last_day(status: Status, since: int, later: int) -> None:
    end = due(status, since, since + 14)
    assert end is not None
    assert marks(status, since, end, since + 14) == ()
    struck = [mark.kind for mark in marks(status, since, end + later, since + 14)]
    assert struck == ["remind", "overdue"][: len(struck)]
    assert len(marks(status, since, working_days_after(end, GRACE_DAYS), since + 14)) == 2


@given(since=DAYS, later=st.integers(0, 12))
def test_three_working_days_to_take_care(since: int, later: int) -> None:
    plain = plain_working_days(dt.date.fromordinal(since), 3).toordinal()
    assert in_time(Status.SENT, since, since + later) == (since + later <= plain)


# --- limits, leads, records ------------------------------------------------------------------------------------------


@given(taken=st.integers(0, 10), more=st.integers(0, 10))
def test_a_need_goes_to_five_at_most(taken: int, more: int) -> None:
    assert (send_hindrance(taken, more) is None) == (0 < more <= MOST_SENT - taken)


@pytest.mark.parametrize("today", range(15))
def test_interests_have_a_daily_limit(today: int) -> None:
    assert (interest_hindrance(today) is None) == (today < MOST_INTERESTS)


@given(budget=st.integers(0, 10**9))
def test_a_lead_tells_a_range_that_holds_the_budget(budget: int) -> None:
    place = budget_class(budget)
    assert place is not None
    ends = (-1, *BUDGET_ENDS, float("inf"))
    assert ends[place] < budget <= ends[place + 1]


def test_a_lead_holds_nothing_finer_than_a_subdivision() -> None:
    lead = lead_of(
        Need(
            on="2026-06-01",
            wanted={"crm-cloud": None},
            places=("CN-JS-SZ", "CN-JS", "CN"),
            employees=80,
            budget=61_234,
        )
    )
    assert (lead.region, lead.size, lead.budget) == ("CN-JS", "medium", 2)
    assert "61" not in str(lead)


@given(
    facts=st.lists(
        st.tuples(
            st.booleans(),
            st.booleans(),
            st.one_of(st.none(), st.integers(-3, 12)),
            st.sampled_from(["", "a", "b"]),
        ),
        max_size=12,
    )
)
def test_records_count_every_fact_once(facts: list[tuple[bool, bool, int | None, str]]) -> None:
    record = Record()
    for in_days, in_budget, levels, sector in facts:
        record = record_delivered(record, sector)
        record = record_measured(record, Measured(in_days, in_budget, levels))
        record = record_rated(record, satisfied=in_days)
    assert record.delivered == len(facts)
    assert sum(record.by_sector.values()) == sum(bool(item[3]) for item in facts)
    assert (record.in_time.hits, record.in_time.of) == (sum(item[0] for item in facts), len(facts))
    assert record.in_budget.hits == sum(item[1] for item in facts)
    assert sum(record.levels_gained.values()) == sum(item[2] is not None for item in facts)
    assert record.satisfied.hits == sum(item[0] for item in facts)
