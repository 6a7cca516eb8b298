"""Addresses of the projects."""

from __future__ import annotations

from django.urls import path

from capillary.web.projects import views

ONE = "projects/<uuid:pk>/"
STEP = f"{ONE}milestones/<uuid:milestone>/"

urlpatterns = [
    path("enterprises/<uuid:pk>/projects/", views.projects, name="enterprise-projects"),
    path("roadmaps/<uuid:pk>/plans/<int:plan>/project/", views.start, name="project-start"),
    path(ONE, views.project, name="project"),
    path(f"{ONE}milestones.csv", views.table, name="project-csv"),
    path(f"{ONE}end/", views.end, name="project-end"),
    path(f"{ONE}delete/", views.delete, name="project-delete"),
    path(f"{ONE}outcome/", views.outcome, name="project-outcome"),
    path(STEP, views.milestone, name="milestone"),
    path(f"{STEP}complete/", views.complete, name="milestone-complete"),
    path(f"{STEP}reopen/", views.reopen, name="milestone-reopen"),
]
