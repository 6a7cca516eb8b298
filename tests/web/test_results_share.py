"""What a link to a result shows; what all links have in common is in test_share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.web.results.models import ShareLink

from .kit import World
from .share_kit import RESULT


def test_a_link_shows_the_result_without_an_account(world: World) -> None:
    response = Client().get(RESULT.make(world))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Example Metal Parts" in page
    assert 'class="account"' not in page
    assert 'class="next-steps"' not in page


def test_answers_are_shown_only_where_the_owner_wants_that(world: World) -> None:
    page = Client().get(RESULT.make(world, show_answers="on")).content.decode()
    assert 'class="account"' in page
    assert 'class="next-steps"' in page
    assert "/interview/" not in page


@pytest.mark.parametrize("count", [2, 40])
def test_the_list_costs_few_queries(
    world: World, count: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        ShareLink.objects.create(
            assessment=world.assessment,
            token_hash=str(number),
            made_by=world.users["owner"],
            expires_at=timezone.now() + timedelta(days=number - 1),
        )
    client = world.client("owner")
    with django_assert_max_num_queries(10):
        page = client.get(reverse("assessment-share", args=[world.assessment.pk])).content.decode()
    assert page.count("share/") > count / 2
