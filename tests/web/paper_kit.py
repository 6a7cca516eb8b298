"""Reads a printed certificate as somebody with a phone would: the page as a picture, then the code on it."""

from __future__ import annotations

import io
import subprocess

import zxingcpp
from PIL import Image

RESOLUTION = "150"  # dots per inch: less than any office printer puts on paper


def code_on_paper(pdf: bytes) -> str:
    """Return what the only code on the only page of a PDF says."""
    drawn = subprocess.run(
        ["pdftoppm", "-png", "-singlefile", "-r", RESOLUTION, "-"],
        input=pdf,
        capture_output=True,
        timeout=60,
        check=True,
    )
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn.stdout)))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)
