"""The certificate on paper: one page in both languages, with a code that opens the verification."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import qrcode
from django.template.loader import render_to_string
from django.utils import translation
from qrcode.image.svg import SvgPathImage

from capillary.credentials.sdjwt import presented
from capillary.report.pdf import laid_out
from capillary.web import engine
from capillary.web.core.grades import MEANINGS, Grade
from capillary.web.core.language import TAGS

if TYPE_CHECKING:
    from capillary.web.certificates.models import IssuedCertificate


def code_address(row: IssuedCertificate, page: str) -> str:
    """Return what the code on the paper says: the verification page with a token behind the ``#``, which browsers send nowhere.

    The token hides everything that can be hidden: the paper says the rest.
    """
    return f"{page}#{presented(row.token, [])}"


def certificate_pdf(row: IssuedCertificate, page: str) -> bytes:
    """Return a certificate as a PDF of one page.

    Args:
        row: the certificate.
        page: the absolute address of the verification page.

    Raises:
        InputError: WeasyPrint, its system libraries or a font with the characters needed is missing.
    """
    document = json.loads(row.document)
    subject = document["credentialSubject"]
    assessment = subject["assessment"]
    standard = engine.library().find(assessment["standard"])
    context = {
        "subject": subject,
        "assessment": assessment,
        "titles": {language: standard.file.title.in_(language) for language in TAGS},
        "levels": _levels(standard, assessment.get("level")),
        "grades": _grade(assessment["evidenceGrade"]),
        "dimensions": [
            (item.title, assessment["dimensions"][item.id])
            for item in standard.file.dimensions
            if item.id in assessment["dimensions"]
        ],
        "row": row,
        "issuer": document["issuer"],
        "code": _code(code_address(row, page)),
        "page": page,
    }
    with translation.override("en"):
        html = render_to_string("certificates/paper.html", context)
    return bytes(laid_out(html).write_pdf())


def _levels(standard: Any, level: int | None) -> dict[str, str]:
    return {} if level is None else {language: standard.level_title(level).in_(language) for language in TAGS}


def _grade(grade: str) -> dict[str, str]:
    """Return what a grade of evidence means, in every language."""
    found = {}
    for language, tag in TAGS.items():
        with translation.override(tag):
            found[language] = str(MEANINGS[Grade(grade)])
    return found


def _code(text: str) -> str:
    """Return a QR code as the address of a picture."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=2, box_size=10)
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(out)
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"
