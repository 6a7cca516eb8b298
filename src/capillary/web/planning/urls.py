"""Addresses of the roadmaps and of the catalogue of measures."""

from __future__ import annotations

from django.urls import path

from capillary.web.planning import views, views_files, views_measures, views_share

ONE = "roadmaps/<uuid:pk>/"

urlpatterns = [
    path("assessments/<uuid:pk>/plan/", views.goal, name="assessment-plan"),
    path(ONE, views.roadmap, name="roadmap"),
    path(f"{ONE}state/", views.state, name="roadmap-state"),
    path(f"{ONE}change/", views.change, name="roadmap-change"),
    path(f"{ONE}again/", views.again, name="roadmap-again"),
    path(f"{ONE}renew/", views.renew, name="roadmap-renew"),
    path(f"{ONE}delete/", views.delete, name="roadmap-delete"),
    path(f"{ONE}offers/", views_files.offers, name="roadmap-offers"),
    path(f"{ONE}share/", views_share.share, name="roadmap-share"),
    path(f"{ONE}share/<uuid:link>/withdraw/", views_share.withdraw, name="roadmap-link-withdraw"),
    path("shared/roadmaps/<str:token>/", views_share.shared, name="shared-roadmap"),
    path(f"{ONE}roadmap.pdf", views_files.pdf, name="roadmap-pdf"),
    path(f"{ONE}roadmap.xlsx", views_files.xlsx, name="roadmap-xlsx"),
    path(f"{ONE}roadmap.json", views_files.as_json, name="roadmap-json"),
    path("measures/", views_measures.measures, name="measures"),
    path("measures/<slug:name>/", views_measures.measure, name="measure"),
    path("assessments/<uuid:pk>/plan/measures/<slug:name>/", views_measures.start, name="measure-start"),
]
