"""Addresses of this part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from capillary.web.programmes import views, views_dashboard, views_saved

if TYPE_CHECKING:
    from django.urls import URLPattern

urlpatterns: list[URLPattern] = [
    path("programmes/", views.programmes, name="programme-list"),
    path("programmes/new/", views.create, name="programme-new"),
    path("programmes/<uuid:pk>/", views.enterprises, name="programme-enterprises"),
    path("programmes/<uuid:pk>/edit/", views.edit, name="programme-edit"),
    path("programmes/<uuid:pk>/invite/", views.invite, name="programme-invite"),
    path("programmes/<uuid:pk>/cohort/", views.cohort, name="programme-cohort"),
    path("programmes/<uuid:pk>/export/", views.export, name="programme-export"),
    path("programmes/<uuid:pk>/views/", views_saved.save, name="programme-view-save"),
    path("programmes/<uuid:pk>/views/<int:view>/", views_saved.change, name="programme-view-change"),
    path("programmes/<uuid:pk>/dashboard/", views_dashboard.dashboard, name="programme-dashboard"),
    path("programmes/<uuid:pk>/dashboard/<slug:table>.csv", views_dashboard.table, name="programme-figures"),
]
