"""Evidence behind answers: what is added, what it makes of the grade and the scores, who sees and withdraws it."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from capillary.web import engine
from capillary.web.accounts.models import User
from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.evidence.forms import MeasurementForm
from capillary.web.evidence.models import Evidence
from capillary.web.evidence.services import (
    ClosedError,
    answer_verify,
)
from capillary.web.programmes.models import Enrolment

from .evidence_samples import pdf, workbook
from .kit import World

pytestmark = pytest.mark.django_db
Q = "Q01"


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


def page(world: World, question: str = Q) -> str:
    with translation.override("zh-hans"):
        return reverse("evidence-question", args=[world.assessment.pk, question])


def english(path: str) -> str:
    return path.replace("/zh-hans/", "/en/")


def add_file(
    client: Client, world: World, name: str = "report.pdf", data: bytes | None = None, **more: Any
) -> Any:
    upload = SimpleUploadedFile(name, pdf() if data is None else data, content_type="text/html")
    return client.post(page(world), {"kind": "file", "file-file": upload, **more})


def link(**more: str) -> dict[str, str]:
    return {"kind": "link", "link-url": "https://example.com/plan", **more}


def note(**more: str) -> dict[str, str]:
    return {"kind": "note", "note-text": "Ask in the workshop.", **more}


def measurement(**more: Any) -> dict[str, Any]:
    return {
        "kind": "measurement",
        "measurement-title": "Digital machines",
        "measurement-figure": "37.5",
        "measurement-unit": "%",
        "measurement-measured_on": "2026-03-02",
        "measurement-text": "Counted in the hall.",
        **more,
    }


def grade(world: World, question: str = Q) -> str:
    world.assessment.refresh_from_db()
    return world.assessment.grades.get(question, "declared")


# --- adding ---


def test_each_kind_raises_the_grade_as_far_as_it_goes(world: World) -> None:
    client = world.client("colleague")
    for posted, expected in ((note(), "declared"), (link(), "documented"), (measurement(), "measured")):
        assert client.post(page(world), posted).status_code == 302
        assert grade(world) == expected
    assert add_file(client, world).status_code == 302
    assert grade(world) == "measured"
    kinds = list(Evidence.objects.values_list("kind", "role", "added_by__name"))
    assert kinds == [(kind, "colleague", "Colleague") for kind in ("note", "link", "measurement", "file")]
    assert AuditEntry.objects.filter(action="evidence-add", kind="write").count() == 4


def test_the_figures_of_the_row_follow(world: World) -> None:
    assert world.assessment.supported_score is None
    add_file(world.client("owner"), world)
    world.assessment.refresh_from_db()
    assert 0 < world.assessment.supported_score < world.assessment.score_low
    assert world.assessment.supported_level is not None


def test_a_completed_assessment_takes_evidence_and_the_programme_sees_it(world: World) -> None:
    client = world.client("owner")
    address = reverse("evidence-question", args=[world.earlier.pk, Q])
    client.post(address, link())
    enrolment = Enrolment.objects.get(pk=world.enrolment.pk)
    assert enrolment.supported_level is not None


def test_a_file_is_stored_under_a_name_of_chance_and_readable_by_the_server_alone(
    world: World, own_files: Path
) -> None:
    add_file(world.client("owner"), world, "../../../etc/pass\u202ewd.pdf")
    evidence = Evidence.objects.get()
    path = Path(evidence.file.path)
    assert path.is_relative_to(own_files)
    assert "pass" not in evidence.file.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert evidence.file_name == "passwd.pdf"
    assert (evidence.file_type, evidence.file_size) == ("application/pdf", len(pdf()))
    assert len(evidence.sha256) == 64


def test_a_large_file_is_kept_with_the_same_rights(world: World) -> None:
    data = pdf(b"% " + b"x" * 3_000_000)
    add_file(world.client("owner"), world, data=data)
    path = Path(Evidence.objects.get().file.path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == data


def test_a_file_can_be_downloaded_by_those_who_see_the_assessment_and_nobody_else(world: World) -> None:
    add_file(world.client("owner"), world, "计划 “2026”.pdf")
    address = reverse("evidence-file", args=[world.assessment.pk, Evidence.objects.get().pk])
    for person in ("owner", "colleague", "adviser", "assessor", "officer"):
        response = world.client(person).get(address)
        assert b"".join(response.streaming_content) == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in response["Cache-Control"]
    for person in ("stranger", "provider", "administrator"):
        assert world.client(person).get(address).status_code == 404
    assert "/accounts/login/" in world.client("anonymous").get(address)["Location"]
    reads = AuditEntry.objects.filter(kind="read", subject__contains="/file/").values_list("role", flat=True)
    assert sorted(reads) == ["adviser", "assessor", "officer"]


def test_a_file_belongs_to_its_assessment_alone(world: World) -> None:
    client = world.client("owner")
    add_file(client, world)
    address = reverse("evidence-file", args=[world.earlier.pk, Evidence.objects.get().pk])
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("name", "kind"), [("list.csv", "text/csv"), ("notes.txt", "text/plain")])
def test_text_is_served_with_its_encoding(world: World, name: str, kind: str) -> None:
    client = world.client("owner")
    add_file(client, world, name, "机床,12\n".encode())
    response = client.get(reverse("evidence-file", args=[world.assessment.pk, Evidence.objects.get().pk]))
    assert b"".join(response.streaming_content)
    assert response["Content-Type"] == f"{kind}; charset=utf-8"


def test_a_refused_file_keeps_the_form_and_says_what_to_do(world: World) -> None:
    response = add_file(world.client("owner"), world, "plan.pdf", b"<html>", **{"file-title": "Our <plan>"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "plan.pdf: " in text
    assert 'value="Our &lt;plan&gt;"' in text
    assert not Evidence.objects.exists()


def test_a_measurement_with_a_bad_file_loses_nothing(world: World) -> None:
    upload = SimpleUploadedFile("m.xlsx", workbook({"xl/vbaProject.bin": b"x"}))
    response = world.client("owner").post(english(page(world)), measurement(**{"measurement-file": upload}))
    text = response.content.decode()
    assert "m.xlsx: The file contains macros" in text
    for value in ("37.5", "Counted in the hall.", "2026-03-02", "Digital machines"):
        assert value in text


def test_a_file_above_the_limit_is_dropped_while_it_comes_in(world: World, settings: Any) -> None:
    settings.EVIDENCE_FILE_LIMIT = 100_000
    response = add_file(
        world.client("owner"), world, data=pdf(b"% " + b"x" * 200_000), **{"file-title": "Our plan"}
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert "report.pdf: " in text
    assert "Our plan" in text
    settings.EVIDENCE_FILE_LIMIT = 300_000
    assert add_file(world.client("owner"), world, data=pdf(b"% " + b"x" * 200_000)).status_code == 302


def test_the_room_of_an_enterprise_is_limited_over_all_its_assessments(
    world: World, settings: Any, own_files: Path
) -> None:
    settings.EVIDENCE_ENTERPRISE_LIMIT = len(pdf()) + 10
    client = world.client("owner")
    assert add_file(client, world).status_code == 302
    other = reverse("evidence-question", args=[world.earlier.pk, Q])
    refused = client.post(other, {"kind": "file", "file-file": SimpleUploadedFile("second.pdf", pdf())})
    assert refused.status_code == 422
    assert "second.pdf: " in refused.content.decode()
    assert len([path for path in own_files.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/x",
        "//example.com",
        "https://bank.example@evil.example/",
        "https://example.com/\njavascript:x",
        "",
    ],
)
def test_only_plain_addresses_are_links(world: World, url: str) -> None:
    assert world.client("owner").post(page(world), link(**{"link-url": url})).status_code == 422
    assert not Evidence.objects.exists()


def test_a_link_is_shown_as_text_and_gives_nothing_away(world: World) -> None:
    client = world.client("owner")
    client.post(page(world), link(**{"link-url": "https://example.com/?a=1&b=<x>", "link-title": "<b>"}))
    text = client.get(page(world)).content.decode()
    assert 'href="https://example.com/?a=1&amp;b=&lt;x&gt;" rel="noopener noreferrer nofollow"' in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    "change",
    [
        {"measurement-figure": "many"},
        {"measurement-figure": "NaN"},
        {"measurement-figure": "1e40"},
        {"measurement-unit": ""},
        {"measurement-measured_on": "soon"},
        {"measurement-text": ""},
    ],
)
def test_a_measurement_needs_figure_unit_date_and_way(world: World, change: dict[str, str]) -> None:
    assert world.client("owner").post(page(world), measurement(**change)).status_code == 422


def test_nothing_is_measured_tomorrow() -> None:
    tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    form = MeasurementForm(measurement(**{"measurement-measured_on": tomorrow}), {})
    assert list(form.errors) == ["measured_on"]


def test_unanswered_questions_and_unknown_ones_take_no_evidence(world: World) -> None:
    client = world.client("owner")
    unanswered = next(
        item.id
        for item in engine.standards()["miit-2024"].questions
        if item.id not in world.assessment.answers
    )
    assert client.get(page(world, unanswered)).status_code == 200
    assert client.post(page(world, unanswered), note()).status_code == 422
    assert client.get(page(world, "Q999")).status_code == 404
    assert client.post(page(world), {"kind": "rumour"}).status_code == 200
    assert not Evidence.objects.exists()


def test_a_signed_assessment_stays_as_it_is(world: World) -> None:
    client = world.client("owner")
    client.post(page(world), link())
    evidence = Evidence.objects.get()
    Assessment.objects.filter(pk=world.assessment.pk).update(status="signed")
    assert client.post(page(world), note()).status_code == 422
    client.post(reverse("evidence-withdraw", args=[world.assessment.pk, evidence.pk]), {"reason": "x"})
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is None
    with pytest.raises(ClosedError):
        answer_verify(
            assessment=Assessment.objects.get(pk=world.assessment.pk), question=Q, by=world.users["assessor"]
        )


def test_where_a_write_fails_no_file_stays_behind(
    world: World, own_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("capillary.web.evidence.services.grades_refresh", broken)
    client = world.client("owner")
    client.raise_request_exception = False
    assert add_file(client, world).status_code == 500
    assert not [path for path in own_files.rglob("*") if path.is_file()]


# --- withdrawing ---


def test_withdrawn_evidence_counts_no_longer_is_not_served_and_can_be_put_back(world: World) -> None:
    client = world.client("owner")
    add_file(client, world)
    evidence = Evidence.objects.get()
    download, withdraw, restore = (
        reverse(f"evidence-{what}", args=[world.assessment.pk, evidence.pk])
        for what in ("file", "withdraw", "restore")
    )
    client.post(withdraw, {"reason": ""})
    assert grade(world) == "documented"
    client.post(withdraw, {"reason": "The wrong plan"})
    assert grade(world) == "declared"
    assert client.get(download).status_code == 404
    assert "The wrong plan" in client.get(page(world)).content.decode()
    client.post(restore)
    assert grade(world) == "documented"
    assert b"".join(client.get(download).streaming_content) == pdf()
    actions = AuditEntry.objects.filter(action__startswith="evidence").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "evidence-add",
        "evidence-withdraw",
        "evidence-restore",
    ]


@pytest.mark.parametrize(
    ("added_by", "may"),
    [
        ("owner", {"owner", "colleague"}),
        ("adviser", {"owner", "colleague", "adviser"}),
        ("assessor", {"assessor"}),
    ],
)
def test_who_may_withdraw_what(world: World, added_by: str, may: set[str]) -> None:
    world.client(added_by).post(page(world), link())
    address = reverse("evidence-withdraw", args=[world.assessment.pk, Evidence.objects.get().pk])
    allowed = set()
    for person in ("owner", "colleague", "adviser", "assessor", "officer", "stranger", "administrator"):
        with transaction.atomic():
            if world.client(person).post(address, {"reason": "x"}).status_code == 302:
                allowed.add(person)
            transaction.set_rollback(True)
    assert allowed == may


def test_an_erased_enterprise_takes_its_files_along(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    client = world.client("owner")
    add_file(client, world)
    path = Path(Evidence.objects.get().file.path)
    with django_capture_on_commit_callbacks(execute=True):
        enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert not path.exists()
    assert not Evidence.objects.exists()


def test_a_deleted_row_takes_its_file_along(world: World, django_capture_on_commit_callbacks: Any) -> None:
    add_file(world.client("owner"), world)
    path = Path(Evidence.objects.get().file.path)
    with django_capture_on_commit_callbacks(execute=True):
        Evidence.objects.all().delete()
    assert not path.exists()


def test_a_file_that_got_lost_is_a_page_that_does_not_exist(world: World) -> None:
    client = world.client("owner")
    add_file(client, world)
    Path(Evidence.objects.get().file.path).unlink()
    address = reverse("evidence-file", args=[world.assessment.pk, Evidence.objects.get().pk])
    assert client.get(address).status_code == 404


def test_strangers_learn_nothing(world: World) -> None:
    for person in ("stranger", "provider", "administrator"):
        client = world.client(person)
        for address in (reverse("evidence-overview", args=[world.assessment.pk]), page(world)):
            assert client.get(address).status_code == 404
        assert client.post(page(world), note()).status_code == 404
    assert world.client("officer").post(page(world), note()).status_code == 404
    assert not Evidence.objects.exists()


def test_readers_see_no_forms(world: World) -> None:
    text = world.client("officer").get(page(world)).content.decode()
    assert 'name="kind"' not in text


def test_uploads_are_limited(world: World, settings: Any) -> None:
    settings.LIMITS = {"upload": "2/h"}
    client = world.client("owner")
    assert [client.post(page(world), note()).status_code for _ in range(3)] == [302, 302, 429]
    assert client.get(page(world)).status_code == 200


def test_officers_see_the_role_and_not_the_person(world: World) -> None:
    add_file(world.client("colleague"), world)
    world.client("adviser").post(page(world), note())
    evidence = Evidence.objects.get(kind="note")
    world.client("adviser").post(
        reverse("evidence-withdraw", args=[world.assessment.pk, evidence.pk]), {"reason": "Not so"}
    )
    world.assessment.refresh_from_db()
    answer_verify(assessment=world.assessment, question=Q, by=world.users["assessor"])
    people = ("Colleague", "Adviser", "Assessor")
    User.objects.filter(name__in=people).update(name="Somebody Particular")
    text = world.client("officer").get(english(page(world))).content.decode()
    assert "Somebody Particular" not in text
    for said in ("Added: Colleague", "Added: Adviser", "Confirmed by an assessor", ": Not so"):
        assert said in text
    assert "Somebody Particular" in world.client("owner").get(english(page(world))).content.decode()


def test_the_reason_of_a_withdrawal_does_not_outlive_the_evidence(world: World) -> None:
    client = world.client("owner")
    add_file(client, world)
    evidence = Evidence.objects.get()
    client.post(
        reverse("evidence-withdraw", args=[world.assessment.pk, evidence.pk]), {"reason": "Wrong plan"}
    )
    assert Evidence.objects.get().withdrawn_because == "Wrong plan"
    assert AuditEntry.objects.get(action="evidence-withdraw").subject == str(evidence.pk)
