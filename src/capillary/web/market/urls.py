"""Addresses of the market."""

from __future__ import annotations

from django.urls import path

from capillary.web.market import views_bonds, views_plan, views_provider, views_public, views_review

urlpatterns = [
    path("market/", views_public.market, name="market"),
    path("market/offers/<str:code>/", views_public.offer, name="market-offer"),
    path("market/providers/<str:code>/", views_public.provider, name="market-provider"),
    path("assessments/<uuid:pk>/offers/", views_plan.offers, name="assessment-offers"),
    path("market/mine/", views_provider.mine, name="market-mine"),
    path("market/mine/profile/", views_provider.profile, name="market-profile"),
    path("market/mine/new/", views_provider.new, name="market-new"),
    path("market/mine/offers.xlsx", views_provider.table, name="market-table"),
    path("market/mine/upload/", views_provider.upload, name="market-upload"),
    path("market/mine/upload/<uuid:pk>/", views_provider.take, name="market-import"),
    path("market/mine/bonds/", views_bonds.bonds, name="market-bonds"),
    path("market/mine/bonds/<str:party>/end/", views_bonds.end, name="market-bond-end"),
    path("market/mine/<uuid:pk>/", views_provider.edit, name="market-edit"),
    path("market/mine/<uuid:pk>/submit/", views_provider.submit, name="market-submit"),
    path("market/mine/<uuid:pk>/withdraw/", views_provider.withdraw, name="market-withdraw"),
    path("market/review/", views_review.queue, name="market-review"),
    path("market/review/providers/<uuid:pk>/", views_review.review_provider, name="market-review-provider"),
    path("market/review/<uuid:pk>/", views_review.review, name="market-review-offer"),
]
