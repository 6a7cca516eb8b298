"""The filters of a programme's list: read from the address, checked, shown as what is active, turned into conditions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import connection
from django.db.models import F, Func, Lookup, Q, lookups
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.programmes.paging import SORTS
from capillary.web.programmes.sizes import SIZE_BY_ID, SIZES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from capillary.model.standard import Standard
    from capillary.web.programmes.models import Programme

FIRST_SORT = "name"
NAMES = ("q", "region", "sector", "size", "from", "to", "since", "cohort", "unassessed", "sort")


class FilterForm(forms.Form):
    """What an officer can ask for. The fields stand in the address under these names."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    region = forms.ChoiceField(label=_("Region"), required=False)
    sector = forms.ChoiceField(label=_("Sector"), required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)
    since = forms.DateField(
        label=_("Assessed since"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    cohort = forms.ChoiceField(label=_("Cohort"), required=False)
    unassessed = forms.BooleanField(label=_("Not yet assessed"), required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, standard: Standard | None, cohorts: Iterable[str]) -> None:
        super().__init__(data)
        levels = [] if standard is None else standard.file.levels
        titles = [("", _("Any")), *((str(item.level), item.title.in_(language())) for item in levels)]
        for name, label in (("from", _("Level from")), ("to", _("Level to"))):
            self.fields[name] = forms.TypedChoiceField(
                label=label, required=False, coerce=int, empty_value=None, choices=titles
            )
        self.has_levels = bool(levels)
        self.fields["region"].choices = [("", _("All")), *_titles(engine.library().regions())]
        self.fields["sector"].choices = [("", _("All")), *_titles(engine.library().sectors())]
        self.fields["size"].choices = [("", _("All")), *((size.id, size.title) for size in SIZES)]
        self.fields["cohort"].choices = [("", _("All")), *((name, name) for name in cohorts)]

    def clean_sort(self) -> str:
        """Return a sorting that exists."""
        wish = self.cleaned_data["sort"]
        return wish if wish.removeprefix("-") in SORTS else FIRST_SORT

    def clean(self) -> dict[str, Any]:
        """Report filters that exclude one another."""
        data = super().clean() or {}
        low, high, since = data.get("from"), data.get("to"), data.get("since")
        if low is not None and high is not None and low > high:
            self.add_error("to", _("The highest level lies below the lowest one."))
        if data.get("unassessed") and (low is not None or high is not None or since is not None):
            self.add_error(
                "unassessed",
                _("An enterprise that is not yet assessed has no level and no date. Take one of them away."),
            )
        if since is not None and since > timezone.localdate():
            self.add_error("since", _("This day is still to come."))
        return data


def _titles(items: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item.id, item.title.in_(language())) for item in items.values()]


@dataclass(frozen=True)
class Active:
    """A filter that is on, in words, and the address's query without it."""

    label: str
    value: str
    without: str


class Filters:
    """The filters of one request.

    Args:
        query: the query of the address.
        programme: whose list it is.
        cohorts: the programme's cohorts.
    """

    def __init__(self, query: QueryDict, programme: Programme, cohorts: Iterable[str] = ()) -> None:
        self.programme = programme
        wanted = set(cohorts) | ({query["cohort"]} if query.get("cohort") else set())
        self.form = FilterForm(query, engine.standards().get(programme.standard), sorted(wanted))
        self.valid = self.form.is_valid()
        self.data = self.form.cleaned_data

    @property
    def sort(self) -> str:
        """The column that the list is sorted by, with a minus sign in front for the other way round."""
        found: str = self.data.get("sort", FIRST_SORT)
        return found

    @cached_property
    def given(self) -> dict[str, str]:
        """What stands in the address: names and values of the filters that are on."""
        return {name: value for name in NAMES if name != "sort" and (value := self._text(name))}

    def _text(self, name: str) -> str:
        value = self.form.data.get(name, "")
        return value.strip() if name != "unassessed" else "on" if self.data.get(name) else ""

    def query(self, **changes: str | None) -> str:
        """Return the query of the address that carries these filters, with changes; None takes one away."""
        values: dict[str, str | None] = {**self.given}
        if self.sort != FIRST_SORT:
            values["sort"] = self.sort
        values |= changes
        found = QueryDict(mutable=True)
        found.update({name: value for name, value in values.items() if value})
        return found.urlencode()

    def active(self) -> list[Active]:
        """Return the filters that are on, in words."""
        return [
            Active(str(self.form.fields[name].label), self._said(name), self.query(**{name: None}))
            for name in self.given
        ]

    def _said(self, name: str) -> str:
        value = self.given[name]
        if name == "unassessed":
            return gettext("yes")
        if name == "since" and isinstance(self.data.get(name), dt.date):
            return formats.date_format(self.data[name], "DATE_FORMAT")
        choices = getattr(self.form.fields[name], "choices", ())
        return str(dict(choices).get(value, value))

    def condition(self) -> Q:
        """Return the condition on enrolments; filters that exclude one another let nothing through."""
        if not self.valid:
            return Q(pk__in=())
        found = Q()
        for name, condition in CONDITIONS.items():
            value = self.data.get(name)
            if value or (value == 0 and value is not False):
                found &= condition(value)
        return found


class Aside(Func):
    """A column that SQLite does not look up in an index of its own.

    Without figures on how values are spread it takes every range for a narrow one, and fetches row after row through the
    column's index. Reading the one index that has all filtered columns from end to end is quicker, and always takes as long.
    PostgreSQL knows how values are spread and decides for itself.
    """

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        """Return the column with the sign that keeps it out of its index."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **options)


def _is(column: str, lookup: type[Lookup], value: Any) -> Q:
    return Q(lookup(Aside(F(column)), value))


def _named(words: str) -> Q:
    """Return the condition of a name that holds these words, capitals or not; see `Enrolment.folded`."""
    if connection.vendor == "sqlite":
        return Q(name__icontains=words)
    return Q(folded__contains=words.lower())


def _in_region(code: str) -> Q:
    """Return the condition of a region and all its parts."""
    return _is("region", lookups.Exact, code) | _is("region", lookups.StartsWith, f"{code}-")


def _of_size(identifier: str) -> Q:
    size = SIZE_BY_ID[identifier]
    least = _is("employees", lookups.GreaterThanOrEqual, size.least)
    return least if size.most is None else least & _is("employees", lookups.LessThanOrEqual, size.most)


def _since(day: dt.date) -> Q:
    start = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    return _is("assessed_at", lookups.GreaterThanOrEqual, start)


CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "q": _named,
    "region": _in_region,
    "sector": lambda code: _is("sector", lookups.Exact, code),
    "size": _of_size,
    "from": lambda level: _is("level_low", lookups.GreaterThanOrEqual, level),
    "to": lambda level: _is("level_low", lookups.LessThanOrEqual, level),
    "since": _since,
    "cohort": lambda name: _is("cohort", lookups.Exact, name),
    "unassessed": lambda _on: _is("assessed_at", lookups.IsNull, True),
}
