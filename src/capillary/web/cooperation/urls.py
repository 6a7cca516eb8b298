"""Addresses of cooperation profiles and interests in them."""

from __future__ import annotations

from django.urls import path

from capillary.web.cooperation import views, views_firm, views_interest, views_office

ONE = "partner-profiles/<uuid:pk>/"
INTEREST = "interests/<uuid:pk>/"

urlpatterns = [
    path("partners/", views.partners, name="partners"),
    path("partners/<str:reference>/", views.partner, name="partner"),
    path("partners/<str:reference>/interest/", views_interest.express, name="partner-interest"),
    path("enterprises/<uuid:pk>/partners/", views_firm.mine, name="enterprise-partners"),
    path("enterprises/<uuid:pk>/partners/new/", views_firm.new, name="partner-new"),
    path(f"{ONE}edit/", views_firm.edit, name="partner-edit"),
    path(f"{ONE}fits/", views_firm.fits, name="partner-fits"),
    path(f"{ONE}submit/", views_firm.submit, name="partner-submit"),
    path(f"{ONE}renew/", views_firm.renew, name="partner-renew"),
    path(f"{ONE}withdraw/", views_firm.withdraw, name="partner-withdraw"),
    path(f"{ONE}level/", views_firm.level, name="partner-level"),
    path(INTEREST, views_interest.interest, name="interest"),
    path(f"{INTEREST}agree/", views_interest.agree, name="interest-agree"),
    path(f"{INTEREST}decline/", views_interest.decline, name="interest-decline"),
    path(f"{INTEREST}withdraw/", views_interest.withdraw, name="interest-withdraw"),
    path(f"{INTEREST}end/", views_interest.end, name="interest-end"),
    path(f"{INTEREST}messages/", views_interest.message, name="interest-message"),
    path("office/partners/", views_office.queue, name="partner-queue"),
    path("office/partners/table.csv", views_office.table, name="partner-table"),
    path("office/partners/<uuid:pk>/", views_office.review, name="partner-review"),
]
