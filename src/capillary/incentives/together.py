"""Several programmes at once: those that exclude one another, and those that share a ceiling.

Each programme is judged as if it came alone. Together a firm gets the set that is worth most: of programmes that exclude one
another at most one, and under a ceiling no more than it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from capillary.incentives.situation import rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.rules import Rules


@dataclass(frozen=True)
class Together:
    """The set that is worth most.

    Attributes:
        chosen: ids of programmes.
        given_up: each programme that is left out, with those of the chosen ones that exclude it.
        cut: by ceiling, how much of the chosen programmes' amounts it does not allow.
        total: what the set is worth, in the currency that was asked for.
    """

    chosen: tuple[str, ...]
    given_up: Mapping[str, tuple[str, ...]]
    cut: Mapping[str, Fraction]
    total: Fraction

    def as_json(self, currency: str) -> dict[str, object]:
        """Return it as a JSON object, amounts in whole units rounded down."""
        return {
            "chosen": list(self.chosen),
            "given_up": {name: list(others) for name, others in self.given_up.items()},
            "cut": {ceiling: int(amount) for ceiling, amount in self.cut.items()},
            "total": int(self.total),
            "currency": currency,
        }


def best_together(rules: Rules, found: Sequence[Entitlement], currency: str) -> Together:
    """Return the set of programmes that is worth most to a firm.

    Args:
        rules: the programmes.
        found: what each says; those that give no certain amount are passed over.
        currency: what amounts are compared in.

    Raises:
        InputError: there is no rate between two currencies.
    """
    worth: dict[str, Fraction] = {}
    left: dict[str, Fraction] = {}
    for item in found:
        if item.verdict != "entitled" or item.money is None or item.money.low <= 0:
            continue
        worth[item.programme.id] = Fraction(item.money.low) * rate(rules, item.money.currency, currency)
        if item.ceiling is not None and item.ceiling.left.low is not None:
            ceiling = item.ceiling.programme
            factor = rate(rules, cast("str", ceiling.currency), currency)
            left[ceiling.id] = item.ceiling.left.low * factor
    against = {name: _against(rules, name, worth) for name in worth}
    ceilings = {name: rules.programmes[name].under for name in worth}
    sets = list(_sets(sorted(name for name in worth if against[name]), against))
    free = tuple(name for name in worth if not against[name])

    def value(chosen: Sequence[str]) -> Fraction:
        sums: dict[str | None, Fraction] = {}
        for name in chosen:
            under = ceilings[name] if ceilings[name] in left else None
            sums[under] = sums.get(under, Fraction(0)) + worth[name]
        return sum(
            (amount if under is None else min(amount, left[under]) for under, amount in sums.items()),
            Fraction(0),
        )

    best = max(((*free, *chosen) for chosen in sets), key=lambda chosen: (value(chosen), sorted(chosen)))
    cut = {
        ceiling: excess
        for ceiling, limit in left.items()
        if (excess := sum((worth[name] for name in best if ceilings[name] == ceiling), Fraction(0)) - limit)
        > 0
    }
    given_up = {name: tuple(sorted(against[name] & set(best))) for name in worth if name not in best}
    return Together(tuple(sorted(best)), given_up, cut, value(best))


def _against(rules: Rules, name: str, worth: Mapping[str, Fraction]) -> set[str]:
    """Return the others that exclude a programme; it holds in both directions."""
    return {
        other
        for other in worth
        if other != name
        and (other in rules.programmes[name].not_with or name in rules.programmes[other].not_with)
    }


def _sets(names: Sequence[str], against: Mapping[str, set[str]]) -> Iterator[tuple[str, ...]]:
    """Yield every set of names of which none excludes another."""
    if not names:
        yield ()
        return
    first, *rest = names
    yield from _sets(rest, against)
    for chosen in _sets([name for name in rest if name not in against[first]], against):
        yield (first, *chosen)
