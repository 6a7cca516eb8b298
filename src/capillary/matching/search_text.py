"""Words of Chinese and of Latin script, as an index keeps them.

Chinese is written without spaces. Each character and each pair of neighbours becomes a token, so that every word of two
characters is found, whatever a dictionary knows; longer words are found by their pairs. In Latin script words are folded to
small letters without accents, and plurals to their singular by the S-stemmer (D. Harman, "How effective is suffixing?", Journal
of the American Society for Information Science 42, 1991), which joins no words that differ in more than that.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
# Words that say nothing about what is looked for.
_ENGLISH = "a an and are can do doe for how i in is my of on or our the to too we what why with"
SILENT = frozenset({*_ENGLISH.split(), "的", "和", "与"})
# The same within a run of Chinese characters.
FILLERS = re.compile("总是|老是|经常|天天|怎么办|怎么|如何|怎样|为什么|什么|我们|我的")


def fold(text: str) -> str:
    """Return a text in small letters, without accents and full-width forms.

    >>> fold("Ｑualité １２")
    'qualite 12'
    """
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in plain if not unicodedata.combining(sign)))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a folded word without the ending of a plural.

    >>> [stem(word) for word in ("policies", "machines", "glass", "status", "erp")]
    ['policy', 'machine', 'glass', 'status', 'erp']
    """
    if len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]


def is_han(text: str) -> bool:
    """Whether a run is written in Chinese characters."""
    return bool(_IS_HAN.match(text))


def runs(text: str) -> list[str]:
    """Return the runs of Chinese characters and the words of other scripts, folded; words without their plural.

    >>> runs("ERP系统 for machines")
    ['erp', '系统', 'for', 'machine']
    """
    return [run if is_han(run) else stem(run) for run in _RUN.findall(fold(text))]


def pairs(run: str) -> list[str]:
    """Return the pairs of neighbours of a Chinese run; the run itself where it has one character."""
    return [one + other for one, other in pairwise(run)] or [run]


def tokens(text: str) -> Iterator[str]:
    """Yield all tokens of a text, in order, as often as they stand.

    >>> list(tokens("云备份 ERP"))
    ['云', '备', '份', '云备', '备份', 'erp']
    """
    for run in runs(text):
        if is_han(run):
            yield from run
            if len(run) > 1:
                yield from pairs(run)
        else:
            yield run


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be put in, left out, exchanged or swapped with their neighbour; ``most + 1`` for more.

    Optimal string alignment: no part is changed twice.

    >>> distance("backup", "bakcup", 2), distance("backup", "backups", 2), distance("erp", "mes", 1)
    (1, 1, 2)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            value = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                value = min(value, before[column - 2] + 1)
            line.append(value)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)
