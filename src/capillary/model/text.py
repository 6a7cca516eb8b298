"""Texts in both languages, and messages that are translated where they are shown."""

from __future__ import annotations

import gettext as _gettext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LOCALE_OF: Mapping[Language, str] = {"zh": "zh_Hans", "en": "en"}
LOCALE_DIRECTORY = Path(__file__).parent.parent / "locale"


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text of the content in Chinese (zh-Hans) and in English."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the text in ``language``.

        >>> Text(zh="得分", en="Score").in_("en")
        'Score'
        """
        return self.zh if language == "zh" else self.en


@cache
def catalogue(language: Language) -> _gettext.NullTranslations:
    """Return the gettext catalogue of the product's own messages for ``language``.

    English is the language of the message ids, so its catalogue is the empty one.

    Raises:
        FileNotFoundError: the compiled catalogue is missing (``make messages`` makes it).
    """
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation("capillary", LOCALE_DIRECTORY, languages=[LOCALE_OF[language]])


@dataclass(frozen=True)
class Message:
    """A sentence with gaps, kept untranslated until its reader's language is known."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def in_(self, language: Language) -> str:
        """Return the sentence in ``language`` with its gaps filled; nested messages are translated too."""
        return (
            catalogue(language)
            .gettext(self.template)
            .format(**{name: _shown(value, language) for name, value in self.values.items()})
        )


def msg(template: str, /, **values: object) -> Message:
    """Return the translatable message ``template``; the extraction of translations looks for this name.

    >>> msg("Question {question} is not known.", question="Q99").in_("en")
    'Question Q99 is not known.'
    """
    return Message(template, values)


def _shown(value: object, language: Language) -> object:
    return value.in_(language) if isinstance(value, Message | Text) else value
