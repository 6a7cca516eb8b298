"""Addresses of the visitor's enterprises."""

from __future__ import annotations

from django.urls import path

from capillary.web.enterprises import views

urlpatterns = [
    path("home/", views.home, name="home"),
]
