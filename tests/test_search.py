"""Search: equal to a plain walk over all documents, however the index came to be; languages, synonyms, mistakes in typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, combinations, pairwise
from math import log
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.matching.search import K1, LENGTH, SCALE, B, Document, Hits, Index
from capillary.matching.search_content import content_index, listed_content, thesaurus_of, words_of
from capillary.matching.search_documents import listed_document, market_documents
from capillary.matching.search_query import Thesaurus, Unit, units_of
from capillary.matching.search_text import distance, is_han, runs, stem, tokens
from capillary.model.listed import ANYTHING
from capillary.web.demo.market import demonstration_market

from .market_kit import lot
from .sheet_kit import run

LEXICON = (
    "设备",
    "联网",
    "质量",
    "管理",
    "备份",
    "数据",
    "erp",
    "backup",
    "machines",
    "quality",
    "cloud",
    "云",
)
THESAURUS = Thesaurus.of([["备份", "backup", "back up"], ["质量管理", "quality"], ["erp", "企业资源计划"]])
FACETS = {"kind": ("a", "b", "c"), "region": ("x", "y", ANYTHING)}


def document_by_lot(dice: Random, name: str) -> Document:
    texts = tuple(
        (dice.choice([1, 3]), dice.choice(["", " "]).join(dice.choices(LEXICON, k=dice.randint(1, 5))))
        for _ in range(dice.randint(1, 2))
    )
    facets = {
        facet: tuple(dice.sample(values, dice.randint(0, 2)))
        for facet, values in FACETS.items()
        if dice.random() < 0.8
    }
    return Document(name, texts, facets, dice.randint(0, 2), dice.choice([60, 80, 100]))


def query_by_lot(dice: Random) -> str:
    return dice.choice(["", " "]).join(dice.choices(LEXICON, k=dice.randint(0, 3)))


def filters_by_lot(dice: Random) -> dict[str, set[str]]:
    return {
        facet: set(dice.sample([value for value in values if value != ANYTHING], dice.randint(0, 2)))
        for facet, values in FACETS.items()
        if dice.random() < 0.5
    }


# --- the oracle ------------------------------------------------------------------------------------------------------


def plain_score(item: Document, units: list[Unit], holders: Counter[str], size: int) -> tuple[int, int]:
    """Return the worth of a document and how many units it has, by the book."""
    length = sum(len(list(tokens(text))) for _, text in item.texts)
    frequency: Counter[str] = Counter()
    for weight, text in item.texts:
        for token in tokens(text):
            frequency[token] += weight
    score = had = 0
    for unit in units:
        best = 0
        for way in unit.ways:
            present = [token for token in way.tokens if frequency[token]]
            if len(present) < way.needed:
                continue
            worth = 0
            for token in present:
                tf = frequency[token]
                value = round(SCALE * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / LENGTH)))
                held = holders[token]
                worth += value * max(1, round(SCALE * log(1 + (size - held + 0.5) / (held + 0.5))))
            best = max(best, worth * way.percent // 100)
        score, had = score + best, had + (best > 0)
    return score * item.percent // 100, had


def pairs_in(run: str, known: Counter[str]) -> list[str]:
    """Return the words of two characters that stand for a run that nothing has: all choices are tried."""
    best: tuple[int, list[int]] = (0, [])
    places = [place for place in range(len(run) - 1) if known[run[place : place + 2]]]
    for count in range(len(places), 0, -1):
        for choice in combinations(places, count):
            if all(later - place > 1 for place, later in pairwise(choice)):
                best = min(best, (-count, list(choice)))
    return [run[place : place + 2] for place in best[1]]


def plain_units(
    query: str, documents: list[Document], holders: Counter[str]
) -> tuple[list[Unit], dict[str, tuple[str, ...]]]:
    """Return what is looked for, where a Chinese run that nothing has is looked for by its parts."""
    units: dict[str, Unit] = {}
    instead = {}
    for unit in units_of(query, THESAURUS):
        is_lone_run = len(unit.ways) == 1 and is_han(unit.typed) and len(unit.typed) > 2
        if is_lone_run and not any(plain_score(item, [unit], holders, 1)[1] for item in documents):
            parts = pairs_in(unit.typed, holders)
            if parts:
                instead[unit.typed] = tuple(parts)
            for part in parts:
                units[part] = Unit(part, THESAURUS.ways((part,)))
            if parts:
                continue
        units[unit.typed] = unit
    return list(units.values()), instead


def has(item: Document, facet: str, values: set[str]) -> bool:
    own = set(item.facets.get(facet, ()))
    return ANYTHING in own or bool(own & values)


def plain_search(
    documents: list[Document],
    query: str,
    filters: Mapping[str, set[str]],
    facets: Iterable[str] = tuple(FACETS),
) -> Hits:
    filters = {facet: values for facet, values in filters.items() if values}
    holders = Counter(
        token for item in documents for token in {token for _, text in item.texts for token in tokens(text)}
    )
    units, instead = plain_units(query, documents, holders)
    scored = {item.id: plain_score(item, units, holders, len(documents)) for item in documents}
    found = [item for item in documents if scored[item.id][1] == len(units)]
    relaxed = False
    if units and not found:
        most = max((had for _, had in scored.values()), default=0)
        relaxed = most > 0
        found = [item for item in documents if scored[item.id][1] == most and most]
    counts = {}
    for facet in facets:
        values = {
            value
            for item in documents
            if ANYTHING not in item.facets.get(facet, ())
            for value in item.facets.get(facet, ())
        }
        others = {name: wanted for name, wanted in filters.items() if name != facet}
        rest = [item for item in found if all(has(item, name, wanted) for name, wanted in others.items())]
        if values:
            counts[facet] = {
                value: sum(has(item, facet, {value}) for item in rest) for value in sorted(values)
            }
    kept = [item for item in found if all(has(item, name, wanted) for name, wanted in filters.items())]
    kept.sort(key=lambda item: (-scored[item.id][0], item.order, item.id))
    return Hits(len(kept), tuple(item.id for item in kept), counts, relaxed, instead)


@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_search_equals_a_plain_walk(seed: int) -> None:
    dice = lot(seed)
    documents = [document_by_lot(dice, f"d{number}") for number in range(dice.randint(0, 25))]
    query, filters = query_by_lot(dice), filters_by_lot(dice)
    known = {token for item in documents for _, text in item.texts for token in tokens(text)}
    if any(word not in known for word in runs(query) if not is_han(word)):
        # what stands in for a word that nothing has is tried elsewhere
        query = "".join(word for word in runs(query) if is_han(word))
    found = Index.of(documents, THESAURUS).search(query, filters, count=100)
    assert found == plain_search(documents, query, filters)


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_an_index_that_was_changed_answers_like_a_new_one(seed: int) -> None:
    dice = lot(seed)
    index, documents = Index(THESAURUS), dict[str, Document]()
    for _ in range(dice.randint(0, 14)):
        fresh = [document_by_lot(dice, f"d{dice.randint(0, 20)}") for _ in range(dice.randint(0, 3))]
        removed = {f"d{dice.randint(0, 20)}" for _ in range(dice.randint(0, 2))}
        index = index.changed(fresh, removed)
        documents |= {item.id: item for item in fresh}
        documents = {name: item for name, item in documents.items() if name not in removed}
    new = Index.of(documents.values(), THESAURUS)
    assert len(index) == len(new) == len(documents)
    for query in (query_by_lot(dice), "machin", "bakcup qualty", ""):
        filters = filters_by_lot(dice)
        assert index.search(query, filters, count=50) == new.search(query, filters, count=50)


@given(st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_indexes_joined_answer_like_one(seed: int) -> None:
    dice = lot(seed)
    catalogues = [
        [document_by_lot(dice, f"{kind}:{number}") for number in range(dice.randint(0, 9))] for kind in "abc"
    ]
    parts = [Index.of(documents, THESAURUS) for documents in catalogues]
    # one of them has changed before
    parts[0] = parts[0].changed([document_by_lot(dice, "a:x")]).changed(catalogues[0], ["a:x"])
    joined = Index(THESAURUS).joined(*parts)
    new = Index.of(chain(*catalogues), THESAURUS)
    assert len(joined) == len(new)
    for query in (query_by_lot(dice), "machin", "bakcup", "设备备份联网", ""):
        filters = filters_by_lot(dice)
        assert joined.search(query, filters, count=50) == new.search(query, filters, count=50)


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_pages_are_parts_of_the_whole(seed: int) -> None:
    dice = lot(seed)
    index = Index.of([document_by_lot(dice, f"d{number}") for number in range(23)], THESAURUS)
    query = query_by_lot(dice)
    whole = index.search(query, count=100).ids
    pages = [index.search(query, first=first, count=5).ids for first in range(0, 30, 5)]
    assert sum(pages, ()) == whole


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_asked_for_and_found(text: str) -> None:
    index = Index.of([Document("a", ((1, text),))], THESAURUS)
    found = index.search(text)
    if any(runs(text)) and len(text) <= 60:
        assert found.ids == ("a",)


@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_the_distance_is_that_of_its_definition(one: str, other: str, most: int) -> None:
    assert distance(one, other, most) == min(plain_distance(one, other), most + 1)


def plain_distance(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    found = min(
        plain_distance(one[:-1], other) + 1,
        plain_distance(one, other[:-1]) + 1,
        plain_distance(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    )
    if len(one) > 1 and len(other) > 1 and one[-1] == other[-2] and one[-2] == other[-1]:
        found = min(found, plain_distance(one[:-2], other[:-2]) + 1)
    return found


# --- both languages --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> list[Document]:
    """Return the documents of all kinds that ship, and those of the demonstration."""
    library = Library()
    words = words_of(library)
    content = [listed_document(item, words) for item in listed_content(library)]
    return [*content, *market_documents(demonstration_market(library), words)]


@pytest.fixture(scope="module")
def index(everything: list[Document]) -> Index:
    library = Library()
    return Index.of(everything, thesaurus_of(library))


def test_everything_is_in_the_index(index: Index) -> None:
    library = Library()
    found = index.search("")
    assert found.counts["what"] == {
        "capability": len(library.capabilities()),
        "course": len(library.courses().courses),
        "measure": 173,
        "offer": 400,
        "programme": len(library.programmes().programmes),
        "provider": 120,
        "scenario": len(library.scenarios().scenarios),
        "standard": len(library.names()),
    }
    assert found.total == len(index) == sum(found.counts["what"].values())


def test_the_content_alone_is_found_with_its_entries() -> None:
    index, entries = content_index(Library())
    assert len(index) == len(entries)
    for key in index.search("备份").ids:
        assert entries[key].key == key


MIXED = ("备份", "库存", "排产", "电费高", "late delivery", "subsidy", "设备老是坏", "bakcup", "erp 上云", "")


@given(st.integers(0, 10**9), st.sampled_from(MIXED))
@settings(max_examples=12, deadline=None)
def test_mixed_kinds_equal_a_plain_walk(everything: list[Document], seed: int, query: str) -> None:
    dice = lot(seed)
    some = dice.sample(everything, 60)
    kinds = sorted({item.facets["what"][0] for item in some})
    filters: dict[str, set[str]] = {}
    if dice.random() < 0.5:
        filters["what"] = set(dice.sample(kinds, min(2, len(kinds))))
    if dice.random() < 0.5:
        filters["sector"] = {"machinery"}
    if dice.random() < 0.3:
        filters["size"] = {"small"}
    known = {token for item in some for _, text in item.texts for token in tokens(text)}
    if any(word not in known for word in runs(query) if not is_han(word)):
        query = "".join(word for word in runs(query) if is_han(word))
    facets = ("what", "sector", "size", "region", "language", "price", "capability", "measure")
    found = Index.of(some, THESAURUS).search(query, filters, count=100)
    wanted = plain_search(some, query, filters, facets)
    assert (found.total, found.ids, found.relaxed, found.instead) == (
        wanted.total,
        wanted.ids,
        wanted.relaxed,
        wanted.instead,
    )
    assert {name: found.counts[name] for name in facets if name in found.counts} == wanted.counts


@pytest.mark.parametrize("word", ["备份", "仓储", "排产", "条码", "考勤", "漏洞"])
def test_words_of_two_characters_are_found(index: Index, word: str) -> None:
    found = index.search(word, {"what": {"measure"}})
    assert found.total
    assert not found.relaxed


def test_a_word_in_one_language_finds_what_is_named_in_the_other() -> None:
    documents = [
        Document("zh", ((1, "每天自动备份一次"),)),
        Document("en", ((1, "Daily backups"),)),
        Document("no", ((1, "备用"),)),
    ]
    index = Index.of(documents, THESAURUS)
    assert index.search("备份").ids == ("zh", "en")
    assert index.search("Backup").ids == ("en", "zh")
    assert set(index.search("back up").ids) == {"en", "zh"}


def test_synonyms_of_the_vocabulary_hold_across_languages(index: Index) -> None:
    for one, other in (
        ("mes", "制造执行系统"),
        ("crm", "客户关系管理"),
        ("wms", "仓库管理"),
        ("phishing", "钓鱼邮件"),
    ):
        both = [set(index.search(word, count=900).ids) for word in (one, other)]
        assert both[0] == both[1] != set()


def test_a_long_run_is_found_by_its_parts() -> None:
    documents = [
        Document("joined", ((1, "质量数据管理"),)),
        Document("apart", ((1, "质量好，管理严"),)),
        Document("half", ((1, "质量"),)),
    ]
    index = Index.of(documents)
    assert index.search("质量管理").ids == ("apart", "joined")
    assert index.search("质量数据管理").ids == ("joined",)


def test_a_run_that_nothing_has_is_found_by_its_words_and_that_is_said() -> None:
    documents = [
        Document("stock", ((1, "库存对不上账"),)),
        Document("bill", ((1, "电费每月都涨"),)),
    ]
    index = Index.of(documents)
    found = index.search("库存不准")
    assert (found.ids, found.relaxed, found.instead) == (("stock",), False, {"库存不准": ("库存",)})
    assert index.search("电费高").ids == ("bill",)
    assert index.search("没有的词").total == 0
    found = index.search("库存不准 电费高")
    assert (found.ids, found.relaxed) == (("bill", "stock"), True)


def test_mistakes_in_typing_are_forgiven_and_said() -> None:
    documents = [Document("a", ((1, "Accounting software"),)), Document("b", ((1, "Warehouse scanners"),))]
    index = Index.of(documents)
    for typed, ids, instead in (
        ("acounting", ("a",), ("accounting",)),
        ("wraehouse", ("b",), ("warehouse",)),
        ("warehuose scaner", ("b",), ("warehouse",)),
        ("softwaer", ("a",), ("software",)),
        ("scan", ("b",), ("scanner",)),
        ("xyzzy", (), ()),
        ("ab", (), ()),
    ):
        found = index.search(typed)
        assert found.ids == ids, typed
        assert found.instead.get(typed.split()[0], ()) == instead


def test_where_nothing_has_everything_the_most_is_shown() -> None:
    documents = [
        Document("a", ((1, "cloud backup"),)),
        Document("b", ((1, "cloud"),)),
        Document("c", ((1, "erp"),)),
    ]
    found = Index.of(documents).search("cloud backup mes")
    assert (found.ids, found.relaxed) == (("a",), True)
    assert Index.of(documents).search("nothing").relaxed is False


def test_forms_of_writing_do_not_matter() -> None:
    documents = [Document("a", ((1, "Ｅ-commerce：Qualité des policies"),))]
    index = Index.of(documents)
    for typed in ("e-commerce", "QUALITE", "policy", "ｐｏｌｉｃｉｅｓ", "the qualité"):
        assert index.search(typed).ids == ("a",), typed
    assert [stem(word) for word in ("days", "gas", "process", "trees", "axes")] == [
        "day",
        "gas",
        "process",
        "tree",
        "axe",
    ]


def test_a_filter_joins_by_and_its_values_by_or(index: Index) -> None:
    def total(**filters: set[str]) -> int:
        return index.search("", filters).total

    both = total(kind={"course"}) + total(kind={"product"})
    assert total(kind={"course", "product"}) == both
    assert (
        total(kind={"course"}, region={"CN-ZJ"})
        == index.search("", {"kind": {"course"}}).counts["region"]["CN-ZJ"]
    )
    assert total(region={"CN-ZJ"}) > total(region={"CN-ZJ"}, kind={"product"}) > 0
    here = {"what": {"offer", "provider"}}
    assert (
        index.search("", {**here, "region": {"none"}}).total
        == index.search("", {**here, "region": {"CN"}}).total
    )
    # a programme of one country is not found in another
    assert total(what={"programme"}, region={"DE"}) < total(what={"programme"})


def test_an_empty_index_finds_nothing() -> None:
    assert Index().search("erp", {"kind": {"a"}}) == Hits(0, (), {})
    assert Index.of([Document("a", ((1, "erp"),))]).changed(removed=["a"]).search("erp") == Hits(0, (), {})


# --- other names of capabilities -------------------------------------------------------------------------------------


def test_names_that_ship_are_right_and_wrong_ones_are_found(tmp_path: Path) -> None:
    assert run("content", "check").exit_code == 0
    file = tmp_path / "synonyms.yaml"
    file.write_text("synonyms:\n  - {capability: erp, names: {en: [planning suite]}}\n", encoding="utf-8")
    assert run("content", "check", tmp_path).exit_code == 0
    library = Library.with_folders([tmp_path])
    thesaurus = Thesaurus.of_capabilities(library.capabilities(), library.synonyms())
    index = Index.of([Document("a", ((1, "ERP"),))], thesaurus)
    assert index.search("planning suites").ids == ("a",)
    other = tmp_path / "other"
    other.mkdir()
    wrong = "synonyms:\n  - {capability: epr, names: {en: [planning suite]}}\n"
    (other / "synonyms.yaml").write_text(wrong, encoding="utf-8")
    assert "Did you mean erp?" in run("content", "check", other).only("unknown-name").text
