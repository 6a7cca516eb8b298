"""PDF files: a scan for everything that a reader would run.

Names can be written with escapes (``/J#61vaScript``) and objects can lie in compressed streams, so the scan undoes both:
it looks through the file as it is and through every stream that zlib can unpack. It reads no structure, because a file that
wants to deceive decides what its structure says. The file is never shown inside a page: it is served as a download, under a
policy that forbids everything.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from capillary.web.evidence.files.problem import BadFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Long enough never to stand in compressed data by chance.
ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|GoToE|ImportData|SubmitForm|Rendition)(?![A-Za-z])"
)
# Short: looked for only where the file is not compressed.
SHORT = re.compile(rb"/(?:JS|XFA)(?![A-Za-z0-9])")
OPENING = re.compile(rb"/OpenAction\s*<<(?:(?!>>).){0,400}?/S\s*/(?!GoTo\b)", re.DOTALL)
PROTECTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
ENDSTREAM = b"endstream"
OBJECTS = re.compile(rb"/Type\s*/ObjStm(?![A-Za-z])")
FLATE = re.compile(rb"/Filter\s*(?:\[\s*)?/(?:FlateDecode|Fl)\s*(?:\]|/|>>|\s)")
FILTER = re.compile(rb"/Filter\b")
# Packed once more in a way that hides names.
PREDICTED = re.compile(rb"/Predictor\s*(?!1(?![0-9]))")
MOST_STREAMS = 50_000
MOST_UNPACKED = 256 * 1024 * 1024
CHUNK = 1 << 20
OVERLAP = 64
DICTIONARY = 64 * 1024


def check_pdf(data: bytes) -> None:
    """Check that a PDF runs nothing.

    Raises:
        BadFileError: it does, or it cannot be looked through.
    """
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise BadFileError(
            _("The PDF is damaged or was cut off."), _("Save or download it again, and choose the new file.")
        )
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise _active()
    bare = _unescaped(data)
    if PROTECTED.search(bare):
        raise BadFileError(
            _("The PDF is protected by a password or against printing."),
            _("Save it without protection (print it to a new PDF), and choose the new file."),
        )
    if ACTIVE.search(bare) or OPENING.search(bare) or SHORT.search(_outside_streams(bare)):
        raise _active()
    _check_streams(data)


def _unescaped(data: bytes) -> bytes:
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def _outside_streams(data: bytes) -> bytes:
    """Return the file without its streams."""
    kept = []
    position = 0
    for found in STREAM.finditer(data):
        if found.start() < position:
            continue
        kept.append(data[position : found.start()])
        end = data.find(ENDSTREAM, found.end())
        position = len(data) if end < 0 else end
    kept.append(data[position:])
    return b"".join(kept)


def _check_streams(data: bytes) -> None:
    left = MOST_UNPACKED
    for number, found in enumerate(STREAM.finditer(data)):
        if number >= MOST_STREAMS:
            raise _unreadable()
        start = data.rfind(b"obj", max(0, found.start() - DICTIONARY), found.start())
        if start < 0:
            raise _unreadable()
        head = _unescaped(data[start : found.start()])
        packed = FLATE.search(head) is not None
        objects = OBJECTS.search(head) is not None
        if objects and (PREDICTED.search(head) or (FILTER.search(head) and not packed)):
            raise _unreadable()
        try:
            for piece in _unpacked(memoryview(data)[found.end() :]):
                left -= len(piece) - OVERLAP
                if left < 0 or ACTIVE.search(piece):
                    raise _active() if left >= 0 else _unreadable()
                if objects and (SHORT.search(piece) or OPENING.search(piece)):
                    raise _active()
        except zlib.error:
            # a reader may use what comes before the damage, and that cannot be seen here
            if packed:
                raise _unreadable() from None


def _unpacked(data: memoryview) -> Iterator[bytes]:
    """Yield a stream's content piece by piece, each with the end of the last one before it, with escapes undone.

    Raises:
        zlib.error: it was not packed by zlib, or is damaged.
    """
    unpack = zlib.decompressobj()
    last = bytes(OVERLAP)
    position = 0
    while not unpack.eof:
        tail = unpack.unconsumed_tail
        given = tail or bytes(data[position : position + CHUNK])
        if not tail:
            position += len(given)
        piece = unpack.decompress(given, CHUNK)
        if not given and not piece:
            break
        yield _unescaped(last + piece)
        last = piece[-OVERLAP:].rjust(OVERLAP, b" ")


def _active() -> BadFileError:
    return BadFileError(
        _("The PDF contains scripts, attachments or actions."),
        _("Print it to a new PDF, and choose the new file."),
    )


def _unreadable() -> BadFileError:
    return BadFileError(
        _("The PDF cannot be looked through."), _("Print it to a new PDF, and choose the new file.")
    )
