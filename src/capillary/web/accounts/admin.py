"""Users, roles and organisations in the admin."""

# ruff: noqa: ARG002, FBT001 - the signatures are Django's

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.access import audit_write
from capillary.web.accounts.models import Organisation, Position, User
from capillary.web.administration.audited import AuditedAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class NewUserForm(AdminUserCreationForm):
    """A new user: an address, and a password unless the person signs in in another way."""

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """Return the address as it is stored."""
        return str(self.cleaned_data["email"]).lower()


class UserForm(UserChangeForm):
    """A user; whoever administrates may do so everywhere, so that one box says it."""

    administrator = forms.BooleanField(
        label=_("Administrator"), required=False, help_text=_("May do everything in the administration.")
    )

    class Meta:
        model = User
        fields = ("email", "name", "language", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "administrator" in self.fields:
            self.fields["administrator"].initial = self.instance.is_staff

    def clean_email(self) -> str:
        """Return the address as it is stored."""
        return str(self.cleaned_data["email"]).lower()


class PositionInline(admin.StackedInline):
    """The roles that organisations give."""

    model = Position
    extra = 0
    fields = ("user", "organisation", "role")
    raw_id_fields = ("user",)


class UserPositionInline(PositionInline):
    """The roles of one user."""

    fields = ("organisation", "role")


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):
    """People: made, given roles, deactivated; never deleted, because revisions say who wrote them."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "positions__role")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    actions = ("deactivate", "activate", "take_second_factor_away")
    inlines = (UserPositionInline,)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "language")}),
        (_("Access"), {"fields": ("is_active", "administrator")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")},
        ),
    )

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Return the roles, once there is a user to give them to."""
        return () if obj is None else self.inlines

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted here: users delete themselves, or are deactivated."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save a user; nobody takes away their own access."""
        if "administrator" in form.cleaned_data and obj.pk != request.user.pk:
            obj.is_staff = obj.is_superuser = form.cleaned_data["administrator"]
        if obj.pk == request.user.pk:
            obj.is_active = True
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Deactivate the chosen users"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Lock users out; nothing of theirs is lost."""
        self._set_active(request, queryset.exclude(pk=request.user.pk), active=False)

    @admin.action(description=_("Activate the chosen users"))
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let users in again."""
        self._set_active(request, queryset, active=True)

    def _set_active(self, request: HttpRequest, queryset: QuerySet[User], *, active: bool) -> None:
        for user in queryset:
            user.is_active = active
            user.save(update_fields=["is_active"])
            verb = "activate" if active else "deactivate"
            audit_write(request.user, f"user-{verb}", None, f"user {user.pk}")
        messages.success(request, _t("Done."))

    @admin.action(description=_("Take the second factor away (lost device)"))
    def take_second_factor_away(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let users who lost their device sign in with the password alone."""
        for user in queryset:
            Authenticator.objects.filter(user=user).delete()
            audit_write(request.user, "second-factor-reset", None, f"user {user.pk}")
        messages.success(request, _t("Done."))


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin):
    """Organisations and who works for them."""

    list_display = ("name_zh", "name_en", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("name_zh", "name_en")
    inlines = (PositionInline,)
