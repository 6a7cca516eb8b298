"""What the kinds of a cooperation profile are called, in forms, tables and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.partner import Protection, Stage

STAGE_WORDS: Mapping[Stage, Text] = {
    "idea": Text(zh="想法", en="Idea"),
    "concept": Text(zh="方案", en="Concept"),
    "under-development": Text(zh="开发中", en="Under development"),
    "demonstrated": Text(zh="可以演示", en="Can be demonstrated"),
    "on-the-market": Text(zh="已上市", en="On the market"),
}
PROTECTION_WORDS: Mapping[Protection, Text] = {
    "none": Text(zh="没有保护", en="Not protected"),
    "secret": Text(zh="技术秘密", en="Secret know-how"),
    "applied": Text(zh="已申请专利", en="Patent applied for"),
    "granted": Text(zh="已获专利", en="Patent granted"),
    "copyright": Text(zh="著作权", en="Copyright"),
    "trademark": Text(zh="商标", en="Trademark"),
    "exclusive": Text(zh="独占使用权", en="Exclusive rights"),
}
