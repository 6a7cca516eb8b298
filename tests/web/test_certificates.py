"""Certificates in the product: issuing, taking back, publishing, and verification for everybody."""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from capillary.credentials.keys import KeyFolder, SigningKey, pinned_keys
from capillary.credentials.sdjwt import presented
from capillary.credentials.verify import Trust, verify
from capillary.web.assessments.models import Assessment
from capillary.web.certificates.models import IssuedCertificate, StatusEntry
from capillary.web.certificates.paper import code_address
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase

from .kit import answer, make_world, some_answers
from .paper_kit import code_on_paper

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    """Return the world with a completed assessment, and an issuer without a key."""
    settings.CERTIFICATE_KEYS = tmp_path / "keys"
    found = make_world()
    found.assessment = answer(found.assessment, some_answers("miit-2024", 31))
    Assessment.objects.filter(pk=found.assessment.pk).update(
        status=Assessment.Status.COMPLETED, completed_at=timezone.now()
    )
    return found


def address(world: World) -> str:
    return reverse("assessment-certificate", args=[world.assessment.pk])


def issue(world: World, **fields: str) -> IssuedCertificate:
    before = list(IssuedCertificate.objects.values_list("pk", flat=True))
    done = world.client("owner").post(address(world), {"days": "90", "registration": "R-1", **fields})
    assert done.status_code == 302, done.content.decode()[:2000]
    return IssuedCertificate.objects.exclude(pk__in=before).get()


def judged(text: str) -> Any:
    client = Client()
    keys = tuple(pinned_keys(client.get("/certificates/keys.json").json()))
    listed = client.get("/certificates/status.json").json()
    return verify(text, Trust(int(timezone.now().timestamp()), keys, (listed,)))


def test_a_certificate_is_issued_in_both_formats_and_holds(world: World) -> None:
    row = issue(world)
    for form in ("vc", "sd-jwt"):
        at = reverse("certificate-download", args=[world.assessment.pk, row.pk, form])
        sent = world.client("owner").get(at)
        assert "attachment" in sent["Content-Disposition"]
        found = judged(sent.content.decode())
        assert found.valid
        assert {check.outcome for check in found.checks} == {"ok"}
    subject = json.loads(row.document)["credentialSubject"]
    assert subject["registrationNumber"] == "R-1"
    assert subject["assessment"]["evidenceGrade"] == "declared"
    assert "answers" not in json.dumps(subject)
    assert AuditEntry.objects.filter(action="certificate-issue", enterprise=world.enterprise.pk).exists()
    wrong = reverse("certificate-download", args=[world.assessment.pk, row.pk, "docx"])
    assert world.client("owner").get(wrong).status_code == 404


def test_the_paper_says_it_in_both_languages_and_its_code_verifies(world: World) -> None:
    row = issue(world)
    sent = world.client("owner").get(
        reverse("certificate-download", args=[world.assessment.pk, row.pk, "pdf"])
    )
    paper = PdfReader(io.BytesIO(sent.content))
    assert len(paper.pages) == 1
    text = "".join(paper.pages[0].extract_text().split())
    for word in (
        "数字化等级证书",
        "Certificateofadigitallevel",
        "R-1",
        str(row.pk),
        "一级（初始级）",
        "Level1(initial)",
        "自述，没有材料",
        "declaredbytheenterprise,withoutpapers",
    ):
        assert word in text
    code = code_on_paper(sent.content)
    assert code == code_address(row, f"http://testserver{reverse('verify-certificate')}")
    page, _, token = code.partition("#")
    assert Client().get(page).status_code == 200
    found = judged(token)
    assert found.valid
    assert "score" not in found.claims["assessment"]
    seen = Client().post(page, {"text": token}).context
    assert seen["found"].valid
    assert seen["claims"]["name"] == world.enterprise.name
    assert seen["claims"]["level"] == json.loads(row.document)["credentialSubject"]["assessment"]["level"]


