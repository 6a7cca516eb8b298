"""Consent per purpose, programmes, export of everything, erasure, and clearing away of unclaimed checks."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from capillary.web.accounts.models import User
from capillary.web.accounts.services import account_delete
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import assessment_complete
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises import consents, erasure
from capillary.web.enterprises.models import Consent, Enterprise, ErasedCount, Invitation, Member
from capillary.web.programmes.models import Enrolment, Programme

from .kit import World, hold


@pytest.fixture(autouse=True)
def _same_language() -> Iterator[None]:
    """Begin in Chinese, whatever language another test left behind."""
    with translation.override("zh-hans"):
        yield


def evidence(world: World, settings: object, tmp_path: Path) -> object:
    settings.MEDIA_ROOT = tmp_path
    model = apps.get_model("evidence", "Evidence")
    return model.objects.create(
        assessment=world.assessment,
        question="Q01",
        kind="file",
        file=ContentFile(b"%PDF-1.4 example", name="plan.pdf"),
        file_name="plan.pdf",
        role="owner",
    )


def second_programme(world: World) -> Programme:
    return Programme.objects.create(
        organisation=world.organisation,
        name_zh="第二计划",
        name_en="Second Programme",
        standard="miit-2024",
        code="second",
        opens_on=timezone.localdate(),
    )


# --- consents and programmes


def test_consents_are_given_and_withdrawn_by_the_owner(world: World) -> None:
    address = reverse("enterprise-consents", args=[world.enterprise.pk])
    give, withdraw = ({"purpose": "benchmark", "do": word} for word in ("give", "withdraw"))
    for person in ("colleague", "adviser", "officer", "stranger"):
        assert world.client(person).get(address).status_code == 404
        assert world.client(person).post(address, give).status_code == 404
    client = world.client("owner")
    client.post(address, give)
    client.post(address, give)
    assert Consent.objects.filter(purpose="benchmark", withdrawn_at=None).count() == 1
    client.post(address, withdraw)
    given = Consent.objects.get(purpose="benchmark")
    assert given.withdrawn_at
    assert given.given_by == world.users["owner"]
    client.post(address, give)
    assert Consent.objects.filter(purpose="benchmark").count() == 2
    client.post(address, {"purpose": "anything", "do": "give"})
    assert not Consent.objects.exclude(purpose__in=["benchmark", "programme"]).exists()


def test_without_the_consent_for_programmes_no_officer_sees_anything(world: World) -> None:
    page = reverse("assessment-result", args=[world.earlier.pk])
    assert world.client("officer").get(page).status_code == 200
    world.client("owner").post(
        reverse("enterprise-consents", args=[world.enterprise.pk]), {"purpose": "programme", "do": "withdraw"}
    )
    assert world.client("officer").get(page).status_code == 404
    world.enrolment.refresh_from_db()
    assert world.enrolment.withdrawn_at
    assert (world.enrolment.name, world.enrolment.assessment_id) == ("", None)
    # the consent alone does not bring it back: that takes joining a programme
    world.client("owner").post(
        reverse("enterprise-consents", args=[world.enterprise.pk]), {"purpose": "programme", "do": "give"}
    )
    assert world.client("officer").get(page).status_code == 404


def join(world: World, person: str = "owner", **fields: str) -> object:
    data = {"code": "second", "enterprise": str(world.enterprise.pk), "confirmed": "1", **fields}
    return world.client(person).post(reverse("programme-join"), data)


def test_joining_a_programme_needs_explicit_consent(world: World) -> None:
    programme = second_programme(world)
    shown = world.client("owner").post(
        reverse("programme-join"), {"code": "second", "enterprise": str(world.enterprise.pk)}
    )
    assert "示例市" in shown.content.decode()
    assert join(world).status_code == 422
    assert not Enrolment.objects.filter(programme=programme).exists()
    assert join(world, consent="on", benchmark="on").status_code == 302
    enrolment = Enrolment.objects.get(programme=programme)
    assert enrolment.consented_at
    assert (enrolment.name, enrolment.assessment_id) == (world.enterprise.name, world.earlier.pk)
    assert Consent.objects.filter(purpose="benchmark", withdrawn_at=None).exists()
    assert not Consent.objects.filter(purpose="contact").exists()


def test_only_open_programmes_and_own_enterprises(world: World) -> None:
    programme = second_programme(world)
    assert join(world, code="no-such", consent="on").status_code == 422
    for person in ("colleague", "adviser", "stranger"):
        assert join(world, person, consent="on").status_code == 422
    assert world.client("anonymous").get(reverse("programme-join")).status_code == 302
    Programme.objects.filter(pk=programme.pk).update(closes_on=timezone.localdate() - timedelta(days=1))
    assert join(world, consent="on").status_code == 422
    assert not Enrolment.objects.filter(programme=programme).exists()


def test_leaving_and_coming_back(world: World) -> None:
    leave = reverse("programme-leave", args=[world.enterprise.pk, world.enrolment.pk])
    assert world.client("colleague").post(leave).status_code == 404
    world.client("owner").post(leave)
    world.enrolment.refresh_from_db()
    assert (world.enrolment.name, world.enrolment.level_low) == ("", None)
    assert not Consent.objects.filter(purpose="programme", withdrawn_at=None).exists()
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    world.enrolment.refresh_from_db()
    assert world.enrolment.assessment_id is None
    assert world.client("owner").post(leave).status_code == 404
    join(world, code="EXAMPLE", consent="on")
    world.enrolment.refresh_from_db()
    assert world.enrolment.withdrawn_at is None
    assert world.enrolment.assessment_id == world.assessment.pk


# --- export


def test_the_export_holds_everything(world: World, settings: object, tmp_path: Path) -> None:
    added = evidence(world, settings, tmp_path)
    address = reverse("enterprise-export", args=[world.enterprise.pk])
    for person in ("colleague", "adviser", "assessor", "officer", "stranger", "administrator"):
        assert world.client(person).get(address).status_code == 404
    reply = world.client("owner").get(address)
    assert reply["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content)))
    assert archive.testzip() is None
    firm = json.loads(archive.read("enterprise.json"))
    assert firm["enterprise"]["name"] == world.enterprise.name
    assert {member["role"] for member in firm["members"]} == set(Member.Role.values)
    assert firm["programmes"][0]["programme__name_en"] == "Example Programme"
    stored = json.loads(archive.read("assessments.json"))
    assert [len(item["answers"]) for item in stored] == [8, 12]
    assert (
        sum(len(item["revisions"]) for item in stored)
        == Revision.objects.filter(assessment__enterprise=world.enterprise).count()
    )
    (described,) = json.loads(archive.read("evidence.json"))
    assert described["id"] == str(added.pk)
    assert archive.read(described["files_in_archive"][0]) == b"%PDF-1.4 example"
    assert json.loads(archive.read("log.json"))
    assert AuditEntry.objects.filter(action="enterprise-export", enterprise=world.enterprise.pk).exists()


# --- erasure


def test_erasing_takes_the_name_and_leaves_counts(
    world: World, settings: object, tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    added = evidence(world, settings, tmp_path)
    stored = tmp_path / added.file.name
    assert stored.exists()
    Invitation.objects.create(
        enterprise=world.enterprise, email="x@example.com", role="adviser", language="en"
    )
    address = reverse("enterprise-erase", args=[world.enterprise.pk])
    for person in ("colleague", "adviser", "officer", "stranger"):
        assert world.client(person).post(address, {"name": world.enterprise.name}).status_code == 404
    client = world.client("owner")
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Example"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {"name": f" {world.enterprise.name} "}).status_code == 302
    gone = Enterprise.objects.get(pk=world.enterprise.pk)
    assert gone.erased_at
    assert (gone.name, gone.sector, gone.region, gone.employees) == ("", "", "", None)
    relations = [item for item in Enterprise._meta.get_fields(include_hidden=True) if item.auto_created]
    for relation in (item for item in relations if item.is_relation):
        assert not relation.related_model.objects.filter(**{relation.field.name: gone}).exists(), relation
    assert not Revision.objects.filter(assessment__enterprise=gone).exists()
    assert not apps.get_model("evidence", "Evidence").objects.exists()
    assert not stored.exists()
    count = ErasedCount.objects.get()
    assert (count.standard, count.sector, count.region, count.size_class) == (
        "miit-2024",
        "metal-products",
        "CN-JS",
        "medium",
    )
    assert count.count == 1
    for entry in AuditEntry.objects.filter(enterprise=gone.pk):
        assert world.enterprise.name not in entry.subject
    for name in ("enterprise", "enterprise-erase", "enterprise-export", "enterprise-people"):
        assert client.get(reverse(name, args=[gone.pk])).status_code == 404
    for person in ("owner", "officer", "assessor"):
        assert (
            world.client(person).get(reverse("assessment-result", args=[world.earlier.pk])).status_code == 404
        )


def test_counts_of_fewer_than_ten_are_never_shown(world: World) -> None:
    month = timezone.localdate().replace(day=1)
    same = {"standard": "miit-2024", "level": 2, "month": month}
    ErasedCount.objects.create(**same, sector="machinery", count=9)
    assert erasure.erased_counts("standard", "level") == []
    ErasedCount.objects.create(**same, sector="metal-products", count=1)
    assert erasure.erased_counts("standard", "level") == [{"standard": "miit-2024", "level": 2, "total": 10}]
    assert erasure.erased_counts("standard", "sector") == []


def test_an_enterprise_counts_once_however_often_it_was_assessed(world: World) -> None:
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    erasure.enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert ErasedCount.objects.get().count == 1


# --- unclaimed checks


@pytest.mark.parametrize(("days", "left"), [(89, 1), (91, 0)])
def test_unclaimed_checks_are_cleared_away_in_time(world: World, days: int, left: int) -> None:
    long_ago = timezone.now() - timedelta(days=days)
    Enterprise.objects.update(created_at=long_ago)
    Assessment.objects.update(changed_at=long_ago)
    call_command("purge_unclaimed", verbosity=0)
    assert Enterprise.objects.filter(pk=world.unclaimed.pk).count() == left
    assert Assessment.objects.filter(pk=world.check.pk).count() == left
    assert Enterprise.objects.filter(pk=world.enterprise.pk).exists()


def test_a_check_that_somebody_still_works_on_stays(world: World) -> None:
    Enterprise.objects.update(created_at=timezone.now() - timedelta(days=100))
    assert erasure.unclaimed_purge() == 0
    Assessment.objects.update(changed_at=timezone.now() - timedelta(days=91))
    call_command("purge_unclaimed", "--later")
    assert not Enterprise.objects.filter(pk=world.unclaimed.pk).exists()


def test_many_unclaimed_checks_are_cleared_away_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "AT_ONCE", 2)
    long_ago = timezone.now() - timedelta(days=100)
    Enterprise.objects.bulk_create(Enterprise(created_at=long_ago) for _ in range(5))
    assert erasure.unclaimed_purge() == 5


def test_withdrawing_what_was_never_given_changes_nothing(world: World) -> None:
    consents.consent_withdraw(
        enterprise=world.enterprise, purpose=Consent.Purpose.CONTACT, by=world.users["owner"]
    )
    assert not AuditEntry.objects.filter(action="consent-withdraw").exists()


# --- a programme's link


def test_a_programmes_link_leads_a_newcomer_through_the_check_to_the_consent(world: World) -> None:
    programme = second_programme(world)
    way = reverse("programme-join-code", args=[programme.code])
    client = Client()
    page = client.get(way).content.decode()
    assert programme.name_zh in page
    assert f"{reverse('check-start')}?standard={programme.standard}" in page
    hold(client, world.unclaimed)
    client.force_login(world.users["stranger"], backend="django.contrib.auth.backends.ModelBackend")
    kept = client.post(
        reverse("enterprise-claim", args=[world.unclaimed.pk]), {"into": "new", "name": "Example Works"}
    )
    assert kept["Location"] == f"{way}?enterprise={world.unclaimed.pk}"
    assert 'value="second"' in client.get(kept["Location"]).content.decode()
    joined = {"code": "second", "enterprise": str(world.unclaimed.pk), "confirmed": "1", "consent": "on"}
    client.post(way, joined)
    assert Enrolment.objects.filter(programme=programme, enterprise=world.unclaimed).exists()
    assert "joining" not in client.session


def test_a_link_of_no_open_programme_tells_nothing(world: World) -> None:
    assert "/accounts/login/" in Client().get(reverse("programme-join-code", args=["no-such"]))["Location"]


# --- what the administration keeps


def logged(thing: Model, message: object = "") -> LogEntry:
    return LogEntry.objects.create(
        user_id=User.objects.get(is_superuser=True).pk,
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(thing.pk),
        object_repr=str(thing),
        action_flag=CHANGE,
        change_message=json.dumps(message) if message else "",
    )


def told() -> str:
    return " ".join(f"{row.object_repr} {row.change_message}" for row in LogEntry.objects.all())


def test_an_erasure_takes_the_names_out_of_the_administrations_list(world: World) -> None:
    member = Member.objects.get(user=world.users["colleague"])
    logged(world.enterprise, [{"added": {"name": "member", "object": str(member)}}])
    logged(member)
    other = logged(world.organisation)
    erasure.enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert LogEntry.objects.count() == 3
    assert world.enterprise.name not in told()
    assert "Colleague" not in told()
    other.refresh_from_db()
    assert other.object_repr == str(world.organisation)


def test_a_deleted_account_leaves_no_name_in_the_administrations_list(world: World) -> None:
    user = world.users["colleague"]
    User.objects.filter(pk=user.pk).update(name="示例人员")
    user.refresh_from_db()
    member = Member.objects.get(user=user)
    logged(user)
    logged(world.enterprise, [{"added": {"name": "member", "object": str(member)}}])
    kept = logged(world.organisation, [{"added": {"name": "member", "object": "示例人员甲 · Officer"}}])
    account_delete(user=user)
    kept.refresh_from_db()
    assert "Officer" in kept.change_message, "somebody else, whose name begins alike"
    LogEntry.objects.filter(pk=kept.pk).delete()
    assert user.name not in told()
    assert json.dumps(user.name)[1:-1] not in told()
    assert user.email not in told()


# --- enterprises that their adviser left


@pytest.mark.parametrize(
    ("days", "role", "left"), [(91, "adviser", 0), (89, "adviser", 1), (91, "owner", 1), (91, None, 1)]
)
def test_a_firm_without_owner_and_adviser_is_cleared_away_in_time(
    world: World, days: int, role: str | None, left: int
) -> None:
    ended = timezone.now() - timedelta(days=days)
    firm = Enterprise.objects.create(name="Example Castings", claimed_at=ended, created_at=ended)
    if role:
        Member.objects.create(enterprise=firm, user=world.users["adviser"], role=role, until=ended)
    erasure.unclaimed_purge()
    assert Enterprise.objects.filter(pk=firm.pk).count() == left


def test_a_firm_that_somebody_still_works_with_stays(world: World) -> None:
    ended = timezone.now() - timedelta(days=100)
    firm = Enterprise.objects.create(name="Example Castings", claimed_at=ended, created_at=ended)
    Member.objects.create(enterprise=firm, user=world.users["adviser"], role="adviser", since=ended)
    erasure.unclaimed_purge()
    assert Enterprise.objects.filter(pk=firm.pk).exists()
    Member.objects.update(until=ended)
    waiting = Invitation.objects.create(enterprise=firm, email="x@example.com", role="owner", language="en")
    erasure.unclaimed_purge()
    assert Enterprise.objects.filter(pk=firm.pk).exists(), "its owner can still accept"
    waiting.delete()
    erasure.unclaimed_purge()
    assert not Enterprise.objects.filter(pk=firm.pk).exists()
