"""A provider's own pages: what it says of itself, its offers, and tables of them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.model.market import Market, market_of
from capillary.model.problems import InputError
from capillary.sheets.market import write_market_xlsx
from capillary.web.access import Role, organisation_for
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.evidence.uploads import files_too_large
from capillary.web.market import services
from capillary.web.market.forms import OfferForm, ProviderForm, UploadForm
from capillary.web.market.models import MarketOffer, MarketProvider, OfferImport
from capillary.web.market.selectors import (
    next_code,
    offers_of,
    problem_lines,
    provider_row,
    upload_preview,
    upload_read,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

PER_PAGE, MOST_LINES = 50, 100
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _own(request: HttpRequest) -> MarketProvider | None:
    return provider_row(organisation_for(request, Role.PROVIDER))


def _offer(request: HttpRequest, pk: UUID) -> MarketOffer:
    """Return an offer of the visitor's own organisation, or a page that does not exist."""
    organisation = organisation_for(request, Role.PROVIDER)
    rows = MarketOffer.objects.select_related("provider")
    return get_object_or_404(rows, pk=pk, provider__organisation=organisation)


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """List a provider's offers, with what each waits for."""
    provider = _own(request)
    rows = MarketOffer.objects.none() if provider is None else offers_of(provider)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    ending = [row.pk for row in page if row.ends_soon(today)]
    return render(request, "market/mine.html", {"provider": provider, "page": page, "ending": ending})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("market", "120/h")
def profile(request: HttpRequest) -> HttpResponse:
    """Let a provider say what it is."""
    organisation = organisation_for(request, Role.PROVIDER)
    row = provider_row(organisation)
    code = row.code if row is not None else slugify(organisation.name_en)[:40] or "provider"
    if row is None and MarketProvider.objects.filter(code=code).exists():
        code = f"{code}-{organisation.pk.hex[:8]}"
    form = ProviderForm(
        request.POST if request.method == "POST" else None,
        known=None if row is None else services.provider_of(row),
        fixed={"id": code},
    )
    if request.method == "POST" and form.is_valid():
        services.provider_save(organisation=organisation, by=request.user, provider=form.item)
        messages.success(request, _("Kept."))
        return redirect("market-mine")
    if row is None and request.method != "POST":
        form.initial = {"title_zh": organisation.name_zh, "title_en": organisation.name_en}
    context = {"form": form, "title": _("Who we are"), "back": "market-mine"}
    return render(request, "market/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("market", "120/h")
def new(request: HttpRequest) -> HttpResponse:
    """Let a provider write a new offer."""
    provider = _own(request)
    if provider is None:
        messages.info(request, _("First say who you are; then write offers."))
        return redirect("market-profile")
    return _edit(request, provider, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("market", "120/h")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a provider change an offer."""
    row = _offer(request, pk)
    return _edit(request, row.provider, row)


def _edit(request: HttpRequest, provider: MarketProvider, row: MarketOffer | None) -> HttpResponse:
    form = OfferForm(
        request.POST if request.method == "POST" else None,
        known=None if row is None else services.offer_of(row.data),
        fixed={"id": next_code(provider) if row is None else row.code, "provider": provider.code},
    )
    if request.method == "POST" and form.is_valid():
        try:
            kept = services.offer_save(provider=provider, by=request.user, offer=form.item)
        except services.NotNowError:
            messages.error(
                request, _("The offer waits for review. Withdraw it first, or wait for the answer.")
            )
            return redirect("market-mine")
        if "submit" in request.POST:
            services.offer_submit(offer=kept, by=request.user)
            messages.success(request, _("Submitted. It becomes public once it has been reviewed."))
        else:
            messages.success(request, _("Kept as a draft."))
        return redirect("market-mine")
    if row is None and request.method != "POST":
        day = timezone.localdate()
        form.initial = {
            "languages": ["zh"],
            "currency": "CNY",
            "price": "listed",
            "free_from": day.isoformat(),
            "valid_from": day.isoformat(),
        }
    context = {
        "form": form,
        "offer": row,
        "title": _("New offer") if row is None else _("Change the offer"),
        "back": "market-mine",
        "submits": True,
    }
    return render(request, "market/edit.html", context, status=422 if form.errors else 200)


@require_POST
@limited("market", "120/h")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the review of an offer."""
    row = _offer(request, pk)
    try:
        services.offer_submit(offer=row, by=request.user)
        messages.success(request, _("Submitted. It becomes public once it has been reviewed."))
    except services.NotNowError:
        messages.error(request, _("There is nothing new to review."))
    return redirect("market-mine")


@require_POST
@limited("market", "120/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an offer from the public."""
    row = _offer(request, pk)
    try:
        services.offer_withdraw(offer=row, by=request.user)
        messages.success(request, _("Withdrawn. Nobody finds it any more."))
    except services.NotNowError:
        messages.error(request, _("The offer is not public."))
    return redirect("market-mine")


@require_safe
@never_cache
def table(request: HttpRequest) -> FileResponse:
    """Give out a workbook with all offers of a provider, to change and to upload again."""
    provider = _own(request)
    market = Market()
    if provider is not None:
        offers = [
            services.offer_of(data)
            for data in provider.offers.order_by("code").values_list("data", flat=True)
        ]
        market = market_of(offers, [])
    packed = tempfile.SpooledTemporaryFile(max_size=1 << 22)  # noqa: SIM115 - the answer closes it
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "offers.xlsx"
        write_market_xlsx(path, market, language())
        packed.write(path.read_bytes())
    packed.seek(0)
    return FileResponse(packed, as_attachment=True, filename="offers.xlsx", content_type=EXCEL)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("market-upload", "30/h")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a table of offers, or say by cell what is wrong with it."""
    provider = _own(request)
    if provider is None:
        messages.info(request, _("First say who you are; then write offers."))
        return redirect("market-profile")
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    lines: list[str] = []
    if request.method == "POST" and files_too_large(request):
        lines = [_("The file is too large.")]
    elif request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            offers = upload_read(file, provider)
        except InputError as error:
            lines = problem_lines(error.problems, language())
        else:
            kept = services.import_prepare(
                provider=provider, by=request.user, offers=offers, file_name=file.name or ""
            )
            return redirect("market-import", pk=kept.pk)
    context = {
        "form": form,
        "provider": provider,
        "lines": lines[:MOST_LINES],
        "more": len(lines) - MOST_LINES,
    }
    return render(request, "market/upload.html", context, status=422 if lines or form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what an upload would change, and take it over."""
    organisation = organisation_for(request, Role.PROVIDER)
    rows = OfferImport.objects.select_related("provider")
    kept = get_object_or_404(rows, pk=pk, provider__organisation=organisation)
    if request.method == "POST":
        try:
            taken, left = services.import_take(upload=kept, by=request.user)
        except services.NotNowError:
            messages.error(request, _("This upload was taken over before."))
        else:
            messages.success(
                request, _("{count} offers are drafts now. Submit them for review.").format(count=taken)
            )
            if left:
                messages.warning(
                    request,
                    _("Not taken over, since they wait for review or are another's: {names}").format(
                        names=", ".join(left)
                    ),
                )
        return redirect("market-mine")
    found = upload_preview(kept)
    lines = [line for line in found.lines if line.what != "unchanged"]
    context = {
        "upload": kept,
        "new": found.count("new"),
        "changed": found.count("changed"),
        "unchanged": found.count("unchanged"),
        "lines": lines[:MOST_LINES],
        "more": len(lines) - MOST_LINES,
    }
    return render(request, "market/import.html", context)
