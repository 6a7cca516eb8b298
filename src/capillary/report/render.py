"""Renders the report as HTML: one file, everything inside, nothing fetched and no script."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from capillary.model import text
from capillary.model.text import LANGUAGES, LOCALE_OF
from capillary.report.build import build_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Capability
    from capillary.model.standard import Standard
    from capillary.model.text import Language
    from capillary.report.page import Words

TEMPLATES = Path(__file__).parent / "templates"
OWN_NAMES: Mapping[Language, str] = {"zh": "中文", "en": "English"}


def render_html(  # noqa: PLR0913 - all by name
    diagnosis: Diagnosis,
    *,
    capabilities: Mapping[str, Capability],
    standards: Mapping[str, Standard],
    benchmark: Benchmark | None,
    language: Language,
    written_on: str | None,
) -> str:
    """Return the report as one HTML file that holds both languages.

    Args:
        diagnosis: the diagnosis.
        capabilities: the hub vocabulary.
        standards: every standard that the diagnosis names, by id.
        benchmark: the figures of peers that the diagnosis was made with, if there were some.
        language: the language that is shown first.
        written_on: the date of the report, as an ISO date.
    """
    page = build_page(diagnosis, capabilities, standards, benchmark, written_on)
    return render_page(page, [language, *(other for other in LANGUAGES if other != language)])


class Printed(Protocol):
    """A page that can be put into the frame."""

    @property
    def title(self) -> Words:
        """The title of the document."""


@dataclass(frozen=True)
class Kind:
    """A kind of page.

    Attributes:
        article: its template.
        styles: its style sheets.
        more: a style that this page alone has.
    """

    article: str = "article.html"
    styles: tuple[str, ...] = ("report.css",)
    more: str = ""


DIAGNOSIS = Kind()


def render_page(page: Printed, languages: Sequence[Language], kind: Kind = DIAGNOSIS) -> str:
    """Return a page in these languages, the first one shown first; a single one has no switch."""
    articles = [_article(page, language, kind, first=language == languages[0]) for language in languages]
    sheets = [(TEMPLATES / name).read_text(encoding="utf-8") for name in kind.styles]
    style = Markup("\n".join([*sheets, kind.more]))  # noqa: S704 - our own files
    outer = _environment(languages[0]).get_template("report.html")
    return outer.render(page=page, articles=articles, style=style)


@dataclass(frozen=True)
class _Article:
    """The report in one language."""

    language: Language
    tag: str
    name: str
    html: Markup
    first: bool


def _article(page: Printed, language: Language, kind: Kind, *, first: bool) -> _Article:
    html = _environment(language).get_template(kind.article).render(page=page)
    return _Article(
        language=language,
        tag=LOCALE_OF[language].replace("_", "-"),
        name=OWN_NAMES[language],
        html=Markup(html),  # noqa: S704 - rendered with autoescape
        first=first,
    )


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(text.catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language

    def say(words: Words) -> str:
        return words if isinstance(words, str) else words.in_(language)

    environment.filters["say"] = say
    return environment
