"""Addresses of offerings of places and of requests."""

from __future__ import annotations

from django.urls import path

from capillary.web.places import views, views_office

OFFICE = "office/offerings/"
ONE = f"{OFFICE}<uuid:pk>/"

urlpatterns = [
    path("offerings/", views.offerings, name="offerings"),
    path("offerings/<uuid:pk>/", views.offering, name="offering"),
    path("offerings/<uuid:pk>/ask/<uuid:enterprise>/", views.ask, name="place-ask"),
    path("enterprises/<uuid:pk>/places/", views.places, name="enterprise-places"),
    path("places/<uuid:pk>/", views.place, name="place"),
    path("places/<uuid:pk>/withdraw/", views.withdraw, name="place-withdraw"),
    path("places/<uuid:pk>/accept/", views.accept, name="place-accept"),
    path("places/<uuid:pk>/decline/", views.decline, name="place-decline"),
    path("places/<uuid:pk>/object/", views.object_, name="place-object"),
    path(OFFICE, views_office.offerings, name="office-offerings"),
    path(f"{OFFICE}new/", views_office.offering_new, name="office-offering-new"),
    path(ONE, views_office.offering, name="office-offering"),
    path(f"{ONE}edit/", views_office.offering_edit, name="office-offering-edit"),
    path(f"{ONE}providers/", views_office.provider_add, name="office-provider-add"),
    path(f"{ONE}providers/file/", views_office.providers_load, name="office-providers-load"),
    path(
        f"{ONE}providers/<int:provider>/remove/", views_office.provider_remove, name="office-provider-remove"
    ),
    path(f"{ONE}open/", views_office.offering_open, name="office-offering-open"),
    path(f"{ONE}close/", views_office.offering_close, name="office-offering-close"),
    path(f"{ONE}draw/", views_office.offering_draw, name="office-offering-draw"),
    path(f"{ONE}confirm/", views_office.draw_confirm, name="office-draw-confirm"),
    path(f"{ONE}refuse/", views_office.draw_refuse, name="office-draw-refuse"),
    path(f"{ONE}repeat/", views_office.draw_repeat, name="office-draw-repeat"),
    path(f"{ONE}requests/<uuid:request_id>/exclusion/", views_office.exclusion, name="office-exclusion"),
    path(f"{ONE}expire/", views_office.places_expire, name="office-places-expire"),
    path(f"{ONE}attendance/", views_office.attendance, name="office-attendance"),
    path(f"{ONE}events/", views_office.events, name="office-offering-events"),
    path(f"{ONE}requests.<str:ending>", views_office.export, name="office-requests-export"),
    path(f"{ONE}draw/<str:name>.csv", views_office.draw_file, name="office-draw-file"),
]
