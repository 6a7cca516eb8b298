"""What a search finds, whatever catalogue it stands in: a name, a few words, and the values by which it is filtered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

# For all values of a facet: a measure for every sector is found under each of them.
ANYTHING = "*"


@dataclass(frozen=True)
class Listed:
    """An entry of a catalogue, ready to be searched and to be shown in a list.

    Attributes:
        kind: what it is, a key of `KIND_WORDS` or one that another catalogue brings along.
        id: its name in its catalogue.
        names: words that people look for it by, as important as a name of what it belongs to.
        more: further texts that are searched and not shown.
        facets: by facet (``sector``, ``size``, ``region``, ``language``, ``price``, ``capability``, ``measure``) its values;
            `ANYTHING` stands for all of them. It is not found by a facet that it does not have.
    """

    kind: str
    id: str
    title: Text
    summary: Text
    names: tuple[str, ...] = ()
    more: tuple[Text, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name among everything that can be found.

        >>> Listed("measure", "crm-cloud", Text(zh="客户", en="Customers"), Text(zh="", en="")).key
        'measure:crm-cloud'
        """
        return f"{self.kind}:{self.id}"


# One of each kind; where two are worth the same to a query, the kind that stands first here is shown first.
KIND_WORDS: Mapping[str, Text] = {
    "scenario": Text(zh="应用场景", en="Scenario"),
    "measure": Text(zh="措施", en="Measure"),
    "course": Text(zh="课程", en="Course"),
    "programme": Text(zh="惠企项目", en="Programme"),
    "place": Text(zh="名额", en="Places"),
    "offer": Text(zh="服务", en="Offer"),
    "provider": Text(zh="服务商", en="Provider"),
    "partner": Text(zh="合作伙伴", en="Partner"),
    "standard": Text(zh="标准", en="Standard"),
    "capability": Text(zh="能力项", en="Capability"),
}
KIND_ORDER: Mapping[str, int] = {kind: place for place, kind in enumerate(KIND_WORDS)}
LAST = len(KIND_ORDER)
