"""Addresses of calls and applications."""

from __future__ import annotations

from django.urls import path

from capillary.web.applications import views, views_office

ONE = "applications/<uuid:pk>/"

urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/<uuid:pk>/", views.call, name="call"),
    path("calls/<uuid:pk>/apply/<uuid:enterprise>/", views.start, name="application-start"),
    path("enterprises/<uuid:pk>/applications/", views.applications, name="enterprise-applications"),
    path(ONE, views.application, name="application"),
    path(f"{ONE}facts/", views.facts, name="application-facts"),
    path(f"{ONE}spend/", views.spend, name="application-spend"),
    path(f"{ONE}spend/<int:line>/", views.spend_remove, name="application-spend-remove"),
    path(f"{ONE}papers/", views.paper, name="application-papers"),
    path(f"{ONE}papers/<uuid:paper>/", views.paper_file, name="application-paper"),
    path(f"{ONE}papers/<uuid:paper>/remove/", views.paper_remove, name="application-paper-remove"),
    path(f"{ONE}submit/", views.submit, name="application-submit"),
    path(f"{ONE}withdraw/", views.withdraw, name="application-withdraw"),
    path(f"{ONE}answer/", views.answer, name="application-answer"),
    path(f"{ONE}appeal/", views.appeal, name="application-appeal"),
    path(f"{ONE}ask/", views_office.ask, name="application-ask"),
    path(f"{ONE}check/<slug:fact>/", views_office.check, name="application-check"),
    path(f"{ONE}clear/", views_office.clear, name="application-clear"),
    path(f"{ONE}propose/", views_office.propose, name="application-propose"),
    path(f"{ONE}confirm/", views_office.confirm, name="application-confirm"),
    path(f"{ONE}return/", views_office.send_back, name="application-return"),
    path(f"{ONE}payments/<int:number>/release/", views_office.payment_release, name="payment-release"),
    path(f"{ONE}payments/<int:number>/confirm/", views_office.payment_confirm, name="payment-confirm"),
    path("office/calls/", views_office.calls, name="office-calls"),
    path("office/calls/new/", views_office.call_new, name="office-call-new"),
    path("office/calls/<uuid:pk>/", views_office.queue, name="office-call"),
    path("office/calls/<uuid:pk>/edit/", views_office.call_edit, name="office-call-edit"),
    path("office/calls/<uuid:pk>/applications.csv", views_office.export, name="office-call-csv"),
    path("office/calls/<uuid:pk>/ledger/", views_office.ledger_table, name="office-call-ledger"),
]
