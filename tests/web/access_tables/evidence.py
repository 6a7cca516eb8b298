"""Who may use the addresses of the evidence."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from capillary.web.evidence.models import Evidence
from capillary.web.evidence.services import evidence_add

from ..evidence_samples import pdf
from ..kit import World

SEES = {"owner", "colleague", "adviser", "assessor", "officer"}
ADDS = {"owner", "colleague", "adviser", "assessor"}
# what the owner added, only the firm withdraws
FIRM = {"owner", "colleague"}
TABLE: dict[str, dict[str, set[str]]] = {
    "evidence-overview": {"GET": SEES},
    "evidence-question": {"GET": SEES, "POST": ADDS},
    "evidence-file": {"GET": SEES},
    "evidence-withdraw": {"POST": FIRM},
    "evidence-restore": {"POST": FIRM},
}


def _item(world: World) -> list[Any]:
    evidence = evidence_add(
        assessment=world.assessment,
        question=next(iter(world.assessment.answers)),
        values={
            "kind": Evidence.Kind.FILE,
            "file": SimpleUploadedFile("report.pdf", pdf()),
            "file_name": "report.pdf",
            "file_type": "application/pdf",
            "file_size": len(pdf()),
        },
        by=world.users["owner"],
        role="owner",
    )
    return [world.assessment.pk, evidence.pk]


ARGS = {
    "evidence-question": lambda world: [world.assessment.pk, next(iter(world.assessment.answers))],
    "evidence-file": _item,
    "evidence-withdraw": _item,
    "evidence-restore": _item,
}
