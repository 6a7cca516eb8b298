"""The search over everything: what is found, what a change of a row does to it, the hub, the pages of measures."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from capillary.matching.search import Index
from capillary.matching.search_content import thesaurus_of, words_of
from capillary.matching.search_documents import listed_document, market_documents
from capillary.model.listed import KIND_WORDS, Listed
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.find.live import everything
from capillary.web.find.models import CatalogueRevision
from capillary.web.find.registry import Catalogue, catalogues, fixed, part_of, register, touch
from capillary.web.market.live import live
from capillary.web.places.models import Offering
from capillary.web.planning import services
from capillary.web.planning.catalogue import alternatives, courses_for
from capillary.web.planning.models import Roadmap
from capillary.web.talent.models import OfferedCourse

from ..market_kit import offer
from .access_tables.places import offering_of
from .access_tables.talent import offered_course
from .kit import World, answer, some_answers
from .market_kit import demonstrate, publish
from .partner_kit import partner_world, public
from .test_api import caller

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")
KIB = 1024


def shown(query: str = "", language: str = "en") -> str:
    response = Client().get(f"/{language}/find/{query}")
    assert response.status_code == 200
    return response.content.decode()


def kinds_in(page: str) -> list[str]:
    return re.findall(r'class="kind kind-([a-z]+)"', page)


# --- the page --------------------------------------------------------------------------------------------------------


def test_without_words_it_leads_to_every_catalogue_with_its_count() -> None:
    demonstrate()
    for language in LANGUAGES:
        page = shown(language=language)
        for item in catalogues():
            title = item.title.in_("en" if language == "en" else "zh")
            assert f'">{title}</a>' in page
        counts = re.findall(r'class="count">([\d\s,.]+)<', page)
        assert [int(re.sub(r"\D", "", count)) for count in counts] == [
            everything().counts.get(item.kind, 0) for item in catalogues()
        ]
    assert {item.kind for item in catalogues()} == set(KIND_WORDS)
    assert "wsgi" not in shown()


def test_every_catalogue_that_the_hub_names_can_be_opened() -> None:
    for language in LANGUAGES:
        for url in re.findall(r'<h2><a href="([^"]+)"', shown(language=language)):
            assert Client().get(url.replace("&amp;", "&").partition("#")[0]).status_code == 200, url


def test_everything_that_is_found_can_be_opened() -> None:
    world = partner_world()
    public(world)
    demonstrate(40)
    offered_course(world.organisation)
    offering_of(world)
    for kind in KIND_WORDS:
        page = shown(f"?what={kind}")
        urls = re.findall(r'<h2><a href="([^"]+)"', page)
        assert urls, kind
        assert set(kinds_in(page)) == {kind}
        for url in (urls[0], urls[-1]):
            assert Client().get(url.replace("&amp;", "&")).status_code == 200, url


def test_a_profile_is_found_by_what_it_says_never_by_whose_it_is() -> None:
    world = partner_world()
    row = public(world)
    title = row.shown.title
    page = shown(f"?q={title.en}&what=partner")
    assert row.reference in page
    assert title.en in page
    for name in (world.enterprise.name, str(world.enterprise.pk)):
        assert name not in page
        assert row.reference not in shown(f"?q={name}&what=partner")
    row.delete()
    assert row.reference not in shown(f"?q={title.en}&what=partner")


def test_kinds_are_mixed_and_can_be_told_apart() -> None:
    demonstrate()
    page = shown("?q=备份", "zh-hans")
    assert {"scenario", "measure", "course", "offer"} <= set(kinds_in(page))
    only = shown("?q=备份&what=course", "zh-hans")
    assert set(kinds_in(only)) == {"course"}
    # a filter of one facet leaves the counts of the others as they would be
    assert re.findall(r'what=measure"[^>]*>措施 <span>(\d+)<', page) == re.findall(
        r'what=measure"[^>]*>措施 <span>(\d+)<', only
    )


def test_filters_narrow_down_with_counts_and_pages() -> None:
    demonstrate()
    whole = shown("?q=备份", "zh-hans")
    choices = dict(re.findall(r'<option value="(CN-[A-Z]+)">[^<]*\((\d+)\)</option>', whole))
    region, count = next(iter(choices.items()))
    part = shown(f"?q=备份&region={region}", "zh-hans")
    assert f"找到 {count} 条" in part
    assert "selected" in part
    assert 'rel="next" href="?what=offer&amp;page=2"' in shown("?what=offer")
    assert shown("?what=offer&page=9999&sector=nothing")
    free = shown("?what=measure&price=free")
    assert (
        f"{sum(item.is_free for item in engine.library().measures().measures.values())} entries found" in free
    )


def test_a_figure_that_nobody_verified_is_marked() -> None:
    page = shown("?what=measure&q=crm")
    assert re.search(r"one-off CNY [\d,]+ ‡", page)
    assert "‡ unverified:" in page
    assert "‡" not in shown("?what=standard&q=CMMM")
    assert "‡ unverified:" in Client().get("/en/measures/").content.decode()


def test_what_was_looked_for_instead_is_said() -> None:
    assert "shown is what has: backup" in shown("?q=bakcup")
    assert "显示的是包含这些词的内容：喷漆" in shown("?q=喷漆贵", "zh-hans")
    assert "these have the most of them" in shown("?q=backup+tractors+zzz")
    page = shown("?q=zzzzz")
    assert "Nothing fits." in page
    assert 'href="/en/find/"' in page


def test_what_is_typed_is_text() -> None:
    page = shown("?q=<script>alert(1)</script>&sector=<b>")
    assert "<script>alert" not in page
    assert "<b>" not in page
    for query in ("?page=-1", "?page=x&q=erp", "?q=" + "备" * 500, "?q=%00", "?measure=none", "?what=none"):
        assert Client().get(f"/en/find/{query}").status_code == 200


def test_pages_are_light_and_ask_little(django_assert_max_num_queries: Any) -> None:
    demonstrate()
    everything()
    for language in LANGUAGES:
        for path, most in (
            ("find/", 12),
            ("find/?q=备份", 14),
            ("find/?what=offer", 16),
            ("measures/", 14),
            ("measures/crm-cloud/", 14),
            ("", 14),
        ):
            with django_assert_max_num_queries(5):
                response = Client().get(f"/{language}/{path}", headers={"Accept-Encoding": "gzip"})
            assert response["Content-Encoding"] == "gzip"
            assert len(response.content) < most * KIB, path


def test_the_menu_is_short_and_every_catalogue_is_one_click_from_the_start_page(world: World) -> None:
    page = Client().get("/en/").content.decode()
    menu = page[page.index('class="top-links"') : page.index('class="languages"')]
    assert re.findall(r">([^<>]+)</a>", menu) == ["Five-minute check", "Find", "Sign in"]
    for item in catalogues():
        assert f'href="{item.url()}"' in page.replace("&amp;", "&") or item.kind == "standard"
    page = world.client("owner").get("/en/find/").content.decode()
    menu = page[page.index('class="top-links"') : page.index('class="languages"')]
    assert re.findall(r">([^<>]+)</a>", menu) == ["My place", "Find", "Account"]


# --- live ------------------------------------------------------------------------------------------------------------


def test_a_row_that_changes_is_found_with_the_next_request(world: World) -> None:
    before = everything()
    assert everything() is before
    course = offered_course(world.organisation)
    assert everything() is not before
    assert f"course:{course.pk}" in everything().index.search("Networks", {"what": {"course"}}).ids
    assert before.index.search("Networks", {"what": {"course"}}).total == 0 or str(course.pk) not in "".join(
        before.index.search("Networks").ids
    )
    course.title_en = "Wireless"
    course.save()
    assert f"course:{course.pk}" in everything().index.search("wireless").ids
    course.delete()
    assert f"course:{course.pk}" not in everything().index.search("", count=5000).ids


def test_an_offering_is_found_once_it_is_announced(world: World) -> None:
    row = offering_of(world)
    Offering.objects.filter(pk=row.pk).update(state="draft")
    touch("place")
    assert everything().counts.get("place", 0) == 0
    row.state = "open"
    row.save()
    assert everything().index.search("安全", {"what": {"place"}}).ids == (f"place:{row.pk}",)
    assert "requests through" in shown("?what=place")
    row.closes_on = timezone.localdate() - dt.timedelta(days=1)
    row.save()
    assert "takes no requests now" in shown("?what=place")


def test_what_stands_is_read_again_with_every_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()
    assert everything() is before
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    assert everything().parts["place"] is not before.parts["place"]
    assert everything().parts["scenario"] is before.parts["scenario"]


def test_a_market_that_changes_is_found(world: World) -> None:
    publish(offer("a"))
    assert everything().counts["offer"] == 1
    first = everything()
    publish(offer("b"))
    assert everything().counts["offer"] == 2
    assert first.counts["offer"] == 1
    assert everything().parts["scenario"] is first.parts["scenario"]


def test_every_change_has_a_number_of_its_own() -> None:
    touch("course")
    touch("course")
    touch("place")
    assert dict(CatalogueRevision.objects.values_list("kind", "number")) == {"course": 2, "place": 1}


def test_the_joined_index_answers_like_one_over_all_documents(world: World) -> None:
    """Whatever database holds the rows, and in whatever order they came: documents of all kinds, indexed anew, say the same."""
    demonstrate(60)
    everything()
    OfferedCourse.objects.all().delete()
    offered_course(world.organisation)
    offering_of(world)
    state = everything()
    words = words_of(engine.library())
    documents = list(market_documents(live().market, words, timezone.localdate().isoformat()))
    shown_providers = {item.provider for item in live().market.offers.values()}
    documents = [
        item
        for item in documents
        if item.facets["what"] != ("provider",) or item.id.partition(":")[2] in shown_providers
    ]
    for kind in sorted(state.parts, reverse=True):
        if kind not in {"offer", "provider"}:
            keys = state.index.search("", {"what": {kind}}, count=5000).ids
            documents += [listed_document(state.listed(key), words) for key in reversed(keys)]
    new = Index.of(documents, thesaurus_of(engine.library()))
    assert len(new) == len(state.index)
    for query in ("", "备份", "库存不准", "late deliveries", "bakcup", "网络 course", "security"):
        for filters in ({}, {"what": {"course", "offer"}}, {"region": {"CN-ZJ"}, "size": {"small"}}):
            assert state.index.search(query, filters, count=60) == new.search(query, filters, count=60)


# --- the registry ----------------------------------------------------------------------------------------------------


def test_a_part_of_the_product_brings_its_catalogue_along(monkeypatch: pytest.MonkeyPatch) -> None:
    from capillary.web.find import registry

    monkeypatch.setattr(registry, "_CATALOGUES", dict(registry._CATALOGUES))
    title = Text(zh="出访", en="Visits abroad")
    entry = Listed("visit", "p-1", Text(zh="海外找代理", en="Agent wanted"), title)
    own = Catalogue(
        kind="visit",
        one=title,
        title=title,
        text=title,
        url=lambda: "/en/visits/",
        link=lambda code: f"/en/visits/{code}/",
        part=fixed(lambda: part_of([entry])),
    )
    register(own)
    with pytest.raises(ValueError, match="visit"):
        register(own)
    page = shown("?q=agent+wanted")
    assert '<a href="/en/visits/p-1/">Agent wanted</a>' in page
    assert "Visits abroad" in shown()
    assert 'href="/en/visits/"' in Client().get("/en/").content.decode()


# --- the API ---------------------------------------------------------------------------------------------------------


def test_the_api_finds_what_the_page_finds(world: World) -> None:
    demonstrate()
    ask = caller(world, "owner")
    found = ask("GET", "/find?q=备份&limit=5").json()
    assert [item["kind"] + ":" + item["id"] for item in found["items"]] == list(
        everything().index.search("备份", count=5).ids
    )
    assert (
        found["counts"]["what"]["measure"] == everything().index.search("备份", {"what": {"measure"}}).total
    )
    assert ask("GET", "/find?q=bakcup").json()["instead"] == {"bakcup": ["backup"]}
    only = ask("GET", "/find?what=course&offset=2&limit=3").json()
    assert {item["kind"] for item in only["items"]} == {"course"}
    assert len(only["items"]) == 3
    assert ask("GET", "/find?size=huge").status_code == 422


# --- measures --------------------------------------------------------------------------------------------------------


def test_the_catalogue_of_measures_is_searched_like_everything() -> None:
    page = Client().get("/en/measures/?q=bakcups").content.decode()
    assert "/en/measures/backup-automatic/" in page
    assert "shown is what has: backup" in page
    # the best first
    first = Client().get("/zh-hans/measures/?q=考勤").context["items"][0][0]
    assert first.id == "attendance-machine"


def test_a_measure_shows_what_helps_with_it(world: World) -> None:
    publish(offer("an-offer", measures=("crm-cloud",)))
    for language in LANGUAGES:
        page = Client().get(f"/{language}/measures/crm-cloud/").content.decode()
        assert f'/{language}/find/?what=offer&amp;measure=crm-cloud"' in page
        for item in courses_for(engine.library().measures().measures["crm-cloud"]):
            assert f"/{language}/courses/{item.id}/" in page
        assert f"/{language}/find/?capability=customer-relations" in page
        assert "‡" in page
    page = Client().get("/en/measures/stock-spreadsheet/").content.decode()
    assert "/en/measures/stock-barcode-system/" in page
    assert "No offer on the market delivers it yet." in page


def test_alternatives_raise_as_much() -> None:
    found = 0
    for item in engine.library().measures().measures.values():
        for other in alternatives(item):
            found += 1
            assert other.id != item.id
            for one in item.raises:
                assert any(
                    raised.capability == one.capability and raised.to >= one.to for raised in other.raises
                )
    assert found > 100


def test_a_measure_is_started_in_the_plan_of_a_firm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_enqueue", lambda _pk: None)
    answer(world.assessment, some_answers("miit-2024", 28))
    owner = world.client("owner")
    where = f"/en/assessments/{world.assessment.pk}/plan/measures/crm-cloud/"
    assert f'action="{where}"' in owner.get("/en/measures/crm-cloud/").content.decode()
    assert owner.post(where).status_code == 302
    assert Roadmap.objects.get().wishes["pinned"] == ["crm-cloud"]
    assert owner.post(where.replace("crm-cloud", "none")).status_code == 404
