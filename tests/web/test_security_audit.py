"""The audit log, and what the code itself must not do."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.urls import reverse

from capillary.web.core.models import AuditEntry

from .kit import World
from .test_matrix import ACCESS, address_of, addresses
from .test_security import undone

WEB = Path(__file__).parents[2] / "src/capillary/web"
OUTSIDERS = ("adviser", "assessor", "officer")


ABOUT_FIRMS = re.compile(r"(?:assessments|enterprises)/<uuid:")


@pytest.mark.slow
@pytest.mark.django_db
def test_every_read_by_an_outsider_is_in_the_log(world: World) -> None:
    patterns = dict(addresses())
    missing = []
    for name in sorted(ACCESS):
        if not ABOUT_FIRMS.search(str(patterns[name].pattern)):
            continue
        for person in sorted(ACCESS[name].get("GET", set()) & set(OUTSIDERS)):
            with undone(world):
                client = world.client(person)
                address = address_of(name, world)
                before = AuditEntry.objects.filter(kind="read").count()
                response = client.get(address)
                if response.streaming:
                    b"".join(response.streaming_content)
                found = list(AuditEntry.objects.filter(kind="read").order_by("id")[before:])
            if not any(entry.user == world.users[person] and entry.enterprise for entry in found):
                missing.append(f"{name}: {person}")
    assert not missing, str(missing)


@pytest.mark.django_db
def test_the_people_of_the_firm_read_their_own_data_without_an_entry(world: World) -> None:
    for person in ("owner", "colleague"):
        world.client(person).get(reverse("assessment-result", args=[world.assessment.pk]))
    assert not AuditEntry.objects.filter(kind="read").exists()


# Writes whose own rows say who did what and when, or that touch nobody's data.
KEEPS_ITS_OWN_RECORD = {
    "assessments.answers_change": "a revision each",
    "assessments.answers_give": "a revision each",
    "assessments.grades_change": "follows from evidence, whose writes are logged",
    "assessments.check_start": "nobody is signed in, and nobody's data is there yet",
    "assessments.detail_wanted": "how the interview goes on",
    "assessments.figures_refresh": "follows from answers",
    "outcomes.figures_refresh": "follows from outcomes, whose writes are logged",
    "evidence.grades_refresh": "follows from evidence, whose writes are logged",
    "evidence.file_remove": "the file of a row that has gone",
    "administration.edition_report_make": "counts in the background; asking for them is logged",
    "api.token_used": "when a token was last used",
    "results.peers_refresh": "counts without names",
    "planning.roadmap_work": "works in the background; asking for it is logged",
}
WRITES = {
    "save",
    "create",
    "bulk_create",
    "update",
    "delete",
    "update_or_create",
    "get_or_create",
    "bulk_update",
}


def _called(function: ast.FunctionDef) -> set[str]:
    """Return the names of everything that a function calls."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            target = node.func
            found.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
        elif isinstance(node, ast.Name) and node.id == "AuditEntry":
            found.add("audit_write")
    return found


def _services() -> dict[str, set[str]]:
    """Return every function of the services with what it calls, directly and through others of the same part."""
    calls: dict[str, set[str]] = {}
    for path in sorted(WEB.glob("*/services*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                calls[f"{path.parent.name}.{node.name}"] = _called(node)
    by_name: dict[str, set[str]] = {}
    for name, called in calls.items():
        by_name.setdefault(name.split(".")[1], set()).update(called)
    for called in calls.values():
        while more := set().union(*(by_name.get(each, set()) for each in called)) - called:
            called.update(more)
    return calls


def test_every_service_that_writes_leaves_an_entry() -> None:
    calls = _services()
    assert "evidence.evidence_add" in calls
    silent = [
        name
        for name, called in calls.items()
        if not name.split(".")[1].startswith("_")
        and called & WRITES
        and not called & {"audit_write", "audit_read"}
        and name not in KEEPS_ITS_OWN_RECORD
    ]
    assert silent == [], "these write without an entry in the audit log"
    assert sorted(set(KEEPS_ITS_OWN_RECORD) - set(calls)) == []


@pytest.mark.django_db
def test_a_write_names_who_and_whose(world: World) -> None:
    owner = world.client("owner")
    owner.post(
        reverse("evidence-question", args=[world.assessment.pk, "Q01"]), {"kind": "note", "note-text": "x"}
    )
    owner.post(reverse("assessment-complete", args=[world.assessment.pk]))
    entries = AuditEntry.objects.filter(
        kind="write", user=world.users["owner"], enterprise=world.enterprise.pk
    )
    assert {"evidence-add", "assessment-complete"} <= set(entries.values_list("action", flat=True))


# --- the code ---


def test_no_template_turns_the_escaping_off() -> None:
    found = []
    for path in sorted(WEB.rglob("*.html")):
        text = path.read_text(encoding="utf-8").replace("field.help_text|safe", "")
        if re.search(r"\|\s*(?:safe|safeseq)\b|autoescape\s+off", text):
            found.append(str(path.relative_to(WEB)))
    assert found == []


def test_no_code_marks_text_as_safe_or_leaves_the_token_out() -> None:
    found = [
        f"{path.relative_to(WEB)}: {word[0]}"
        for path in sorted(WEB.rglob("*.py"))
        for word in re.finditer(
            r"mark_safe\(|SafeString\(|csrf_exempt|\beval\(|\bexec\(|pickle|\.raw\(|\.extra\(|shell=True",
            path.read_text(encoding="utf-8"),
        )
    ]
    # the API takes tokens, and for sessions checks the form's token itself; the admin hands on what Django's own views say
    known = {"api/build.py: csrf_exempt", "administration/site.py: csrf_exempt"}
    assert sorted(set(found) - known) == []


def test_views_ask_the_one_place_that_decides() -> None:
    """No view reads memberships or positions by itself."""
    found = [
        str(path.relative_to(WEB))
        for path in sorted(WEB.glob("*/views*.py"))
        if re.search(
            r"(?:Assessment|Enterprise)\.objects\.(?:get|filter)\((?!enterprise=access\.)|get_object_or_404\((?:Assessment|Enterprise)\b",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert [name for name in found if name != "core/views.py"] == [], "ask capillary.web.access"
