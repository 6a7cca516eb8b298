"""Takes what a firm told in a form, wherever it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.problems import InputError
from capillary.web.funding.services import facts_save

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise
    from capillary.web.funding.forms import FactsForm


def facts_told(
    form: FactsForm, *, enterprise: Enterprise, by: User | None, known: Mapping[str, object]
) -> bool:
    """Keep the facts of a form; False with the reasons in the form where they cannot be used.

    Args:
        form: as it was filled in.
        enterprise: whose facts they are.
        by: who tells them.
        known: what is known anyway; it is not kept twice, so that it does not stay when the enterprise changes.
    """
    if not form.is_valid():
        return False
    facts = {
        name: None if str(value) == str(known.get(name)) else value for name, value in form.facts().items()
    }
    try:
        facts_save(
            enterprise=enterprise,
            by=by,
            facts=facts,
            aids=form.aids(),
            currency=form.cleaned_data["currency"],
        )
    except InputError as error:
        form.add_problems(error.problems)
        return False
    return True
