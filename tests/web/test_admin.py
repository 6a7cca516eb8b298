"""The administration: who gets in, what is written down, what cannot be changed, and reports on changes of editions."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from capillary.content import SHIPPED
from capillary.web import engine
from capillary.web.access import Role, audit_read
from capillary.web.accounts.models import Organisation, Position, User
from capillary.web.administration.models import EditionReport
from capillary.web.administration.selectors import unverified_figures
from capillary.web.administration.services import edition_report_make
from capillary.web.administration.site import HIDDEN
from capillary.web.api.models import ApiToken
from capillary.web.api.services import token_create
from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Consent, Member

from .kit import PEOPLE, World, answer


@pytest.fixture
def client(world: World) -> Client:
    return world.client("administrator")


@pytest.fixture
def editions(tmp_path: Path, settings: Any) -> Iterator[str]:
    """A changed copy of the primary standard, in a content folder of its own; returns its id."""
    yield changed_copy(tmp_path, settings)
    forget_content()


def changed_copy(folder: Path, settings: Any, name: str = "miit-2099") -> str:
    """Install a copy of miit-2024 without its first question, with an option less and other points in the second."""
    target = folder / "standards" / name
    shutil.copytree(SHIPPED / "standards" / "miit-2024", target)
    standard = (target / "standard.yaml").read_text(encoding="utf-8")
    standard = standard.replace("id: miit-2024\n", f"id: {name}\n", 1)
    (target / "standard.yaml").write_text(standard, encoding="utf-8")
    questions = (target / "questions.yaml").read_text(encoding="utf-8")
    (target / "questions.yaml").write_text(_changed(questions), encoding="utf-8")
    settings.CONTENT_FOLDERS = (str(folder),)
    forget_content()
    return name


def _changed(questions: str) -> str:
    """Rename option C of Q05, so that answers with it do not fit any more."""
    before, after = questions.split("- id: Q05\n", 1)
    own, sep, rest = after.partition("\n  - id: ")
    assert "key: C" in own
    return f"{before}- id: Q05\n{own.replace('key: C', 'key: X', 1)}{sep}{rest}"


def forget_content() -> None:
    """Let the content be read anew."""
    for kept in (engine.library, engine.standards):
        kept.cache_clear()


def all_pages() -> list[str]:
    return [
        reverse("admin:index"),
        reverse("admin:content"),
        reverse("admin:editions"),
        *(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for model in admin.site._registry
        ),
    ]


# --- Who ---------------------------------------------------------------------------------------------------


def test_the_administration_exists_for_administrators_only(world: World) -> None:
    for person in PEOPLE:
        client = world.client(person)
        for page in [*all_pages(), reverse("admin:login"), "/en/admin/no/such/page/"]:
            response = client.get(page)
            if person == "administrator":
                assert response.status_code in {200, 302, 404}
            elif person in {"anonymous", "holder"}:
                assert response.status_code == 302, page
                assert "/accounts/login/" in response["Location"]
            else:
                assert response.status_code == 404, (person, page)


def test_every_page_opens_in_both_languages(world: World, client: Client) -> None:
    for page in all_pages():
        for path in (page, page.replace("/zh-hans/", "/en/")):
            response = client.get(path)
            assert response.status_code == 200, path
            content = response.content.decode()
            assert "<script>" not in content
            assert ' style="' not in content, path


def test_secrets_of_other_services_are_not_shown() -> None:
    shown = {model._meta.label for model in admin.site._registry}
    assert not shown & HIDDEN


# --- Users and roles ---------------------------------------------------------------------------------------


def posted(client: Client, page: str, **changes: Any) -> Any:
    """Send a page's form back as it stands, but for ``changes``."""
    html = client.get(page).content.decode()
    main = html.split('<div id="content-main">', 1)[1]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or (kind and kind[1] in {"submit", "file"}) or "__prefix__" in name[1]:
            continue
        if kind and kind[1] == "checkbox":
            if " checked" in tag:
                values[name[1]] = "on"
            continue
        values[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        if "__prefix__" not in name:
            values[name] = chosen[1] if chosen else ""
    values |= changes
    return client.post(page, {name: value for name, value in values.items() if value is not None})


def test_makes_a_user_and_gives_a_role(world: World, client: Client) -> None:
    made = client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "New.Officer@Example.com",
            "name": "New",
            "usable_password": "true",
            "password1": "a good passphrase",
            "password2": "a good passphrase",
        },
    )
    user = User.objects.get(email="new.officer@example.com")
    page = reverse("admin:accounts_user_change", args=[user.pk])
    assert made["Location"].endswith(page)
    response = posted(
        client,
        page,
        **{
            "positions-TOTAL_FORMS": "1",
            "positions-0-organisation": str(world.organisation.pk),
            "positions-0-role": "officer",
            "positions-0-user": str(user.pk),
            "positions-0-id": "",
        },
    )
    assert response.status_code == 302, response.content.decode()[:3000]
    assert Position.objects.get(user=user).role == "officer"
    own = Client()
    own.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert own.get(f"/api/v1/programmes/{world.programme.pk}/enrolments").status_code == 200
    actions = set(
        AuditEntry.objects.filter(user=world.users["administrator"]).values_list("action", "subject")
    )
    assert ("admin-add", f"accounts.User {user.pk}") in actions
    assert ("admin-change", f"accounts.User {user.pk}") in actions


