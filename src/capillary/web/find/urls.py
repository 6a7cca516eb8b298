"""Addresses of the search."""

from __future__ import annotations

from django.urls import path

from capillary.web.find import views

urlpatterns = [path("find/", views.find, name="find")]
