"""Public text that says who wrote it: names, numbers of registers, addresses, links, telephone numbers.

A text is read as a person reads it: full-width signs and letters count as their plain forms. What is recognised is refused with
the field and a remedy; what is not, such as the name of a product, is for the officer who reviews a profile.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from capillary.model.problems import Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from capillary.model.text import Message

# Names that are shorter stand in too many other words: letters, and signs of Chinese, Japanese and Korean.
SHORTEST_LATIN, SHORTEST_OTHER = 4, 3
_LEGAL_FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "集团", "公司",
    "gmbh & co. kg", "gmbh", "limited", "ltd", "inc", "corp", "llc", "s.l.u", "s.l", "s.a", "s.r.l", "s.p.a", "b.v", "n.v",
    "ag", "kg", "ug", "ab", "oy", "aps", "a/s", "sas", "sarl", "sp. z o.o", "株式会社", "주식회사",
)  # fmt: skip
_DAY = re.compile(r"(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)")
_EMAIL = re.compile(r"[^\s@<>()（）,，;；:：]+@[^\s@<>()（）,，;；]+\.[A-Za-z]{2,}")
# endings of hosts that firms use; e.g. and i.e. have one letter in front and are none
_LINK = re.compile(
    r"(?:https?|ftp)://\S+|(?<![\w.])www\.\S+"
    r"|(?<![\w.-])[a-z0-9][a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|info|biz|eu|io|cn|hk|tw|jp|kr|de|es|fr|it|nl|at|pl|uk|us|shop|site|online)(?![\w.-]*\w)",
    re.IGNORECASE,
)
# unified social credit code (GB 32100-2015: 18 signs, letters without I, O, S, V and Z), VAT identification numbers of the
# Union (Council Directive 2006/112/EC, article 215: two letters in front) and the Republic of Korea's business number (3-2-5)
_REGISTER = re.compile(
    r"(?<![0-9A-Z])(?:[0-9ANY][0-9A-HJ-NP-RTUWXY]\d{6}[0-9A-HJ-NP-RTUWXY]{10}"
    r"|(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)[A-Z]?\d{7,12}[A-Z]?\d{0,2}"
    r"|\d{3}-\d{2}-\d{5})(?![0-9A-Z])"
)
_PHONE = re.compile(r"\+\d[\d\s()./-]{5,}\d|(?<![\d.,])\(?\d(?:[ ()./-]{0,2}\d){6,14}(?![\d,]|\.\d)")
_ACCOUNT = re.compile(
    r"(?:微信|wechat|whatsapp|telegram|skype|qq)\s*(?:号|id|no\.?)?\s*[:：]?\s*[a-z0-9_-]{5,}", re.IGNORECASE
)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_BARE_DIGITS = 8


def identity_problems(texts: Mapping[str, str], names: Iterable[str] = ()) -> list[Problem]:
    """Return everything in public texts that says who wrote them.

    Args:
        texts: by the field that each stands in.
        names: of the firm; those that are too short to be recognised are not looked for.
    """
    known = tuple(dict.fromkeys(part for name in names for part in _parts(name)))
    return [
        Problem(code, Place(column=field), _CAUSES[code][0], _CAUSES[code][1])
        for field, text in texts.items()
        for code in _found(unicodedata.normalize("NFKC", text), known)
    ]


def _found(text: str, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the code of each kind of identity in a text, once."""
    folded = _folded(text)
    if any(name in folded for name in names):
        yield "names-firm"
    if _EMAIL.search(text):
        yield "names-email"
    rest = _EMAIL.sub(" ", text)
    if _LINK.search(rest):
        yield "names-link"
    rest = _LINK.sub(" ", rest)
    if _REGISTER.search(rest):
        yield "names-number"
    rest = _DAY.sub(" ", _REGISTER.sub(" ", rest))
    if any(_is_phone(item.group()) for item in _PHONE.finditer(rest)):
        yield "names-phone"
    if _ACCOUNT.search(rest):
        yield "names-account"


def _is_phone(text: str) -> bool:
    """Whether digits with signs between them read as a telephone number, not as years, an amount or a standard.

    >>> [_is_phone(text) for text in ("+34 912 345 678", "010-6655 4433", "13800138000", "2024-2026", "1000 5000")]
    [True, True, True, False, False]
    """
    groups = re.findall(r"\d+", text)
    digits = "".join(groups)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return False
    if text.startswith("+") or digits.startswith("0"):
        return True
    if len(groups) == 1:
        return len(digits) >= _BARE_DIGITS
    if groups[-1] == "000" and all(len(item) == len("000") for item in groups[1:]):
        return False  # an amount with spaces between the thousands
    # three groups and more; two of them are a range of years, of amounts, or a number of a standard
    return len(groups) > 2 and not all(len(item) == 4 and item[:2] in {"19", "20"} for item in groups)


def _parts(name: str) -> Iterator[str]:
    """Yield what a firm is recognised by: its name, and its name without a legal form."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip(" .,，。")
    bare = plain
    for form in _LEGAL_FORMS:
        if bare.endswith(form) and len(bare) > len(form):
            latin = form[0].isascii()
            if not latin or not bare[-len(form) - 1].isalnum():
                bare = bare[: -len(form)].strip(" .,，。")
        elif not form[0].isascii() and bare.startswith(form):
            bare = bare[len(form) :].strip()
    for item in (plain, bare):
        folded = _folded(item)
        shortest = SHORTEST_LATIN if folded.isascii() else SHORTEST_OTHER
        if len(folded) >= shortest:
            yield folded


def _folded(text: str) -> str:
    """Return a text as letters and digits only, so that spaces and signs between them hide nothing.

    >>> _folded("Example-Metal  PARTS, Ltd.")
    'examplemetalpartsltd'
    """
    return "".join(sign for sign in text.casefold() if sign.isalnum())


_CAUSES: Mapping[str, tuple[Message, Message]] = {
    "names-firm": (
        msg("The name of the enterprise stands in the text."),
        msg("Take it out: say what the enterprise does instead."),
    ),
    "names-email": (
        msg("An e-mail address stands in the text."),
        msg("Take it out: contacts are shown once both sides have agreed."),
    ),
    "names-link": (
        msg("A link or a web address stands in the text."),
        msg("Take it out: describe what would be found there."),
    ),
    "names-number": (
        msg("A number that looks like one of a register or a tax office stands in the text."),
        msg("Take it out: it tells who you are."),
    ),
    "names-phone": (
        msg("A number that looks like a telephone number stands in the text."),
        msg("Take it out; if it is an amount, write it with commas, such as 12,000,000."),
    ),
    "names-account": (
        msg("An account of a messaging service stands in the text."),
        msg("Take it out: contacts are shown once both sides have agreed."),
    ),
}
