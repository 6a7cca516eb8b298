"""Addresses of a firm's money and of incentive programmes."""

from __future__ import annotations

from django.urls import path

from capillary.web.funding import views

urlpatterns = [
    path("assessments/<uuid:pk>/money/", views.money, name="assessment-money"),
    path("assessments/<uuid:pk>/money/facts/", views.facts, name="assessment-facts"),
    path("incentives/", views.programmes, name="incentives"),
    path("incentives/<slug:name>/", views.programme, name="incentive"),
]
