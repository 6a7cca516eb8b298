"""Puts together what the rules read of an application, and reads them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from capillary.diagnosis.diagnose import supported_sheet
from capillary.incentives.applying import LIVE, Status
from capillary.incentives.asked import facts_asked
from capillary.incentives.evaluate import AIDS, Evaluator
from capillary.incentives.firm import LEVEL_FACTS, enterprise_facts, level_facts
from capillary.incentives.invoices import Line, clashes
from capillary.incentives.situation import read_aids, read_situation
from capillary.model.problems import InputError
from capillary.model.text import msg
from capillary.scoring.evaluate import score_sheet
from capillary.web import engine
from capillary.web.applications.models import Application, Spend
from capillary.web.applications.refusals import UnreadableError
from capillary.web.assessments.models import Assessment
from capillary.web.funding.models import FirmFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.invoices import Clash
    from capillary.model.programme import Programme
    from capillary.web.enterprises.models import Enterprise

WHOLE = "spend_total"
OTHER = "spend_other"
SPEND = "spend_"
ASSESSED = frozenset({*LEVEL_FACTS, "evidence_grade"})


@dataclass(frozen=True)
class Told:
    """What an application says: facts that its programme asks for, earlier aid, and the currency of all amounts."""

    facts: Mapping[str, object]
    aids: Sequence[Mapping[str, object]] | None
    currency: str


def programme_of(application: Application) -> Programme:
    """Return the incentive programme.

    Raises:
        UnreadableError: the content has it no longer.
    """
    found = engine.rules().programmes.get(application.call.programme)
    if found is None:
        raise UnreadableError(
            msg(
                "The rules of the programme {name} are not in the content any more. An administrator can bring them back.",
                name=application.call.programme,
            )
        )
    return found


def day_of(application: Application) -> str:
    """Return the day whose rules decide: that of the submission; today for a draft."""
    return (application.on or timezone.localdate()).isoformat()


def asked_of(application: Application) -> tuple[str, ...]:
    """Return the facts that the programme asks for."""
    return facts_asked(engine.rules(), programme_of(application), day_of(application))


def categories_of(application: Application) -> tuple[str, ...]:
    """Return the facts that invoices count for; none where the programme does not look at spend."""
    asked = asked_of(application)
    found = [name for name in asked if name.startswith(SPEND) and name != WHOLE]
    return tuple([*found, OTHER] if WHOLE in asked else found)


def to_tell(application: Application) -> tuple[str, ...]:
    """Return the facts that a firm is asked for itself: not those of its assessment, its invoices or a classification."""
    rules = engine.rules()
    return tuple(
        name
        for name in asked_of(application)
        if name not in ASSESSED and not name.startswith(SPEND) and (name == AIDS or rules.giver(name) is None)
    )


def assessment_for_rules(enterprise: Enterprise) -> Assessment | None:
    """Return the assessment whose level counts: the last that is complete, else the one that is open."""
    standards = {engine.rules().facts[name].standard for name in LEVEL_FACTS if name in engine.rules().facts}
    rows = Assessment.objects.filter(enterprise=enterprise, standard__in=standards).order_by("-number")
    return rows.exclude(status=Assessment.Status.OPEN).first() or rows.first()


def told_now(application: Application) -> Told:
    """Return what a draft says now: the enterprise's own facts, its level, and its invoices."""
    row = FirmFacts.objects.filter(enterprise_id=application.enterprise_id).first()
    known = known_of(application)
    # an assessment says more than what a firm says of its own level
    level = {name: value for name, value in known.items() if name in ASSESSED}
    facts = {**known, **({} if row is None else row.facts), **level, **_spent(application)}
    wanted = set(asked_of(application))
    return Told(
        {name: value for name, value in facts.items() if name in wanted},
        None if row is None else row.aids,
        application.call.currency or "CNY" if row is None else row.currency,
    )


def known_of(application: Application) -> dict[str, object]:
    """Return what is known of the enterprise without asking: what it is, and its level before and after the project."""
    library, enterprise = engine.library(), application.enterprise
    found = enterprise_facts(engine.enterprise_of(enterprise), library.regions().values(), library.sectors())
    assessment = application.assessment
    if assessment is None:
        return found
    found |= _level(assessment)
    level = supported_level(assessment)
    if "level_after" in found and level is not None:
        # money follows the level that evidence supports, not the one that is declared
        found["level_after"] = level
    first = (
        Assessment.objects.filter(
            enterprise_id=enterprise.pk, standard=assessment.standard, number__lt=assessment.number
        )
        .exclude(status=Assessment.Status.OPEN)
        .order_by("number")
        .first()
    )
    before = {} if first is None else _level(first)
    return {**found, **{name: value for name, value in before.items() if name == "level_before"}}


