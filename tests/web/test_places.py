"""Places from the announcement to attendance: who may do what, what the draw promises, and what is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from capillary.cli import cli
from capillary.matching.places import commitment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.places import draws, services
from capillary.web.places.models import Draw, Event, Exclusion, Offering, PlaceRequest, RefusedDraw
from capillary.web.places.selectors import tables_of

from .places_kit import SITE, asks, at, closed, drawn, firm, office, over, places_world, prepared, published

if TYPE_CHECKING:
    from pathlib import Path

    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return places_world()


def page(world: World, address: str, *args: Any, person: str = "owner") -> Any:
    return world.client(person).get(at(address, *args))


def words(response: Any) -> str:
    return response.content.decode()


def states(world: World) -> dict[str, str]:
    rows = PlaceRequest.objects.filter(offering=world.extra["offering"]).select_related("offering")
    return {row.reference: row.state for row in rows}


def crowd(world: World, count: int = 6) -> list[PlaceRequest]:
    return [
        asks(world, firm(world, number), (("North Lab", "South Lab"), ("South Lab",), ())[number % 3])
        for number in range(count)
    ]


# --- preparing and announcing ----------------------------------------------------------------------------------------


def test_an_offering_is_prepared_announced_and_then_stays(world: World) -> None:
    officer = world.client("officer")
    today = timezone.localdate()
    fields = {
        "organisation": str(world.organisation.pk),
        "kind": "training",
        "code": "seats-1",
        "title_zh": "培训",
        "title_en": "Seats",
        "opens_on": today.isoformat(),
        "closes_on": today.isoformat(),
        "answer_days": "5",
        "rule_1": "level=highest",
        "rule_2": "level=lowest",
    }
    twice = officer.post("/en/office/offerings/new/", fields)
    assert twice.status_code == 422
    assert twice.context["form"].errors.keys() == {"rule_2"}
    assert 'value="Seats"' in words(twice)
    fields["rule_2"] = "asked=earliest"
    made = officer.post("/en/office/offerings/new/", fields, follow=True)
    assert made.status_code == 200
    row = Offering.objects.get(code="seats-1")
    assert row.rules == ["level=highest", "asked=earliest"]
    assert row.commitment == ""
    assert world.client("owner").get(f"/en/offerings/{row.pk}/").status_code == 404
    world.extra["offering"] = row
    assert "no place to give" in words(office(world, "office-offering-open"))
    bad = office(world, "office-provider-add", name="=1+1", capacity="3")
    assert bad.status_code == 422
    assert "name" in bad.context["form"].errors
    assert office(world, "office-provider-add", name="School", capacity="3").status_code == 200
    assert office(world, "office-provider-add", name="School", capacity="3").status_code == 422
    assert "Announced" in words(office(world, "office-offering-open"))
    row.refresh_from_db()
    assert hashlib.sha256(f"{row.seed}:{row.key}".encode()).hexdigest() == row.commitment
    assert 0 <= row.seed < 10**18
    # from here on rules and places stay
    assert "stay as they are" in words(office(world, "office-provider-add", name="Late", capacity="9"))
    changed = office(
        world,
        "office-offering-edit",
        title_zh="培训",
        title_en="Better words",
        closes_on=(today - dt.timedelta(days=1)).isoformat(),
        rule_1="asked=earliest",
    )
    assert changed.status_code == 422
    changed = office(
        world,
        "office-offering-edit",
        title_zh="培训",
        title_en="Better words",
        closes_on=(today + dt.timedelta(days=4)).isoformat(),
        rule_1="asked=earliest",
    )
    assert changed.status_code == 200
    row.refresh_from_db()
    assert (row.title_en, row.rules) == ("Better words", ["level=highest", "asked=earliest"])


def test_a_code_is_taken_once(world: World) -> None:
    with pytest.raises(services.RefusedError, match="Another offering has the code security-1"):
        prepared(world)


def test_a_file_of_providers_says_what_is_wrong_by_cell(world: World) -> None:
    world.extra["offering"] = prepared(world, code="security-2")

    def load(text: str, name: str = "labs.csv") -> Any:
        return office(world, "office-providers-load", file=SimpleUploadedFile(name, text.encode()))

    wrong = load("provider,capacity\nA,many\nD,2\nB;C,1\n")
    assert wrong.status_code == 422
    places = [(item.place.row, item.place.column, item.code) for item in wrong.context["problems"]]
    assert places == [(2, "capacity", "not-a-capacity"), (4, "provider", "bad-id")]
    twice = load("provider,capacity\nA,1\nA,2\n")
    assert [item.code for item in twice.context["problems"]] == ["stands-twice", "contradiction"]
    assert "row 2, column capacity" in words(wrong)
    assert load("provider,capacity\n=A,1\n").status_code == 422
    assert load("provider,capacity,offer\nA,3,x\n").status_code == 422
    assert load("x", "labs.txt").status_code == 422
    assert not world.extra["offering"].providers.exists()
    assert load("服务商,名额\n甲,120\n乙,80\n").status_code == 200
    assert dict(world.extra["offering"].providers.values_list("name", "capacity")) == {"甲": 120, "乙": 80}


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_firm_asks_changes_and_withdraws(world: World) -> None:
    owner, row = world.client("owner"), world.extra["offering"]
    north, south = row.providers.order_by("name").values_list("pk", flat=True)
    address = at("place-ask", row.pk, world.enterprise.pk)
    shown = owner.get(address)
    assert "counts here" in words(shown)
    wrong = owner.post(address, {"choice_1": str(north), "choice_2": str(north)})
    assert wrong.status_code == 422
    assert f'<option value="{north}" selected' in words(wrong)
    assert owner.post(address, {}).status_code == 422
    assert owner.post(address, {"choice_1": str(south), "takes_any": "on"}, follow=True).status_code == 200
    made = PlaceRequest.objects.get()
    assert (made.choices, made.takes_any, made.size) == ([south], True, "medium")
    PlaceRequest.objects.update(asked_on=timezone.localdate() - dt.timedelta(days=2))
    world.client("colleague").post(address, {"choice_1": str(north), "choice_2": str(south)})
    made.refresh_from_db()
    assert (made.choices, made.takes_any) == ([north, south], False)
    assert made.asked_on == timezone.localdate() - dt.timedelta(days=2), "a change keeps the day"
    owner.post(at("place-withdraw", made.pk))
    made.refresh_from_db()
    assert made.state == "withdrawn"
    owner.post(address, {"takes_any": "on"})
    made.refresh_from_db()
    assert (made.state, made.asked_on, made.number) == ("asked", timezone.localdate(), 1)
    over(world)
    assert owner.post(address, {"takes_any": "on"}).status_code == 422
    assert "last day to ask" in words(owner.post(at("place-withdraw", made.pk), follow=True))
    acts = AuditEntry.objects.filter(enterprise=world.enterprise.pk, kind="write").values_list(
        "action", flat=True
    )
    assert {"place-request", "place-request-change", "place-withdraw"} <= set(acts)


def test_the_level_is_that_which_evidence_supports(world: World) -> None:
    world.earlier.__class__.objects.filter(pk=world.earlier.pk).update(level_low=3, supported_level=1)
    assert asks(world, world.enterprise).level == 1
    assert asks(world, firm(world, 1)).level is None


def test_the_asking_closes_only_after_its_last_day(world: World) -> None:
    assert "as announced" in words(office(world, "office-offering-close"))
    world.extra["offering"].refresh_from_db()
    assert world.extra["offering"].state == "open"


# --- the draw --------------------------------------------------------------------------------------------------------


def test_capillary_allocate_makes_the_same_draw(world: World, tmp_path: Path) -> None:
    crowd(world, 12)
    row = published(world)
    officer = world.client("officer")
    for name in ("firms", "providers"):
        response = officer.get(at("office-draw-file", row.pk, name))
        (tmp_path / f"{name}.csv").write_bytes(response.content)

    def told(*more: str) -> dict[str, Any]:
        rules = [part for rule in row.rules for part in ("--priority", rule)]
        files = [str(tmp_path / "firms.csv"), str(tmp_path / "providers.csv")]
        done = CliRunner().invoke(cli, ["allocate", *files, "--seed", str(row.seed), *rules, "--json", *more])
        assert done.exit_code == 0, done.output
        return {item["firm"]: item for item in json.loads(done.stdout)["firms"]}

    def stored() -> dict[str, Any]:
        rows = PlaceRequest.objects.filter(offering=row).select_related("offering", "provider")
        return {item.reference: item.provider and item.provider.name for item in rows}

    assert {name: item["offer"] for name, item in told().items()} == stored()
    assert sum(name is not None for name in stored().values()) == 3
    # and after places were declined, since all providers go by the same rules
    gone = list(PlaceRequest.objects.filter(state="offered").select_related("offering"))[:2]
    for item in gone:
        draws.request_decline(request=item, by=world.users["owner"], site=SITE)
    more = [part for item in gone for part in ("--declined", item.reference)]
    assert {name: item["offer"] for name, item in told(*more).items()} == stored()
    marks = hashlib.sha256((tmp_path / "firms.csv").read_bytes()).hexdigest()
    public = words(page(world, "offering", row.pk, person="anonymous"))
    assert marks in public
    assert str(row.seed) in public
    assert row.key in public
    assert "Firm 0" not in public
    assert world.enterprise.name not in public


def test_nobody_sees_a_draw_before_a_second_officer_publishes_it(world: World) -> None:
    rows = crowd(world)
    row = drawn(world)
    own = words(page(world, "place", rows[0].pk))
    public = words(page(world, "offering", row.pk, person="anonymous"))
    for text in (own, public):
        assert str(row.seed) not in text
        assert row.key not in text
    assert set(states(world).values()) == {"asked"}
    assert page(world, "office-draw-file", row.pk, "firms", person="officer").status_code == 404
    assert "Another officer" in words(office(world, "office-draw-confirm"))
    row.refresh_from_db()
    assert row.state == "drawn"
    assert mail.outbox == []
    assert "Published" in words(office(world, "office-draw-confirm", "second"))
    assert sorted(states(world).values()) == ["offered"] * 3 + ["waiting"] * 3
    assert len(mail.outbox) == 6
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.update(confirmed_by=world.users["officer"])


def test_there_is_one_draw(world: World) -> None:
    crowd(world)
    drawn(world)
    before = Draw.objects.get()
    assert "only one draw" in words(office(world, "office-offering-draw", "second"))
    assert Draw.objects.get().state == before.state


def test_nobody_asked(world: World) -> None:
    closed(world)
    assert "Nobody asked" in words(office(world, "office-offering-draw"))


def test_a_large_draw_is_made_in_the_background(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(world)
    monkeypatch.setattr(draws, "DIRECT", 2)
    called: list[str] = []
    for name in ("draw", "publish"):
        task = getattr(draws.tasks, name)

        class Counted:
            def __init__(self, task: Any, name: str) -> None:
                self.task, self.name = task, name

            def enqueue(self, *args: Any) -> None:
                called.append(self.name)
                self.task.enqueue(*args)

        monkeypatch.setattr(draws.tasks, name, Counted(task, name))
    assert published(world).state == "published"
    assert called == ["draw", "publish"]
    assert sorted(states(world).values()) == ["offered"] * 3 + ["waiting"] * 3


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_firm_reads_why_accepts_and_others_move_up(world: World) -> None:
    rows = crowd(world)
    published(world)
    waiting = PlaceRequest.objects.filter(state="waiting").order_by("place").first()
    text = words(page(world, "place", waiting.pk))
    assert "in line, because by size the order is micro" in text
    chinese = words(world.client("owner").get(f"/zh-hans/places/{waiting.pk}/"))
    assert "微型" in chinese
    assert "served_before" not in text + chinese
    held = list(PlaceRequest.objects.filter(state="offered"))
    owner = world.client("owner")
    assert "Accepted" in words(owner.post(at("place-accept", held[0].pk), follow=True))
    mail.outbox.clear()
    assert "Declined" in words(owner.post(at("place-decline", held[1].pk), follow=True))
    held[0].refresh_from_db()
    assert held[0].state == "accepted"
    assert sorted(states(world).values()) == [
        "accepted",
        "declined",
        "offered",
        "offered",
        "waiting",
        "waiting",
    ]
    assert len(mail.outbox) >= 1
    assert "已递补" in mail.outbox[0].body
    assert "nothing to decline" in words(owner.post(at("place-decline", held[1].pk), follow=True))
    assert "no place that waits" in words(owner.post(at("place-accept", held[1].pk), follow=True))
    assert Event.objects.filter(act="move-up").exists()
    assert len(rows) == 6


def test_what_is_not_accepted_in_time_goes_to_the_next(world: World) -> None:
    crowd(world)
    published(world)
    first = PlaceRequest.objects.filter(state="offered").first()
    PlaceRequest.objects.filter(pk=first.pk).update(answer_by=timezone.localdate() - dt.timedelta(days=1))
    assert "last day to accept" in words(
        world.client("owner").post(at("place-accept", first.pk), follow=True)
    )
    assert "1 place was not accepted" in words(
        page(world, "office-offering", first.offering_id, person="officer")
    )
    call_command("expire_places")
    first.refresh_from_db()
    assert first.words["en"] == ["You did not accept in time."]
    assert (first.state, first.provider) == ("expired", None)
    assert list(states(world).values()).count("offered") == 3
    call_command("expire_places")
    assert list(states(world).values()).count("expired") == 1


def test_who_was_served_stays_and_comes_later_the_next_time(world: World) -> None:
    rows = crowd(world)
    published(world)
    north = list(PlaceRequest.objects.filter(state="offered", provider__name="North Lab"))
    for item in north:
        draws.request_accept(request=item, by=world.users["owner"])
    ticked = [str(item.pk) for item in north]
    assert "Tick the enterprises" in words(office(world, "office-attendance", request=["x"], served="1"))
    assert "Recorded" in words(office(world, "office-attendance", request=ticked, served="1"))
    # whatever becomes free, they stay, and their places are used
    for item in PlaceRequest.objects.filter(state__in=["offered", "waiting"]):
        draws.request_decline(
            request=PlaceRequest.objects.get(pk=item.pk), by=world.users["owner"], site=SITE
        )
    served = PlaceRequest.objects.filter(state="served")
    assert {(item.pk, item.provider.name) for item in served} == {(item.pk, "North Lab") for item in north}
    # the next offering puts them behind those who were never served
    row = prepared(world, code="security-2")
    services.provider_add(
        offering=row,
        values={"name": "West Lab", "organisation": None, "capacity": 1, "region": ""},
        by=world.users["officer"],
    )
    world.extra["offering"] = services.offering_open(offering=row, by=world.users["officer"])
    again, new = north[0].enterprise, firm(world, 3, name="Large and new")
    asks(world, again)
    fresh = asks(world, new)
    published(world)
    assert PlaceRequest.objects.get(offering=row, state="offered").pk == fresh.pk
    behind = PlaceRequest.objects.get(offering=row, state="waiting")
    assert behind.served_before is True
    assert "by served before the order is not yet &gt; already" in words(page(world, "place", behind.pk))
    assert len(rows) == 6


# --- what is kept, shown and counted ---------------------------------------------------------------------------------


def test_small_figures_are_held_back_on_the_public_page(world: World) -> None:
    for number in range(25):
        asks(world, firm(world, number, employees=5 if number < 22 else 400))
    row = published(world)
    size = tables_of(row, publication=True)[0]
    assert [(line.key, line.count) for line in size.lines] == [("micro", None), ("large", None)]
    assert [line.count for line in tables_of(row, publication=False)[0].lines] == [22, 3]
    public = words(page(world, "offering", row.pk, person="anonymous"))
    assert "held back" in public
    assert "Firm 0" not in public


def test_an_erased_enterprise_leaves_its_place_to_the_next(world: World) -> None:
    crowd(world)
    published(world)
    first = PlaceRequest.objects.filter(state="offered").select_related("enterprise", "offering").first()
    reference = first.reference
    enterprise_erase(enterprise=first.enterprise, by=world.users["owner"])
    assert list(states(world).values()).count("offered") == 3
    assert Event.objects.filter(reference=reference, act="erase").exists()
    assert reference in Draw.objects.get().state["gone"]
    assert first.enterprise.name not in Draw.objects.get().firms


def test_an_enterprise_erased_between_draw_and_publication_leaves_its_place(world: World) -> None:
    crowd(world)
    row = drawn(world)
    name = min(Draw.objects.get().state["got"])
    gone = PlaceRequest.objects.get(number=int(name.rpartition("-")[2]))
    enterprise_erase(enterprise=gone.enterprise, by=world.users["owner"])
    draws.draw_confirm(offering=row, by=world.users["second"], site=SITE)
    assert sorted(states(world).values()) == ["offered"] * 3 + ["waiting"] * 2


def test_a_place_that_was_used_stays_used_when_its_enterprise_is_erased(world: World) -> None:
    crowd(world)
    row = published(world)
    held = PlaceRequest.objects.filter(state="offered").select_related("enterprise").first()
    draws.request_accept(request=held, by=world.users["owner"])
    draws.attendance_record(offering=row, requests=[held.pk], came=True, by=world.users["officer"])
    enterprise_erase(enterprise=held.enterprise, by=world.users["owner"])
    assert list(states(world).values()).count("offered") == 2
    for item in PlaceRequest.objects.filter(state="offered"):
        draws.request_decline(request=item, by=world.users["owner"], site=SITE)
    assert list(states(world).values()).count("offered") == 2


def test_the_archive_of_an_enterprise_holds_its_request(world: World) -> None:
    row = asks(world, world.enterprise)
    with enterprise_archive(world.enterprise) as archive, zipfile.ZipFile(archive) as packed:
        records = json.loads(packed.read("records.json"))
    assert [item["id"] for item in records["places.PlaceRequest"]] == [str(row.pk)]


def test_tables_and_steps_for_the_office(world: World) -> None:
    crowd(world)
    row = published(world)
    text = words(page(world, "office-requests-export", row.pk, "csv", person="officer"))
    assert text.count("\n") == 7
    assert "security-1-0001,Firm 000" in text
    book = page(world, "office-requests-export", row.pk, "xlsx", person="officer")
    assert zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))).testzip() is None
    assert page(world, "office-requests-export", row.pk, "pdf", person="officer").status_code == 404
    steps = words(page(world, "office-offering-events", row.pk, person="officer"))
    assert "Confirmed and published" in steps
    assert AuditEntry.objects.filter(kind="read", role="officer").exists()


@pytest.mark.parametrize("count", [3, 30])
def test_pages_cost_few_queries(world: World, django_assert_max_num_queries: Any, count: int) -> None:
    crowd(world, count)
    row = published(world)
    one = PlaceRequest.objects.first()
    officer, owner = world.client("officer"), world.client("owner")
    for client, address, most in (
        (officer, at("office-offering", row.pk), 16),
        (officer, at("office-offerings"), 10),
        (owner, at("offering", row.pk), 14),
        (owner, at("place", one.pk), 10),
        (owner, at("enterprise-places", one.enterprise_id), 10),
        (owner, at("offerings"), 8),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_the_api_tells_of_offerings_and_of_ones_own_requests(world: World) -> None:
    rows = crowd(world, 12)
    row = drawn(world)
    owner = world.client("owner")
    before = owner.get(f"/api/v1/offerings/{row.pk}").json()
    assert (before["seed"], before["key"], before["asked"], before["places"]) == (None, None, 12, 3)
    assert before["commitment"] == row.commitment
    draws.draw_confirm(offering=row, by=world.users["second"], site=SITE)
    after = owner.get(f"/api/v1/offerings/{row.pk}").json()
    assert commitment(int(after["seed"]), after["key"]) == after["commitment"]
    assert sum(item["taken"] for item in after["providers"]) == 3
    assert [item["code"] for item in owner.get("/api/v1/offerings").json()["items"]] == ["security-1"]
    own = owner.get(f"/api/v1/enterprises/{rows[0].enterprise_id}/places").json()["items"]
    assert [item["reference"] for item in own] == ["security-1-0001"]
    assert own[0]["explanation"]["en"]
    prepared(world, code="security-9")
    assert owner.get("/api/v1/offerings").json()["total"] == 1


@pytest.mark.parametrize("count", [6, 40])
def test_a_line_that_moves_costs_few_queries(
    world: World, django_assert_max_num_queries: Any, count: int
) -> None:
    crowd(world, count)
    published(world)
    one = PlaceRequest.objects.filter(state="offered").first()
    with django_assert_max_num_queries(40):
        draws.request_decline(request=one, by=world.users["owner"], site=SITE)


def test_background_work_that_got_stuck_is_started_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(world)
    row = closed(world)
    monkeypatch.setattr(draws, "DIRECT", 2)
    monkeypatch.setattr(draws, "draw_work", lambda *_: None)
    assert "worked out in the background" in words(office(world, "office-offering-draw"))
    row.refresh_from_db()
    assert row.state == "drawing"
    monkeypatch.undo()
    office(world, "office-offering-draw", "second")
    row.refresh_from_db()
    assert row.state == "drawn"
    assert Draw.objects.count() == 1


def test_names_with_commas_and_quotes_are_read_back_as_they_are(tmp_path: Path) -> None:
    name = 'Lab "A", North, 北京'
    world = places_world(places=((name, 1),))
    asks(world, firm(world, 0), [name], takes_any=False)
    row = published(world)
    assert PlaceRequest.objects.get().provider.name == name
    for part, text in (("firms", Draw.objects.get().firms), ("providers", Draw.objects.get().providers)):
        (tmp_path / f"{part}.csv").write_text(text, encoding="utf-8")
    rules = [part for rule in row.rules for part in ("--priority", rule)]
    done = CliRunner().invoke(
        cli, ["allocate", str(tmp_path / "firms.csv"), str(tmp_path / "providers.csv"), *rules, "--json"]
    )
    assert json.loads(done.stdout)["firms"][0]["offer"] == name


def test_an_address_with_a_line_break_is_refused_as_any_other(world: World) -> None:
    response = world.client("owner").get("/api/v1/offerings/x%0A/places")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


# --- exclusions and refused draws --------------------------------------------------------------------------------------


def test_an_enterprise_that_may_not_take_part_is_excluded_in_the_open(world: World) -> None:
    rows = crowd(world)
    asked = asks(world, world.enterprise)
    offering, owner = world.extra["offering"], world.client("owner")
    blank = office(world, "office-exclusion", "officer", asked.pk, exclude="1", text=" ")
    assert blank.status_code == 422
    office(world, "office-exclusion", "officer", asked.pk, exclude="1", text="It is no firm of this city")
    asked.refresh_from_db()
    assert asked.state == "excluded"
    assert mail.outbox[-1].to == ["owner@example.com"]
    assert "It is no firm of this city" in mail.outbox[-1].body
    shown = words(page(world, "place", asked.pk))
    assert "It is no firm of this city" in shown
    # neither asking anew nor withdrawing leads around it
    again = owner.post(at("place-ask", offering.pk, world.enterprise.pk), {"takes_any": "on"})
    assert again.status_code == 422
    assert "excluded this request" in words(owner.post(at("place-withdraw", asked.pk), follow=True))
    over(world)
    draws.offering_close(offering=offering, by=world.users["officer"])
    # the time to object comes first
    assert "can object through" in words(office(world, "office-offering-draw"))
    assert owner.post(at("place-object", asked.pk), {"text": ""}).status_code == 422
    assert "Sent." in words(
        owner.post(at("place-object", asked.pk), {"text": "We moved in May"}, follow=True)
    )
    assert "has to answer first" in words(office(world, "office-offering-draw"))
    own = words(office(world, "office-exclusion", "officer", asked.pk, lift="1", text="You are right"))
    assert "Another officer has to answer its objection." in own
    assert "Noted." in words(
        office(world, "office-exclusion", "second", asked.pk, uphold="1", text="In June, it says")
    )
    assert "In June, it says" in words(page(world, "place", asked.pk))
    assert "objected before" in words(owner.post(at("place-object", asked.pk), {"text": "No"}, follow=True))
    office(world, "office-offering-draw")
    drawn_row = Draw.objects.get(offering=offering)
    assert asked.reference not in drawn_row.firms
    assert rows[0].reference in drawn_row.firms
    assert "The draw is made" in words(
        office(world, "office-exclusion", "second", rows[0].pk, exclude="1", text="Too late")
    )
    acts = set(AuditEntry.objects.filter(enterprise=world.enterprise.pk).values_list("action", flat=True))
    assert {"place-exclude", "place-object", "place-uphold"} <= acts


def test_an_exclusion_that_is_lifted_brings_the_request_back_as_it_was(world: World) -> None:
    asked = asks(world, world.enterprise)
    asks(world, firm(world, 1))
    offering = world.extra["offering"]
    office(world, "office-exclusion", "officer", asked.pk, exclude="1", text="No firm of this city")
    over(world)
    draws.offering_close(offering=offering, by=world.users["officer"])
    world.client("owner").post(at("place-object", asked.pk), {"text": "We are"})
    office(world, "office-exclusion", "second", asked.pk, lift="1", text="You are")
    asked.refresh_from_db()
    assert (asked.state, asked.served_before) == ("asked", False)
    assert "takes part in the draw" in mail.outbox[-1].body or "参加抽签" in mail.outbox[-1].body
    office(world, "office-offering-draw")
    assert asked.reference in Draw.objects.get(offering=offering).firms


def test_after_the_days_of_objection_the_draw_goes_on(world: World) -> None:
    asked = asks(world, world.enterprise)
    asks(world, firm(world, 1))
    office(world, "office-exclusion", "officer", asked.pk, exclude="1", text="No firm of this city")
    over(world)
    draws.offering_close(offering=world.extra["offering"], by=world.users["officer"])
    Exclusion.objects.update(object_by=timezone.localdate() - dt.timedelta(days=1))
    assert "last day to object" in words(
        world.client("owner").post(at("place-object", asked.pk), {"text": "Late"}, follow=True)
    )
    assert "The draw is made" in words(office(world, "office-offering-draw"))


def test_a_draw_that_is_refused_is_made_again_with_a_reason_and_a_new_seed(world: World) -> None:
    rows = crowd(world)
    row = drawn(world)
    before = (row.seed, row.key, row.commitment)
    own = office(world, "office-draw-refuse", text="I do not like it")
    assert "You drew it yourself." in words(own)
    named = office(world, "office-draw-refuse", "second", text=f"Because of {rows[0].enterprise.name}")
    assert named.status_code == 422
    assert "Name no enterprise" in words(named)
    assert office(world, "office-draw-refuse", "second", text="").status_code == 422
    assert "Refused." in words(
        office(world, "office-draw-refuse", "second", text="A firm from elsewhere is in it")
    )
    row.refresh_from_db()
    assert row.state == "refused"
    assert not Draw.objects.exists()
    public = words(page(world, "offering", row.pk, person="anonymous"))
    for text in ("A firm from elsewhere is in it", str(before[0]), before[1]):
        assert text in public
    assert "Say first why it may be drawn once more." in words(office(world, "office-offering-draw"))
    assert "Another officer has to decide" in words(
        office(world, "office-draw-repeat", "second", text="Without that firm")
    )
    office(world, "office-draw-repeat", "officer", text="That firm is excluded now")
    row.refresh_from_db()
    assert row.state == "closed"
    assert row.commitment == commitment(row.seed or 0, row.key)
    assert (row.seed, row.key, row.commitment) != before
    assert before[2] != row.commitment
    public = words(page(world, "offering", row.pk, person="anonymous"))
    assert "That firm is excluded now" in public
    assert "but after the requests were known" in public
    assert "published before anybody asked" not in public
    assert str(row.seed) not in public
    assert row.key not in public
    office(world, "office-offering-draw", "second")
    assert Draw.objects.get().seed == row.seed
    office(world, "office-draw-confirm", "third")
    row.refresh_from_db()
    assert row.state == "published"
    public = words(page(world, "offering", row.pk, person="anonymous"))
    assert str(before[0]) in public, "the refused draw stays to be seen"
    assert str(row.seed) in public
    acts = list(
        Event.objects.filter(offering=row, act__in=["draw", "refuse", "repeat", "publish"]).values_list(
            "act", flat=True
        )
    )
    assert acts == ["draw", "refuse", "repeat", "draw", "publish"]


def test_the_database_holds_four_eyes_over_refusals(world: World) -> None:
    crowd(world)
    row = drawn(world)
    draws.draw_refuse(offering=row, by=world.users["second"], why="A reason")
    found = RefusedDraw.objects.get()
    found.refused_by = found.drawn_by
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()
