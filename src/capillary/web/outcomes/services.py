"""Writes of the outcomes: telling one, agreeing that it is published, reviewing it, and the figures that follow."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from capillary.model.text import msg
from capillary.outcomes.figures import Cell, Cost, Improved, Result, covered, told_next, values_of
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.core.refusals import RefusedError
from capillary.web.outcomes.models import How, Outcome, ScenarioFigure
from capillary.web.programmes.sizes import size_of
from capillary.web.rates.current import table_on

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from capillary.model.scenario import Scenario
    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise

SHORTEST_NAME = 3
DAYS_A_WEEK = 7


@dataclass(frozen=True)
class Done:
    """A measure that is complete: what it cost, None where that is not known, and from when to when it ran."""

    cost: Decimal | None
    begun: dt.date
    done: dt.date


@dataclass(frozen=True)
class Source:
    """A finished project or a delivery, as far as a report rests on it.

    Attributes:
        kept: which of the two it is, as fields of an `Outcome`.
        done: by measure.
        cost: of all measures together, where it is not known for each.
        levels: the firm's level before and after; None where it is not certain.
    """

    enterprise: Enterprise
    kept: Mapping[str, uuid.UUID]
    done: Mapping[str, Done]
    currency: str
    cost: Decimal | None = None
    levels: tuple[int | None, int | None] = field(default=(None, None))

    def scenarios(self) -> list[Scenario]:
        """Return the scenarios all of whose measures were done, the largest first."""
        book = engine.library().scenarios().scenarios.values()
        return sorted(
            (item for item in book if covered(self.done, item.measures)), key=lambda item: -len(item.measures)
        )

    def facts(self, scenario: Scenario) -> dict[str, Any]:
        """Return what is known already of the measures of a scenario: cost, weeks, and when the last was done."""
        rows = [self.done[name] for name in scenario.measures]
        costs = [row.cost for row in rows if row.cost is not None]
        cost = sum(costs, Decimal(0)) if len(costs) == len(rows) else None
        if set(self.done) == set(scenario.measures):
            cost = self.cost if self.cost is not None else cost
        begun, done = min(row.begun for row in rows), max(row.done for row in rows)
        weeks = max(1, ceil(((done - begun).days + 1) / DAYS_A_WEEK))
        return {"cost": cost, "weeks": weeks if begun <= done else None, "done_on": done}


def _locked(scenario: str) -> None:
    """Lock all outcomes of a scenario, so that its figures are made by one writer after the other."""
    list(Outcome.objects.select_for_update().filter(scenario=scenario).order_by("pk").values_list("pk"))


# --- telling ----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def outcome_tell(
    *,
    source: Source,
    scenario: Scenario,
    values: Mapping[str, Any],
    language: str,
    agrees: bool,
    by: User | None,
) -> Outcome:
    """Keep what a firm tells of a finished project, or replace what it told before; a reviewer looks at it anew.

    Args:
        source: the project or the delivery.
        scenario: whose measures were done.
        values: ``cost``, ``weeks``, ``hours``, ``improved`` and ``wrong``.
        language: of the words.
        agrees: whether an owner agrees that what is told now is published without a name; an earlier consent ends otherwise.
        by: who tells it.

    Raises:
        RefusedError: not all measures of the scenario were done, or the words name the firm.
    """
    if not covered(source.done, scenario.measures):
        raise RefusedError(msg("Not all measures of this scenario are done yet."))
    if names_firm(values["wrong"], source.enterprise):
        raise RefusedError(
            msg("Leave the name of your firm out of the text: everybody will read it."), "wrong"
        )
    _locked(scenario.id)
    before, after = source.levels
    told = {
        **values,
        "enterprise": source.enterprise,
        "version": uuid.uuid4(),
        "measures": sorted(scenario.measures),
        "sector": source.enterprise.sector,
        "employees": source.enterprise.employees,
        "done_on": source.facts(scenario)["done_on"],
        "currency": source.currency,
        "level_before": before if after is not None else None,
        "level_after": after if before is not None else None,
        "language": language,
        "state": Outcome.State.WAITING,
        "shows_words": False,
        "reason": "",
        "told_by": by,
        "told_at": timezone.now(),
    }
    row, _made = Outcome.objects.update_or_create(scenario=scenario.id, **source.kept, defaults=told)
    audit_write(by, "outcome-tell", source.enterprise.pk, f"outcome {row.pk}")
    if agrees and by is not None:
        _agreed(row, by)
    elif row.is_agreed:
        _withdrawn(row, by)
    figures_refresh(scenario.id)
    return row


def names_firm(text: str, enterprise: Enterprise) -> bool:
    """Whether words name the firm that tells them."""
    name = enterprise.name.strip().casefold()
    return len(name) >= SHORTEST_NAME and name in text.casefold()


def _agreed(row: Outcome, by: User) -> None:
    row.consented_at, row.consented_by, row.withdrawn_at = timezone.now(), by, None
    row.save(update_fields=["consented_at", "consented_by", "withdrawn_at"])
    audit_write(by, "outcome-agree", row.enterprise_id, f"outcome {row.pk}")


def _withdrawn(row: Outcome, by: User | None) -> None:
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    audit_write(by, "outcome-withdraw", row.enterprise_id, f"outcome {row.pk}")


@transaction.atomic
def outcome_agree(*, outcome: Outcome, by: User) -> None:
    """Agree, as an owner, that an outcome is published without a name; one that is agreed already stays as it is."""
    _locked(outcome.scenario)
    row = Outcome.objects.get(pk=outcome.pk)
    if not row.is_agreed:
        _agreed(row, by)
        figures_refresh(row.scenario)


@transaction.atomic
def outcome_withdraw(*, outcome: Outcome, by: User) -> None:
    """Take the consent back: the words are gone at once, and no later figure rests on it."""
    _locked(outcome.scenario)
    row = Outcome.objects.get(pk=outcome.pk)
    if row.is_agreed:
        _withdrawn(row, by)
        figures_refresh(row.scenario)


@transaction.atomic
def outcome_delete(*, outcome: Outcome, by: User | None) -> None:
    """Delete what was told; the figures are looked at anew once it is gone."""
    audit_write(by, "outcome-delete", outcome.enterprise_id, f"outcome {outcome.pk}")
    outcome.delete()


# --- review -----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def outcome_accept(*, outcome: Outcome, by: User, with_words: bool) -> None:
    """Let an outcome count, as a reviewer, and show its words where they name nobody.

    Raises:
        RefusedError: it does not wait any more.
    """
    row = _waiting(outcome)
    row.state, row.shows_words, row.reason = Outcome.State.ACCEPTED, with_words and bool(row.wrong), ""
    _reviewed(row, by, "outcome-accept")


@transaction.atomic
def outcome_return(*, outcome: Outcome, by: User, reason: str) -> None:
    """Send an outcome back with a reason, as a reviewer; it counts nowhere.

    Raises:
        RefusedError: it does not wait any more.
    """
    row = _waiting(outcome)
    row.state, row.shows_words, row.reason = Outcome.State.REFUSED, False, reason
    _reviewed(row, by, "outcome-return")


def _waiting(outcome: Outcome) -> Outcome:
    _locked(outcome.scenario)
    row = Outcome.objects.filter(pk=outcome.pk).first()
    same = row is not None and row.version == outcome.version
    if row is None or not same or row.state != Outcome.State.WAITING or not row.is_agreed:
        raise RefusedError(msg("This does not wait for review any more, or was changed meanwhile."))
    return row


def _reviewed(row: Outcome, by: User, act: str) -> None:
    row.reviewed_by, row.reviewed_at = by, timezone.now()
    row.save(update_fields=["state", "shows_words", "reason", "reviewed_by", "reviewed_at"])
    audit_write(by, act, row.enterprise_id, f"outcome {row.pk}")
    figures_refresh(row.scenario)


# --- figures ----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def figures_refresh(scenario: str) -> None:
    """Make the figures of a scenario anew, as far as they may change; see `capillary.outcomes.figures`."""
    item = engine.library().scenarios().scenarios.get(scenario)
    if item is None:
        return
    _locked(scenario)
    rows = Outcome.objects.filter(
        scenario=scenario,
        state=Outcome.State.ACCEPTED,
        consented_at__isnull=False,
        withdrawn_at=None,
        enterprise__erased_at=None,
    )
    values = values_of([result_of(row) for row in rows], item.measures, _worth)
    kept = {row.part: row for row in ScenarioFigure.objects.filter(scenario=scenario)}
    for part in sorted({*values, *kept}):
        row = kept.get(part) or ScenarioFigure(scenario=scenario, part=part)
        before = row.cell
        after = told_next(before, values.get(part, []))
        if after != before or row.pk is None:
            _keep(row, after)


def _keep(row: ScenarioFigure, cell: Cell) -> None:
    figure = cell.figure
    row.low, row.typical, row.high = (
        (None, None, None)
        if figure is None
        else (_decimal(figure.low), _decimal(figure.typical), _decimal(figure.high))
    )
    row.projects = 0 if figure is None else figure.projects
    row.first_year, row.last_year = (None, None) if figure is None else figure.years
    row.reported = cell.reported
    row.told = [sorted(list(group) for group in groups) for groups in cell.told]
    row.made_at = timezone.now()
    row.save()


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _worth(currency: str, day: str) -> Fraction | None:
    """Return what a unit of a currency was worth on a day; as it is today where no rate is that old."""
    for table in (table_on(day), table_on()):
        if currency in table.currencies:
            return table.worth(currency)
    return None


def result_of(row: Outcome) -> Result:
    """Return an outcome as the engine takes it."""
    size = size_of(row.employees)
    levels = None
    if row.level_before is not None and row.level_after is not None:
        levels = row.level_before, row.level_after
    return Result(
        id=str(row.version),
        firm=str(row.enterprise_id),
        measures=frozenset(row.measures),
        year=row.done_on.year,
        size=None if size is None else size.id,
        cost=None if row.cost is None else Cost(Fraction(row.cost), row.currency, row.done_on.isoformat()),
        weeks=row.weeks,
        hours=row.hours,
        levels=levels,
        improved=tuple(_improved(row.improved)),
    )


def _improved(items: Iterable[Mapping[str, Any]]) -> Iterable[Improved]:
    for item in items:
        yield Improved(
            on=item["on"],
            of=item["of"],
            before=Fraction(item["before"]),
            after=Fraction(item["after"]),
            measured=item["how"] != How.ESTIMATED,
        )