def test_locks_users_out_and_lets_them_in_again_but_never_oneself(world: World, client: Client) -> None:
    people = [world.users["owner"].pk, world.users["administrator"].pk]
    for action, active in (("deactivate", False), ("activate", True)):
        client.post(reverse("admin:accounts_user_changelist"), {"action": action, "_selected_action": people})
        assert User.objects.get(pk=people[0]).is_active is active
        assert User.objects.get(pk=people[1]).is_active
        assert AuditEntry.objects.filter(action=f"user-{action}", subject=f"user {people[0]}").exists()
    own = reverse("admin:accounts_user_change", args=[people[1]])
    assert posted(client, own, administrator=None, is_active=None).status_code == 302
    found = User.objects.get(pk=people[1])
    assert (found.is_staff, found.is_superuser, found.is_active) == (True, True, True)


def test_makes_and_unmakes_administrators(world: World, client: Client) -> None:
    page = reverse("admin:accounts_user_change", args=[world.users["adviser"].pk])
    for wish, is_one in (("on", True), (None, False)):
        assert posted(client, page, administrator=wish).status_code == 302
        found = User.objects.get(pk=world.users["adviser"].pk)
        assert (found.is_staff, found.is_superuser) == (is_one, is_one)


def test_takes_a_lost_second_factor_away(world: World, client: Client) -> None:
    owner = world.users["owner"]
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "take_second_factor_away", "_selected_action": [owner.pk]},
    )
    assert not Authenticator.objects.filter(user=owner).exists()
    assert AuditEntry.objects.filter(action="second-factor-reset").exists()


def test_makes_an_organisation_with_people(world: World, client: Client) -> None:
    response = posted(
        client,
        reverse("admin:accounts_organisation_add"),
        name_zh="新协会",
        name_en="New Association",
        kind="association",
        **{
            "positions-TOTAL_FORMS": "1",
            "positions-0-user": str(world.users["stranger"].pk),
            "positions-0-role": "adviser",
            "positions-0-id": "",
            "positions-0-organisation": "",
        },
    )
    assert response.status_code == 302
    found = Organisation.objects.get(name_en="New Association")
    assert [str(item.user) for item in found.positions.all()] == ["Stranger"]


def test_makes_a_programme_under_an_installed_standard(world: World, client: Client) -> None:
    page = reverse("admin:programmes_programme_add")
    facts = {
        "organisation": str(world.organisation.pk),
        "name_zh": "新",
        "name_en": "New",
        "code": "new",
        "standard": "eu-dma",
        "opens_on": "2026-05-01",
        "closes_on": "2026-04-01",
    }
    assert client.post(page, facts).status_code == 200
    assert client.post(page, facts | {"closes_on": "2026-06-01"}).status_code == 302
    assert client.post(page, facts | {"code": "other", "standard": "none"}).status_code == 200


