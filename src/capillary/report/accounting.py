"""The account of the score as the report shows it: from the total down to the answers, all sums holding as shown."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.report.answers import Answers, rule_words
from capillary.report.figures import bar, digits_of, percent, shown, span, tidy_digits
from capillary.report.page import Accounting, AccountLine, Amounts, BesideRow, Part, Reference
from capillary.report.rounding import Line, round_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.standard import Question
    from capillary.report.marks import Sources
    from capillary.scoring.trace import Account

COLUMNS = ("earned", "lost", "unknown", "not_applicable")


class ShownAccount:
    """The account beside its rounded figures.

    Args:
        account: the account of the score.

    Attributes:
        digits: decimal places of all its figures.
        rounded: its figures as shown.
        exact: its nodes and questions by id.
        by_id: their figures as shown.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.digits = digits_of(account)
        self.rounded = round_line(_line(account), self.digits)
        pairs = list(_pairs(account, self.rounded))
        self.exact = {line.id: line for line, _ in pairs}
        self.by_id = {line.id: rounded for line, rounded in pairs}

    @property
    def earned(self) -> Fraction:
        """The score that is certain, as shown."""
        return self.rounded.amounts[0]

    @property
    def possible(self) -> Fraction:
        """The highest possible score, as shown."""
        return self.rounded.amounts[0] + self.rounded.amounts[2]

    def lost(self, name: str) -> Fraction | None:
        """Return what a question or node loses, as shown; None where it is no part of the account."""
        rounded = self.by_id.get(name)
        return None if rounded is None else rounded.amounts[1]

    def amounts(self, rounded: Line) -> Amounts:
        """Return the figures of a rounded line."""
        earned, lost, unknown, skipped = (shown(amount, self.digits) for amount in rounded.amounts)
        return Amounts(
            earned=earned,
            lost=lost,
            unknown=unknown,
            not_applicable=skipped,
            potential=shown(sum(rounded.amounts, Fraction(0)), self.digits),
            zero=frozenset(name for name, amount in zip(COLUMNS, rounded.amounts, strict=True) if not amount),
        )


def _line(account: Account) -> Line:
    """Return the amounts of an account; what a node gives beyond its children becomes a child of its own."""
    own = (account.earned, account.lost, account.unknown, account.not_applicable)
    children = [_line(child) for child in account.children]
    if children:
        columns = zip(*(child.amounts for child in children), strict=True)
        rest = tuple(amount - sum(column, Fraction(0)) for amount, column in zip(own, columns, strict=True))
        if any(rest):
            children.append(Line(rest))
    return Line(own, tuple(children))


def _pairs(account: Account, rounded: Line) -> Iterator[tuple[Account, Line]]:
    """Yield the nodes and questions beside their rounded figures."""
    if account.kind != "part":
        yield account, rounded
    for child, below in zip(account.children, rounded.children, strict=False):
        yield from _pairs(child, below)


def accounting(diagnosis: Diagnosis, account: ShownAccount, answers: Answers, sources: Sources) -> Accounting:
    """Return the account of the score, ready to show."""
    standard, sheet = diagnosis.standard, diagnosis.sheet
    skipped = [question for question in standard.questions if question.id in sheet.not_applicable]
    dropped = [question for question in skipped if question.not_applicable == "drop"]
    beside = [item for item in standard.questions if item.id not in account.by_id and item not in dropped]
    builder = _Builder(account, answers, sources)
    return Accounting(
        lines=tuple(builder.lines(account.account, account.rounded, 0)),
        some_not_applicable=bool(account.account.not_applicable),
        left_out=tuple(question.title for question in dropped),
        beside=tuple(_beside(question, answers, sources) for question in beside),
    )


class _Builder:
    def __init__(self, account: ShownAccount, answers: Answers, sources: Sources) -> None:
        self.account = account
        self.answers = answers
        self.sources = sources

    def lines(self, line: Account, rounded: Line, depth: int) -> Iterator[AccountLine]:
        """Yield a line and those below it, down to the questions."""
        if line.kind == "question":
            yield self._question(line, rounded, depth)
            return
        yield AccountLine(
            depth=depth,
            is_question=False,
            title=line.title,
            rule=line.rule,
            reference=self.sources.of_line(line),
            amounts=self.account.amounts(rounded),
            shares=_shares(line),
        )
        for child, below in zip(line.children, rounded.children, strict=False):
            yield from self.lines(child, below, depth + 1)
        if len(rounded.children) > len(line.children):
            yield self._given(line, rounded.children[-1], depth + 1)

    def _given(self, line: Account, rounded: Line, depth: int) -> AccountLine:
        """Return the line of what every firm is given, so that the lines below a node add up to it."""
        return AccountLine(
            depth=depth,
            is_question=True,
            title=msg("Given to every firm"),
            rule=None,
            reference=self.sources.of_line(line),
            amounts=self.account.amounts(rounded),
            shares=("100", "0", "0", "0"),
        )

    def _question(self, line: Account, rounded: Line, depth: int) -> AccountLine:
        question = self.answers.standard.by_id[line.id]
        return AccountLine(
            depth=depth,
            is_question=True,
            title=line.title,
            rule=rule_words(question),
            reference=self.sources.of_line(line),
            amounts=self.account.amounts(rounded),
            shares=_shares(line),
            answer=() if line.children else self.answers.words(question),
            note=question.note,
            parts=tuple(
                self._part(part, below) for part, below in zip(line.children, rounded.children, strict=True)
            ),
        )

    def _part(self, part: Account, rounded: Line) -> Part:
        return Part(part.title, self.account.amounts(rounded), Reference(None, part.certainty))


def _shares(line: Account) -> tuple[str, str, str, str]:
    amounts = (line.earned, line.unknown, line.lost, line.not_applicable)
    earned, unknown, lost, skipped = (percent(amount, line.potential) for amount in amounts)
    return earned, unknown, lost, skipped


def _beside(question: Question, answers: Answers, sources: Sources) -> BesideRow:
    coded = answers.coded[question.id]
    low, high, top = (
        sum((item.field.value(code) for item, code in zip(coded, codes, strict=True)), Fraction(0))
        for codes in (
            [item.low for item in coded],
            [item.high for item in coded],
            [item.field.top for item in coded],
        )
    )
    digits = tidy_digits(low, high, top)
    return BesideRow(
        title=question.title,
        bar=bar(low, high, top),
        value=span(low, high, digits),
        top=shown(top, digits),
        reference=sources.of_figure(question),
    )
