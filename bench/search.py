"""Search over 100,000 offers and everything else that can be found, in two languages, with filters, counts, typing mistakes."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from typing import TYPE_CHECKING

import polars as pl

from capillary.content.library import Library
from capillary.matching.search import Index
from capillary.matching.search_content import content_index, thesaurus_of, words_of
from capillary.matching.search_documents import market_documents
from capillary.web.demo.market import REGIONS, demonstration_market

if TYPE_CHECKING:
    from capillary.matching.search import Document

OFFERS, PROVIDERS, LIMIT, PLAIN = 100_000, 3_000, 0.050, 24
# some that nothing has as they stand, so that they are looked for by their parts
EVERYDAY = (
    "库存不准", "电费高", "考勤", "订单总是延期", "设备老坏", "客户投诉", "数字化转型怎么开始", "没有IT人员", "中毒", "补贴",
    "late deliveries", "stock is wrong", "machine breakdown", "maintainance", "phising", "how do I prevent ransomware",
    "cyber security", "grants for small firms", "shcedule", "bakcup",
)  # fmt: skip


def main(offers: int = OFFERS) -> None:
    """Print everything."""
    library = Library()
    market = demonstration_market(library, offers, PROVIDERS)
    documents = list(market_documents(market, words_of(library)))
    before = _peak()
    began, worked = time.perf_counter(), time.process_time()
    offered = Index.of(documents, thesaurus_of(library))
    print(
        f"{len(offered):,} offers and providers indexed in {time.perf_counter() - began:.1f} s"
        f" ({time.process_time() - worked:.1f} s of CPU);"
        f" peak memory {_peak():.0f} MiB, {before:.0f} MiB with the offers alone"
    )
    content, _entries = content_index(library)
    index = _joined(offered, content)
    every: list[float] = []
    for name, queries in kinds_of_queries(library).items():
        seconds, worked, hits = _timed(index, queries)
        every += seconds
        last, busy = (times[int(0.95 * len(times))] for times in (seconds, worked))
        print(
            f"{name:<30} {len(queries):4d} queries: median {statistics.median(seconds) * 1000:5.1f} ms,"
            f" 95th percentile {last * 1000:5.1f} ms ({busy * 1000:5.1f} ms of CPU), {last / LIMIT:.2f} of the limit;"
            f" {hits:,.0f} hits on average"
        )
    last = sorted(every)[int(0.95 * len(every))]
    print(
        f"all {len(every):,} queries: 95th percentile {last * 1000:.1f} ms, {last / LIMIT:.2f} of the limit"
    )
    _changed(offered, content, documents)
    _beside_a_scan(offered, documents, library)


def kinds_of_queries(library: Library) -> dict[str, list[tuple[str, dict[str, set[str]]]]]:
    """Return queries with their filters, drawn from the titles of measures and the names of capabilities."""
    titles = [item.title for item in library.measures().measures.values()]
    chinese = [
        title.zh[place : place + 2] for title in titles for place in (0, 2) if len(title.zh) >= place + 2
    ]
    longer = [title.zh[:6] for title in titles]
    english = [word for title in titles for word in title.en.split() if len(word) > 3]
    names = [name for item in library.synonyms() for name in (*item.names.zh, *item.names.en)]
    misspelt = [word[:2] + word[3] + word[2] + word[4:] for word in english if len(word) > 5]
    kinds = ("product", "consulting", "course")
    filters = [
        {"kind": {kinds[number % 3]}, "region": {REGIONS[number % 5]}, "size": {"small"}}
        for number in range(len(chinese))
    ]
    return {
        "two characters": [(word, {}) for word in chinese],
        "six characters": [(word, {}) for word in longer],
        "two characters, three filters": list(zip(chinese, filters, strict=True)),
        "an English word": [(word, {}) for word in english],
        "two English words": [(" ".join(two), {}) for two in zip(english, english[7:], strict=False)],
        "a name with synonyms": [(name, {}) for name in names],
        "a misspelt English word": [(word, {}) for word in misspelt],
        "everyday words, mixed kinds": [(word, {}) for word in EVERYDAY],
        "nothing, three filters": [("", item) for item in filters[:100]],
        "nothing, a kind": [("", {"what": {kind}}) for kind in ("offer", "scenario", "measure")],
    }


def _timed(
    index: Index, queries: list[tuple[str, dict[str, set[str]]]]
) -> tuple[list[float], list[float], float]:
    """Return the wall times and the times of CPU, each in rising order, and the mean number of hits."""
    seconds, worked, hits = [], [], 0
    for query, filters in queries:
        began, before = time.perf_counter(), time.thread_time()
        hits += index.search(query, filters).total
        seconds.append(time.perf_counter() - began)
        worked.append(time.thread_time() - before)
    return sorted(seconds), sorted(worked), hits / len(queries)


def _joined(offered: Index, content: Index) -> Index:
    """Join the market with everything else, and say what it takes and what is in it."""
    began = time.perf_counter()
    index = content.joined(offered)
    joined = time.perf_counter() - began
    began = time.perf_counter()
    kinds = index.search("").counts["what"]
    print(
        f"joined with {len(content):,} entries of the content in {joined * 1000:.1f} ms, the first search"
        f" {(time.perf_counter() - began) * 1000:.0f} ms: {', '.join(f'{kind} {n:,}' for kind, n in kinds.items())}"
    )
    return index


def _changed(offered: Index, content: Index, documents: list[Document]) -> None:
    """Time a change of one offer, and the first search after it."""
    began = time.perf_counter()
    after = content.joined(offered.changed([documents[0]]))
    changed = time.perf_counter() - began
    began = time.perf_counter()
    after.search("备份", {"kind": {"product"}})
    print(
        f"one offer changed and all joined again: {changed * 1000:.1f} ms,"
        f" the first search after it {(time.perf_counter() - began) * 1000:.0f} ms"
    )


def _beside_a_scan(index: Index, documents: list[Document], library: Library) -> None:
    """Compare with reading all texts for two characters, and counting the kinds of what is found."""
    table = pl.DataFrame(
        {
            "text": [" ".join(text for _, text in item.texts) for item in documents],
            "kind": [item.facets.get("kind", ("",))[0] for item in documents],
        }
    )
    queries = kinds_of_queries(library)["two characters"][:PLAIN]
    began = time.perf_counter()
    for word, _ in queries:
        found = table.filter(pl.col("text").str.contains(word, literal=True))
        total = found.height
        found.group_by("kind").len()
        if total > index.search(word).total:
            raise SystemExit(f"the index finds fewer than the scan: {word}")
    scan = (time.perf_counter() - began) / len(queries)
    ours, _, _ = _timed(index, queries)
    print(f"Polars reads all texts and counts one facet  {scan * 1000:7.1f} ms a query   1.00")
    mean = statistics.mean(ours)
    print(f"this index, ranked, with counts of all facets  {mean * 1000:7.1f} ms a query   {mean / scan:.3f}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
