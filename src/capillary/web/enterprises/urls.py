"""Addresses of the visitor's enterprises."""

from __future__ import annotations

from django.urls import path

from capillary.web.enterprises import views, views_claim, views_people, views_privacy

urlpatterns = [
    path("home/", views.home, name="home"),
    path("join/", views_privacy.programme_join, name="programme-join"),
    path("join/<slug:code>/", views_privacy.programme_join, name="programme-join-code"),
    path("enterprises/<uuid:pk>/", views.enterprise, name="enterprise"),
    path("enterprises/<uuid:pk>/edit/", views.enterprise_edit, name="enterprise-edit"),
    path("enterprises/<uuid:pk>/start/", views.enterprise_start, name="enterprise-start"),
    path("enterprises/<uuid:pk>/parts/", views.enterprise_parts, name="enterprise-parts"),
    path("enterprises/<uuid:pk>/keep/", views_claim.enterprise_claim, name="enterprise-claim"),
    path("enterprises/<uuid:pk>/people/", views_people.enterprise_people, name="enterprise-people"),
    path("enterprises/<uuid:pk>/people/<int:member>/end/", views_people.member_end, name="member-end"),
    path(
        "enterprises/<uuid:pk>/people/<int:member>/owner/", views_people.member_promote, name="member-promote"
    ),
    path(
        "enterprises/<uuid:pk>/invitations/<uuid:invitation>/",
        views_people.invitation_change,
        name="invitation-change",
    ),
    path("enterprises/<uuid:pk>/consents/", views_privacy.enterprise_consents, name="enterprise-consents"),
    path(
        "enterprises/<uuid:pk>/programmes/<int:enrolment>/leave/",
        views_privacy.programme_leave,
        name="programme-leave",
    ),
    path("enterprises/<uuid:pk>/export/", views_privacy.enterprise_export, name="enterprise-export"),
    path("enterprises/<uuid:pk>/erase/", views_privacy.enterprise_erase, name="enterprise-erase"),
    path("invitations/mine/<uuid:pk>/", views_people.invitation_mine, name="invitation-mine"),
    path("invitations/<str:secret>/", views_people.invitation, name="invitation"),
]
