"""The report of a diagnosis: one HTML file in both languages, and a PDF from the same template."""

from capillary.report.pdf import render_pdf
from capillary.report.render import render_html

__all__ = ["render_html", "render_pdf"]
