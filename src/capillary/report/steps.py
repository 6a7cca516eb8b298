"""What to do: the first steps, what stands between the firm and the next level, and the shortcomings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.standard import BandNode, GateNode, Level, Multiple, Ticks
from capillary.model.text import Text, msg
from capillary.report.answers import reach_words
from capillary.report.figures import bar, shown, span, tidy_digits
from capillary.report.page import FindingRow, FirstSteps, NeedRow, Needs, OtherWay, Shortcomings, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction
    from typing import Literal

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.diagnosis.findings import Finding, Need
    from capillary.diagnosis.nearest import Improvement, Nearest, WayUp
    from capillary.model.standard import Figure, Standard
    from capillary.report.accounting import ShownAccount
    from capillary.report.answers import Answers
    from capillary.report.marks import Sources
    from capillary.report.page import Words

FIRST = 3
SHORTCOMINGS = 10


def first_steps(diagnosis: Diagnosis, answers: Answers, findings: Sequence[FindingRow]) -> FirstSteps:
    """Return what to do first: the nearest way to the next level, or without one the costliest shortcomings.

    Args:
        diagnosis: the diagnosis.
        answers: its answers.
        findings: the shortcomings in order.
    """
    nearest = diagnosis.nearest
    if nearest is None:
        return _without_level(diagnosis, answers, findings)
    level = diagnosis.standard.level_title(nearest.level)
    if not nearest.ways:
        return FirstSteps(
            msg(
                "“{level}” cannot be reached: too much of what it needs does not apply to this firm.",
                level=level,
            )
        )
    first, *others = nearest.ways
    steps = _steps(answers, first)
    return FirstSteps(
        lead=_lead(level, nearest),
        first=steps[:FIRST],
        then=steps[FIRST:],
        closing=tuple(_closing(level, answers)),
        other_ways=tuple(_other_way(answers, first, other) for other in others),
    )


def _without_level(diagnosis: Diagnosis, answers: Answers, findings: Sequence[FindingRow]) -> FirstSteps:
    """Return the first steps where there is no next level."""
    if not findings:
        if answers.open:
            return FirstSteps(msg("No shortcoming is certain yet. Answer the open questions first."))
        return FirstSteps(msg("Nothing is missing: every question has its best answer."))
    if diagnosis.score.level is None:
        lead = msg("This standard has no levels. These improvements gain most:")
    else:
        lead = msg("The highest level is reached. What still costs most:")
    costliest = tuple(
        Step(row.title, row.question, row.now, row.better, about=row.about) for row in findings[:FIRST]
    )
    return FirstSteps(lead, costliest)


def _lead(level: Text, nearest: Nearest) -> Words:
    if nearest.steps == 1:
        return msg(
            "One step is enough to reach “{level}”. A step is one more box ticked or one rung higher in a question.",
            level=level,
        )
    return msg(
        "{steps} steps are enough to reach “{level}”. A step is one more box ticked or one rung higher in a"
        " question.",
        steps=nearest.steps,
        level=level,
    )


def _closing(level: Text, answers: Answers) -> Iterator[Words]:
    yield msg("No smaller set of improvements reaches “{level}” (proven).", level=level)
    if answers.open:
        yield msg("Open questions are counted as not in place yet, so some of this may be done already.")


def _steps(answers: Answers, way: WayUp) -> tuple[Step, ...]:
    """Return the improvements of a way, those of one question together."""
    together: dict[str, list[Improvement]] = {}
    for improvement in way.improvements:
        together.setdefault(improvement.question, []).append(improvement)
    return tuple(_step(answers, name, items) for name, items in together.items())


def _step(answers: Answers, name: str, improvements: Sequence[Improvement]) -> Step:
    question = answers.standard.by_id[name]
    fields = {item.field.id: item.field for item in answers.coded[name]}
    size = sum(improvement.steps for improvement in improvements)
    adds = isinstance(question, Multiple | Ticks)
    perhaps_done = any(improvement.unknown for improvement in improvements)
    return Step(
        title=question.title,
        question=question.text,
        now=() if adds or perhaps_done else answers.in_short(question),
        reach=tuple(
            words
            for improvement in improvements
            for words in reach_words(question, fields[improvement.field], improvement.after)
        ),
        adds=adds,
        size=msg("1 step") if size == 1 else msg("{count} steps", count=size),
        perhaps_done=perhaps_done,
        about=name,
    )


def _other_way(answers: Answers, first: WayUp, other: WayUp) -> OtherWay:
    """Return how a way differs from the first one."""
    one, two = _single(first), _single(other)
    return OtherWay(
        leaves=tuple(_in_words(answers, item) for item in one if item not in two),
        takes=tuple(_in_words(answers, item) for item in two if item not in one),
    )


def _single(way: WayUp) -> list[tuple[str, str, str]]:
    """Return a way as (question, field, key): one entry a tick, and one a ladder."""
    return [(item.question, item.field, key) for item in way.improvements for key in item.after]


def _in_words(answers: Answers, item: tuple[str, str, str]) -> Words:
    name, field_id, key = item
    question = answers.standard.by_id[name]
    field = next(coded.field for coded in answers.coded[name] if coded.field.id == field_id)
    reached: Words = msg("level {level}", level=key)
    if not isinstance(question, Level):
        reached = reach_words(question, field, (key,))[0]
    return msg("{question}: {option}", question=question.title, option=reached)


def needs(diagnosis: Diagnosis, account: ShownAccount, sources: Sources) -> Needs | None:
    """Return what the next level needs beside what the firm has, or None where there is no next level."""
    if diagnosis.next_level is None:
        return None
    level, conditions = diagnosis.next_level
    return Needs(
        level=diagnosis.standard.level_title(level),
        rows=tuple(_need_row(diagnosis.standard, level, need, account, sources) for need in conditions),
    )


def _need_row(standard: Standard, level: int, need: Need, account: ShownAccount, sources: Sources) -> NeedRow:
    figure, passed = _rule_of(standard, level, need.node)
    required = need.required if passed is None else passed
    digits = tidy_digits(need.low, need.high, most=max(1, account.digits))
    least = shown(required, tidy_digits(required, most=2))
    return NeedRow(
        title=need.title,
        bar=bar(need.low, need.high, max(need.high, need.required) * 5 / 4, need.required),
        have=span(need.low, need.high, digits),
        required=msg("at least {least}", least=least)
        if passed is None
        else msg("more than {least}", least=least),
        state=_need_state(need),
        reference=sources.of_figure(figure),
    )


def _need_state(need: Need) -> Literal["met", "open", "missed"]:
    if need.met:
        return "met"
    return "open" if need.high >= need.required else "missed"


def _rule_of(standard: Standard, level: int, node: str) -> tuple[Figure, Fraction | None]:
    """Return the figure that says what a level needs of a node, and the cut if the value must be above it."""
    scoring = standard.file.scoring
    rule = next(item for item in scoring.nodes if item.id == scoring.level)
    if isinstance(rule, GateNode):
        return next(
            need for item in rule.levels if item.level == level for need in item.needs if need.node == node
        ), None
    if isinstance(rule, BandNode) and level > len(rule.from_):
        return rule, rule.above[level - len(rule.from_) - 1]
    return rule, None


def shortcomings(diagnosis: Diagnosis, account: ShownAccount, answers: Answers) -> Shortcomings:
    """Return the shortcomings in the order of what they cost as shown; equal ones stay in the engine's order."""
    titles = {item.id: item.title for item in diagnosis.standard.file.dimensions}
    rows = [
        _finding_row(diagnosis, finding, titles[finding.dimension], account, answers)
        for finding in sorted(diagnosis.findings, key=lambda item: -(account.lost(item.question) or 0))
    ]
    left = len(rows) - SHORTCOMINGS
    return Shortcomings(
        first=tuple(rows[:SHORTCOMINGS]),
        rest=tuple(rows[SHORTCOMINGS:]),
        rest_summary=msg("1 more shortcoming") if left == 1 else msg("{count} more shortcomings", count=left),
        rest_in_print=msg(
            "The report on screen also lists those that cost less; there are {count}.", count=left
        ),
    )


def _finding_row(
    diagnosis: Diagnosis, finding: Finding, dimension: Text, account: ShownAccount, answers: Answers
) -> FindingRow:
    question = diagnosis.standard.by_id[finding.question]
    lost = account.lost(finding.question)
    return FindingRow(
        title=finding.title,
        question=question.text,
        dimension=dimension,
        now=answers.in_short(question),
        better=answers.better(question, finding.next_step),
        cost=shown(lost, account.digits) if lost else None,
        still_open=_still_open(finding, account),
        blocks=_blocks(diagnosis, finding),
        about=finding.question,
    )


def _still_open(finding: Finding, account: ShownAccount) -> Words | None:
    if not finding.unknown:
        return None
    unknown = account.by_id[finding.question].amounts[2]
    return msg("and up to {points} open", points=shown(unknown, account.digits))


def _blocks(diagnosis: Diagnosis, finding: Finding) -> Words | None:
    if not finding.blocks or diagnosis.next_level is None:
        return None
    level = diagnosis.standard.level_title(diagnosis.next_level[0])
    if finding.blocks == 1:
        return msg("Counts towards 1 unmet condition of “{level}”", level=level)
    return msg("Counts towards {count} unmet conditions of “{level}”", count=finding.blocks, level=level)
