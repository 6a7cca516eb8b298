"""Partners: equal to a plain walk over all profiles; demands hold both ways; the smallest clash; nothing that names a firm."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.matching.anonymous import identity_problems
from capillary.matching.partner_life import (
    MOST_INTERESTS,
    MOST_QUESTIONS,
    MOST_WAITING,
    InterestAct,
    InterestSide,
    InterestStanding,
    InterestStatus,
    express_hindrance,
    interest_after,
    interest_hindrance,
)
from capillary.matching.partner_reasons import WISH_WORDS, partner_clash, partner_reasons, why_no_partner
from capillary.matching.partners import (
    WISHES,
    CrosswalkRelations,
    Known,
    LevelSpan,
    Overlap,
    Partners,
    Reach,
    Seeker,
    partners_of,
    seeker_of,
)
from capillary.model.industry import SCHEMES
from capillary.model.market import COOPERATION_PROFILES
from capillary.model.partner import (
    COMPLEMENTS,
    LeastLevel,
    PartnerProfile,
    ProfileIndustry,
    is_reference,
    last_day,
    reference_of,
)

from .partner_kit import (
    CODES,
    ON,
    PAIRS,
    known,
    levels_by_lot,
    profile,
    profile_by_lot,
    regions,
    related,
)

# --- the oracle: every profile, one after the other, with rules of its own -------------------------------------------

MEETS = {
    ("business-offer", "business-request"),
    ("technology-offer", "technology-request"),
    ("technology-offer", "research-request"),
    ("research-request", "research-request"),
}


def plain_grade(levels: dict[str, LevelSpan], least: LeastLevel | None) -> int:
    """2 for certain, 1 for possible, 0 for certainly not."""
    if least is None:
        return 2
    low, high = 0, 99
    if least.standard in levels:
        low, high = levels[least.standard].at_least, levels[least.standard].at_most
    return 2 if low >= least.level else 1 if high >= least.level else 0


def lies_in(region: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(region == place or region.startswith(f"{place}-") for place in wanted)


def plain_overlap(mine: PartnerProfile, item: PartnerProfile) -> int:
    grades = {Overlap.WHOLE: 2, Overlap.PARTIAL: 1}
    best = 0
    for first in mine.industries:
        for second in item.industries:
            same = 2 if first == second else grades.get(PAIRS.get(frozenset({first, second})), 0)
            best = max(best, same)
    return best


def plain_failures(
    mine: PartnerProfile,
    item: PartnerProfile,
    ours: dict[str, LevelSpan],
    theirs: dict[str, LevelSpan],
) -> set[str]:
    failed = {
        "kind": (mine.kind, item.kind) not in MEETS and (item.kind, mine.kind) not in MEETS,
        "valid": item.valid_from > ON or item.valid_to < ON,
        "industry": plain_overlap(mine, item) == 0,
        "partnership": not set(mine.partnerships) & set(item.partnerships),
        "their-region": not lies_in(item.region, mine.partner_regions),
        "our-region": not lies_in(mine.region, item.partner_regions),
        "their-size": bool(mine.partner_sizes) and item.size not in mine.partner_sizes,
        "our-size": bool(item.partner_sizes) and mine.size not in item.partner_sizes,
        "language": not set(mine.languages) & set(item.languages),
        "their-level": plain_grade(theirs, mine.least) == 0,
        "our-level": plain_grade(ours, item.least) == 0,
    }
    return {name for name, fails in failed.items() if fails}


World = tuple[PartnerProfile, dict[str, LevelSpan], list[PartnerProfile], dict[str, dict[str, LevelSpan]]]


def world_by_lot(seed: int) -> World:
    dice = Random(seed)  # noqa: S311 - lots of a test
    mine = profile_by_lot(dice, 0)
    others = [profile_by_lot(dice, number) for number in range(1, dice.randint(1, 12))]
    levels = {item.reference: levels_by_lot(dice) for item in others}
    return mine, levels_by_lot(dice), others, levels


def found_for(world: World) -> Partners:
    mine, ours, others, levels = world
    return partners_of(seeker_of(mine, ON, ours), [mine, *others], Known(regions(), related, levels))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_partners_equal_a_plain_walk(seed: int) -> None:
    mine, ours, others, levels = world = world_by_lot(seed)
    found = found_for(world)
    failures = {item.reference: plain_failures(mine, item, ours, levels[item.reference]) for item in others}
    assert {item.profile.reference: set(item.failed) for item in found.ruled_out} == {
        name: failed for name, failed in failures.items() if failed
    }

    def key(item: PartnerProfile) -> tuple[object, ...]:
        doubts = (plain_grade(levels[item.reference], mine.least) < 2) + (plain_grade(ours, item.least) < 2)
        return (
            doubts,
            plain_overlap(mine, item) < 2,
            -len(set(mine.partnerships) & set(item.partnerships)),
            -len(set(mine.languages) & set(item.languages)),
            tuple(-int(part) for part in item.valid_from.split("-")),
            item.reference,
        )

    passing = sorted((item for item in others if not failures[item.reference]), key=key)
    assert [item.profile for item in found.partners] == passing


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_partners_do_not_depend_on_the_order_of_profiles(seed: int) -> None:
    mine, ours, others, levels = world_by_lot(seed)
    assert found_for((mine, ours, others[::-1], levels)) == found_for((mine, ours, others, levels))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_both_sides_find_each_other(seed: int) -> None:
    """Whatever passes for one side passes for the other, for demands hold both ways; on days on which both stand."""
    dice = Random(seed)  # noqa: S311 - lots of a test
    first, second = profile_by_lot(dice, 1), profile_by_lot(dice, 2)
    spans = {item.reference: levels_by_lot(dice) for item in (first, second)}
    if not all(item.valid_from <= ON <= item.valid_to for item in (first, second)):
        return
    told = Known(regions(), related, spans)
    there = partners_of(seeker_of(first, ON, spans[first.reference]), [second], told).partners
    back = partners_of(seeker_of(second, ON, spans[second.reference]), [first], told).partners
    assert bool(there) == bool(back)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_what_clashes_is_the_smallest_set(seed: int) -> None:
    found = found_for(world_by_lot(seed))
    failed = [set(item.failed) for item in found.ruled_out]
    if found.partners or not failed:
        assert found.clash == ()
        return
    assert all(item & set(found.clash) for item in failed)
    for size in range(len(found.clash)):
        for chosen in combinations(WISHES, size):
            assert not all(item & set(chosen) for item in failed)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_knowing_more_never_brings_a_profile_back(seed: int) -> None:
    """A narrower level can rule a profile out or make it certain; what was ruled out stays so."""
    mine, ours, others, levels = world_by_lot(seed)
    vague = found_for((mine, {}, others, {}))
    sharp = found_for((mine, ours, others, levels))
    assert {item.profile.reference for item in sharp.partners} <= {
        item.profile.reference for item in vague.partners
    }


def test_every_reason_and_refusal_has_words() -> None:
    def called(name: str, what: str) -> str:
        return f"{what} {name}"

    for seed in range(60):
        found = found_for(world_by_lot(seed))
        for partner in found.partners:
            lines = [line.in_("en") for line in partner_reasons(partner, found.seeker, called)]
            assert len(lines) >= 3
            assert any("partnership" in line for line in lines)
        for item in found.ruled_out:
            assert len(why_no_partner(item, found.seeker, called)) == len(item.failed)
            assert all(line.in_("zh") for line in why_no_partner(item, found.seeker, called))
        assert len(partner_clash(found)) == (len(found.clash) + 1 if found.clash else 0)
    assert set(WISH_WORDS) == set(WISHES)


def test_a_partial_relation_is_said_to_be_partial() -> None:
    mine = profile(
        kind="business-request", reference="CN-BR-20261101-001", region="CN-JS", industries=(CODES[0],)
    )
    found = partners_of(seeker_of(mine, ON), [profile()], known())
    lines = [
        line.in_("en") for line in partner_reasons(found.partners[0], found.seeker, lambda name, _: name)
    ]
    assert lines[0] == "Industries that overlap only in part: gbt-4754:C33 ↔ nace-2:C25."


def test_a_seeker_who_demands_nothing_finds_every_profile_that_stands() -> None:
    others = [profile(), profile(reference="ES-BO-20261101-002", valid_to="2026-11-27")]
    found = partners_of(Seeker(on=ON), others, known())
    assert [item.profile.reference for item in found.partners] == ["ES-BO-20261101-001"]
    assert found.ruled_out[0].failed == ("valid",)
    with pytest.raises(ValueError, match="is no day"):
        Seeker(on="soon")


def test_levels_have_three_answers() -> None:
    least = LeastLevel(standard="a", level=3)
    mine = profile(kind="business-request", reference="CN-BR-20261101-001", region="CN-JS", least=least)
    for span, answer in (
        (LevelSpan(3, 4), Reach.CERTAIN),
        (LevelSpan(1, 3), Reach.POSSIBLE),
        (None, Reach.POSSIBLE),
    ):
        told = known(**({"ES_BO_20261101_001": {"a": span}} if span else {}))
        assert partners_of(seeker_of(mine, ON), [profile()], told).partners[0].theirs == answer
    found = partners_of(seeker_of(mine, ON), [profile()], known(ES_BO_20261101_001={"a": LevelSpan(0, 2)}))
    assert found.ruled_out[0].failed == ("their-level",)
    assert found.clash == ("their-level",)


def test_complements_hold_both_ways() -> None:
    assert set(COMPLEMENTS) == set(COOPERATION_PROFILES)
    assert all(first in COMPLEMENTS[second] for first in COMPLEMENTS for second in COMPLEMENTS[first])
    assert {tuple(sorted((a, b))) for a in COMPLEMENTS for b in COMPLEMENTS[a]} == {
        tuple(sorted(pair)) for pair in MEETS
    }


# --- references and days ---------------------------------------------------------------------------------------------


def test_references() -> None:
    assert all(
        is_reference(reference_of("KR", kind, ON, 7))
        and reference_of("KR", kind, ON, 7).endswith("-20261128-007")
        for kind in COOPERATION_PROFILES
    )
    for bad in (("Spain", 1), ("es", 1), ("ES", 0), ("ES", 1000)):
        with pytest.raises(ValueError, match="reference"):
            reference_of(bad[0], "business-offer", ON, bad[1])


@given(st.dates(min_value=dt.date(2020, 1, 1), max_value=dt.date(2098, 12, 31)))
def test_twelve_months_end_on_the_day_before(day: dt.date) -> None:
    found = dt.date.fromisoformat(last_day(day.isoformat()))
    after = found + dt.timedelta(days=1)
    if (day.month, day.day) == (2, 29):
        assert (found.year, found.month, found.day) == (day.year + 1, 2, 28)
    else:
        assert (after.year, after.month, after.day) == (day.year + 1, day.month, day.day)


# --- identity --------------------------------------------------------------------------------------------------------

NAMED = {
    "names-firm": [
        "We, Example Metal Parts, turn shafts.",
        "EXAMPLE-METAL PARTS",
        "示例金属制品企业生产轴",
        "由示例金属制品生产",
    ],
    "names-email": ["Write to sales@firm.example", "邮箱：ａ@ｂ.com", "a@b.cn"],
    "names-link": ["https://firm.example/x", "see www.firm.example", "firm-parts.com", "见 example.cn。"],
    "names-number": ["91320100MA1MXXXX0X", "VAT ESB12345678", "DE123456789", "123-45-67890"],
    "names-phone": [
        "+34 912 345 678",
        "电话 13800138000",
        "(025) 8665-1234",
        "０２５－８６６５１２３４",
        "91 234 56 78",
    ],
    "names-account": ["微信号：shaft_2026", "WhatsApp: metalparts"],
}
HARMLESS = (
    "ISO 9001:2015 and GB/T 4754-2017; since 2026-11-28, 2024-2026.",
    "Up to 12,000,000 pieces a year, 1000-5000 per lot, tolerance 0.005 mm, 24/7.",
    "e.g. shafts, i.e. turned parts. Node 3.5 of the network. No. 12.",
    "IEC 62443-4-2, EN 10204 3.1, M8x1.25, 3 000 000 pieces in 2025 2026 2027",
    "年产 1200 万件，公差 0.005 毫米，通过 ISO 9001 认证。",
)
NAMES = ("Example Metal Parts Ltd.", "示例金属制品企业有限公司", "示例金属制品有限公司")


@pytest.mark.parametrize(("code", "text"), [(code, text) for code in NAMED for text in NAMED[code]])
def test_identity_is_refused_with_field_and_remedy(code: str, text: str) -> None:
    problems = identity_problems({"summary_en": text, "title_en": "Shafts"}, NAMES)
    assert [(item.code, item.place.column) for item in problems] == [(code, "summary_en")]
    assert problems[0].remedy.in_("zh") != problems[0].remedy.in_("en")


@pytest.mark.parametrize("number", range(len(HARMLESS)))
def test_figures_of_the_trade_are_no_identity(number: int) -> None:
    assert identity_problems({"text": HARMLESS[number]}, NAMES) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_name_is_found_wherever_it_stands(before: str, after: str) -> None:
    found = identity_problems({"text": f"{before} Example Metal Parts {after}"}, NAMES)
    assert "names-firm" in [item.code for item in found]


def test_a_name_that_is_too_short_is_not_looked_for() -> None:
    assert identity_problems({"text": "Abc abc 华为"}, ["Abc", "华为", ""]) == []


# --- the life of an interest -----------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(InterestAct), st.sampled_from(InterestSide), st.booleans()), max_size=12
    )
)
def test_names_are_shown_only_after_both_agreed(steps: list[tuple[InterestAct, InterestSide, bool]]) -> None:
    status, agreed = InterestStatus.WAITING, False
    for act, side, signs in steps:
        standing = InterestStanding(status, side, signs)
        if interest_hindrance(act, standing) is not None:
            continue
        assert act != InterestAct.WRITE or agreed
        if act == InterestAct.AGREE:
            assert (side, signs) == (InterestSide.PUBLISHER, True)
            agreed = True
        status = interest_after(act, status)
    assert (status in {InterestStatus.AGREED, InterestStatus.ENDED}) == agreed


def test_who_acts_for_both_binds_neither() -> None:
    for act in InterestAct:
        for side in InterestSide:
            for status in InterestStatus:
                once = InterestStanding(status, side, True)
                both = InterestStanding(status, side, True, both=True)
                free = interest_hindrance(act, once) is None
                binds = act not in {InterestAct.ASK, InterestAct.WRITE}
                assert (interest_hindrance(act, both) is None) == (free and not binds)


def test_limits() -> None:
    assert express_hindrance(MOST_INTERESTS - 1, MOST_WAITING - 1) is None
    assert express_hindrance(MOST_INTERESTS, 0) is not None
    assert express_hindrance(0, MOST_WAITING) is not None
    standing = InterestStanding(InterestStatus.WAITING, InterestSide.SEEKER, False, asked=MOST_QUESTIONS)
    assert interest_hindrance(InterestAct.ASK, standing) is not None


# --- the crosswalk ---------------------------------------------------------------------------------------------------

CROSSWALK = Library().industries()
SOME_CODES = st.sampled_from([(scheme, code) for scheme in SCHEMES for code in CROSSWALK.industries[scheme]])


def plain_divisions(scheme: str, code: str) -> set[str]:
    """Return the divisions of a code, by their letters."""
    return {item for item in CROSSWALK.industries[scheme] if len(item) == 3 and item.startswith(code)}


@settings(max_examples=300, deadline=None)
@given(SOME_CODES, SOME_CODES)
def test_relations_follow_from_sets_of_divisions(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Worked out again from the rows of the crosswalk as they are written."""
    first, second = plain_divisions(*one), plain_divisions(*other)
    if (one[0] == "gbt-4754") == (other[0] == "gbt-4754"):
        pairs = {(item, item) for item in first | second}
    else:
        rows = {(row.gbt, row.isic) for row in CROSSWALK.links.rows}
        pairs = rows if one[0] == "gbt-4754" else {(isic, gbt) for gbt, isic in rows}
    met = {(a, b) for a, b in pairs if a in first and b in second}
    if not met:
        expected = Overlap.NONE
    else:
        forth = all(
            {b for a, b in pairs if a == item} <= second and any(a == item for a, _ in pairs)
            for item in first
        )
        back = all(
            {a for a, b in pairs if b == item} <= first and any(b == item for _, b in pairs)
            for item in second
        )
        expected = Overlap.WHOLE if forth or back else Overlap.PARTIAL
    relations = CrosswalkRelations(CROSSWALK)
    assert relations(_industry(one), _industry(other)) == expected


def _industry(item: tuple[str, str]) -> ProfileIndustry:
    return ProfileIndustry(scheme=item[0], code=item[1])


def test_a_code_that_is_not_known_is_related_to_none() -> None:
    relations = CrosswalkRelations(CROSSWALK)
    assert relations(_industry(("nace-2", "Z")), _industry(("nace-2", "Z"))) == Overlap.NONE
