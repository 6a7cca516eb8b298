"""Officers try out rules: the editor's view, changes checked, drafts, simulations over a programme's enterprises."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from capillary.incentives.drafts import slots_of, with_figures
from capillary.incentives.simulate import Move
from capillary.web import engine
from capillary.web.accounts.models import Organisation, Position, User
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.consents import consent_give, consent_withdraw
from capillary.web.enterprises.models import Consent
from capillary.web.funding import selectors, trials
from capillary.web.funding.crowd import crowd_of
from capillary.web.funding.drafts import SHIPPED, Form, form_of
from capillary.web.funding.models import FirmFacts, RuleDraft, Simulation
from capillary.web.funding.outcome import Outcome
from capillary.web.programmes.models import Enrolment

from .kit import make_world
from .officer_kit import enrol

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
NAME = "cn-nanjing"
DAY = dt.date(2026, 2, 1)
TOLD: dict[str, Any] = {
    "city": "nanjing",
    "size_cn": "small",
    "is_pilot_industry": True,
    "has_central_funding": False,
    "completed_on": "2026-01-15",
    "level_after": 2,
    "spend_cloud": "0",
    "spend_gateways": "0",
}


@pytest.fixture
def world() -> World:
    return make_world()


def tell(world: World, enrolment: Enrolment, *, agreed: bool = True, **facts: Any) -> None:
    """Let an enterprise have told its facts, and agree that they count."""
    FirmFacts.objects.create(enterprise=enrolment.enterprise, facts={**TOLD, **facts}, aids=None)
    if agreed:
        Consent.objects.create(enterprise=enrolment.enterprise, purpose=Consent.Purpose.INCENTIVES)


@pytest.fixture
def crowd(world: World) -> World:
    """The world with 40 enterprises, of which 12 spent more than the cap, 12 less, and 16 told nothing."""
    world.enrolment.delete()
    for number in range(40):
        row = enrol(world, number)
        if number < 24:
            tell(world, row, spend_software="2000000" if number < 12 else "400000")
    return world


def address(name: str = "incentive-rules", *args: object) -> str:
    return reverse(name, args=[NAME, *args])


def page(world: World, where: str, person: str = "officer", **query: Any) -> Any:
    return world.client(person).get(where, query)


def typed(world: World, **changes: str) -> dict[str, str]:
    """Return what the edit page sends when nothing is touched but what is named."""
    form = page(world, address("incentive-edit")).context["form"]
    return {name: str(form[name].value()) for name in form.fields} | changes


def send(world: World, person: str = "officer", **data: str) -> Any:
    return world.client(person).post(address("incentive-edit"), typed(world, **data))


FIELDS = {"cap": "figure-0-cap-bands-0", "rate": "figure-0-rate-bands-0", "level": "figure-0-least_level"}


def simulated(world: World, *, publication: bool = False, **figures: str) -> Outcome:
    data = {FIELDS[name]: value for name, value in figures.items()}
    done = send(world, do="simulate", over=str(world.programme.pk), on=DAY.isoformat(), **data)
    assert done.status_code == 302, done.content.decode()
    row = Simulation.objects.select_related("programme").latest("made_at")
    assert row.status == Simulation.Status.READY, row.problems
    return Outcome(row, publication=publication)


def test_an_officer_sees_figures_conditions_text_and_cases_as_they_come_out(world: World) -> None:
    assert address() in page(world, reverse("incentive", args=[NAME])).content.decode()
    assert address() not in page(world, reverse("incentive", args=[NAME]), "owner").content.decode()
    text = page(world, address()).content.decode()
    for word in (
        "least_level",
        "50 %",
        "500,000",
        "official",
        "level_after &gt;= least_level",
        "njgx-2024-2",
    ):
        assert word in text, word
    cases = page(world, address()).context["cases"]
    assert cases
    assert all(item.passed for item in cases)


def test_a_figure_that_is_changed_shows_what_differs_and_which_cases_turn(world: World) -> None:
    done = send(world, do="check", **{FIELDS["cap"]: "250000"})
    assert done.status_code == 200
    (difference,) = done.context["differences"]
    assert (difference.before, difference.after) == ("500000", "250000")
    turned = done.context["turned"]
    assert turned
    assert all(item.before.passed and not item.after.passed for item in turned)
    # the page goes on from there: the figure stands in its field and in the text
    form = done.context["form"]
    assert form[FIELDS["cap"]].value() == "250000"
    assert "250000" in form["text"].value()
    assert not RuleDraft.objects.exists()
    assert not Simulation.objects.exists()


def test_shares_are_typed_in_percent_and_written_as_shares(world: World) -> None:
    assert typed(world)[FIELDS["rate"]] == "50"
    done = send(world, do="check", **{FIELDS["rate"]: "47.5"})
    (difference,) = done.context["differences"]
    assert (difference.before, difference.after) == ("0.50", "0.475")
    assert "47.5 %" in done.content.decode()


def test_nothing_changed_differs_in_nothing(world: World) -> None:
    done = send(world, do="check")
    assert done.context["differences"] == []
    assert done.context["turned"] == []


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("amount: min(rate * eligible, cap) + bonus", "amount: min(rate * eligible, capp) + bonus", "capp"),
        ("unit: level, value: 2", "unit: level, value: two", "two"),
        ("kind: subsidy", "kind: gift", "gift"),
        ("currency: CNY", "currency: [", "[not-yaml]"),
        ("currency: CNY", "currency: &a CNY", "currency: &amp;a CNY"),
    ],
)
def test_mistakes_in_the_text_are_named_with_their_line_and_nothing_is_lost(
    world: World, old: str, new: str, word: str
) -> None:
    text = typed(world)["text"].replace(old, new, 1)
    assert new in text
    row = next(number for number, line in enumerate(text.splitlines(), 1) if new in line)
    done = send(world, do="keep", name="Mine", text=text, **{FIELDS["cap"]: "123456"})
    assert done.status_code == 422
    shown = done.content.decode()
    if word != "[not-yaml]":
        assert f"Line {row}" in shown or f"第 {row} 行" in shown
        assert word in shown
    assert done.context["form"].problems
    assert done.context["form"]["text"].value().replace("\r\n", "\n") == text
    assert 'value="123456"' in shown
    assert 'value="Mine"' in shown
    assert not RuleDraft.objects.exists()


@pytest.mark.parametrize("wrong", ["", "lots", "-1e400", "1e12", "٥", "9" * 40])
def test_a_figure_that_is_none_is_refused_at_its_field(world: World, wrong: str) -> None:
    done = send(world, do="check", **{FIELDS["level"]: wrong})
    if wrong == "٥":  # a digit of another script is a digit
        assert done.status_code == 422 or done.context["form"][FIELDS["level"]].value() == "5"
        return
    assert done.status_code == 422
    assert FIELDS["level"] in done.context["form"].errors


def test_fields_and_text_may_both_change_but_not_the_same_figure_in_two_ways(world: World) -> None:
    text = typed(world)["text"].replace(
        'up_to: "2026-01-27", value: 500000', 'up_to: "2026-01-27", value: 450000'
    )
    both = send(world, do="check", text=text, **{FIELDS["rate"]: "45"})
    assert {(item.before, item.after) for item in both.context["differences"]} == {
        ("500000", "450000"),
        ("0.50", "0.45"),
    }
    clash = send(world, do="check", text=text, **{FIELDS["cap"]: "470000"})
    assert clash.status_code == 422
    assert "450000" in clash.context["form"].errors[FIELDS["cap"]][0]
    same = send(world, do="check", text=text, **{FIELDS["cap"]: "450000"})
    assert same.status_code == 200


def test_lines_as_a_browser_sends_them_are_the_same_text(world: World) -> None:
    data = typed(world)
    sent = {name: value.replace("\n", "\r\n") for name, value in data.items()}
    done = world.client("officer").post(address("incentive-edit"), {**sent, "do": "keep", "name": "Same"})
    assert done.status_code == 302
    assert RuleDraft.objects.get().text == engine.library().programme_text(NAME)


def test_a_page_whose_hidden_text_was_changed_goes_back_to_the_rules_in_force(world: World) -> None:
    done = send(world, do="check", base="id: [")
    assert done.status_code == 200
    assert done.context["differences"] == []


def test_a_draft_is_kept_listed_compared_taken_away_and_deleted(world: World) -> None:
    done = send(world, do="keep", name="Lower cap", note="For the council", **{FIELDS["cap"]: "300000"})
    draft = RuleDraft.objects.get()
    assert done["Location"].endswith(address("incentive-draft", draft.pk)[3:])
    assert draft.made_by == world.users["officer"]
    assert "Lower cap" in page(world, address()).content.decode()
    shown = page(world, address("incentive-draft", draft.pk))
    assert "300,000" in shown.content.decode()
    assert not all(item.passed for item in shown.context["cases"])

    file = page(world, address("incentive-draft-file", draft.pk))
    assert file.content.decode() == draft.text
    assert f'filename="{NAME}.yaml"' in file["Content-Disposition"]

    pair = page(world, address("incentive-compare"), one=SHIPPED, other=str(draft.pk))
    assert [(item.before, item.after) for item in pair.context["differences"]] == [("500000", "300000")]
    again = page(world, address("incentive-edit"), of=str(draft.pk)).context["form"]
    assert again[FIELDS["cap"]].value() == "300000"

    # a firm is judged by the rules in force, whatever drafts there are
    assert rules_cap() == 500000
    gone = address("incentive-draft-delete", draft.pk)
    assert "Lower cap" in page(world, gone).content.decode()
    assert RuleDraft.objects.exists()
    world.client("officer").post(gone)
    assert not RuleDraft.objects.exists()
    kinds = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"rule-draft-keep", "rule-draft-delete"} <= kinds


def rules_cap() -> int:
    bands = engine.rules().programmes[NAME].versions[0].parameters["cap"].bands
    return int(bands[0].value)


def test_drafts_are_for_the_officers_of_the_same_organisation(world: World) -> None:
    send(world, do="keep", name="Ours", **{FIELDS["cap"]: "300000"})
    draft = RuleDraft.objects.get()
    other = Organisation.objects.create(name_zh="别处", name_en="Elsewhere", kind="authority")
    for name, organisation in (("colleague-officer", world.organisation), ("foreign-officer", other)):
        user = User.objects.create_user(f"{name}@example.com", "a good passphrase", name=name)
        Position.objects.create(user=user, organisation=organisation, role="officer")
        world.users[name] = user
    where = address("incentive-draft", draft.pk)
    assert page(world, where, "colleague-officer").status_code == 200
    assert page(world, where, "foreign-officer").status_code == 404
    assert "Ours" not in page(world, address(), "foreign-officer").content.decode()
    query = {"one": SHIPPED, "other": str(draft.pk)}
    assert page(world, address("incentive-compare"), "foreign-officer", **query).status_code == 404
    # it goes with whoever made it alone
    assert page(world, address("incentive-draft-delete", draft.pk), "colleague-officer").status_code == 404
    assert page(world, address("incentive-compare"), other="neither").status_code == 404


def test_a_draft_that_fits_no_longer_is_still_shown_as_text(world: World) -> None:
    text = engine.library().programme_text(NAME).replace("city == 'nanjing'", "town == 'nanjing'")
    draft = RuleDraft.objects.create(incentive=NAME, name="Old", text=text, made_by=world.users["officer"])
    shown = page(world, address("incentive-draft", draft.pk))
    assert shown.status_code == 200
    assert "town ==" in shown.content.decode()
    assert page(world, address("incentive-compare"), other=str(draft.pk)).context["unreadable"]
    assert page(world, address("incentive-edit"), of=str(draft.pk)).context["before"].key == SHIPPED


# --- simulations -----------------------------------------------------------------------------------------------------


def test_a_lower_cap_costs_less_and_takes_from_those_above_it(crowd: World) -> None:
    found = simulated(crowd, cap="300000")
    assert (found.firms, found.told, found.cut, found.left) == (40, 24, 0, 0)
    before, after, difference = found.sums()
    # 12 firms at the cap, 12 at half of 400,000; 16 of which nothing is known may be anything
    assert before.low == 12 * 500_000 + 12 * 200_000
    assert after.low == 12 * 300_000 + 12 * 200_000
    assert difference.low == -12 * 200_000
    assert int((found.moves == Move.LOSE).sum()) == 12
    assert int((found.moves == Move.GAIN).sum()) == 0
    by_size = next(table for table in found.tables() if table.id == "size")
    assert by_size.rows[-1].cells[-1].count == 12 * 200_000
    spread = next(table for table in found.tables() if table.id == "spread")
    # those who lose 200,000 for certain, and those who may get less
    assert spread.rows[-1].cells[1].count == sum(
        int((found.moves == move).sum()) for move in (Move.LOSE, Move.MAY_LOSE)
    )
    assert {row.fact for row in found.unsettled()} >= {"city", "spend_software"}
    assert next(row for row in found.unsettled() if row.fact == "city").firms <= 16


def test_every_table_adds_up_to_all_enterprises(crowd: World) -> None:
    found = simulated(crowd, cap="300000")
    tables = {table.id: table for table in found.tables()}
    assert tables["answers"].rows[-1].cells[-1].count == 40
    for name in ("size", "sector", "region"):
        (*rows, last) = tables[name].rows
        together = len(last.cells) - 2  # before what those who lose get less
        assert last.cells[together].count == 40
        assert sum(row.cells[together].count or 0 for row in rows) == 40


def test_the_firms_are_paged_chosen_and_taken_away(crowd: World) -> None:
    simulated(crowd, cap="300000")
    row = Simulation.objects.get()
    where = address("incentive-simulation", row.pk)
    shown = page(crowd, where, which="lose")
    assert len(shown.context["rows"]) == 12
    assert "CNY 500,000" in shown.content.decode()
    everybody = page(crowd, where, which="all")
    assert len(everybody.context["rows"]) == 25
    second = page(crowd, where, which="all", page="2")
    assert len(second.context["rows"]) == 15
    named = {row.enrolment.pk for shown in (everybody, second) for row in shown.context["rows"]}
    assert len(named) == 40
    files = address("incentive-simulation-firms", row.pk)
    text = page(crowd, files, which="lose", format="csv").content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 13
    assert {tuple(line[8:12]) for line in lines[1:]} == {("500000", "500000", "300000", "300000")}
    book = load_workbook(io.BytesIO(page(crowd, files, which="lose", format="xlsx").content))
    assert [[cell.value for cell in line][1] for line in book.active.iter_rows(min_row=2)] == [
        line[1] for line in lines[1:]
    ]
    assert page(crowd, files, format="parquet").status_code == 404
    read = AuditEntry.objects.filter(kind=AuditEntry.Kind.READ, subject__contains=str(row.pk))
    assert read.count() == 5


def test_a_name_is_no_formula_in_a_spreadsheet(crowd: World) -> None:
    Enrolment.objects.filter(programme=crowd.programme).update(name="=1+1")
    simulated(crowd, cap="300000")
    files = address("incentive-simulation-firms", Simulation.objects.get().pk)
    lines = list(csv.reader(io.StringIO(page(crowd, files, which="all").content.decode("utf-8-sig"))))
    assert {line[1] for line in lines[1:]} == {"'=1+1"}


def test_what_a_firm_told_counts_only_while_it_agrees(crowd: World) -> None:
    found = simulated(crowd, cap="300000")
    assert found.told == 24
    firm = Enrolment.objects.filter(programme=crowd.programme).order_by("pk").first()
    assert firm is not None
    owner = crowd.users["owner"]
    consent_withdraw(enterprise=firm.enterprise, purpose=Consent.Purpose.INCENTIVES, by=owner)
    # what was simulated before shows it no more either
    again = Outcome(found.simulation)
    assert (again.firms, again.told, again.left) == (39, 23, 1)
    assert again.sums()[0].low == found.sums()[0].low - 500_000
    later = simulated(crowd, cap="300000")
    assert (later.firms, later.told) == (40, 23)
    assert later.sums()[0].low == found.sums()[0].low - 500_000
    assert crowd_of(crowd.programme).firms[0].facts.keys() <= {"country", "employees", "industry_cn"}
    consent_give(enterprise=firm.enterprise, purpose=Consent.Purpose.INCENTIVES, by=owner)
    assert len(crowd_of(crowd.programme).told) == 24


def test_a_firm_that_leaves_is_seen_no_more_in_what_was_simulated(crowd: World) -> None:
    simulated(crowd, cap="300000")
    row = Simulation.objects.select_related("programme").get()
    gone = Enrolment.objects.filter(programme=crowd.programme).order_by("pk").first()
    assert gone is not None
    name = gone.name
    Enrolment.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
    found = Outcome(row)
    assert (found.firms, found.left) == (39, 1)
    assert found.sums()[0].low == 11 * 500_000 + 12 * 200_000
    where = address("incentive-simulation", row.pk)
    assert name not in page(crowd, where, which="all").content.decode()
    files = address("incentive-simulation-firms", row.pk)
    assert name not in page(crowd, files, which="all").content.decode("utf-8-sig")


def test_figures_for_publication_hold_small_ones_back_and_name_nobody(crowd: World) -> None:
    # of the 12 firms at the cap 9 spent too little for it, so that 3 are left who would gain
    for row in Enrolment.objects.filter(programme=crowd.programme).order_by("pk")[:9]:
        FirmFacts.objects.filter(enterprise=row.enterprise).update(facts={**TOLD, "spend_software": "900000"})
    few = simulated(crowd, cap="510000", publication=True)
    assert int((few.moves == Move.GAIN).sum()) == 3
    assert not few.money_is_shown
    assert all(item.held for item in few.sums())
    for table in few.tables():
        money = sum("CNY" in str(column) for column in table.columns)
        for line in table.rows:
            counts = line.cells[: len(line.cells) - money]
            assert all(cell.count is None or cell.count == 0 or cell.count >= 10 for cell in counts), table.id
            assert all(cell.count in {None, 0} for cell in line.cells[len(line.cells) - money :])
    assert all(row.firms >= 10 for row in few.unsettled())
    row = Simulation.objects.latest("made_at")
    shown = page(crowd, address("incentive-simulation", row.pk), publication="1").content.decode()
    names = Enrolment.objects.filter(programme=crowd.programme).values_list("name", flat=True)
    assert not any(name in shown for name in names)
    work = Outcome(row)
    assert work.money_is_shown


def test_amounts_beside_counts_that_are_held_back_are_held_back(crowd: World) -> None:
    found = simulated(crowd, cap="300000", publication=True)
    for table in found.tables():
        if table.id not in {"size", "sector", "region"}:
            continue
        lose = len(table.columns) - 3  # then come the total and what they get less
        hidden = [line.cells[lose].count is None for line in table.rows]
        assert any(hidden)
        assert [line.cells[-1].count is None for line in table.rows] == hidden


def test_no_small_remainder_is_left_between_two_tables(crowd: World) -> None:
    """Three who gain because they are let in, of thirteen who gain: the table of answers would give the ten away."""
    rows = list(Enrolment.objects.filter(programme=crowd.programme).order_by("pk"))
    for number, row in enumerate(rows[:13]):
        level = 1 if number < 3 else 2
        facts = {**TOLD, "spend_software": "2000000", "level_after": level}
        FirmFacts.objects.filter(enterprise=row.enterprise).update(facts=facts)
    work = simulated(crowd, cap="600000", level="1")
    assert int((work.moves == Move.GAIN).sum()) == 13
    published = Outcome(work.simulation, publication=True)
    assert "answers" in {table.id for table in work.tables()}
    assert "answers" not in {table.id for table in published.tables()}


def test_fewer_than_ten_enterprises_are_not_published_at_all(world: World) -> None:
    found = simulated(world, cap="300000", publication=True)
    assert found.too_few
    assert found.tables() == []
    row = Simulation.objects.get()
    shown = page(world, address("incentive-simulation", row.pk), publication="1").content.decode()
    assert "<table" not in shown


def test_the_level_is_that_of_the_last_completed_assessment(world: World) -> None:
    from capillary.web.programmes.standing import standing_refresh

    standing_refresh(world.earlier)
    found = crowd_of(world.programme)
    expected = selectors.assessed_facts(world.earlier)
    assert found.firms[0].facts == expected
    assert "level_after" in expected


def test_a_size_class_is_simulated_by_class(crowd: World) -> None:
    user = crowd.users["officer"]
    one = form_of(user, "cn-size", SHIPPED)
    assert one is not None
    staff = next(
        slot for slot in slots_of(engine.rules().programmes["cn-size"]) if slot.parameter.unit == "count"
    )
    text = with_figures(one.text, {staff.path: "7"})
    question = trials.Question("cn-size", one, Form("", "", text), crowd.programme, DAY)
    made = trials.simulation_ask(question=question, by=user)
    row = Simulation.objects.select_related("programme").get(pk=made.pk)
    found = Outcome(row)
    assert not found.has_money
    assert [table.id for table in found.tables()] == ["answers"]
    shown = crowd.client("officer").get(reverse("incentive-simulation", args=["cn-size", row.pk]))
    assert shown.status_code == 200
    # no ceiling can be simulated: it gives nothing itself
    refused = crowd.client("officer").post(
        reverse("incentive-simulate", args=["eu-de-minimis"]),
        {"one": SHIPPED, "other": SHIPPED, "over": str(crowd.programme.pk), "on": "2026-02-01"},
    )
    assert refused.status_code == 404


def test_many_enterprises_are_worked_on_in_the_background(
    crowd: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[Any] = []
    monkeypatch.setattr(trials, "AT_ONCE", 10)
    monkeypatch.setattr(trials, "_enqueue", waiting.append)
    data = {"do": "simulate", "over": str(crowd.programme.pk), "on": DAY.isoformat(), FIELDS["cap"]: "300000"}
    with pytest.MonkeyPatch.context() as at_once:
        at_once.setattr("django.db.transaction.on_commit", lambda call: call())
        done = send(crowd, **data)
    row = Simulation.objects.get()
    assert waiting == [row.pk]
    assert done.status_code == 302
    where, state = address("incentive-simulation", row.pk), address("incentive-simulation-state", row.pk)
    waits = page(crowd, where)
    assert state in waits.content.decode()
    assert page(crowd, state).status_code == 200
    assert page(crowd, state, seen=waits.context["seen"]).status_code == 204
    assert page(crowd, address("incentive-simulation-firms", row.pk)).status_code == 404
    trials.simulation_work(row.pk)
    assert page(crowd, state)["HX-Refresh"] == "true"
    row.refresh_from_db()
    assert row.progress["all"] == 80
    assert page(crowd, where).context["outcome"].firms == 40
    trials.simulation_work(row.pk)  # a task that comes twice changes nothing


def test_the_background_worker_takes_what_is_asked(
    crowd: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(trials, "AT_ONCE", 10)
    with django_capture_on_commit_callbacks(execute=True):
        send(crowd, do="simulate", over=str(crowd.programme.pk), on=DAY.isoformat())
    assert Simulation.objects.get().status == Simulation.Status.READY


def test_work_that_hangs_or_fails_can_be_begun_again(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated(crowd, cap="300000")
    row = Simulation.objects.get()
    again = address("incentive-simulation-again", row.pk)
    crowd.client("officer").post(again)
    row.refresh_from_db()
    assert row.status == Simulation.Status.READY, "what is ready is not made anew"
    Simulation.objects.update(status=Simulation.Status.WAITING, after_text="id: [")
    trials.simulation_work(row.pk)
    row.refresh_from_db()
    assert row.status == Simulation.Status.FAILED
    assert "[not-yaml]" in page(crowd, address("incentive-simulation", row.pk)).content.decode()
    waiting: list[Any] = []
    monkeypatch.setattr(trials, "_enqueue", waiting.append)
    monkeypatch.setattr("django.db.transaction.on_commit", lambda call: call())
    crowd.client("officer").post(again)
    assert waiting == [row.pk]


def test_only_the_last_simulations_of_a_person_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "MOST_KEPT", 2)
    for cap in ("300000", "310000", "320000"):
        simulated(world, cap=cap)
    assert Simulation.objects.count() == 2
    assert not Simulation.objects.filter(after_text__contains="300000").exists()


def test_a_programme_of_others_is_no_population(world: World) -> None:
    other = Organisation.objects.create(name_zh="别处", name_en="Elsewhere", kind="authority")
    world.programme.organisation = other
    world.programme.save()
    done = send(world, do="simulate", over=str(world.programme.pk), on=DAY.isoformat())
    assert done.status_code == 422
    assert "over" in done.context["over"].errors
    assert not Simulation.objects.exists()


@pytest.mark.parametrize("day", ["", "2026-02-30", "soon"])
def test_a_day_that_is_none_is_refused(world: World, day: str) -> None:
    done = send(world, do="simulate", over=str(world.programme.pk), on=day)
    assert done.status_code == 422
    assert "on" in done.context["over"].errors


def test_a_simulation_of_two_drafts_from_the_page_that_compares_them(crowd: World) -> None:
    for name, cap in (("Low", "300000"), ("High", "700000")):
        send(crowd, do="keep", name=name, **{FIELDS["cap"]: cap})
    low, high = RuleDraft.objects.get(name="Low"), RuleDraft.objects.get(name="High")
    data = {"one": str(low.pk), "other": str(high.pk), "over": str(crowd.programme.pk), "on": DAY.isoformat()}
    done = crowd.client("officer").post(address("incentive-simulate"), data)
    assert done.status_code == 302
    row = Simulation.objects.select_related("programme").get()
    assert (row.before_name, row.after_name) == ("Low", "High")
    found = Outcome(row)
    assert found.sums()[2].low == 12 * 400_000
    low.delete()
    assert page(crowd, address("incentive-simulation", row.pk)).status_code == 200
    bad = crowd.client("officer").post(address("incentive-simulate"), {**data, "on": "never"})
    assert bad.status_code in {302, 404}
