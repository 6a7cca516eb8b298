"""Reads an uploaded workbook, and says of everything that can not be used where it stands and what mends it."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.text import get_valid_filename
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from capillary.model.problems import InputError
from capillary.sheets.files import MEBIBYTE
from capillary.sheets.workbook import read_workbook
from capillary.web import engine
from capillary.web.core.language import language

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.utils.functional import Promise

    from capillary.model.problems import Problem
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard
    from capillary.model.text import Message, Text
    from capillary.web.assessments.models import Assessment

LARGEST_UPLOAD = 5 * MEBIBYTE
LARGEST_LIST_OF_PARTS = MEBIBYTE
LONGEST_NAME = 100
PARTS = "[Content_Types].xml"
WORKBOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = ("vbaproject.bin", "vbadata.xml")
# The engine's remedies name the command line; who uploads has a page with a button instead.
FRESH = _("Download the workbook of this assessment anew and copy the answers into it.")
REMEDIES = dict.fromkeys(
    ("wrong-workbook", "wrong-sheet", "xml-entities", "zip-bomb", "file-too-large"), FRESH
)


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with a workbook.

    Attributes:
        cell: such as ``D7``; empty where it is not about a cell.
    """

    code: str
    cause: Message | Text | Promise | str
    remedy: Message | Text | Promise | str
    sheet: str = ""
    row: int | None = None
    cell: str = ""


class WorkbookRefusedError(Exception):
    """The workbook can not be used; carries everything that is wrong with it."""

    def __init__(self, *troubles: Trouble) -> None:
        self.troubles = troubles
        super().__init__(", ".join(trouble.code for trouble in troubles))


@dataclass(frozen=True)
class ReadBook:
    """A workbook that can be used.

    Attributes:
        other_name: the firm's name in the workbook, where it is not the one that we know.
    """

    file_name: str
    sha256: str
    sheet: AnswerSheet
    other_name: str


def workbook_read(upload: UploadedFile, assessment: Assessment) -> ReadBook:
    """Return what an uploaded workbook says about an assessment.

    Raises:
        WorkbookRefusedError: it can not be used; nothing was changed.
    """
    _check_size(upload)
    name = (get_valid_filename(Path(upload.name or "").name.lstrip(".") or "workbook.xlsx"))[-LONGEST_NAME:]
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as stream:
            for chunk in upload.chunks():
                stream.write(chunk)
                digest.update(chunk)
        _check_kind(path)
        try:
            sheet = read_workbook(path, lambda found: _standard(found, assessment))
        except InputError as error:
            raise WorkbookRefusedError(*sorted(map(_trouble, error.problems), key=_order)) from error
    return ReadBook(name, digest.hexdigest(), sheet, _other_name(sheet, assessment))


def _order(trouble: Trouble) -> tuple[str, int]:
    return trouble.sheet, trouble.row or 0


def _trouble(problem: Problem) -> Trouble:
    place = problem.place
    cell = f"{place.column or ''}{place.row}" if place.row is not None else ""
    remedy = REMEDIES.get(problem.code, problem.remedy)
    return Trouble(problem.code, problem.cause, remedy, place.sheet or "", place.row, cell)


def _check_size(upload: UploadedFile) -> None:
    if (upload.size or 0) > LARGEST_UPLOAD:
        raise WorkbookRefusedError(too_large())


def too_large() -> Trouble:
    """Return what is said of a file above the limit; one far above it was not even kept to be measured."""
    most = LARGEST_UPLOAD // MEBIBYTE
    cause = gettext("The file is too large: at most %(most)s MiB can be uploaded.") % {"most": most}
    return Trouble("file-too-large", cause, FRESH)


def _check_kind(path: Path) -> None:
    """Refuse what is not a workbook by its content, and a workbook with macros; the rest the engine's reader decides.

    Raises:
        WorkbookRefusedError: it is one of these.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename.lower() for info in archive.infolist()]
            known = archive.getinfo(PARTS)
            kinds = archive.read(known) if known.file_size <= LARGEST_LIST_OF_PARTS else b""
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        return  # no archive, locked, or broken: the reader names what it is
    if b"macroEnabled" in kinds or any(
        name.endswith(MACROS) or name.startswith("xl/macrosheets/") for name in names
    ):
        raise WorkbookRefusedError(
            Trouble(
                "macros", _("The workbook holds macros."), _("Save it as .xlsx without macros and try again.")
            )
        )
    if WORKBOOK not in kinds:
        raise WorkbookRefusedError(
            Trouble(
                "not-a-workbook",
                _("The file is not an Excel workbook (.xlsx)."),
                _("Open it in Excel, WPS or LibreOffice, save it as .xlsx and try again."),
            )
        )


def _standard(found: str, assessment: Assessment) -> Standard:
    """Return the assessment's standard where the workbook is a form of it.

    Raises:
        WorkbookRefusedError: the workbook is a form of another standard, or of another edition.
    """
    if found == assessment.standard:
        return engine.standard_of(assessment)
    known = engine.standards().get(found)
    words = {
        "theirs": str(known.file.title.in_(language())) if known else found,
        "ours": engine.standard_of(assessment).file.title.in_(language()),
    }
    if found.rpartition("-")[0] == assessment.standard.rpartition("-")[0]:
        raise WorkbookRefusedError(
            Trouble(
                "other-edition",
                gettext("The workbook asks the questions of another edition: %(theirs)s. This is %(ours)s.")
                % words,
                FRESH,
            )
        )
    raise WorkbookRefusedError(
        Trouble(
            "other-standard",
            gettext("The workbook is for another standard: %(theirs)s. This is %(ours)s.") % words,
            _("Upload it to the assessment under its own standard, or download the workbook of this one."),
        )
    )


def _other_name(sheet: AnswerSheet, assessment: Assessment) -> str:
    """Return the firm's name in the workbook where it is another than ours.

    Raises:
        WorkbookRefusedError: the workbook was made for another firm.
    """
    ours = assessment.enterprise
    said = (sheet.enterprise.name or "").strip()
    identifier = _as_uuid(sheet.enterprise.id)
    if identifier is not None and identifier != ours.id:
        raise WorkbookRefusedError(
            Trouble(
                "other-enterprise",
                gettext("The workbook was made for another firm: %(theirs)s. This is %(ours)s.")
                % {"theirs": said or sheet.enterprise.id, "ours": ours},
                _("Choose the right file, or download the workbook of this firm."),
            )
        )
    same = identifier == ours.id or "".join(said.split()).casefold() == "".join(ours.name.split()).casefold()
    return "" if not said or not ours.name or same else said[:200]


def _as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
