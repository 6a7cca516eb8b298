"""Enterprises and consents in the admin: facts and people, no answers."""

# ruff: noqa: ARG002, FBT001 - the signatures are Django's

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.access import Role, audit_read
from capillary.web.administration.audited import AuditedAdmin, ShownAdmin
from capillary.web.assessments.facts import region_choices, sector_choices
from capillary.web.enterprises.models import Consent, Enterprise, Member
from capillary.web.enterprises.services import EnterpriseFacts, enterprise_change

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


class EnterpriseForm(forms.ModelForm):
    """Facts of an enterprise, with the names of sectors and regions."""

    sector = forms.ChoiceField(required=False)
    region = forms.ChoiceField(required=False)

    class Meta:
        model = Enterprise
        fields = ("name", "sector", "region", "employees")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in (("sector", sector_choices()), ("region", region_choices())):
            self.fields[name].label = capfirst(Enterprise._meta.get_field(name).verbose_name)  # noqa: SLF001
            now = getattr(self.instance, name)
            other = [(now, now)] if now and now not in dict(known) else []
            self.fields[name].choices = [("", "–"), *known, *other]


class PlaceFilter(admin.SimpleListFilter):
    """Chooses among the codes that enterprises have, by their names."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the codes that there are, with their names."""
        name = self.parameter_name
        used = set(Enterprise.objects.order_by().values_list(name, flat=True).distinct())
        known = sector_choices() if name == "sector" else region_choices()
        return [(code, title) for code, title in known if code in used]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
        """Return the enterprises with the chosen code."""
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class SectorFilter(PlaceFilter):
    """By sector."""

    title = _("sector")
    parameter_name = "sector"


class RegionFilter(PlaceFilter):
    """By region."""

    title = _("region")
    parameter_name = "region"


class MemberForm(forms.ModelForm):
    """A membership; it ends by a tick and stays as something that was."""

    ended = forms.BooleanField(label=_("The membership has ended"), required=False)

    class Meta:
        model = Member
        fields = ("user", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].label = capfirst(_t("user"))
        self.fields["ended"].initial = self.instance.until is not None

    def save(self, commit: bool = True) -> Member:  # noqa: FBT002 - Django's signature
        """Save the membership with its end."""
        ended = self.cleaned_data["ended"]
        if ended != (self.instance.until is not None):
            self.instance.until = timezone.now() if ended else None
        saved: Member = super().save(commit)
        return saved


class MemberFormSet(BaseInlineFormSet):
    """People of an enterprise; a claimed one keeps an owner."""

    def clean(self) -> None:
        """Refuse to leave a claimed enterprise without an owner."""
        super().clean()
        if any(self.errors):
            return
        there = [form.cleaned_data for form in self.forms if form.cleaned_data]
        owners = [data for data in there if data.get("role") == Member.Role.OWNER and not data.get("ended")]
        if self.instance.claimed_at and not owners:
            raise ValidationError(_t("Somebody must stay the owner. Add another owner first."))


class MemberInline(admin.StackedInline):
    """The people of an enterprise; a membership ends with a date and stays."""

    model = Member
    form = MemberForm
    formset = MemberFormSet
    fields = ("user", "role", "ended", "since", "until")
    readonly_fields = ("since", "until")
    raw_id_fields = ("user",)
    extra = 0
    can_delete = False


@admin.register(Enterprise)
class EnterpriseAdmin(AuditedAdmin):
    """Enterprises; opening one is written to the audit log."""

    form = EnterpriseForm
    list_display = ("name", "sector", "region", "employees", "claimed_at", "erased_at")
    list_filter = (SectorFilter, RegionFilter, ("claimed_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "=id")
    fields = (
        "id",
        "name",
        "sector",
        "region",
        "employees",
        "created_at",
        "claimed_at",
        "erased_at",
        "assessed",
    )
    readonly_fields = ("id", "created_at", "claimed_at", "erased_at", "assessed")
    inlines = (MemberInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Enterprises come from checks and from their owners."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Enterprise | None = None) -> bool:
        """Only its owner erases an enterprise."""
        return False

    @admin.display(description=_("Number of assessments"))
    def assessed(self, obj: Enterprise) -> int:
        """Return how many assessments there are; what is in them is not shown here."""
        return obj.assessments.count()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an enterprise, and note that it was opened."""
        found = self.get_object(request, object_id)
        if found is not None:
            audit_read(request, f"{request.method} {request.path}"[:200], found.pk, Role.ADMINISTRATOR)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Enterprise, form: Any, change: bool) -> None:
        """Save the facts as everybody's changes are saved, with the copies in programmes."""
        facts = EnterpriseFacts(
            obj.name, obj.sector, obj.region, obj.employees, obj.industry_scheme, obj.industry_code
        )
        enterprise_change(enterprise=obj, facts=facts, by=request.user)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the people; who let somebody in is kept."""
        for member in formset.save(commit=False):
            if member.pk is None:
                member.let_in_by = request.user
            member.save()
        formset.save_m2m()


@admin.register(Consent)
class ConsentAdmin(ShownAdmin):
    """What enterprises agreed to; only they give and withdraw it."""

    list_display = ("enterprise", "purpose", "given_by", "given_at", "withdrawn_at")
    list_filter = ("purpose", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("enterprise__name",)
    list_select_related = ("enterprise", "given_by")
