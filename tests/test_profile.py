"""Answer once: what answers say about capabilities, and what these say about other standards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capillary.content import load_capabilities, load_standard, standard_ids
from capillary.diagnosis.profile import Span, across_sheet, empty_profile, profile_of, read_across
from capillary.model.fields import fields_of
from capillary.model.sheet import AnswerSheet, Enterprise
from capillary.scoring import score_sheet
from capillary.sheets import read_sheet

CAPABILITIES = load_capabilities()


def sheet_of(standard: str, answers: dict[str, object], **more: object) -> AnswerSheet:
    return read_sheet({"standard": standard, "answers": answers, **more}, load_standard)


def profile(standard: str, answers: dict[str, object], **more: object) -> dict[str, Span]:
    return profile_of(load_standard(standard), sheet_of(standard, answers, **more), CAPABILITIES)


def test_an_answer_that_means_a_level_settles_it_both_ways() -> None:
    found = profile("miit-2024", {"S01": 2})["product-design"]
    assert (found.at_least, found.at_most) == (2, 2)


def test_what_is_not_answered_stays_open() -> None:
    found = profile("miit-2024", {"S01": 2})["procurement"]
    assert (found.at_least, found.at_most, found.known) == (0, 4, False)


def test_an_assertion_says_nothing_when_it_is_not_chosen() -> None:
    assert profile("miit-2024", {"Q04": ["A"]})["automatic-data-capture"].at_most < 4
    assert profile("eu-dii-v3", {"C01": False})["internet-access"].at_least == 0


def test_what_is_asserted_outweighs_what_is_not_ticked() -> None:
    """E asserts the whole network; that B, C and D were not ticked beside it does not take it away."""
    found = profile("miit-2024", {"Q01": ["E"]})["site-network"]
    assert found.at_least == found.at_most == 4


def test_what_does_not_apply_says_nothing() -> None:
    assert not profile("miit-2024", {"S02": "na"})["process-design"].known


def test_the_grade_is_that_of_the_evidence() -> None:
    found = profile("miit-2024", {"S01": 2, "S03": 1}, evidence={"S01": "verified"})
    assert (found["product-design"].grade, found["sales-management"].grade) == ("verified", "declared")


def test_reading_across_answers_what_says_the_same() -> None:
    """Online sales of at least 1 % of turnover mean selling online, so the other standard need not ask."""
    known = profile("eu-dii-v3", {"C11": True, "C12": False})
    found = across_sheet(load_standard("eu-dma"), known)
    position = {field.id: index for index, field in enumerate(fields_of(load_standard("eu-dma")))}["Q3"]
    selling_online = 1 << 4
    assert found.lowest[position] & selling_online


def test_own_answers_outweigh_the_profile() -> None:
    standard = load_standard("miit-2024")
    known = profile("miit-2024", {"S01": 4})
    own = sheet_of("miit-2024", {"S01": 1})
    assert read_across(standard, known, own).score.dimensions["operation"].low == 1


def test_a_profile_of_nothing_leaves_every_question_open() -> None:
    for name in standard_ids():
        standard = load_standard(name)
        found = read_across(standard, empty_profile(CAPABILITIES))
        assert found.settled == ()
        assert found.score.score.high == standard.file.scoring.max


@pytest.mark.parametrize("seed", range(40))
def test_intervals_never_exclude_the_truth(seed: int) -> None:
    """Firms with known capabilities answer all standards truthfully; every conclusion drawn from one must fit the others."""
    random = np.random.default_rng(seed)
    truth = closed(
        {
            name: Span(level, level, "declared")
            for name, capability in CAPABILITIES.items()
            for level in [int(random.integers(0, capability.top + 1))]
        }
    )
    sheets = {name: truthful_sheet(name, truth, random) for name in standard_ids()}
    for name, sheet in sheets.items():
        drawn = profile_of(load_standard(name), sheet, CAPABILITIES)
        for capability, span in drawn.items():
            assert span.at_least <= truth[capability].at_least <= span.at_most, (name, capability)
        for other, own in sheets.items():
            if other != name:
                within = read_across(load_standard(other), drawn).score.score
                actual = score_sheet(load_standard(other), own).score
                assert within.low <= actual.low <= actual.high <= within.high, (name, other)


def closed(truth: dict[str, Span]) -> dict[str, Span]:
    """Return a firm that has everything that the answers forced by its capabilities assert besides."""
    while True:
        raised = dict(truth)
        for name in standard_ids():
            standard = load_standard(name)
            forced = across_sheet(standard, truth)
            open_above = replace(forced, highest=tuple(field.top for field in fields_of(standard)))
            for capability, span in profile_of(standard, open_above, CAPABILITIES).items():
                if span.at_least > raised[capability].at_least:
                    raised[capability] = Span(span.at_least, span.at_least, "declared")
        if raised == truth:
            return truth
        truth = raised


def truthful_sheet(name: str, truth: dict[str, Span], random: np.random.Generator) -> AnswerSheet:
    """Return a full sheet that a firm with these capabilities could truthfully fill in."""
    standard = load_standard(name)
    possible = across_sheet(standard, truth)
    codes = []
    for field, low, high in zip(fields_of(standard), possible.lowest, possible.highest, strict=True):
        assert low & high == low if field.kind == "set" else low <= high
        choice = (
            int(random.integers(low, high + 1))
            if field.kind == "ladder"
            else int(random.integers(0, field.size))
        )
        codes.append(choice if field.kind == "ladder" else (choice | low) & high)
    variants = standard.file.variants
    return AnswerSheet(
        standard=name,
        enterprise=Enterprise(),
        answers={question.id: True for question in standard.questions},
        lowest=tuple(codes),
        highest=tuple(codes),
        variant=variants[0].id if variants else None,
    )
