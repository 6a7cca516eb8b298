"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from capillary.web.evidence import views

HERE = "assessments/<uuid:pk>/evidence/"
ITEM = f"{HERE}items/<uuid:evidence_id>/"

urlpatterns = [
    path(HERE, views.overview, name="evidence-overview"),
    path(f"{HERE}<str:question_id>/", views.question, name="evidence-question"),
    path(f"{ITEM}file/", views.file, name="evidence-file"),
    path(f"{ITEM}withdraw/", views.withdraw, name="evidence-withdraw"),
    path(f"{ITEM}restore/", views.restore, name="evidence-restore"),
]
