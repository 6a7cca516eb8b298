"""Plain text and CSV: UTF-8, no markup, no formulas."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from capillary.web.evidence.files.problem import BadFileError

CSV = "text/csv"
TEXT_TYPES: dict[str, tuple[str, ...]] = {"text/plain": (".txt",), CSV: (".csv",)}
MARKUP = re.compile(r"<\s*[a-z!?/]", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SCRIPT = re.compile(r"\A#!")
# A cell that a spreadsheet would work out: a sign and then something that is no number.
FORMULA = re.compile(
    r"""(?:^|[,;\t])[ ]*"?\s*(?:[=@]|[+-](?=[^\n,;\t]*[|!])|[+-]\s*[A-Za-z.]+\()""", re.MULTILINE
)


def check_text(data: bytes, kind: str) -> None:
    """Check that a file is text and nothing but text.

    Raises:
        BadFileError: it is not.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFileError(
            _("The text is not in UTF-8."), _("Save it as “CSV UTF-8” or as .xlsx, and choose the new file.")
        ) from None
    if CONTROL.search(text) or SCRIPT.search(text):
        raise BadFileError(
            _("The file is not plain text."), _("Save it as plain text or as PDF, and choose the new file.")
        )
    if MARKUP.search(text):
        raise BadFileError(
            _("The text contains markup such as HTML."),
            _("Save it as PDF, or take the tags in angle brackets out."),
        )
    if kind == CSV and FORMULA.search(text):
        raise BadFileError(
            _("A cell of the table contains a formula."),
            _("Save the table with the values only, or as .xlsx."),
        )
