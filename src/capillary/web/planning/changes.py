"""One change to a question: pin, leave out, in place already, on order, own figures, another limit; and each taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from capillary.roadmap.goal import MOST_MONEY, MOST_QUARTERS
from capillary.roadmap.quarters import count_until, moved, quarter_of, written
from capillary.web.planning.wishes import OwnFigures, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from capillary.roadmap.quarters import Quarter

Kept = TypeVar("Kept")
DROPPED = ("pinned", "excluded", "cash", "running", "budget", "level")
MOST_WEEKS = MOST_QUARTERS * 13


class ChangeForm(forms.Form):
    """What a button of the plan page sends."""

    do = forms.ChoiceField(
        choices=[
            (name, name)
            for name in (
                *("pin", "unpin", "exclude", "include", "have", "have-not", "order", "order-not"),
                *("offer", "offer-not", "limit", "drop"),
            )
        ]
    )
    measure = forms.SlugField(required=False)
    demand = forms.CharField(required=False, max_length=30)
    value = forms.IntegerField(required=False, min_value=0, max_value=MOST_MONEY)
    quarter = forms.CharField(required=False, max_length=10)
    one_off = forms.IntegerField(label=_("One-off"), required=False, min_value=0, max_value=MOST_MONEY)
    yearly = forms.IntegerField(label=_("Yearly"), required=False, min_value=0, max_value=MOST_MONEY)
    weeks = forms.IntegerField(label=_("Weeks"), required=False, min_value=1, max_value=MOST_WEEKS)


def changed(wishes: Wishes, data: Mapping[str, object], first: Quarter) -> Wishes:
    """Return wishes with one change.

    Args:
        wishes: as they were.
        data: the cleaned data of a `ChangeForm`.
        first: the first quarter of the plan that the change was made on.

    Raises:
        InputError: a quarter is none.
    """
    do, measure = str(data["do"]), str(data["measure"] or "")
    if do == "limit":
        return _limited(wishes, str(data["demand"]), _whole(data["value"]) or 0, first)
    if do == "drop":
        return _dropped(wishes, str(data["demand"]))
    rules: dict[str, Callable[[], Wishes]] = {
        "pin": lambda: replace(
            wishes, pinned=_with(wishes.pinned, measure), excluded=_without(wishes.excluded, measure)
        ),
        "unpin": lambda: replace(wishes, pinned=_without(wishes.pinned, measure)),
        "exclude": lambda: replace(
            wishes, excluded=_with(wishes.excluded, measure), pinned=_without(wishes.pinned, measure)
        ),
        "include": lambda: replace(wishes, excluded=_without(wishes.excluded, measure)),
        "have": lambda: replace(
            _free(wishes, measure),
            have=_with(wishes.have, measure),
            contracted=_less(wishes.contracted, measure),
        ),
        "have-not": lambda: replace(wishes, have=_without(wishes.have, measure)),
        "order": lambda: replace(
            _free(wishes, measure),
            contracted={**wishes.contracted, measure: _in_reach(str(data["quarter"]), first)},
        ),
        "order-not": lambda: replace(wishes, contracted=_less(wishes.contracted, measure)),
        "offer": lambda: replace(wishes, offers={**wishes.offers, measure: _own(data)}),
        "offer-not": lambda: replace(wishes, offers=_less(wishes.offers, measure)),
    }
    return rules[do]()


def _in_reach(text: str, first: Quarter) -> str:
    quarter = quarter_of(text)
    count_until(first, quarter)
    return written(quarter)


def _free(wishes: Wishes, measure: str) -> Wishes:
    """Return wishes in which a measure is neither pinned nor left out."""
    return replace(
        wishes, pinned=_without(wishes.pinned, measure), excluded=_without(wishes.excluded, measure)
    )


def _own(data: Mapping[str, object]) -> OwnFigures:
    return OwnFigures(_whole(data["one_off"]), _whole(data["yearly"]), _whole(data["weeks"]))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _limited(wishes: Wishes, demand: str, value: int, first: Quarter) -> Wishes:
    """Return wishes with another limit; of the date the value is a number of quarters."""
    if demand == "date":
        return replace(wishes, by=written(moved(first, value - 1)))
    if demand.startswith("hours."):
        return replace(wishes, hours={**wishes.hours, demand.removeprefix("hours."): value})
    if demand in {"level", "budget", "cash", "running"}:
        return replace(wishes, **{demand: value})
    return wishes


def _dropped(wishes: Wishes, demand: str) -> Wishes:
    """Return wishes without one demand."""
    if demand not in DROPPED:
        return wishes
    return replace(wishes, **{demand: [] if demand in {"pinned", "excluded"} else None})


def _with(names: Sequence[str], name: str) -> list[str]:
    return sorted({*names, name})


def _without(names: Sequence[str], name: str) -> list[str]:
    return [item for item in names if item != name]


def _less(entries: Mapping[str, Kept], name: str) -> dict[str, Kept]:
    return {key: value for key, value in entries.items() if key != name}
