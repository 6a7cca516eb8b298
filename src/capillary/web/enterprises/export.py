"""Everything that is stored about an enterprise, as one archive."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import CASCADE, FileField

from capillary.web.assessments.models import Assessment, Revision
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Consent, Enterprise, Invitation, Member
from capillary.web.programmes.models import Enrolment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

IN_MEMORY = 4_000_000
ELSEWHERE = {  # these stand in files of their own
    "assessments.Assessment",
    "assessments.Revision",
    "evidence.Evidence",
    "enterprises.Member",
    "enterprises.Invitation",
    "enterprises.Consent",
    "programmes.Enrolment",
}
SECRETS = {"token", "secret", "token_hash", "digest"}
README = """This archive holds everything that Capillary stores about an enterprise.
enterprise.json    facts, people, invitations, consents, programmes
assessments.json   assessments with answers, figures and every change of an answer
evidence.json      evidence behind the answers; its files are in the folder evidence/
records.json       verifications, reviews, objections, workbooks, links to share, roadmaps, projects, facts, applications;
                   their files are in the folder files/
log.json           who read or changed the enterprise's data, and when
本压缩包包含 Capillary 保存的该企业的全部数据。
enterprise.json    企业信息、人员、邀请、同意事项、参加的计划
assessments.json   评估：答案、得分以及每一次修改
evidence.json      答案的佐证材料；文件在 evidence/ 文件夹中
records.json       核实、评审、异议、导入的表格、分享链接、路线图、项目、企业事实、补助申请；文件在 files/ 文件夹中
log.json           谁在什么时候查看或修改过该企业的数据
"""


def enterprise_archive(enterprise: Enterprise) -> IO[bytes]:
    """Return a ZIP archive of all data of an enterprise; in a temporary file where it is large."""
    archive = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", README)
        _write(packed, "enterprise.json", _enterprise(enterprise))
        _write(packed, "assessments.json", list(_assessments(enterprise)))
        _write(packed, "evidence.json", _evidence(enterprise, packed))
        _write(packed, "records.json", _records(enterprise, packed))
        _write(packed, "log.json", _log(enterprise))
    archive.seek(0)
    return archive


def _write(packed: zipfile.ZipFile, name: str, data: object) -> None:
    packed.writestr(name, json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))


def _enterprise(enterprise: Enterprise) -> dict[str, Any]:
    people = ("user", "user__name", "user__email")
    return {
        "enterprise": _row(enterprise),
        "members": list(
            Member.objects.filter(enterprise=enterprise)
            .order_by("since")
            .values(*people, "role", "since", "until", "let_in_by", "parts")
        ),
        "invitations": list(
            Invitation.objects.filter(enterprise=enterprise).values(
                "email", "role", "parts", "invited_by", "invited_at", "expires_at", "accepted_at", "ended_at"
            )
        ),
        "consents": list(
            Consent.objects.filter(enterprise=enterprise)
            .order_by("given_at")
            .values("purpose", "given_by", "given_at", "withdrawn_at")
        ),
        "programmes": list(
            Enrolment.objects.filter(enterprise=enterprise)
            .order_by("joined_at")
            .values(
                "programme__name_en",
                "programme__name_zh",
                "cohort",
                "joined_at",
                "consented_at",
                "withdrawn_at",
            )
        ),
    }


def _assessments(enterprise: Enterprise) -> Iterator[dict[str, Any]]:
    for assessment in Assessment.objects.filter(enterprise=enterprise).order_by("started_at"):
        revisions = Revision.objects.filter(assessment=assessment).order_by("number")
        yield {
            **_row(assessment),
            "revisions": list(
                revisions.values("number", "question", "value", "origin", "by", "at", "reason")
            ),
        }


def _evidence(enterprise: Enterprise, packed: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return what is known of the evidence, and put its files into the archive."""
    try:
        model = apps.get_model("evidence", "Evidence")
    except LookupError:
        return []
    found = []
    for row in model._default_manager.filter(assessment__enterprise=enterprise):  # noqa: SLF001
        described = _row(row)
        for file in _files_of(row):
            original = (
                getattr(row, "file_name", "") or file.name
            )  # the stored name is random and has no suffix
            _pack(packed, f"evidence/{row.pk}{PurePath(original).suffix}", file, described)
        found.append(described)
    return found


def _records(enterprise: Enterprise, packed: zipfile.ZipFile) -> dict[str, list[dict[str, Any]]]:
    """Return every other row that belongs to the enterprise or its assessments, by model, whatever part keeps it.

    A row that belongs to it in two ways, as what both sides of an interest wrote, stands once. Files go into the archive. A
    model of which not everything is the enterprise's to see says so: ``for_export`` chooses rows, ``not_exported`` names
    columns, and ``exported`` and ``exported_for`` change a row.
    """
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    waiting: list[tuple[type[Model], str, frozenset[str]]] = [
        (Assessment, "enterprise", frozenset()),
        (Enterprise, "", frozenset()),
    ]
    while waiting:
        above, path, passed = waiting.pop()
        for relation in above._meta.related_objects:  # noqa: SLF001
            model, label = relation.related_model, relation.related_model._meta.label  # noqa: SLF001
            if relation.on_delete is not CASCADE or label in ELSEWHERE or label in passed:
                continue
            lookup = f"{relation.field.name}__{path}" if path else relation.field.name
            rows = model._default_manager.filter(**{lookup: enterprise})  # noqa: SLF001
            rows = getattr(model, "for_export", lambda all_of_them: all_of_them)(rows)
            kept = found.setdefault(label, {})
            for row in rows.iterator():
                if row.pk not in kept:
                    kept[row.pk] = _record(row, packed, enterprise)
            waiting.append((model, lookup, passed | {label}))
    return {label: list(rows.values()) for label, rows in found.items()}


def _record(row: Model, packed: zipfile.ZipFile, enterprise: Enterprise) -> dict[str, Any]:
    hidden: frozenset[str] = getattr(row, "not_exported", frozenset())
    found = {name: value for name, value in _without_secrets(_row(row)).items() if name not in hidden}
    found = getattr(row, "exported", lambda columns: columns)(found)
    found = getattr(row, "exported_for", lambda columns, _: columns)(found, enterprise)
    for file in _files_of(row):
        original = getattr(row, "file_name", "") or file.name
        _pack(packed, f"files/{row.pk}{PurePath(original).suffix}", file, found)
    return found


def _pack(packed: zipfile.ZipFile, name: str, file: Any, described: dict[str, Any]) -> None:
    """Put a file into the archive, and its name there into the description of its row."""
    described.setdefault("files_in_archive", []).append(name)
    with file.open("rb") as source, packed.open(name, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target)


def _without_secrets(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in SECRETS}


def _files_of(row: Model) -> Iterable[Any]:
    fields = (field for field in row._meta.fields if isinstance(field, FileField))  # noqa: SLF001
    for field in fields:
        file = getattr(row, field.name)
        if file and file.storage.exists(file.name):
            yield file


def _row(row: Model) -> dict[str, Any]:
    """Return the columns of a row."""
    found = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}  # noqa: SLF001
    return {
        name: value
        if value is None or isinstance(value, str | int | float | bool | dict | list)
        else _plain(value)
        for name, value in found.items()
    }


def _plain(value: object) -> object:
    try:
        return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
    except TypeError:
        return str(value)


def _log(enterprise: Enterprise) -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(enterprise=enterprise.pk).order_by("at")
    return list(rows.values("at", "user", "kind", "action", "subject", "role"))