def test_the_grade_is_that_of_the_weakest_answer(world: World) -> None:
    grades = dict.fromkeys(world.assessment.answers, "verified")
    Assessment.objects.filter(pk=world.assessment.pk).update(grades=grades)
    assert json.loads(issue(world).document)["credentialSubject"]["assessment"]["evidenceGrade"] == "verified"
    grades.popitem()
    Assessment.objects.filter(pk=world.assessment.pk).update(grades=grades)
    assert json.loads(issue(world).document)["credentialSubject"]["assessment"]["evidenceGrade"] == "declared"


def test_an_open_assessment_is_not_certified(world: World) -> None:
    Assessment.objects.filter(pk=world.assessment.pk).update(status=Assessment.Status.OPEN)
    done = world.client("owner").post(address(world), {"days": "90"})
    assert done.status_code == 422
    assert not IssuedCertificate.objects.exists()
    assert not StatusEntry.objects.exists()


@pytest.mark.parametrize("wrong", [{"days": "3650"}, {"days": ""}, {"registration": "x" * 65}])
def test_what_cannot_be_is_refused(world: World, wrong: dict[str, str]) -> None:
    done = world.client("owner").post(address(world), {"days": "90", **wrong})
    assert done.status_code == 422
    assert not IssuedCertificate.objects.exists()


def test_what_is_taken_back_is_told_to_everybody_and_others_stay(world: World) -> None:
    first, second = issue(world), issue(world)
    client = world.client("owner")
    client.post(reverse("certificate-revoke", args=[world.assessment.pk, first.pk]))
    client.post(reverse("certificate-revoke", args=[world.assessment.pk, first.pk]))
    assert AuditEntry.objects.filter(action="certificate-revoke").count() == 1
    assert not judged(first.document).valid
    assert not judged(presented(first.token, [])).valid
    assert judged(second.document).valid
    assert client.get(address(world)).status_code == 200
    other = reverse("certificate-revoke", args=[world.assessment.pk, uuid.uuid4()])
    assert client.post(other).status_code == 404


def test_an_erased_enterprise_leaves_no_valid_certificate(world: World) -> None:
    row = issue(world)
    text = row.document
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert not IssuedCertificate.objects.exists()
    assert not judged(text).valid
    assert StatusEntry.objects.count() == 1


def test_the_key_is_made_once_and_lies_outside_the_database(world: World, settings: Any) -> None:
    first = json.loads(issue(world).document)["issuer"]
    assert json.loads(issue(world).document)["issuer"] == first
    assert len(list(Path(settings.CERTIFICATE_KEYS).glob("*.pem"))) == 1


# --- known as did:web ---------------------------------------------------------------------------------------------


def by_did_document(text: str, document: dict[str, Any]) -> bool:
    """Whether a certificate holds for somebody who looked the DID document up, and looks its status list up."""
    listed = Client().get("/certificates/status.json").json()
    found = verify(text, Trust(int(timezone.now().timestamp()), tuple(pinned_keys(document)), (listed,)))
    return found.valid and {check.outcome for check in found.checks} == {"ok"}


