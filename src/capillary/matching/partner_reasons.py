"""Reasons in words: why a profile stands where it stands, why another was ruled out, and what clashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.matching.partners import Overlap, Reach
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from capillary.matching.partners import NoPartner, Partner, Partners, Seeker, Wish
    from capillary.model.partner import LeastLevel, ProfileIndustry
    from capillary.model.text import Message

    # what a value of a list is called in the reader's language: ``called(name, what)``
    Called: TypeAlias = Callable[[str, str], str]


def partner_reasons(partner: Partner, seeker: Seeker, called: Called) -> list[Message]:
    """Return why a profile stands where it stands, in the order in which it counts.

    Args:
        partner: the profile.
        seeker: for whom it was ranked.
        called: what a ``partnership``, ``language``, ``industry``, ``level`` or ``region`` is called.
    """
    found: list[Message] = []
    if seeker.least is not None:
        found.append(_theirs(partner.theirs, _level(seeker.least, called)))
    least = partner.profile.least
    if least is not None:
        found.append(_ours(partner.ours, _level(least, called)))
    if partner.pairs:
        pairs = "; ".join(dict.fromkeys(_pair(mine, other, called) for mine, other in partner.pairs))
        found.append(
            msg("Industries that fit: {pairs}.", pairs=pairs)
            if partner.overlap == Overlap.WHOLE
            else msg("Industries that overlap only in part: {pairs}.", pairs=pairs)
        )
    found.append(
        msg(
            "Forms of partnership in common: {names}.",
            names=_row(partner.partnerships, "partnership", called),
        )
    )
    found.append(msg("Languages in common: {names}.", names=_row(partner.languages, "language", called)))
    return found


def _pair(mine: ProfileIndustry, other: ProfileIndustry, called: Called) -> str:
    first, second = called(mine.word, "industry"), called(other.word, "industry")
    return first if first == second else f"{first} ↔ {second}"


def _level(least: LeastLevel, called: Called) -> str:
    return called(f"{least.standard}:{least.level}", "level")


def _theirs(reach: Reach, level: str) -> Message:
    if reach == Reach.CERTAIN:
        return msg("Has certainly reached what you demand: {level}.", level=level)
    return msg("May have reached what you demand; it is not certain: {level}.", level=level)


def _ours(reach: Reach, level: str) -> Message:
    if reach == Reach.CERTAIN:
        return msg("You have certainly reached what it demands: {level}.", level=level)
    return msg("You may have reached what it demands; it is not certain: {level}.", level=level)


def _row(names: Iterable[str], what: str, called: Called) -> str:
    return ", ".join(called(name, what) for name in names)


def why_no_partner(item: NoPartner, seeker: Seeker, called: Called) -> list[Message]:
    """Return why a profile was ruled out: a sentence for each demand that fails."""
    return [_WHY[wish](item, seeker, called) for wish in item.failed]


def _stands(item: NoPartner, _: Seeker, __: Called) -> Message:
    profile = item.profile
    return msg("It stands from {first} to {last} only.", first=profile.valid_from, last=profile.valid_to)


def _other_industries(item: NoPartner, _: Seeker, called: Called) -> Message:
    names = _row([code.word for code in item.profile.industries], "industry", called)
    return msg("It is about other industries: {names}.", names=names)


def _other_forms(item: NoPartner, _: Seeker, called: Called) -> Message:
    names = _row(item.profile.partnerships, "partnership", called)
    return msg("It seeks other forms of partnership: {names}.", names=names)


def _not_where_we_are(item: NoPartner, _: Seeker, called: Called) -> Message:
    names = _row(item.profile.partner_regions, "region", called)
    return msg("It seeks partners elsewhere: {names}.", names=names)


def _other_size(item: NoPartner, _: Seeker, called: Called) -> Message:
    names = _row(item.profile.partner_sizes, "size", called)
    return msg("It seeks partners of another size: {names}.", names=names)


def _other_languages(item: NoPartner, _: Seeker, called: Called) -> Message:
    return msg("It talks in: {names}.", names=_row(item.profile.languages, "language", called))


def _below(item: NoPartner, _: Seeker, called: Called) -> Message:
    least = item.profile.least
    level = "" if least is None else _level(least, called)
    return msg("You have certainly not reached what it demands: {level}.", level=level)


def _not_reached(_: NoPartner, seeker: Seeker, called: Called) -> Message:
    level = "" if seeker.least is None else _level(seeker.least, called)
    return msg("It has certainly not reached what you demand: {level}.", level=level)


def _always(message: Message) -> Callable[[NoPartner, Seeker, Called], Message]:
    return lambda _, __, ___: message


_WHY: Mapping[Wish, Callable[[NoPartner, Seeker, Called], Message]] = {
    "kind": _always(msg("Its kind does not complement yours.")),
    "valid": _stands,
    "industry": _other_industries,
    "partnership": _other_forms,
    "their-region": _always(msg("It is not where you seek a partner.")),
    "our-region": _not_where_we_are,
    "their-size": _always(msg("It is not of a size that you seek.")),
    "our-size": _other_size,
    "language": _other_languages,
    "their-level": _not_reached,
    "our-level": _below,
}
WISH_WORDS: Mapping[Wish, Message] = {
    "kind": msg("its kind complements yours"),
    "valid": msg("it stands on the day"),
    "industry": msg("its industries overlap with yours"),
    "partnership": msg("it seeks a form of partnership that you seek"),
    "their-region": msg("it is where you seek a partner"),
    "our-region": msg("it seeks a partner where you are"),
    "their-size": msg("it is of a size that you seek"),
    "our-size": msg("it seeks a partner of your size"),
    "language": msg("it talks in a language of yours"),
    "their-level": msg("it may have reached the level that you demand"),
    "our-level": msg("you may have reached the level that it demands"),
}


def partner_clash(found: Partners) -> list[Message]:
    """Return what clashes where nothing passes: a sentence, and then each demand; nothing where there is no clash."""
    clash = found.clash
    if not clash:
        return []
    lead = (
        msg("No profile fulfils this demand:")
        if len(clash) == 1
        else msg("No profile fulfils these {count} demands together:", count=len(clash))
    )
    return [lead, *(WISH_WORDS[wish] for wish in clash)]
