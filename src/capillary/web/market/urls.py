"""Addresses of the market."""

from __future__ import annotations

from django.urls import path

from capillary.web.market import views_public

urlpatterns = [
    path("market/", views_public.market, name="market"),
    path("market/offers/<str:code>/", views_public.offer, name="market-offer"),
    path("market/providers/<str:code>/", views_public.provider, name="market-provider"),
]
