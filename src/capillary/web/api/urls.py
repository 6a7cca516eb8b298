"""Addresses of the pages about the API; those of the API itself come from `capillary.web.api.build`."""

from __future__ import annotations

from django.urls import path

from capillary.web.api import views

urlpatterns = [
    path("account/tokens/", views.tokens, name="api-tokens"),
    path("account/tokens/<int:pk>/withdraw/", views.withdraw, name="api-token-withdraw"),
]
