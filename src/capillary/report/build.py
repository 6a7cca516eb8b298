"""Builds the page of a diagnosis out of its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.report.accounting import ShownAccount, accounting
from capillary.report.answers import Answers
from capillary.report.foot import foot
from capillary.report.head import head
from capillary.report.marks import Sources
from capillary.report.outlook import across, obstacles, peers
from capillary.report.page import Page
from capillary.report.scales import dimensions, views
from capillary.report.steps import first_steps, needs, shortcomings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Capability
    from capillary.model.standard import Standard


def build_page(
    diagnosis: Diagnosis,
    capabilities: Mapping[str, Capability],
    standards: Mapping[str, Standard],
    benchmark: Benchmark | None,
    written_on: str | None,
) -> Page:
    """Return the report of a diagnosis, ready for the template.

    Args:
        diagnosis: the diagnosis.
        capabilities: the hub vocabulary.
        standards: every standard that the diagnosis names, by id.
        benchmark: the figures of peers that the diagnosis was made with, if there were some.
        written_on: the date of the report, as an ISO date.
    """
    account = ShownAccount(diagnosis.account)
    answers = Answers(diagnosis.standard, diagnosis.sheet)
    sources = Sources(diagnosis.standard, benchmark)
    end = foot(diagnosis, account, benchmark, sources)
    top = head(diagnosis, account, answers, end, written_on)
    found = shortcomings(diagnosis, account, answers)
    return Page(
        title=msg("Diagnosis: {name}", name=top.name),
        head=top,
        steps=first_steps(diagnosis, answers, found.first),
        needs=needs(diagnosis, account, sources),
        dimensions=dimensions(diagnosis, account),
        views=views(diagnosis, account),
        accounting=accounting(diagnosis, account, answers, sources),
        shortcomings=found,
        obstacles=obstacles(diagnosis, capabilities),
        peers=peers(diagnosis, benchmark, sources),
        across=across(diagnosis, standards),
        foot=end,
    )
