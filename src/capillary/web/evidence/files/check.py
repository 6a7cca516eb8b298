"""The check of one uploaded file: size, name, type by content, nothing active inside."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import filetype
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from capillary.web.evidence.files.office import OFFICE_TYPES, check_office
from capillary.web.evidence.files.pdf import check_pdf
from capillary.web.evidence.files.pictures import PICTURE_TYPES, check_picture
from capillary.web.evidence.files.plaintext import TEXT_TYPES, check_text
from capillary.web.evidence.files.problem import BadFileError

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

PDF = "application/pdf"
# Every type that is taken, with the endings of its names; the first one is the usual one.
TYPES: dict[str, tuple[str, ...]] = {PDF: (".pdf",), **PICTURE_TYPES, **OFFICE_TYPES, **TEXT_TYPES}
ENDINGS = {ending: kind for kind, endings in TYPES.items() for ending in endings}
LONGEST_NAME = 120
# What an operating system or a page could read as something else than a letter of a name.
UNSAFE = re.compile(r'[\\/:*?"<>|;%$`]')


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file that was taken."""

    name: str
    type: str
    size: int
    sha256: str


def check_file(upload: UploadedFile) -> FileFacts:
    """Return what an uploaded file is.

    Raises:
        BadFileError: the file is not taken; the error says why and what to do.
    """
    limit = settings.EVIDENCE_FILE_LIMIT
    size = upload.size or 0
    if size > limit:
        raise too_large(limit)
    if not size:
        raise BadFileError(_("The file is empty."), _("Check that it was saved, and choose it again."))
    name = safe_name(upload.name or "")
    upload.seek(0)
    data = upload.read(limit + 1)
    upload.seek(0)
    kind = type_of(name, data)
    if kind in PICTURE_TYPES:
        name = _ending_of(name, kind)
    return FileFacts(name=name, type=kind, size=size, sha256=hashlib.sha256(data).hexdigest())


def too_large(limit: int) -> BadFileError:
    """Return the error of a file above the limit."""
    return BadFileError(
        _("The file is larger than %(limit)s.") % {"limit": filesizeformat(limit)},
        _("Make it smaller: a photo at a lower resolution, or only the pages that matter."),
    )


def type_of(name: str, data: bytes) -> str:
    """Return the type of a file by its content, once everything in it has been checked.

    Raises:
        BadFileError: the content is not taken, or is not what the name says.
    """
    wanted = ENDINGS.get(PurePosixPath(name).suffix.lower())
    if wanted is None:
        raise not_taken()
    found = filetype.guess_mime(data)
    if data.startswith(b"PK\x03\x04"):
        found = check_office(data)
    elif found == PDF:
        check_pdf(data)
    elif found in PICTURE_TYPES:
        check_picture(data, found)
    elif found is None and wanted in TEXT_TYPES:
        check_text(data, wanted)
        found = wanted
    if found not in TYPES:
        raise not_taken() if wanted in TEXT_TYPES else not_what_it_says()
    # phones name a picture by habit; everything else must be what its name says
    if found != wanted and not (found in PICTURE_TYPES and wanted in PICTURE_TYPES):
        raise not_what_it_says()
    return found


def not_taken() -> BadFileError:
    """Return the error of a type that is not taken."""
    return BadFileError(
        _("This type of file is not accepted."),
        _(
            "Use PDF, a photo (JPEG, PNG, WebP, HEIC), Word, Excel or PowerPoint (.docx, .xlsx, .pptx), plain text or CSV."
        ),
    )


def not_what_it_says() -> BadFileError:
    """Return the error of a file whose name says one thing and whose content another."""
    return BadFileError(
        _("The content is not what the file's name says."),
        _("Open the file, save it again in the right format, and choose the new file."),
    )


def safe_name(name: str) -> str:
    r"""Return a file's name without folders, control signs and signs that turn the reading direction.

    >>> safe_name("../../etc/pass\x00wd.pdf"), safe_name("C:\\fakepath\\report.PDF")
    ('passwd.pdf', 'report.PDF')
    >>> safe_name("\u202efdp.exe.pdf"), safe_name(".htaccess")
    ('fdp.exe.pdf', 'htaccess')
    >>> len(safe_name("a" * 400 + ".pdf"))
    120
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(
        sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C"
    )
    plain = UNSAFE.sub("_", plain).strip(" .")
    path = PurePosixPath(plain or "file")
    ending = path.suffix[:10]
    return f"{plain[: len(plain) - len(path.suffix)][: LONGEST_NAME - len(ending)] or 'file'}{ending}"


def _ending_of(name: str, kind: str) -> str:
    """Return a picture's name with an ending that fits its type."""
    path = PurePosixPath(name)
    return name if path.suffix.lower() in TYPES[kind] else f"{path.stem}{TYPES[kind][0]}"
