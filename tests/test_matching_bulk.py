"""Very many firms at once: every firm gets exactly what ranking says of it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.matching import bulk
from capillary.matching.bulk import best_offers, crowd_of
from capillary.matching.need import Aid, Need
from capillary.matching.rank import rank
from capillary.model.market import MOST_PRICE, Market, market_of

from .market_kit import MEASURES, ON, listed, lot, market_by_lot, offer, provider
from .test_matching import RATES, need_by_lot


@given(st.integers(0, 10**9), st.integers(1, 30), st.sampled_from([1, 3, 1 << 20]))
@settings(max_examples=150, deadline=None)
def test_every_firm_gets_what_it_gets_alone(seed: int, firms: int, most_pairs: int) -> None:
    dice = lot(seed)
    market = market_by_lot(dice, offers=25)
    first = need_by_lot(dice)
    needs = [
        replace(
            need_by_lot(dice),
            **{
                name: getattr(first, name)
                for name in ("on", "languages", "kinds", "currency", "start_by", "accreditation", "parties")
            },
        )
        for _ in range(firms)
    ]
    crowd = crowd_of(needs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "MOST_PAIRS", most_pairs)
        found = best_offers(crowd, market, RATES, count=4)
    for index, need in enumerate(needs):
        assert crowd.need(index) == need_as_crowds_say(need)
        alone = [match.offer.id for match in rank(need, market, RATES).matches[:4]]
        assert found.of(index) == alone


def need_as_crowds_say(need: Need) -> Need:
    """Return a need without an aid that pays nothing, which is the same as none."""
    return replace(need, aid=need.aid if need.aid is not None and need.aid.share else None)


def test_costs_too_large_to_be_packed_are_packed_by_their_order() -> None:
    offers = [
        offer(str(number), price=listed(MOST_PRICE, per_user=MOST_PRICE - number)) for number in range(40)
    ]
    market = market_of(offers, [provider()])
    need = Need(on=ON, wanted={MEASURES[0]: None}, users=100_000, aid=Aid(5000))
    crowd = crowd_of([need] * 40)
    found = best_offers(crowd, market, RATES)
    alone = [match.offer.id for match in rank(need, market, RATES).matches[:10]]
    assert [found.of(firm) for firm in range(40)] == [alone] * 40
    with pytest.raises(OverflowError):
        best_offers(crowd_of([replace(need, users=10**6)]), market, RATES)


def test_an_empty_market_has_nothing_and_a_crowd_needs_firms_that_ask_alike() -> None:
    need = Need(on=ON, wanted={MEASURES[0]: None})
    assert best_offers(crowd_of([need]), Market(), RATES).of(0) == []
    with pytest.raises(ValueError, match="needs a firm"):
        crowd_of([])
    with pytest.raises(ValueError, match="share day"):
        crowd_of([need, replace(need, on="2026-06-02")])


def test_firms_may_be_many_and_nothing_is_written_for_others() -> None:
    market = market_by_lot(lot(3), offers=60)
    needs = [Need(on=ON, wanted={name: None}, users=index) for index, name in enumerate(MEASURES * 40)]
    found = best_offers(crowd_of(needs), market, RATES, workers=2)
    assert found.best.shape == (200, 10)
    alike = {name: {tuple(found.of(index)) for index in range(k, 200, 5)} for k, name in enumerate(MEASURES)}
    for name, rows in alike.items():
        delivering = {item.id for item in market.offers.values() if name in item.measures}
        assert all(set(row) <= delivering for row in rows)
    assert np.all(found.best < 60)
