"""Addresses of needs and matches."""

from __future__ import annotations

from django.urls import path

from capillary.web.matches import telling, views, views_needs

NEED = "needs/<uuid:pk>/"
ONE = "matches/<uuid:pk>/"

urlpatterns = [
    path("assessments/<uuid:pk>/need/", views_needs.need_new, name="need-new"),
    path("enterprises/<uuid:pk>/needs/", views_needs.needs, name="enterprise-needs"),
    path(NEED, views_needs.need, name="need"),
    path(f"{NEED}send/", views_needs.need_send, name="need-send"),
    path(f"{NEED}close/", views_needs.need_close, name="need-close"),
    path(f"{NEED}interest/", views_needs.express, name="need-interest"),
    path("leads/", views_needs.leads, name="leads"),
    path("office/complaints/", views_needs.complaints, name="complaints"),
    path("market/figures/", views_needs.market_figures, name="market-figures"),
    path("market/figures.csv", views_needs.figures_csv, name="market-figures-csv"),
    path("letters/", views_needs.choices, name="match-letters"),
    path("letters/stop/<str:token>/", views_needs.unsubscribe, name="match-unsubscribe"),
    path(ONE, views.match, name="match"),
    path(f"{ONE}accept/", views.accept, name="match-accept"),
    path(f"{ONE}refuse/", views.refuse, name="match-refuse"),
    path(f"{ONE}withdraw/", views.withdraw, name="match-withdraw"),
    path(f"{ONE}take/", views.take, name="match-take"),
    path(f"{ONE}messages/", views.message, name="match-message"),
    path(f"{ONE}messages/<uuid:message>/", views.message_file, name="match-message-file"),
    path(f"{ONE}quotes/", views.quote, name="match-quote"),
    path(f"{ONE}quotes/<uuid:quote>/", views.quote_file, name="match-quote-file"),
    path(f"{ONE}return/", views.quote_return, name="match-return"),
    path(f"{ONE}contract/", views.contract, name="match-contract"),
    path(f"{ONE}deliver/", views.deliver, name="match-deliver"),
    path(f"{ONE}confirm/", views.confirm, name="match-confirm"),
    path(f"{ONE}reject/", views.reject, name="match-reject"),
    path(f"{ONE}measure/", views.measure, name="match-measure"),
    path(f"{ONE}outcome/", telling.outcome, name="match-outcome"),
    path(f"{ONE}rate/", views.rate, name="match-rate"),
    path(f"{ONE}complain/", views.complain, name="match-complain"),
    path(f"{ONE}drop/", views.drop, name="match-drop"),
    path(f"{ONE}settle/", views.settle, name="match-settle"),
]
