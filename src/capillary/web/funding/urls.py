"""Addresses of a firm's money, of incentive programmes, and of officers who try out their rules."""

from __future__ import annotations

from django.urls import path

from capillary.web.funding import views, views_rules, views_simulation

RULES = "incentives/<slug:name>/rules/"
urlpatterns = [
    path("assessments/<uuid:pk>/money/", views.money, name="assessment-money"),
    path("assessments/<uuid:pk>/money/facts/", views.facts, name="assessment-facts"),
    path("incentives/", views.programmes, name="incentives"),
    path("incentives/<slug:name>/", views.programme, name="incentive"),
    path(RULES, views_rules.rules_page, name="incentive-rules"),
    path(f"{RULES}edit/", views_rules.edit, name="incentive-edit"),
    path(f"{RULES}compare/", views_rules.compare, name="incentive-compare"),
    path(f"{RULES}simulate/", views_rules.simulate, name="incentive-simulate"),
    path(f"{RULES}drafts/<uuid:pk>/", views_rules.draft, name="incentive-draft"),
    path(f"{RULES}drafts/<uuid:pk>/file/", views_rules.draft_file, name="incentive-draft-file"),
    path(f"{RULES}drafts/<uuid:pk>/delete/", views_rules.draft_delete, name="incentive-draft-delete"),
    path(f"{RULES}simulations/<uuid:pk>/", views_simulation.simulation, name="incentive-simulation"),
    path(f"{RULES}simulations/<uuid:pk>/state/", views_simulation.state, name="incentive-simulation-state"),
    path(f"{RULES}simulations/<uuid:pk>/again/", views_simulation.again, name="incentive-simulation-again"),
    path(f"{RULES}simulations/<uuid:pk>/firms/", views_simulation.firms, name="incentive-simulation-firms"),
]
