"""The form of a goal, and the search in the catalogue of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.model.measure import ROLES
from capillary.roadmap.goal import MOST_MONEY, MOST_QUARTERS
from capillary.roadmap.quarters import moved, written
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.planning.wishes import wishes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.model.problems import Problem
    from capillary.model.programme import Programme
    from capillary.model.standard import Standard
    from capillary.roadmap.quarters import Quarter
    from capillary.web.planning.wishes import Wishes

DEFAULT_AHEAD = 5  # quarters
LIMITS = ("budget", "cash", "running")
FIRM = ("users", "machines", "revenue")
HOURS: dict[str, str] = {role: f"hours_{role.replace('-', '_')}" for role in ROLES}
ROLE_LABELS: dict[str, Any] = {
    "owner": _("Owner"),
    "shop-floor": _("Shop floor"),
    "office": _("Office"),
    "it": _("IT"),
}
# the part of a goal that a problem of the engine names, where the form calls it otherwise
FIELDS = {
    "quarters": "by",
    "subsidies[0].percent": "subsidy_percent",
    "subsidies[0].cap": "subsidy_cap",
    **{f"hours.{role}": name for role, name in HOURS.items()},
}


def _amount(label: Any, hint: Any = "", step: int = 1000) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        required=False,
        min_value=0,
        max_value=MOST_MONEY,
        widget=forms.NumberInput(attrs={"step": step, "inputmode": "numeric"}),
    )


class GoalForm(forms.Form):
    """What to reach, by when, and within what."""

    level = forms.TypedChoiceField(
        label=_("Which level?"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    by = forms.ChoiceField(label=_("By when?"))
    budget = _amount(
        _("Budget"),
        _(
            "What the plan may cost at most: one-off costs and the running costs of one year, less subsidies."
            " Left empty, it is not limited."
        ),
    )
    currency = forms.ChoiceField(label=_("Currency"))
    hours_owner = _amount(ROLE_LABELS["owner"], step=10)
    hours_shop_floor = _amount(ROLE_LABELS["shop-floor"], step=10)
    hours_office = _amount(ROLE_LABELS["office"], step=10)
    hours_it = _amount(ROLE_LABELS["it"], step=10)
    cash = _amount(_("At most to pay in a quarter"))
    running = _amount(_("At most running costs a year"))
    subsidy_percent = forms.IntegerField(
        label=_("Subsidy, in percent of the one-off costs"), required=False, min_value=0, max_value=100
    )
    subsidy_cap = _amount(_("Subsidy, at most"))
    subsidy_level = forms.TypedChoiceField(
        label=_("Subsidy only from level"), coerce=int, empty_value=None, required=False
    )
    programme = forms.ChoiceField(
        label=_("Incentive programme that pays by the level"),
        help_text=_(
            "Its share, cap and bonus at each level count, so that a plan goes higher where that pays. Every one-off cost is"
            " taken as spend that it pays for, and conditions that are not known as met."
        ),
        required=False,
    )
    users = _amount(_("People who use a computer at work"), step=1)
    machines = _amount(_("Production machines"), step=1)
    revenue = _amount(_("Yearly turnover"), _("For the years until the plan has paid for itself."))
    steady = forms.BooleanField(
        label=_("Also show the plan with the most points over all quarters"),
        help_text=_("Takes a little longer."),
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        standard: Standard,
        now: int,
        first: Quarter,
        wishes: Wishes | None = None,
        assumed: Mapping[str, int] | None = None,
        programmes: Sequence[Programme] = (),
    ) -> None:
        super().__init__(data, initial=None if wishes is None else _initial(wishes))
        self.kept = wishes
        levels = [(level, standard.level_title(level).in_(language())) for level in _levels(standard)]
        above = [(level, title) for level, title in levels if level > now]
        self.fields["level"].choices = [*above, ("", _("As high as the limits allow"))]
        self.fields["level"].error_messages["invalid_choice"] = _level_refused(standard, now, above)
        self.fields["subsidy_level"].choices = [("", _("Any")), *levels]
        self.fields["programme"].choices = [
            ("", _("None")),
            *((item.id, item.title.in_(language())) for item in programmes),
        ]
        if not programmes:
            del self.fields["programme"]
        self.fields["by"].choices = [
            (written(moved(first, ahead)), quarter_label(moved(first, ahead)))
            for ahead in range(MOST_QUARTERS)
        ]
        self.fields["by"].error_messages["invalid_choice"] = _(
            "A plan ends {first} at the earliest and {last} at the latest. Choose one of these quarters."
        ).format(first=self.fields["by"].choices[0][1], last=self.fields["by"].choices[-1][1])
        self.fields["currency"].choices = [
            (rate.currency, f"{rate.currency} · {rate.title.in_(language())}")
            for rate in engine.library().currencies().rates
        ]
        self.fields["currency"].error_messages["invalid_choice"] = _(
            "There is no rate for the currency {currency}. Choose one of the list."
        ).format(currency="%(value)s")
        if wishes is None:
            self.initial = {
                "level": above[0][0] if above else "",
                "by": written(moved(first, DEFAULT_AHEAD)),
                "currency": engine.library().currencies().base,
            }
        for role, hours in (assumed or {}).items():
            self.fields[HOURS[role]].widget.attrs["placeholder"] = hours

    def wishes(self) -> Wishes:
        """Return what was asked for; what the form does not show stays as it was."""
        given = dict(self.cleaned_data)
        hours = {role: given.pop(name) for role, name in HOURS.items()}
        kept = self.kept.as_json() if self.kept is not None else {}
        fixed: dict[str, Any] = {
            name: kept[name]
            for name in ("pinned", "excluded", "have", "contracted", "offers")
            if name in kept
        }
        said = {name: value for name, value in given.items() if value not in {None, ""}}
        return wishes_of(
            {**fixed, **said, "hours": {role: value for role, value in hours.items() if value is not None}}
        )

    def add_problems(self, problems: tuple[Problem, ...]) -> None:
        """Show what the engine refuses at the field that it is about."""
        for problem in problems:
            path = problem.place.path or ""
            name = FIELDS.get(path, path)
            text = problem.at(path=None).in_(language()).rpartition(" [")[0]
            self.add_error(name if name in self.fields else None, text)


def _level_refused(standard: Standard, now: int, above: Sequence[tuple[int, str]]) -> str:
    """Return what is said of a level that is reached already, or that the standard does not have."""
    if not above:
        return str(_("There is no level above the present one. Choose “As high as the limits allow”."))
    if not now:
        return str(_("There is no such level. Choose one of the list."))
    return _(
        "The firm is at “{now}” already, or there is no such level. Choose “{next}” or a higher one."
    ).format(now=standard.level_title(now).in_(language()), next=above[0][1])


def _levels(standard: Standard) -> Iterator[int]:
    return (level.level for level in standard.file.levels)


def _initial(wishes: Wishes) -> dict[str, Any]:
    kept = wishes.as_json()
    hours = kept.pop("hours", {})
    return {**kept, **{HOURS[role]: value for role, value in hours.items()}, "level": kept.get("level", "")}


def quarter_label(quarter: Quarter) -> str:
    """Return a quarter as people write it."""
    from django.utils.translation import gettext

    return gettext("{year} Q{quarter}").format(year=quarter[0], quarter=quarter[1])
