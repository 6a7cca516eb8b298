"""Addresses of accreditations."""

from __future__ import annotations

from django.urls import path

from capillary.web.accreditations import views

urlpatterns = [
    path("market/mine/accreditations/", views.accreditations, name="accreditations"),
    path("market/mine/accreditations/facts/", views.facts, name="accreditation-facts"),
    path("accreditation-desks/<uuid:pk>/apply/", views.start, name="accreditation-start"),
    path("accreditations/<uuid:pk>/", views.accreditation, name="accreditation"),
    path("accreditations/<uuid:pk>/papers/", views.paper, name="accreditation-papers"),
    path("accreditations/<uuid:pk>/papers/<uuid:paper>/", views.paper_file, name="accreditation-paper"),
    path(
        "accreditations/<uuid:pk>/papers/<uuid:paper>/remove/",
        views.paper_remove,
        name="accreditation-paper-remove",
    ),
    path("accreditations/<uuid:pk>/submit/", views.submit, name="accreditation-submit"),
    path("accreditations/<uuid:pk>/withdraw/", views.withdraw, name="accreditation-withdraw"),
    path("accreditations/<uuid:pk>/appeal/", views.appeal, name="accreditation-appeal"),
    path("accreditations/<uuid:pk>/check/<slug:fact>/", views.check, name="accreditation-check"),
    path("accreditations/<uuid:pk>/propose/", views.propose, name="accreditation-propose"),
    path("accreditations/<uuid:pk>/confirm/", views.confirm, name="accreditation-confirm"),
    path("accreditations/<uuid:pk>/return/", views.give_back, name="accreditation-return"),
    path("office/accreditations/", views.queue, name="office-accreditations"),
    path("office/accreditations/new/", views.desk_new, name="accreditation-desk-new"),
    path("office/accreditations/desks/<uuid:pk>/", views.desk_edit, name="accreditation-desk"),
]
