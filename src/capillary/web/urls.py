"""All addresses: pages under a language prefix, the API and the server's sign of life without one."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from capillary.web.api import build as api
from capillary.web.certificates import urls as certificates
from capillary.web.core import views as core

urlpatterns = [
    path("healthz", core.alive, name="healthz"),
    path("language/", set_language, name="set-language"),
    path("api/v1/", api.urls()),
    *certificates.published,
    *i18n_patterns(
        path("", include("capillary.web.core.urls")),
        path("", include("capillary.web.find.urls")),
        path("", include("capillary.web.accounts.urls")),
        path("", include("capillary.web.enterprises.urls")),
        path("", include("capillary.web.assessments.urls")),
        path("", include("capillary.web.results.urls")),
        path("", include("capillary.web.evidence.urls")),
        path("", include("capillary.web.planning.urls")),
        path("", include("capillary.web.outcomes.urls")),
        path("", include("capillary.web.scenarios.urls")),
        path("", include("capillary.web.industries.urls")),
        path("", include("capillary.web.rates.urls")),
        path("", include("capillary.web.talent.urls")),
        path("", include("capillary.web.projects.urls")),
        path("", include("capillary.web.funding.urls")),
        path("", include("capillary.web.applications.urls")),
        path("", include("capillary.web.places.urls")),
        path("", include("capillary.web.certificates.urls")),
        path("", include("capillary.web.matches.urls")),
        path("", include("capillary.web.cooperation.urls")),
        path("", include("capillary.web.accreditations.urls")),
        path("", include("capillary.web.market.urls")),
        path("", include("capillary.web.advising.urls")),
        path("", include("capillary.web.programmes.urls")),
        path("", include("capillary.web.api.urls")),
        path("accounts/", include("allauth.urls")),
        path("admin/", admin.site.urls),
    ),
]
