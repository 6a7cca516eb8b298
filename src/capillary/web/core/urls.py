"""Addresses of the start page and what belongs to it."""

from __future__ import annotations

from django.urls import path

from capillary.web.core import views

urlpatterns = [
    path("", views.start, name="start"),
    path("mail/", views.mail, name="mail"),
]