# --- Enterprises, consents, log, tokens --------------------------------------------------------------------


def test_opening_an_enterprise_is_written_down_and_shows_no_answers(world: World, client: Client) -> None:
    AuditEntry.objects.all().delete()
    page = reverse("admin:enterprises_enterprise_change", args=[world.enterprise.pk])
    content = client.get(page).content.decode()
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.role, entry.enterprise) == ("read", "administrator", world.enterprise.pk)
    assert "Example Metal Parts" in content
    assert "Q05" not in content


def test_changes_facts_with_their_copies_in_programmes(world: World, client: Client) -> None:
    page = reverse("admin:enterprises_enterprise_change", args=[world.enterprise.pk])
    assert posted(client, page, employees="95").status_code == 302
    world.enrolment.refresh_from_db()
    assert world.enrolment.employees == 95
    assert AuditEntry.objects.filter(action="enterprise-change", enterprise=world.enterprise.pk).exists()


def test_a_claimed_enterprise_keeps_an_owner(world: World, client: Client) -> None:
    page = reverse("admin:enterprises_enterprise_change", args=[world.enterprise.pk])
    owner = Member.objects.get(enterprise=world.enterprise, role="owner")
    html = client.get(page).content.decode()
    number = re.search(rf'name="members-(\d)-id" value="{owner.pk}"', html)
    assert number is not None
    ended = {f"members-{number[1]}-ended": "on"}
    assert posted(client, page, **ended).status_code == 200
    assert Member.objects.get(pk=owner.pk).until is None
    other = {f"members-{1 - int(number[1])}-ended": "on"}
    assert posted(client, page, **other).status_code == 302
    assert Member.objects.filter(enterprise=world.enterprise, until=None).count() == 3


@pytest.mark.parametrize("model", [AuditEntry, Consent, ApiToken])
def test_what_only_happened_cannot_be_changed(world: World, client: Client, model: Any) -> None:
    token_create(user=world.users["owner"], name="mine", scope="read", expires_at=None)
    row = model.objects.first()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"{name}_add")).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_the_log_is_searched_and_filtered(world: World, client: Client, rf: Any) -> None:
    request = rf.get("/somewhere")
    request.user = world.users["officer"]
    audit_read(request, "GET /somewhere", world.enterprise.pk, Role.OFFICER)
    page = reverse("admin:core_auditentry_changelist")
    for query, found in (
        (f"q={world.enterprise.pk}", True),
        ("q=officer@example.com", True),
        ("kind__exact=read", True),
        ("kind__exact=write", False),
        ("q=nobody", False),
    ):
        assert ("GET /somewhere" in client.get(f"{page}?{query}").content.decode()) is found, query


