"""Addresses of a person's own account; signing up and in is allauth's."""

from __future__ import annotations

from django.urls import path

from capillary.web.accounts import views

urlpatterns = [
    path("account/", views.account_settings, name="account-settings"),
    path("account/export/", views.account_export, name="account-export"),
    path("account/delete/", views.account_delete, name="account-delete"),
]
