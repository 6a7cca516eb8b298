"""Template tags of applications: amounts, kept answers of the rules, and what steps are called."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capillary.incentives.applying import Status
from capillary.web import engine
from capillary.web.access import GRANTS, Action
from capillary.web.applications import seen, selectors
from capillary.web.applications.forms import category_title
from capillary.web.applications.models import Application
from capillary.web.core.language import language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from capillary.model.programme import Version
    from capillary.web.accounts.models import User
    from capillary.web.applications.models import Call, Event, Payment
    from capillary.web.applications.selectors import Visit

register = template.Library()
DEEPEST = 8
STEP_WORDS = {
    "start": gettext_lazy("Draft begun"),
    "spend-add": gettext_lazy("Invoice entered"),
    "spend-remove": gettext_lazy("Invoice taken out"),
    "paper-add": gettext_lazy("Paper handed in"),
    "paper-remove": gettext_lazy("Paper taken out"),
    "submit": gettext_lazy("Submitted under the statement of truth"),
    "withdraw": gettext_lazy("Withdrawn"),
    "ask": gettext_lazy("Question to the enterprise"),
    "answer": gettext_lazy("Answer of the enterprise"),
    "check": gettext_lazy("Fact corrected"),
    "clear": gettext_lazy("Doubt about an invoice cleared"),
    "propose": gettext_lazy("Decision proposed"),
    "return": gettext_lazy("Proposal returned"),
    "grant": gettext_lazy("Granted"),
    "refuse": gettext_lazy("Not granted"),
    "appeal": gettext_lazy("Appeal"),
    "released": gettext_lazy("Payment released"),
    "held": gettext_lazy("Release taken back"),
    "paid": gettext_lazy("Paid out"),
}


@register.filter
def amount(value: Decimal | None) -> str:
    """Return an amount of money, with cents only where there are any."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


@register.filter
def category(name: str) -> str:
    """Return what a category of spend is called."""
    return category_title(name)


@register.simple_tag
def open_calls() -> dict[str, Call]:
    """Return the call of each programme that takes applications now; of several the one that closes first."""
    found: dict[str, Call] = {}
    for call in selectors.open_calls(timezone.localdate()):
        found.setdefault(call.programme, call)
    return found


@register.simple_tag
def waiting_for(user: User) -> list[Application]:
    """Return the applications of a user's enterprises in which the office waits for an answer."""
    members = user.memberships.filter(until=None, role__in=[role.value for role in GRANTS[Action.APPLY]])
    rows = Application.objects.filter(
        status=Status.QUESTION, enterprise__members__in=members, enterprise__erased_at=None
    )
    return list(rows.select_related("call", "enterprise").distinct().order_by("in_line_at"))


@register.filter
def of(calls: Mapping[str, Call], programme: str) -> Call | None:
    """Return a programme's call, where there is one."""
    return calls.get(programme)


@register.filter
def step(event: Event) -> str:
    """Return what a step in the life of an application is called."""
    return str(STEP_WORDS.get(event.act, event.act))


@register.simple_tag
def steps_for(visit: Visit, events: Any, version: Version) -> list[tuple[Event, str]]:
    """Return the steps that a visitor sees, with what was said.

    The enterprise does not see what the office weighs before it decides.
    """
    titles = {item.id: item.title.in_(language()) for item in version.papers}
    return [(item, titles.get(item.text, item.text)) for item in seen.steps_seen(visit, events)]


@register.simple_tag
def who(visit: Visit, event: Event) -> str:
    """Return who made a step: the office is one body to the enterprise, which sees no officer's name."""
    return seen.actor_seen(visit, event)


@register.simple_tag
def payment_state(visit: Visit, payment: Payment) -> str:
    """Return how far a payment is, as the visitor sees it."""
    return str(seen.payment_state_seen(visit, payment).label)


@register.filter
def kept_text(words: Mapping[str, str]) -> str:
    """Return a text that was kept in both languages."""
    return words[language()]


@register.filter
def kept_truth(value: object) -> str:
    """Return a kept truth in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _("cannot be told")


@register.filter
def kept_money(value: Mapping[str, Any]) -> str:
    """Return a kept amount, or its range."""
    low, high = Decimal(value["low"]), value["high"]
    if high is None:
        return _("{currency} {low} or more").format(currency=value["currency"], low=amount(low))
    if Decimal(high) == low:
        return f"{value['currency']} {amount(low)}"
    return f"{value['currency']} {amount(low)} – {amount(Decimal(high))}"


@register.filter
def kept_trace(trace: Mapping[str, Any]) -> SafeString:
    """Return a kept reading as a nested list: each step with its value, down to facts and parameters."""
    return _trace(trace, 0)


def _trace(trace: Mapping[str, Any], depth: int) -> SafeString:
    facts = engine.facts()
    text = str(trace["text"])
    title = facts[text].title.in_(language()) if trace["op"] in {"fact", "class"} and text in facts else text
    head = format_html("<code>{}</code> = <strong>{}</strong>", title, _value(trace["value"]))
    parts = trace.get("of", ())
    if not parts or depth >= DEEPEST:
        return head
    items = format_html_join("", "<li>{}</li>", ((_trace(part, depth + 1),) for part in parts))
    return format_html("{}<ul>{}</ul>", head, items)


def _value(value: Any) -> str:
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case None:
            return _("not known")
        case list():
            return ", ".join(str(item) for item in value) or _("none")
        case {"one_of": list()}:
            return _("not known")
        case dict():
            ends = ["…" if value.get(end) is None else str(value[end]) for end in ("from", "to")]
            return " – ".join(ends)
        case _:
            return str(value)
