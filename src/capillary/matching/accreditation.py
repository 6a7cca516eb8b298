"""What the market knows of a provider that rules of accreditation ask for.

Accreditation is judged by the language of incentive programmes, and this engine does not import that one: it gives the facts,
and the floor above asks both, ``entitlements(rules, read_situation(facts, rules, on=day))`` with the rules of
``checked_accreditations``. What only the provider or an officer can state, such as who owns the rights, is added there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from capillary.model.market import Market, Provider


def provider_facts(provider: Provider, market: Market, sectors: Collection[str]) -> dict[str, object]:
    """Return facts about a provider by the names of ``accreditations/programmes/facts.yaml``.

    Args:
        provider: the provider.
        market: offers, of which its own are counted.
        sectors: the sectors that the rules count as theirs, such as the pilot industries of a city.
    """
    own = [offer for offer in market.offers.values() if offer.provider == provider.id]
    cases = sum(offer.references.get(sector, 0) for offer in own for sector in sectors)
    return {
        "provider_reference_cases": cases,
        "provider_products": sum(offer.kind == "product" for offer in own),
    }


def is_accredited(provider: Provider, programme: str, on: str) -> bool:
    """Whether a provider holds an accreditation on a day, both ends included."""
    return any(
        item.programme == programme and item.granted_on <= on <= item.valid_to
        for item in provider.accreditations
    )
