"""The foot of the report: sources, certainty, licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary import __version__
from capillary.model.standard import GateNode
from capillary.model.text import msg
from capillary.report.page import Doubt, Foot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.benchmark import Benchmark
    from capillary.model.standard import Figure, Question, ScoringNode, Standard
    from capillary.report.accounting import ShownAccount
    from capillary.report.marks import Sources
    from capillary.report.page import Words

PRODUCT = "Capillary"


def foot(diagnosis: Diagnosis, account: ShownAccount, benchmark: Benchmark | None, sources: Sources) -> Foot:
    """Return sources, what is unverified, and the licence note."""
    standard = diagnosis.standard
    doubtful = [question for question in standard.questions if _unverified(standard, question)]
    return Foot(
        sources=sources.entries(),
        doubts=tuple(_doubts(diagnosis, account, benchmark)),
        doubtful_questions=tuple(question.title for question in doubtful if question.note is None),
        licence=standard.file.licence_note,
        product=f"{PRODUCT} {__version__}",
    )


def _doubts(diagnosis: Diagnosis, account: ShownAccount, benchmark: Benchmark | None) -> Iterator[Doubt]:
    standard = diagnosis.standard
    for node in _entered(diagnosis, account):
        if any(_unverified(standard, figure) for figure in _figures(node)):
            yield Doubt(_node_title(standard, node, account), node.note or node.rule)
    for question in standard.questions:
        if question.note is not None and _unverified(standard, question):
            yield Doubt(question.title, question.note)
        yield from _doubts_within(standard, question)
    for level in standard.file.levels:
        if _unverified(standard, level):
            yield Doubt(msg("Meaning of “{level}”", level=level.title), level.note)
    if benchmark and diagnosis.standing and benchmark.file.certainty == "unverified":
        yield Doubt(benchmark.file.title, benchmark.file.method)


def _doubts_within(standard: Standard, question: Question) -> Iterator[Doubt]:
    """Yield the unverified options, rows, levels and scale values of a question that is verified as a whole."""
    if _unverified(standard, question):
        return
    for group in ("options", "rows", "levels", "scale", "columns"):
        for item in getattr(question, group, ()):
            if item.certainty == "unverified":
                yield Doubt(msg("{question}: {option}", question=question.title, option=item.text), item.note)


def _unverified(standard: Standard, figure: Figure) -> bool:
    return standard.certainty_of(figure) == "unverified"


def _figures(node: ScoringNode) -> Iterator[Figure]:
    yield node
    if isinstance(node, GateNode):
        for level in node.levels:
            yield from level.needs


def _entered(diagnosis: Diagnosis, account: ShownAccount) -> Iterator[ScoringNode]:
    """Yield the nodes that made the figures of this report: score, dimensions, level and its conditions, views."""
    scoring = diagnosis.standard.file.scoring
    shown = {*account.exact, *scoring.dimensions.values(), scoring.level or ""}
    shown |= {group.node for view in scoring.views for group in view.groups}
    if diagnosis.next_level is not None:
        shown |= {need.node for need in diagnosis.next_level[1]}
    return (node for node in scoring.nodes if node.id in shown)


def _node_title(standard: Standard, node: ScoringNode, account: ShownAccount) -> Words:
    if node.id in account.exact:
        return account.exact[node.id].title
    titles = {
        place: item.title
        for item in standard.file.dimensions
        for place in [standard.file.scoring.dimensions.get(item.id)]
    }
    return node.title or titles.get(node.id) or msg("Level")
