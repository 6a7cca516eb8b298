"""Files for the tests of evidence: harmless ones, and ones that must not get in."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import openpyxl

OPEN_XML = "application/vnd.openxmlformats-officedocument"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def pdf(extra: bytes = b"", catalog: bytes = b"") -> bytes:
    """Return a small PDF with one empty page; ``extra`` are further objects, ``catalog`` further entries of the catalog."""
    return (
        b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R " + catalog + b">> endobj\n"
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n"
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]>> endobj\n"
        + extra
        + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"
    )


def pdf_stream(content: bytes, head: bytes = b"", packed: bytes | None = None) -> bytes:
    """Return an object whose content is packed by zlib."""
    data = zlib.compress(content) if packed is None else packed
    return (
        b"9 0 obj <<"
        + head
        + b" /Filter /FlateDecode /Length %d>>\nstream\n" % len(data)
        + data
        + b"\nendstream endobj\n"
    )


def png(extra: bytes = b"") -> bytes:
    """Return a picture of one pixel; ``extra`` stands in a comment."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    comment = chunk(b"tEXt", b"Comment\0" + extra) if extra else b""
    body = chunk(b"IDAT", zlib.compress(b"\0\xff"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + comment + body + chunk(b"IEND", b"")


def jpeg(extra: bytes = b"") -> bytes:
    """Return what has the shape of a JPEG."""
    comment = b"\xff\xfe" + struct.pack(">H", len(extra) + 2) + extra if extra else b""
    return (
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
        + comment
        + b"\xff\xda\0\x08\1\1\0\0\x3f\0\xd2\xff\xd9"
    )


def webp() -> bytes:
    body = b"WEBPVP8 " + struct.pack("<I", 10) + bytes(10)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta\0\0\0\x08mdat"


def workbook(extra: dict[str, bytes] | None = None, cells: int = 3) -> bytes:
    """Return a workbook; ``extra`` are further parts."""
    book = openpyxl.Workbook()
    for row in range(cells):
        book.active.append([f"machine {row}", row])
    out = io.BytesIO()
    book.save(out)
    return with_parts(out.getvalue(), extra or {})


def with_parts(data: bytes, extra: dict[str, bytes]) -> bytes:
    """Return a zip file with further parts, or with parts of the same name replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            if item.filename not in extra:
                new.writestr(item.filename, old.read(item))
        for name, content in extra.items():
            new.writestr(name, content)
    return out.getvalue()


def document(text: str = "minutes", relations: str = "", kind: str = "document.main+xml") -> bytes:
    """Return a Word document with only what makes it one."""
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{OPEN_XML}.wordprocessingml.{kind}"/></Types>'
        ),
        "word/document.xml": f"<document>{text}</document>",
        "word/_rels/settings.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>',
    }
    return archive(parts)


def archive(parts: dict[str, str]) -> bytes:
    """Return a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    """Return a small workbook that unpacks to 300 MB."""
    return workbook({"xl/media/image1.png": bytes(300 * 1024 * 1024)})
