"""A roadmap on paper: one HTML file in both languages, two pages as PDF from the same template, and a workbook."""

from capillary.report.roadmap.book import roadmap_xlsx
from capillary.report.roadmap.render import roadmap_html, roadmap_pdf

__all__ = ["roadmap_html", "roadmap_pdf", "roadmap_xlsx"]
