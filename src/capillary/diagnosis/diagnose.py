"""The whole diagnosis of one answer sheet: what the report, the command line and the pages show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capillary.diagnosis.findings import (
    Finding,
    Need,
    ObstacleSign,
    findings,
    needs_of_next_level,
    obstacle_signs,
)
from capillary.diagnosis.nearest import Nearest, nearest_ways
from capillary.diagnosis.peers import Standing, standing
from capillary.diagnosis.profile import Profile, ReadAcross, profile_of, read_across
from capillary.model.exact import tidy
from capillary.scoring.evaluate import SheetScore, programs_for, score_sheet
from capillary.scoring.trace import Account, trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Capability
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard


@dataclass(frozen=True)
class Diagnosis:
    """Everything that an answer sheet says.

    Attributes:
        standard: the standard that was answered.
        sheet: the answers.
        score: score, level and dimensions as declared.
        supported: the same, counting only answers with evidence better than a declaration; None where the sheet names none.
        account: the score as an account.
        next_level: the level above the certain one and its conditions; None at the top or without levels.
        findings: shortcomings, the costliest first.
        nearest: the smallest sets of improvements that reach the next level.
        obstacles: the three obstacles, the likeliest first.
        profile: what is known of every capability.
        standing: place among peers; None where there is no benchmark for such a firm.
        across: what the answers say about every other standard.
    """

    standard: Standard
    sheet: AnswerSheet
    score: SheetScore
    supported: SheetScore | None
    account: Account
    next_level: tuple[int, tuple[Need, ...]] | None
    findings: tuple[Finding, ...]
    nearest: Nearest | None
    obstacles: tuple[ObstacleSign, ...]
    profile: Profile
    standing: Standing | None
    across: tuple[ReadAcross, ...]

    def as_json(self) -> dict[str, object]:
        """Return the diagnosis as a JSON object."""
        return {
            "enterprise": self.sheet.enterprise.as_json(),
            **self.score.as_json(),
            "supported": None if self.supported is None else self.supported.as_json(),
            "account": self.account.as_json(),
            "next_level": None if self.next_level is None else _needs_json(*self.next_level),
            "findings": [_finding_json(finding) for finding in self.findings],
            "nearest": None if self.nearest is None else _nearest_json(self.nearest),
            "obstacles": [
                {
                    "obstacle": sign.obstacle,
                    "strength": round(float(sign.strength), 4),
                    "known": sign.known,
                    "examples": list(sign.examples),
                }
                for sign in self.obstacles
            ],
            "profile": {
                name: {"at_least": span.at_least, "at_most": span.at_most, "grade": span.grade}
                for name, span in self.profile.items()
                if span.known
            },
            "benchmark": None if self.standing is None else _standing_json(self.standing),
            "read_across": [
                {
                    **across.score.as_json(),
                    "answered": len(across.settled),
                    "open": list(across.open),
                }
                for across in self.across
            ],
        }


def diagnose(
    standard: Standard,
    sheet: AnswerSheet,
    capabilities: Mapping[str, Capability],
    others: Sequence[Standard] = (),
    benchmark: Benchmark | None = None,
) -> Diagnosis:
    """Return the diagnosis of a sheet.

    Where the variant is not known, score and level are intervals over all variants, while account, findings and nearest
    ways are those of the first variant.

    Args:
        standard: the standard that the sheet answers.
        sheet: the checked answers.
        capabilities: the hub vocabulary.
        others: standards to read across to.
        benchmark: figures of peers under this standard, if there are some.
    """
    program = programs_for(standard, sheet)[0]
    score = score_sheet(standard, sheet)
    account = trace(standard, sheet)
    profile = profile_of(standard, sheet, capabilities)
    return Diagnosis(
        standard=standard,
        sheet=sheet,
        score=score,
        supported=score_sheet(standard, supported_sheet(standard, sheet)) if sheet.evidence else None,
        account=account,
        next_level=needs_of_next_level(program, sheet),
        findings=findings(program, sheet, account),
        nearest=nearest_ways(program, sheet),
        obstacles=obstacle_signs(profile, capabilities),
        profile=profile,
        standing=standing(benchmark, sheet.enterprise, score.score) if benchmark else None,
        across=tuple(read_across(other, profile) for other in others if other.id != standard.id),
    )


def supported_sheet(standard: Standard, sheet: AnswerSheet) -> AnswerSheet:
    """Return the sheet with every answer that rests on a declaration alone set to its lowest."""
    supported = {name for name, grade in sheet.evidence.items() if grade != "declared"}
    program = programs_for(standard, sheet)[0]
    codes = tuple(
        low if item.question in supported else 0
        for item, low in zip(program.fields, sheet.lowest, strict=True)
    )
    return replace(sheet, lowest=codes, highest=codes)


def _needs_json(level: int, needs: Sequence[Need]) -> dict[str, object]:
    return {
        "level": level,
        "needs": [
            {"node": need.node, "required": tidy(need.required), "have": [tidy(need.low), tidy(need.high)]}
            for need in needs
        ],
    }


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "question": finding.question,
        "dimension": finding.dimension,
        "cost": tidy(finding.cost),
        "blocks": finding.blocks,
        "title": {"zh": finding.title.zh, "en": finding.title.en},
        "next_step": None
        if finding.next_step is None
        else {"zh": finding.next_step.zh, "en": finding.next_step.en},
    }


def _nearest_json(nearest: Nearest) -> dict[str, object]:
    return {
        "level": nearest.level,
        "steps": nearest.steps,
        "proven_smallest": True,
        "ways": [
            [
                {
                    "field": item.field,
                    "question": item.question,
                    "from": list(item.before),
                    "to": list(item.after),
                    "steps": item.steps,
                    "unknown": item.unknown,
                }
                for item in way.improvements
            ]
            for way in nearest.ways
        ],
    }


def _standing_json(standing: Standing) -> dict[str, object]:
    return {
        "id": standing.benchmark,
        "geo": standing.geo,
        "size": standing.size,
        "year": standing.year,
        "percentile": [round(float(standing.low), 1), round(float(standing.high), 1)],
        "shares": [tidy(share) for share in standing.shares],
    }
