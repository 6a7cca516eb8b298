"""Addresses of certificates."""

from __future__ import annotations

from django.urls import path

from capillary.web.certificates import views

ONE = "assessments/<uuid:pk>/certificates/"

urlpatterns = [
    path(ONE, views.certificates, name="assessment-certificate"),
    path(f"{ONE}<uuid:certificate>/revoke/", views.revoke, name="certificate-revoke"),
    path(f"{ONE}<uuid:certificate>/<slug:form>/", views.download, name="certificate-download"),
    path("verify/", views.check, name="verify-certificate"),
]
# what certificates name must not depend on a language
published = [
    path(".well-known/did.json", views.did, name="certificate-did"),
    path("certificates/keys.json", views.keys, name="certificate-keys"),
    path("certificates/status.json", views.status, name="certificate-status"),
]
