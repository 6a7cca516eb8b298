"""A result as its page shows it: the engines' report, its account as a tree, and what belongs beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core.cache import caches
from django.utils import timezone

from capillary.report.answers import Answers
from capillary.report.page import FirstSteps, Shortcomings
from capillary.web import engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.report.page import AccountLine, AcrossRow, Page, SourceEntry, Words
    from capillary.scoring.trace import Account
    from capillary.web.assessments.models import Assessment

KEPT_SECONDS = 3600


@dataclass(frozen=True)
class AccountNode:
    """A line of the account with the lines that add up to it.

    Attributes:
        question: the question's id; empty for other lines.
        grade: grade of the evidence behind the answer; empty where there is no answer.
        source: title of the document that the figures come from.
        children: lines below it.
    """

    line: AccountLine
    question: str
    grade: str
    source: Words | None
    children: tuple[AccountNode, ...]


@dataclass(frozen=True)
class AcrossStandard:
    """What the answers say about another standard, with its id and how many of its questions are open."""

    standard: str
    row: AcrossRow
    open: int


@dataclass(frozen=True)
class Result:
    """Everything of an assessment that its result page shows, in no language yet.

    Attributes:
        open: ids of the questions that are not settled.
    """

    page: Page
    account: AccountNode
    across: tuple[AcrossStandard, ...]
    open: tuple[str, ...]


def result_of(assessment: Assessment) -> Result:
    """Return the result of an assessment; each process keeps those that were asked for last."""
    kept = caches["process"]
    name = f"result-{_fingerprint(assessment)}"
    found: Result | None = kept.get(name)
    if found is None:
        found = fresh_result(assessment)
        kept.set(name, found, KEPT_SECONDS)
    return found


def _fingerprint(assessment: Assessment) -> str:
    """Return a name for everything that decides a result. The content does not change while a process runs."""
    enterprise = assessment.enterprise
    decides = [
        str(assessment.pk),
        assessment.revision,
        assessment.standard,
        assessment.variant,
        assessment.answers,
        assessment.grades,
        assessment.carried,
        [enterprise.name, enterprise.sector, enterprise.region, enterprise.employees],
        date_of(assessment).isoformat(),
    ]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def date_of(assessment: Assessment) -> date:
    """Return the day that a result stands for: that of its closing, or of the last change."""
    return timezone.localtime(assessment.completed_at or assessment.changed_at).date()


def fresh_result(assessment: Assessment) -> Result:
    """Work a result out anew."""
    diagnosis = engine.diagnosis_of(assessment)
    page = engine.page_of(diagnosis, date_of(assessment).isoformat())
    across = zip(diagnosis.across, page.across, strict=True)
    return Result(
        page=page,
        account=account_tree(diagnosis, page),
        across=tuple(AcrossStandard(found.standard, row, len(found.open)) for found, row in across),
        open=Answers(diagnosis.standard, diagnosis.sheet).open,
    )


def without_answers(result: Result) -> Result:
    """Return a result without anything that tells a single answer."""
    page = replace(
        result.page,
        steps=FirstSteps(""),
        shortcomings=Shortcomings((), (), "", ""),
        accounting=replace(result.page.accounting, lines=(), left_out=(), beside=()),
        obstacles=replace(result.page.obstacles, rests_on=()),
    )
    bare = replace(result.account, children=())
    return Result(page=page, account=bare, across=(), open=result.open)


def account_tree(diagnosis: Diagnosis, page: Page) -> AccountNode:
    """Return the account of the score as a tree: the page's lines, which come from the top down, put under one another."""
    builder = _Tree(diagnosis, page.accounting.lines, page.foot.sources)
    return builder.node(diagnosis.account)


class _Tree:
    def __init__(
        self, diagnosis: Diagnosis, lines: Sequence[AccountLine], sources: Sequence[SourceEntry]
    ) -> None:
        self.sheet = diagnosis.sheet
        self.left = list(reversed(lines))
        self.titles = {source.number: source.title for source in sources}

    def node(self, account: Account) -> AccountNode:
        """Return the next line with everything below it."""
        line = self.left.pop()
        children: tuple[AccountNode, ...] = ()
        if account.kind == "node":
            children = tuple(self.node(child) for child in account.children)
            # what every firm is given stands after the lines that the account knows
            children += tuple(self._given(line.depth + 1))
        question = account.id if account.kind == "question" else ""
        return self._made(line, question, children)

    def _given(self, depth: int) -> Iterator[AccountNode]:
        while self.left and self.left[-1].depth == depth:
            yield self._made(self.left.pop(), "", ())

    def _made(self, line: AccountLine, question: str, children: tuple[AccountNode, ...]) -> AccountNode:
        answered = question in self.sheet.answers
        return AccountNode(
            line=line,
            question=question,
            grade=self.sheet.evidence.get(question, "declared") if answered else "",
            source=self.titles.get(line.reference.number or 0),
            children=children,
        )
