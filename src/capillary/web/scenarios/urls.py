"""Addresses of the catalogue of scenarios."""

from __future__ import annotations

from django.urls import path

from capillary.web.scenarios import views

urlpatterns = [
    path("scenarios/", views.scenarios, name="scenarios"),
    path("scenarios/figures.csv", views.figures_csv, name="scenario-figures"),
    path("scenarios/<slug:name>/", views.scenario, name="scenario"),
    path("assessments/<uuid:pk>/plan/scenarios/<slug:name>/", views.start, name="scenario-start"),
]
