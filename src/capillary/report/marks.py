"""Sources by number, and certainty marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.report.page import Reference, SourceEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.benchmark import Benchmark
    from capillary.model.standard import Figure, Source, Standard
    from capillary.scoring.trace import Account


@dataclass(frozen=True)
class Sources:
    """The sources of a report in the order of their numbers: the standard's, then the benchmark's."""

    standard: Standard
    benchmark: Benchmark | None = None

    @property
    def listed(self) -> Sequence[Source]:
        """All sources in order."""
        own = self.standard.file.sources
        return (*own, self.benchmark.file.source) if self.benchmark else own

    def of_figure(self, figure: Figure) -> Reference:
        """Return the reference of a figure of the standard."""
        source = self.standard.source_of(figure)
        return Reference(self.listed.index(source) + 1, self.standard.certainty_of(figure))

    def of_line(self, line: Account) -> Reference:
        """Return the reference of a line of the account, which knows its source by title only."""
        number = next(
            (number for number, source in enumerate(self.listed, start=1) if source.title == line.source),
            None,
        )
        return Reference(number, line.certainty)

    def of_benchmark(self, benchmark: Benchmark) -> Reference:
        """Return the reference of the benchmark's figures."""
        return Reference(self.listed.index(benchmark.file.source) + 1, benchmark.file.certainty)

    def entries(self) -> tuple[SourceEntry, ...]:
        """Return the list of sources."""
        return tuple(
            SourceEntry(
                number=number,
                title=source.title,
                details=tuple(item for item in (source.document, source.date) if item),
                url=source.url if (source.url or "").startswith(("https://", "http://")) else None,
                note=source.note,
            )
            for number, source in enumerate(self.listed, start=1)
        )
