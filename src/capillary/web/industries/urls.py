"""Addresses of the codes of industries."""

from __future__ import annotations

from django.urls import path

from capillary.web.industries import views

urlpatterns = [path("industries/", views.industries, name="industries")]