def test_under_a_public_host_certificates_are_of_did_web_and_earlier_ones_still_hold(
    world: World, settings: Any
) -> None:
    client = Client()
    plain = issue(world)
    assert client.get("/.well-known/did.json").status_code == 404
    settings.CERTIFICATE_HOST = "check.example.org"
    first = issue(world)
    before = KeyFolder(settings.CERTIFICATE_KEYS).current().public.multibase
    KeyFolder(settings.CERTIFICATE_KEYS).rotate("2026-11-28T00:00:00Z")
    second = issue(world)
    now = KeyFolder(settings.CERTIFICATE_KEYS).current().public.multibase
    sent = client.get("/.well-known/did.json")
    assert (sent["Access-Control-Allow-Origin"], sent["Cache-Control"]) == ("*", "public, max-age=300")
    document = sent.json()
    did = "did:web:check.example.org"
    assert document["id"] == did
    assert document["assertionMethod"] == [f"{did}#{before}", f"{did}#{now}"]
    for row, key in ((first, before), (second, now)):
        read = json.loads(row.document)
        assert read["issuer"] == did
        assert read["proof"]["verificationMethod"] == f"{did}#{key}"
    assert json.loads(plain.document)["issuer"].startswith("did:key:")
    for row in (plain, first, second):
        for text in (row.document, presented(row.token, [])):
            assert judged(text).valid
            assert by_did_document(text, document)
            assert client.post(reverse("verify-certificate"), {"text": text}).context["found"].valid
    # nobody can tell the key of a did:web offline without having pinned it
    assert not verify(first.document, Trust(int(timezone.now().timestamp()))).valid
    settings.CERTIFICATE_HOST = ""
    assert json.loads(issue(world).document)["issuer"].startswith("did:key:")
    assert judged(second.document).valid


# --- verification for everybody --------------------------------------------------------------------------------------


def test_a_certificate_is_verified_as_file_and_as_text(world: World) -> None:
    row = issue(world)
    at = reverse("verify-certificate")
    for text in (row.document, row.token, presented(row.token, ["score"])):
        page = Client().post(at, {"text": text})
        assert page.status_code == 200
        assert page.context["found"].valid
        assert page.context["claims"]["name"] == world.enterprise.name
        file = SimpleUploadedFile("c.json", text.encode())
        assert Client().post(at, {"file": file}).context["found"].valid
    for language, grade in (("en", "Declared"), ("zh-hans", "申报")):
        with override(language):
            words = Client().post(reverse("verify-certificate"), {"text": row.document}).content.decode()
        assert f"<dd>{grade}</dd>" in words
    changed = row.document.replace('"level": ', '"level": 1')
    page = Client().post(at, {"text": changed})
    assert not page.context["found"].valid
    assert page.context["claims"] is None
    world.client("owner").post(reverse("certificate-revoke", args=[world.assessment.pk, row.pk]))
    assert not Client().post(at, {"text": row.document}).context["found"].valid


def test_a_certificate_of_somebody_else_is_checked_too(world: World) -> None:
    from capillary.credentials.integrity import secured

    issue(world)
    key = SigningKey.make()
    foreign = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "Other"],
        "issuer": key.public.did,
        "credentialSubject": {},
    }
    text = json.dumps(secured(foreign, key, "2026-01-01T00:00:00Z"))
    page = Client().post(reverse("verify-certificate"), {"text": text})
    assert page.context["found"].valid
    assert not page.context["found"].ours
    assert "Other" in page.content.decode()


@pytest.mark.parametrize("data", [{}, {"text": " "}, {"file": SimpleUploadedFile("c.pdf", b"%PDF\xff\xfe")}])
def test_nothing_to_verify_is_said(world: World, data: dict[str, Any]) -> None:
    page = Client().post(reverse("verify-certificate"), data)
    assert page.status_code == 422
    assert page.context["form"].errors


def test_nonsense_is_not_valid(world: World) -> None:
    for text in ("{}", "hello", "a.b.c~", "[" * 500):
        page = Client().post(reverse("verify-certificate"), {"text": text})
        assert page.status_code == 200
        assert not page.context["found"].valid


def test_an_administrator_takes_back(world: World) -> None:
    row = issue(world)
    listed = reverse("admin:certificates_issuedcertificate_changelist")
    client = world.client("administrator")
    assert client.get(listed).status_code == 200
    shown = client.get(reverse("admin:certificates_issuedcertificate_change", args=[row.pk])).content.decode()
    assert row.token not in shown
    client.post(listed, {"action": "take_back", "_selected_action": [str(row.pk)]})
    row.entry.refresh_from_db()
    assert row.entry.revoked_at is not None
