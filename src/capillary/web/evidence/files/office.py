"""Word, Excel and PowerPoint files: what they are by their parts, without macros, bombs and ways to the outside.

Nothing is unpacked to a disk; each part is read only as far as its declared size.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.utils.translation import gettext_lazy as _

from capillary.web.evidence.files.problem import BadFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
WORD = f"{_OPEN_XML}.wordprocessingml.document"
EXCEL = f"{_OPEN_XML}.spreadsheetml.sheet"
POWERPOINT = f"{_OPEN_XML}.presentationml.presentation"
OFFICE_TYPES: dict[str, tuple[str, ...]] = {WORD: (".docx",), EXCEL: (".xlsx",), POWERPOINT: (".pptx",)}
MAIN_PARTS = {f"{WORD}.main+xml": WORD, f"{EXCEL}.main+xml": EXCEL, f"{POWERPOINT}.main+xml": POWERPOINT}
MOST_PARTS = 5000
PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
LARGEST_INDEX = 4 * 1024 * 1024
CONTENT_TYPES = "[Content_Types].xml"
MACRO = re.compile(r"vbaproject|vbadata|activex|macrosheets|oleobject[^/]*\.bin$|customui", re.IGNORECASE)
PROGRAM = re.compile(
    r"\.(exe|dll|js|jse|vbs|vbe|bat|cmd|com|scr|ps1|jar|lnk|hta|msi|html?|swf|docm|xlsm|xlsb|pptm|xlam)$",
    re.IGNORECASE,
)
# Word fields that run a program when the document is opened.
FIELDS = re.compile(rb"\bDDE(AUTO)?\b")
HARMLESS_OUTSIDE = ("/hyperlink", "/externalLinkPath", "/externalLinkLongPath", "/xlPathMissing")
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def check_office(data: bytes) -> str:
    """Return which of the types a file in a zip wrapping is.

    Raises:
        BadFileError: it is none, it is damaged, or it holds something active.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_size(parts, len(data))
            _check_names(parts)
            kind = _kind(archive)
            _check_inside(archive, parts)
    except (
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        struct.error,
        NotImplementedError,
        RuntimeError,
        ParseError,
        DefusedXmlException,
        EOFError,
        OSError,
        ValueError,
    ):
        raise _damaged() from None
    return kind


def _check_size(parts: Iterable[zipfile.ZipInfo], packed: int) -> None:
    parts = list(parts)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > min(MOST_UNPACKED, packed * MOST_RATIO + LARGEST_INDEX):
        raise BadFileError(
            _("The file unpacks to far more than its size."),
            _("Save it again in the program that it comes from, or as PDF."),
        )


def _check_names(parts: Iterable[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    folded = [name.lower() for name in names]
    strange = any(name.startswith(("/", "\\")) or "\\" in name or ".." in name.split("/") for name in names)
    locked = any(part.flag_bits & 1 or part.compress_type not in PACKINGS for part in parts)
    if len(set(folded)) != len(folded) or strange or locked:
        raise _damaged()
    if any(MACRO.search(name) or PROGRAM.search(name) for name in names):
        raise _active()


def _kind(archive: zipfile.ZipFile) -> str:
    if CONTENT_TYPES not in archive.namelist():
        raise BadFileError(
            _("The file is an archive."),
            _("Unpack it and choose the documents one by one."),
        )
    declared = {
        str(node.get("ContentType", "")).strip() for node in fromstring(_read(archive, CONTENT_TYPES))
    }
    if any("macroenabled" in name.lower() or "vba" in name.lower() for name in declared):
        raise _active()
    found = {MAIN_PARTS[name] for name in declared if name in MAIN_PARTS}
    if len(found) != 1:
        raise _damaged()
    return found.pop()


def _check_inside(archive: zipfile.ZipFile, parts: Iterable[zipfile.ZipInfo]) -> None:
    """Look for ways to the outside and for fields that run programs."""
    for part in parts:
        if part.filename.endswith(".rels"):
            for node in fromstring(_read(archive, part.filename)).iter(RELATIONSHIP):
                outside = node.get("TargetMode", "").lower() == "external"
                if outside and not node.get("Type", "").endswith(HARMLESS_OUTSIDE):
                    raise _active()
        elif part.filename.startswith("word/") and part.filename.endswith(".xml"):
            with archive.open(part) as stream:
                last = b""
                while chunk := stream.read(1 << 20):
                    if FIELDS.search(last + chunk):
                        raise _active()
                    last = chunk[-16:]


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_INDEX:
        raise _damaged()
    return archive.read(name)


def _active() -> BadFileError:
    return BadFileError(
        _("The file contains macros or other active content."),
        _("Save it as .docx, .xlsx or .pptx without macros, or as PDF."),
    )


def _damaged() -> BadFileError:
    return BadFileError(
        _("The file is damaged, protected by a password, or no Word, Excel or PowerPoint file."),
        _("Open it, save it again without a password, and choose the new file."),
    )