def supported_level(assessment: Assessment) -> int | None:
    """Return the level that an assessment's evidence supports; without any evidence, that of its lowest answers."""
    if assessment.supported_level is not None:
        return int(assessment.supported_level)
    standard = engine.standard_of(assessment)
    level = score_sheet(standard, supported_sheet(standard, engine.sheet_of(assessment))).level
    return None if level is None else int(level.low)


def _level(assessment: Assessment) -> dict[str, object]:
    return level_facts(engine.standard_of(assessment), engine.sheet_of(assessment), engine.rules())


def _spent(application: Application) -> dict[str, object]:
    """Return the sums of the invoices, by fact; zero for a category without an invoice."""
    names = categories_of(application)
    sums = dict.fromkeys(names, Decimal(0))
    for row in application.spends.all():
        sums[row.category] = sums.get(row.category, Decimal(0)) + row.claimed
    found: dict[str, object] = {name: str(value) for name, value in sums.items() if name != OTHER}
    if OTHER in names:
        found[WHOLE] = str(sum(sums.values(), Decimal(0)))
    return found


def told(application: Application) -> Told:
    """Return what the rules read: what was handed in, with what the office corrected; in a draft, what is told now."""
    if application.state == Status.DRAFT:
        return told_now(application)
    corrected = {name: entry["value"] for name, entry in application.checked.items()}
    return Told({**application.facts, **corrected}, application.aids, application.currency)


def judge(application: Application) -> Entitlement:
    """Return what the rules say of an application, with the trace of every figure.

    Aid that this installation granted counts against ceilings as aid that the firm stated does.

    Raises:
        UnreadableError: the content has the programme no longer, or a fact has a value that the rules know no longer.
    """
    rules, programme = engine.rules(), programme_of(application)
    said, day = told(application), day_of(application)
    aids = None if said.aids is None else [*said.aids, *_granted_here(application, day)]
    try:
        situation = read_situation(
            {name: value for name, value in said.facts.items() if name in rules.facts},
            rules,
            on=day,
            aids=None if aids is None else read_aids(aids),
            currency=said.currency,
        )
    except InputError as error:
        first = error.problems[0]
        raise UnreadableError(
            msg(
                "The rules cannot be read with what was told: {cause} {remedy}",
                cause=first.cause,
                remedy=first.remedy,
            )
        ) from error
    return Evaluator(rules, situation).of(programme)


def _granted_here(application: Application, day: str) -> list[Mapping[str, object]]:
    """Return the aid that the enterprise was granted here; what was granted after ``day`` counts as of that day."""
    rules = engine.rules()
    # whatever became of it since: under appeal it still stands, and what was paid before a withdrawal stays paid
    rows = (
        Application.objects.filter(enterprise_id=application.enterprise_id, granted__gt=0)
        .exclude(pk=application.pk)
        .select_related("call")
    )
    found: list[Mapping[str, object]] = []
    for row in rows:
        programme = rules.programmes.get(row.call.programme)
        ceiling = None if programme is None or programme.under is None else rules.programmes[programme.under]
        if ceiling is None or row.decided_at is None:
            continue
        decided = timezone.localdate(row.decided_at).isoformat()
        found.append(
            {
                "date": min(decided, day),
                "amount": str(row.granted),
                "currency": row.call.currency,
                "scheme": ceiling.scheme,
                "programme": row.call.programme,
            }
        )
    return found


def line_of(row: Spend) -> Line:
    """Return a row as the engine takes it."""
    return Line(
        id=row.pk or "new",
        application=row.application_id,
        enterprise=row.application.enterprise_id,
        supplier=row.supplier,
        number=row.number,
        day=row.day.toordinal(),
        total=row.total,
        claimed=row.claimed,
        currency=row.currency,
    )


def clashes_of(application: Application, mine: Iterable[Spend] | None = None) -> list[Clash]:
    """Return where an application's invoices meet others: its own, and those of all that is live or was paid here.

    Args:
        application: the one that is looked at.
        mine: its rows; those that are kept where it is left out.
    """
    rows = list(application.spends.select_related("application") if mine is None else mine)
    if not rows:
        return []
    counts = Q(application__status__in=LIVE) | Q(application__granted__gt=0)
    live = Spend.objects.filter(counts).exclude(application_id=application.pk)
    near = live.filter(plain_number__in={row.plain_number for row in rows}) | live.filter(
        application__enterprise_id=application.enterprise_id, total__in={row.total for row in rows}
    )
    others = near.select_related("application").order_by("application_id", "pk")
    return clashes([line_of(row) for row in rows], [line_of(row) for row in others])
