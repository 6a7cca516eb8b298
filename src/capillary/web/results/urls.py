"""Addresses of the result and of what can be made of it."""

from __future__ import annotations

from django.urls import path

from capillary.web.results import views, views_files, views_share

urlpatterns = [
    path("assessments/<uuid:pk>/", views.result, name="assessment-result"),
    path("assessments/<uuid:pk>/history/", views.history, name="assessment-history"),
    path("assessments/<uuid:pk>/across/<slug:standard>/", views.across_start, name="across-start"),
    path("assessments/<uuid:pk>/result.pdf", views_files.pdf, name="assessment-pdf"),
    path("assessments/<uuid:pk>/result.xlsx", views_files.xlsx, name="assessment-xlsx"),
    path("assessments/<uuid:pk>/share/", views_share.share, name="assessment-share"),
    path("assessments/<uuid:pk>/share/<uuid:link>/withdraw/", views_share.withdraw, name="share-withdraw"),
    path("shared/<str:token>/", views_share.shared, name="shared-result"),
]
