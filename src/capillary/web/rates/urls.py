"""Addresses of exchange rates; the administrator's pages are the administration's."""

from __future__ import annotations

from django.urls import path

from capillary.web.rates import views

urlpatterns = [
    path("rates/", views.rates, name="rates"),
    path("rates/currency/", views.choose, name="set-currency"),
]