def test_tokens_are_withdrawn_and_never_shown(world: World, client: Client) -> None:
    token, secret = token_create(user=world.users["owner"], name="mine", scope="read", expires_at=None)
    page = reverse("admin:api_apitoken_changelist")
    for html in (client.get(page), client.get(reverse("admin:api_apitoken_change", args=[token.pk]))):
        assert secret not in html.content.decode()
        assert token.digest not in html.content.decode()
    client.post(page, {"action": "withdraw", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.withdrawn_at is not None
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


# --- Content and editions ----------------------------------------------------------------------------------


def test_the_overview_says_what_is_installed_and_used(world: World, client: Client) -> None:
    Assessment.objects.create(enterprise=world.enterprise, standard="gone-2000")
    content = client.get(reverse("admin:content").replace("/zh-hans/", "/en/")).content.decode()
    for name, standard in engine.standards().items():
        row = re.search(rf"<small>{name}</small>.*?</tr>", content, re.DOTALL)
        assert row is not None
        numbers = re.findall(r'class="number">([\d,]+)<', row[0])
        used = Assessment.objects.filter(standard=name).count()
        assert numbers[0] == str(len(standard.questions))
        assert numbers[2] == str(used)
        assert standard.file.effective_from in row[0]
    assert "gone-2000" in content
    assert "not installed any more" in content


def test_counts_unverified_figures_by_their_own_mark_or_by_the_standard_s() -> None:
    for standard in engine.standards().values():
        text = (SHIPPED / "standards" / standard.id / "questions.yaml").read_text(encoding="utf-8")
        text += (SHIPPED / "standards" / standard.id / "standard.yaml").read_text(encoding="utf-8")
        marks = len(re.findall(r"certainty: unverified", text))
        if standard.file.certainty != "unverified":
            assert unverified_figures(standard) == marks
        else:
            assert unverified_figures(standard) > len(standard.questions)


@pytest.mark.parametrize(
    ("old", "latest", "status"),
    [
        ("miit-2024", "miit-2024", 422),
        ("", "eu-dma", 422),
        ("miit-2024", "none", 422),
        ("miit-2024", "eu-dma", 302),
    ],
)
def test_compares_two_different_standards_that_are_installed(
    world: World, client: Client, old: str, latest: str, status: int
) -> None:
    assert client.post(reverse("admin:editions"), {"old": old, "latest": latest}).status_code == status
    assert EditionReport.objects.count() == (status == 302)


def test_reports_what_another_edition_does(
    world: World, client: Client, editions: str, django_capture_on_commit_callbacks: Any
) -> None:
    answer(world.assessment, {"Q05": "C"}, world.users["owner"])
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post(reverse("admin:editions"), {"old": "miit-2024", "latest": editions})
    report = EditionReport.objects.get()
    assert made["Location"] == reverse("admin:edition-report", args=[report.pk])
    stored = Assessment.objects.filter(standard="miit-2024", answered__gt=0)
    assert (report.total, report.done) == (stored.count(), stored.count())
    assert report.finished_at is not None
    assert sum(count for _before, _after, count in report.result["levels"]) == report.total
    assert [(item["question"], item["code"]) for item in report.result["refused"]] == [
        ("Q05", "unknown-option")
    ]
    refused = sum(item.answers.get("Q05", {}).get("value") == "C" for item in stored)
    assert report.result["refused"][0]["count"] == refused
    assert str(world.assessment.pk) in [row["assessment"] for row in report.result["largest"]]
    assert AuditEntry.objects.filter(action="edition-report").exists()
    page = client.get(made["Location"].replace("/zh-hans/", "/en/")).content.decode()
    for words in ("Q05", "option C", "option X", "Example Metal Parts", "Levels before and after"):
        assert words in page
    assert "http-equiv" not in page
    table = client.get(reverse("admin:edition-report-csv", args=[report.pk]))
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {6}
    assert any(row[1] == "Q05" for row in rows)


def test_a_report_that_is_not_ready_says_so_and_one_that_cannot_be_made_says_why(
    world: World, client: Client
) -> None:
    report = EditionReport.objects.create(old="miit-2024", latest="gone-2000", total=3)
    page = reverse("admin:edition-report", args=[report.pk])
    waiting = client.get(page).content.decode()
    assert 'http-equiv="refresh"' in waiting
    edition_report_make(report=report)
    failed = client.get(page).content.decode()
    assert "gone-2000" in failed
    assert "http-equiv" not in failed
    assert client.get(reverse("admin:edition-report-csv", args=[report.pk])).status_code == 200


def test_names_in_the_table_are_no_formulas(world: World, client: Client) -> None:
    world.enterprise.name = "=HYPERLINK(1)"
    world.enterprise.save()
    shift = {"score": [1, 2], "level": [1, 1]}
    report = EditionReport.objects.create(
        old="miit-2024",
        latest="eu-dma",
        result={
            "largest": [
                {
                    "assessment": str(world.assessment.pk),
                    "share": 1.0,
                    "before": shift,
                    "after": shift,
                    "refused": 0,
                }
            ]
        },
    )
    table = client.get(reverse("admin:edition-report-csv", args=[report.pk])).content.decode()
    assert "'=HYPERLINK(1)" in table
