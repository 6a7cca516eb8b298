"""Reads and writes of other forms of incentive programmes: which there are, what they say, how their cases come out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from capillary.incentives.cases import tried
from capillary.incentives.drafts import read_draft
from capillary.incentives.rules import nearest_version, version_on
from capillary.web import engine
from capillary.web.access import audit_write, officers_with
from capillary.web.accounts.models import User
from capillary.web.funding.models import RuleDraft
from capillary.web.funding.rules import cases, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from capillary.incentives.cases import Tried
    from capillary.model.programme import Programme

SHIPPED = "shipped"  # how the form in force is named in addresses
MOST_DRAFTS = 100  # of one person for one programme


@dataclass(frozen=True)
class Form:
    """One form of a programme: the one in force, or a draft.

    Attributes:
        key: how it is named in addresses.
        name: of the draft; empty for the form in force.
    """

    key: str
    name: str
    text: str
    draft: RuleDraft | None = None


def good_day(programme: Programme) -> str:
    """Return a day by whose rules a form is worth judging: today, or the last day on which a programme could be applied for."""
    today = timezone.localdate().isoformat()
    version = version_on(programme, today) or nearest_version(programme, today)
    last = min(day for day in (version.effective_to, version.apply_by, "9999-12-31") if day is not None)
    return max(version.effective_from, min(today, last))


def drafts_of(user: User, name: str) -> QuerySet[RuleDraft]:
    """Return the drafts of a programme that a user may see: their own, and those of officers of the same organisations."""
    makers = User.objects.filter(officers_with(user))
    return RuleDraft.objects.filter(incentive=name, made_by__in=makers).select_related("made_by")


def form_of(user: User, name: str, key: str) -> Form | None:
    """Return a form of a programme by its key; None where there is none that the user may see."""
    if key == SHIPPED:
        return Form(SHIPPED, "", engine.library().programme_text(name))
    try:
        draft = drafts_of(user, name).filter(pk=UUID(key)).first()
    except ValueError:
        return None
    return None if draft is None else Form(str(draft.pk), draft.name, draft.text, draft)


def cases_tried(name: str, programme: Programme) -> list[Tried]:
    """Return the cases of a programme with what a form of it says in each."""
    changed = replace(rules(), programmes={**rules().programmes, name: programme}, _read={})
    return tried(changed, name, cases().get(name, ()))


@dataclass(frozen=True)
class Turned:
    """A case that comes out otherwise."""

    before: Tried
    after: Tried


def cases_turned(name: str, before: Programme, after: Programme) -> list[Turned]:
    """Return the cases that come out otherwise under another form: other verdict, amount, class, or failing conditions."""
    pairs = zip(cases_tried(name, before), cases_tried(name, after), strict=True)
    return [Turned(one, other) for one, other in pairs if _outcome(one) != _outcome(other)]


def _outcome(one: Tried) -> Sequence[object]:
    found = one.found
    if found is None:
        return [problem.code for problem in one.problems]
    return [
        found.verdict,
        found.money,
        found.timing,
        [item.key for item in found.classes],
        [item.condition.id for item in found.failed],
        found.missing,
    ]


@transaction.atomic
def draft_keep(*, incentive: str, name: str, note: str, text: str, by: User) -> RuleDraft:
    """Keep a form of a programme.

    Raises:
        InputError: the text is no such form; everything that is wrong is named.
        ValueError: the user has `MOST_DRAFTS` of it already.
    """
    read_draft(rules(), text, incentive)
    if RuleDraft.objects.filter(incentive=incentive, made_by=by).count() >= MOST_DRAFTS:
        raise ValueError("too many drafts")
    draft = RuleDraft.objects.create(incentive=incentive, name=name, note=note, text=text, made_by=by)
    audit_write(by, "rule-draft-keep", None, f"{incentive} {draft.pk}")
    return draft


@transaction.atomic
def draft_delete(*, draft: RuleDraft, by: User) -> None:
    """Delete a draft; simulations that were made with it keep their own copy."""
    audit_write(by, "rule-draft-delete", None, f"{draft.incentive} {draft.pk}")
    draft.delete()
