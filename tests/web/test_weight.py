"""What the interview weighs on the way to a phone, compressed as it is served."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.core.management import call_command
from django.test import Client, override_settings

from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import Facts, check_start

from .kit import hold, some_answers
from .test_interview import HTMX, address, form_of

pytestmark = [pytest.mark.anywhere, pytest.mark.xdist_group("weight")]

KIB = 1024
FIRST = 150 * KIB
STEP = 15 * KIB
PACKED = {"Accept-Encoding": "gzip"}
VENDOR = Path(__file__).parents[2] / "src/capillary/web/static/vendor/tabler.min.css"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Collect and compress the static files as an installation does; return the settings that serve them."""
    if not VENDOR.exists():
        pytest.skip("the static files are not made yet: make assets")
    storage = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    found = {
        "STATIC_ROOT": tmp_path_factory.mktemp("static"),
        "STORAGES": {**product.STORAGES, "staticfiles": storage},
    }
    with override_settings(**found):
        call_command("collectstatic", interactive=False, verbosity=0)
    return found


@pytest.fixture
def served(settings: Any, collected: dict[str, Any]) -> None:
    """Serve the collected files."""
    for name, value in collected.items():
        setattr(settings, name, value)


def started(standard: str, language: str) -> tuple[Client, Assessment]:
    assessment = check_start(facts=Facts(sector="machinery", employees=40), standard=standard)
    client = Client()
    hold(client, assessment.enterprise)
    return client, assessment


def body(client: Client, where: str) -> bytes:
    response = client.get(where, headers=PACKED)
    assert response.status_code == 200, where
    return b"".join(response.streaming_content) if response.streaming else response.content


def plain(client: Client, where: str) -> str:
    return client.get(where).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("standard", ["miit-2024", "eu-dma"])
def test_the_first_load_is_light(served: None, standard: str, language: str) -> None:
    client, assessment = started(standard, language)
    heaviest = 0
    for question in engine.standards()[standard].questions:
        where = address(assessment, question.id, language)
        text = plain(client, where)
        assert "echarts" not in text
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
        assert any(item.endswith(".css") for item in files)
        assert any("htmx" in item for item in files)
        heaviest = max(heaviest, len(body(client, where)) + sum(len(body(client, item)) for item in files))
    print(f"{standard} {language}: first load {heaviest / KIB:.1f} KiB")  # noqa: T201 - the figure of the report
    assert heaviest < FIRST


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("standard", ["miit-2024", "eu-dma", "cis-ig1", "cmmm-2020"])
def test_every_further_step_is_light(standard: str, language: str) -> None:
    client, assessment = started(standard, language)
    answers = some_answers(standard, 100)
    heaviest = 0
    for question in engine.standards()[standard].questions:
        given = form_of(question, answers[question.id])
        response = client.post(
            address(assessment, question.id, language), {"do": "save", **given}, headers={**HTMX, **PACKED}
        )
        assert response.status_code == 200
        assert response.headers["Content-Encoding"] == "gzip"
        heads = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())
        heaviest = max(heaviest, len(response.content) + heads)
    print(f"{standard} {language}: step {heaviest / KIB:.1f} KiB")  # noqa: T201 - the figure of the report
    assert heaviest < STEP
