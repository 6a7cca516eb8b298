"""The admin site: staff only, signed in as everybody else, and not there for anybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext_lazy as _

from capillary.web.access import SignInNeeded

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern, URLResolver

# Secrets of other services, tables of libraries, rights that this product gives in another way (see `capillary.web.access`).
HIDDEN = frozenset(
    {
        "auth.Group",
        "django_tasks_database.DBTaskResult",  # the background worker's own table
        "mfa.Authenticator",
        "socialaccount.SocialAccount",
        "socialaccount.SocialApp",
        "socialaccount.SocialToken",
    }
)


class AdministrationSite(AdminSite):
    """Django's admin with pages about the content, for staff only."""

    site_header = _("Capillary · Administration")
    site_title = _("Capillary")
    index_title = _("Overview")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models, but for those that stay hidden."""
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        shown = [model for model in models if model._meta.label not in HIDDEN]  # noqa: SLF001 - Django's own name
        super().register(shown, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send the visitor to the sign-in page of the product, which knows second factors."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        return secure_admin_login(super().login)(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return a view that exists for staff only."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                raise SignInNeeded
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        guarded.csrf_exempt = getattr(inner, "csrf_exempt", False)
        return guarded

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the addresses of the admin, with those of the pages about the content."""
        from capillary.web.administration import views
        from capillary.web.rates import views_admin as rates

        pages = [
            path("content/", views.content, name="content"),
            path("editions/", views.editions, name="editions"),
            path("editions/<int:pk>/", views.edition_report, name="edition-report"),
            path("editions/<int:pk>/csv/", views.edition_report_csv, name="edition-report-csv"),
            path("rates/", rates.rates, name="rates"),
            path("rates/enter/", rates.enter, name="rates-enter"),
            path("rates/files/<uuid:pk>/", rates.upload, name="rates-upload"),
            path("rates/<int:pk>/remove/", rates.remove, name="rates-remove"),
        ]
        for page in pages:
            page.callback = self.admin_view(page.callback)
        return [*pages, *super().get_urls()]
