"""Which facts a programme's rules can ask for, for those who apply to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.incentives.evaluate import AIDS
from capillary.incentives.expressions import names_in
from capillary.incentives.rules import nearest_version, version_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.incentives.rules import Rules
    from capillary.model.programme import Programme, Version


def facts_asked(rules: Rules, programme: Programme, day: str) -> tuple[str, ...]:
    """Return the facts that decide about a programme on a day, in the order in which its rules name them.

    A fact that a classification decides is followed by the facts that the classification asks for. Earlier aid is named by
    `capillary.incentives.evaluate.AIDS` where the programme's aid counts against a ceiling.

    Args:
        rules: all programmes.
        programme: the one that is asked about.
        day: whose version of the rules counts; where none is in force, the one that comes nearest.
    """
    found = dict.fromkeys(_asked(rules, programme, day, frozenset()))
    if programme.under is not None:
        found[AIDS] = None
    if programme.judged_on is not None:
        found[programme.judged_on] = None
    return tuple(found)


def _asked(rules: Rules, programme: Programme, day: str, above: frozenset[str]) -> Iterator[str]:
    version = version_on(programme, day) or nearest_version(programme, day)
    for name in _names(rules, version):
        if name in version.derived:
            continue
        if name in version.parameters:
            by = version.parameters[name].by
            if by is not None and by in rules.facts:
                yield from _fact(rules, by, day, above)
        elif name in rules.facts:
            yield from _fact(rules, name, day, above)


def _fact(rules: Rules, name: str, day: str, above: frozenset[str]) -> Iterator[str]:
    yield name
    giver = rules.giver(name)
    if giver is not None and giver.kind == "classification" and giver.id not in above:
        yield from _asked(rules, giver, day, above | {giver.id})


def _names(rules: Rules, version: Version) -> Iterator[str]:
    texts = [
        *(item.if_ for item in version.conditions),
        *(item.if_ for item in version.classes if item.if_ is not None),
        *(() if version.amount is None else (version.amount,)),
        *(item.is_ for item in version.phases),
        *(item.is_ for item in version.derived.values()),
    ]
    for text in texts:
        yield from names_in(rules.expression(text))
