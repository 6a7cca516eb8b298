"""Addresses of the result and of what can be made of it."""

from __future__ import annotations

from django.urls import path

from capillary.web.results import views

urlpatterns = [
    path("assessments/<uuid:pk>/", views.result, name="assessment-result"),
]
