"""Which measures of a list a firm should have in its plan in any case, as when it copies a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.roadmap.firm import suits
from capillary.roadmap.network import after

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.model.measure import Catalogue
    from capillary.roadmap.firm import Firm


@dataclass(frozen=True)
class Pins:
    """A list of measures, sorted for one firm; each stands in one of the three, in the order of the list.

    Attributes:
        pinned: what the plan should hold.
        there: what brings the firm nothing that it does not have for certain.
        unsuited: what makes no sense for a firm of its size or line of business.
    """

    pinned: tuple[str, ...]
    there: tuple[str, ...]
    unsuited: tuple[str, ...]


def pins_of(names: Iterable[str], firm: Firm, catalogue: Catalogue) -> Pins:
    """Return which of some measures belong into a firm's plan.

    Args:
        names: measures of the catalogue.
        firm: where it stands for certain.
        catalogue: all measures.

    Raises:
        KeyError: a measure is not in the catalogue.
    """
    pinned, there, unsuited = [], [], []
    for name in names:
        changed = after(firm, catalogue, [name])
        if not suits(catalogue.measures[name], firm):
            unsuited.append(name)
        elif (changed.levels, changed.codes) == (firm.levels, firm.codes):
            there.append(name)
        else:
            pinned.append(name)
    return Pins(tuple(pinned), tuple(there), tuple(unsuited))
