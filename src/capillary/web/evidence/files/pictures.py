"""Pictures: whole, and nothing else at the same time."""

from __future__ import annotations

import io
import re
import zipfile

from django.utils.translation import gettext_lazy as _

from capillary.web.evidence.files.problem import BadFileError

PICTURE_TYPES: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
}
HEAD = 1024
# What would make a browser, an interpreter or a reader take a picture for something else.
ACTIVE = re.compile(rb"<script[\s>/]|<html[\s>]|<svg[\s>]|<\?php|<!doctype|javascript:", re.IGNORECASE)


def check_picture(data: bytes, kind: str) -> None:
    """Check that a picture is whole and hides nothing.

    Raises:
        BadFileError: it does not.
    """
    if ACTIVE.search(data) or b"%PDF-" in data[:HEAD] or zipfile.is_zipfile(io.BytesIO(data)):
        raise BadFileError(
            _("The picture carries something that is not a picture."),
            _("Take a screenshot of it or photograph it again, and choose the new picture."),
        )
    if not WHOLE[kind](data):
        raise BadFileError(
            _("The picture is damaged or was cut off."), _("Save it again, or take a new photo.")
        )


def _whole_jpeg(data: bytes) -> bool:
    # phones put a small film or a depth map behind the picture, so its end need not be the file's end
    return data[:3] == b"\xff\xd8\xff" and b"\xff\xd9" in data and b"\xff\xda" in data


def _whole_png(data: bytes) -> bool:
    return data[12:16] == b"IHDR" and data.rstrip(b"\x00")[-8:-4] == b"IEND"


def _whole_webp(data: bytes) -> bool:
    length = int.from_bytes(data[4:8], "little") + 8
    return length <= len(data) <= length + 1


def _whole_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and b"meta" in data and b"mdat" in data


WHOLE = {
    "image/jpeg": _whole_jpeg,
    "image/png": _whole_png,
    "image/webp": _whole_webp,
    "image/heic": _whole_heic,
}
