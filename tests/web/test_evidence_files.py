"""Which files get in as evidence, and which do not: the content decides."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from capillary.web.evidence.files.check import LONGEST_NAME, check_file, safe_name, type_of
from capillary.web.evidence.files.office import EXCEL, WORD
from capillary.web.evidence.files.problem import BadFileError

from .evidence_samples import (
    OPEN_XML,
    archive,
    bomb,
    document,
    heic,
    jpeg,
    pdf,
    pdf_stream,
    png,
    webp,
    with_parts,
    workbook,
)

pytestmark = pytest.mark.anywhere

SCRIPT = b"<script>alert(1)</script>"
OBJECTS = b"/Type /ObjStm /N 1 /First 4"
RELATION = '<Relationship Id="r1" Type="http://x/{kind}" Target="{target}" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("report.pdf", pdf(), "application/pdf"),
        ("REPORT.PDF", pdf(), "application/pdf"),
        ("opens.pdf", pdf(catalog=b"/OpenAction [3 0 R /Fit]"), "application/pdf"),
        (
            "opens.pdf",
            pdf(catalog=b"/OpenAction <</S /GoTo /D [3 0 R /Fit]>>"),
            "application/pdf",
        ),
        ("packed.pdf", pdf(pdf_stream(b"0 0 (harmless) Tj")), "application/pdf"),
        (
            "chance.pdf",
            pdf(pdf_stream(b"", packed=zlib.compress(b"x" * 99) + b"/JS /XFA")),
            "application/pdf",
        ),
        ("photo.jpg", jpeg(), "image/jpeg"),
        ("photo.png", png(b"taken in hall 2"), "image/png"),
        ("photo.webp", webp(), "image/webp"),
        ("photo.heic", heic(), "image/heic"),
        ("list.xlsx", workbook(), EXCEL),
        ("minutes.docx", document(), WORD),
        (
            "links.docx",
            document(relations=RELATION.format(kind="hyperlink", target="https://example.com")),
            WORD,
        ),
        ("notes.txt", "机床 12 台 < 20 台".encode(), "text/plain"),
        ("figures.csv", "﻿设备,数量\n机床,-12\n铣床,+3.5\n".encode(), "text/csv"),
    ],
)
def test_what_firms_have_is_taken(name: str, data: bytes, kind: str) -> None:
    facts = check_file(SimpleUploadedFile(name, data, content_type="application/x-lie"))
    assert (facts.type, facts.size, facts.name) == (kind, len(data), name)


def test_a_picture_gets_the_ending_of_its_type() -> None:
    assert check_file(SimpleUploadedFile("photo.jpg", heic())).name == "photo.heic"
    assert check_file(SimpleUploadedFile("photo.jpeg", jpeg())).name == "photo.jpeg"


def test_a_pdf_that_a_program_wrote_is_taken() -> None:
    writer = pypdf.PdfWriter()
    for _ in range(5):
        writer.add_blank_page(200, 200)
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    assert type_of("blank.pdf", out.getvalue()) == "application/pdf"


def _encrypted() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _with_script() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
    )
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _with_attachment() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment("run.exe", b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _locked_zip() -> bytes:
    """Return a document whose parts say that they are encrypted."""
    data = bytearray(document())
    start = 0
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(mark, start)) >= 0:
            data[start + offset] |= 1
            start += 4
    return bytes(data)


def _two_indexes() -> bytes:
    out = io.BytesIO(document())
    with zipfile.ZipFile(out, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("[Content_Types].xml", "<Types/>")
    return out.getvalue()


HOSTILE_PDF = {
    "script": pdf(catalog=b"/OpenAction <</S /JavaScript /JS (app.alert(1))>>"),
    "script from a library": _with_script(),
    "attachment": _with_attachment(),
    "script with escapes": pdf(b"5 0 obj <</S /J#61v#61Script /J#53 (x)>> endobj"),
    "script behind a comment that looks like a stream": pdf(
        b"% stream\n5 0 obj <</S /JavaScript>> endobj\n% endstream\n"
    ),
    "form that runs": pdf(catalog=b"/AcroForm <</XFA 7 0 R>>"),
    "launch": pdf(b"5 0 obj <</S /Launch /F (cmd.exe)>> endobj"),
    "opening an address": pdf(catalog=b"/OpenAction <</S /URI /URI (http://x)>>"),
    "script in packed objects": pdf(pdf_stream(b"7 0 <</S /JavaScript>>", OBJECTS)),
    "script with escapes in packed objects": pdf(pdf_stream(b"7 0 <</S /#4aavaScript>>", OBJECTS)),
    "short name in packed objects": pdf(pdf_stream(b"7 0 <</JS 8 0 R>>", OBJECTS)),
    "script across two pieces": pdf(pdf_stream(b" " * ((1 << 20) - 5) + b"<</S /JavaScript>>", b"/Type /X")),
    "packed objects with a wrong check sum": pdf(
        pdf_stream(b"", OBJECTS, packed=zlib.compress(b"7 0 <</S /JavaScript>>")[:-4] + b"abcd")
    ),
    "packed objects behind a predictor": pdf(
        pdf_stream(b"0", OBJECTS + b" /DecodeParms <</Predictor 12 /Columns 5>>")
    ),
    "packed objects with a long dictionary": pdf(pdf_stream(b"7 0 <</JS 8 0 R>>", OBJECTS + b" " * 60_000)),
    "packed objects with an endless dictionary": pdf(
        pdf_stream(b"7 0 <</JS 8 0 R>>", OBJECTS + b" " * 70_000)
    ),
    "packed objects in an unknown packing": pdf(
        b"9 0 obj <<" + OBJECTS + b" /Filter [/ASCIIHexDecode /FlateDecode]>>\nstream\n00\nendstream endobj"
    ),
    "bomb": lambda: pdf(pdf_stream(bytes(300 * 1024 * 1024), b"/Type /XObject")),
    "password": _encrypted(),
    "zip behind it": pdf() + archive({"a.txt": "x"}),
    "junk before it": b"MZ" + pdf(),
    "cut off": pdf()[:-7],
}
HOSTILE = {
    **{f"pdf: {what}": ("report.pdf", data) for what, data in HOSTILE_PDF.items()},
    "html named pdf": ("report.pdf", b"<html><script>alert(1)</script></html>"),
    "html": ("report.html", b"<html></html>"),
    "html named txt": ("notes.txt", b"hello <img src=x onerror=alert(1)>"),
    "svg": ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    "svg named png": ("logo.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
    "svg named txt": ("logo.txt", b'<?xml version="1.0"?><svg/>'),
    "gif that is a script": ("photo.gif", b"GIF89a=1;alert(1);//" + bytes(50)),
    "gif named png": ("photo.png", b"GIF89a=1;alert(1);//" + bytes(50)),
    "script in a picture": ("photo.jpg", jpeg(SCRIPT)),
    "server's script in a picture": ("photo.png", png(b"<?php system('id'); ?>")),
    "pdf in a picture": ("photo.jpg", jpeg(b"%PDF-1.7 ")),
    "archive behind a picture": ("photo.png", png() + archive({"a.js": "x"})),
    "picture cut off": ("photo.png", png()[:-6]),
    "program": ("run.exe", b"MZ\x90\0" + bytes(60)),
    "program named pdf": ("report.pdf", b"MZ\x90\0" + bytes(60)),
    "program named jpg": ("photo.jpg", b"\x7fELF\2\1\1" + bytes(60)),
    "script": ("run.sh", b"#!/bin/sh\nid\n"),
    "script named txt": ("notes.txt", b"#!/bin/sh\nid\n"),
    "archive": ("all.zip", archive({"a.txt": "x"})),
    "archive named docx": ("all.docx", archive({"a.txt": "x"})),
    "archive in gzip": ("all.gz", b"\x1f\x8b\x08\0" + bytes(30)),
    "old office file": ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "old office file named xlsx": ("list.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "word named excel": ("list.xlsx", document()),
    "excel named pdf": ("list.pdf", workbook()),
    "excel named txt": ("list.txt", workbook()),
    "macro ending": ("list.xlsm", workbook()),
    "macros": ("list.xlsx", workbook({"xl/vbaProject.bin": b"x"})),
    "macros spelt otherwise": ("list.xlsx", workbook({"xl/VBAPROJECT.BIN": b"x"})),
    "macros by type": ("a.docx", document(kind="document.macroEnabled.main+xml")),
    "control that runs": ("list.xlsx", workbook({"xl/activeX/activeX1.bin": b"x"})),
    "packed program": ("a.docx", with_parts(document(), {"word/embeddings/oleObject1.bin": b"x"})),
    "page inside": ("a.docx", with_parts(document(), {"word/chunk.html": b"x"})),
    "field that runs": ("a.docx", document("<instrText>DDEAUTO c:\\cmd</instrText>")),
    "field across two pieces": ("a.docx", document("x" * ((1 << 20) - 14) + " DDEAUTO ")),
    "template from outside": (
        "a.docx",
        document(relations=RELATION.format(kind="attachedTemplate", target="http://x/t.dotm")),
    ),
    "picture from outside": (
        "a.docx",
        document(relations=RELATION.format(kind="image", target="http://x/p.png")),
    ),
    "entities": (
        "a.docx",
        with_parts(document(), {"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b "c">]><Types>&b;</Types>'}),
    ),
    "bomb": ("list.xlsx", bomb),
    "many parts": ("list.xlsx", workbook({f"xl/p{number}.xml": b"" for number in range(5001)})),
    "path out of the folder": ("list.xlsx", workbook({"../../etc/cron.d/x": b"x"})),
    "absolute path": ("list.xlsx", workbook({"/etc/passwd": b"x"})),
    "two indexes": ("a.docx", _two_indexes()),
    "encrypted parts": ("a.docx", _locked_zip()),
    "damaged archive": ("list.xlsx", workbook()[:-30]),
    "no index": ("list.xlsx", b"PK\x03\x04" + bytes(200)),
    "null bytes": ("notes.txt", b"hello\0world"),
    "utf-16": ("notes.txt", "hello".encode("utf-16")),
    "another encoding": ("figures.csv", "设备".encode("gb18030")),
    "formula": ("figures.csv", b"a,b\n1,=cmd|'/C calc'!A0\n"),
    "formula in quotes": ("figures.csv", b'a,"=HYPERLINK(""http://x"")"\n'),
    "formula by a sign": ("figures.csv", b"a;-1+cmd|'/C calc'!A0\n"),
    "formula by an at": ("figures.csv", b"@SUM(1)\n"),
    "no ending": ("report", pdf()),
    "only an ending": (".pdf", pdf()),
    "two endings": ("report.pdf.exe", pdf()),
    "empty": ("report.pdf", b""),
    "bytes": ("photo.heic", struct.pack(">I", 24) + b"ftypisom" + bytes(40)),
}


@pytest.mark.parametrize(("name", "data"), HOSTILE.values(), ids=HOSTILE)
def test_what_could_do_harm_is_refused(name: str, data: bytes | Callable[[], bytes]) -> None:
    content = data() if callable(data) else data
    with pytest.raises(BadFileError) as refused:
        check_file(SimpleUploadedFile(name, content, content_type="application/pdf"))
    assert refused.value.cause
    assert refused.value.remedy


def test_a_large_file_is_refused_before_it_is_read(settings: object) -> None:
    settings.EVIDENCE_FILE_LIMIT = 100
    with translation.override("en"), pytest.raises(BadFileError, match="larger than"):
        check_file(SimpleUploadedFile("notes.txt", b"a" * 101))


@given(st.text(max_size=300))
def test_a_safe_name_is_one_name_in_one_folder(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= LONGEST_NAME
    assert os.path.basename(safe) == safe  # noqa: PTH119 - the string itself is meant
    assert safe not in {".", ".."}
    assert not safe.startswith(".")
    assert safe.isprintable() or not any(ord(sign) < 32 or 0x202A <= ord(sign) <= 0x202E for sign in safe)
    assert safe_name(safe) == safe


@given(
    st.binary(max_size=400),
    st.sampled_from(["a.pdf", "a.png", "a.jpg", "a.webp", "a.heic", "a.docx", "a.xlsx"]),
)
def test_chance_never_passes_as_a_document(data: bytes, name: str) -> None:
    with pytest.raises(BadFileError):
        type_of(name, data)


# made once: a workbook holds the moment it was made in, and so is not always of one length
STARTS = {"a.pdf": pdf(), "a.png": png(), "a.docx": document(), "a.xlsx": workbook()}


@given(st.data())
def test_a_damaged_file_is_taken_or_refused_and_nothing_else(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(STARTS)))
    content = bytearray(STARTS[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadFileError):
        type_of(name, bytes(content))


def test_the_main_types_are_told_apart() -> None:
    kinds = (WORD, EXCEL)
    assert [type_of(*pair) for pair in (("a.docx", document()), ("a.xlsx", workbook()))] == list(kinds)
    assert WORD.startswith(OPEN_XML)
