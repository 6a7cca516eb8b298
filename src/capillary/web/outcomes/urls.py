"""Addresses of the outcomes."""

from __future__ import annotations

from django.urls import path

from capillary.web.outcomes import views

ONE = "outcomes/<uuid:pk>/"

urlpatterns = [
    path("enterprises/<uuid:pk>/outcomes/", views.outcomes, name="outcomes"),
    path("outcomes/review/", views.queue, name="outcome-review"),
    path("outcomes/review/<uuid:pk>/", views.review, name="outcome-reviewed"),
    path(f"{ONE}agree/", views.agree, name="outcome-agree"),
    path(f"{ONE}delete/", views.delete, name="outcome-delete"),
]
