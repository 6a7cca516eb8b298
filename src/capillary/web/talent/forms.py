"""Forms of this part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.model.course import TOP_LEVEL
from capillary.web import engine
from capillary.web.assessments.facts import region_choices
from capillary.web.core.forms import day_field
from capillary.web.core.language import language
from capillary.web.talent.models import Attendance, TalentProfile, Trainee, TrainingPlan, WorkRole
from capillary.web.talent.services import ProfileFacts, Record
from capillary.web.talent.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.web.accounts.models import Organisation
    from capillary.web.enterprises.models import Enterprise, Member

FEWEST_SIGNS = 20


class TraineeForm(forms.Form):
    """Somebody who is to learn."""

    name = forms.CharField(label=_("Name or job"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=WorkRole)
    hours = forms.IntegerField(label=_("Hours a week for learning"), min_value=1, max_value=40, initial=2)
    member = forms.ChoiceField(
        label=_("Account"),
        required=False,
        help_text=_(
            "Where they have one and let the firm use their skills check, the plan leaves out what they can do."
        ),
    )

    def __init__(self, data: Any = None, *, enterprise: Enterprise, members: Sequence[Member]) -> None:
        super().__init__(data)
        self.enterprise = enterprise
        self.members = {str(item.user_id): item.user for item in members}
        self.fields["member"].choices = [
            ("", _("none")),
            *((key, str(user)) for key, user in self.members.items()),
        ]

    def clean_name(self) -> str:
        """Refuse a name that the firm has already."""
        name: str = self.cleaned_data["name"].strip()
        if Trainee.objects.filter(enterprise=self.enterprise, name=name).exists():
            raise forms.ValidationError(_("There is somebody of this name already."))
        return name


class PlanForm(forms.Form):
    """From what a training plan is made."""

    origin = forms.ChoiceField(label=_("Learn for"), choices=TrainingPlan.Origin)
    role_levels = forms.BooleanField(
        label=_("Also close what everybody lacks for their role"), required=False, initial=False
    )
    offered = forms.BooleanField(
        label=_("Also use courses of organisations"),
        required=False,
        initial=True,
        help_text=_("With their provider, price and date; nobody has checked what they say."),
    )
    begins_on = day_field(_("Begins on"))

    def __init__(self, data: Any = None, *, origins: Sequence[str]) -> None:
        super().__init__(data, initial={"begins_on": timezone.localdate()})
        self.fields["origin"].choices = [
            (value, label) for value, label in TrainingPlan.Origin.choices if value in origins
        ]

    def clean(self) -> dict[str, Any]:
        """The skills of the roles are themselves what everybody lacks."""
        found = super().clean() or {}
        if found.get("origin") == TrainingPlan.Origin.ROLES:
            found["role_levels"] = True
        return found


class RecordForm(forms.Form):
    """Who attends, when, and what came of it."""

    trainee = forms.ChoiceField(label=_("Who learns it"))
    begins_on = day_field(_("Begins on"))
    due_on = day_field(_("Due on"))
    status = forms.ChoiceField(label=_("Attendance"), choices=Attendance.Status)
    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("not checked")), *Attendance.Result.choices]
    )
    done_on = day_field(_("Attended on"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, data: Any = None, *, attendance: Attendance, trainees: Sequence[Trainee]) -> None:
        names = ("begins_on", "due_on", "status", "result", "done_on", "note")
        initial = {name: getattr(attendance, name) for name in names}
        super().__init__(data, initial={**initial, "trainee": str(attendance.trainee_id)})
        self.trainees = {str(item.pk): item for item in trainees}
        self.fields["trainee"].choices = [(key, str(item)) for key, item in self.trainees.items()]

    def clean(self) -> dict[str, Any]:
        """Refuse dates and results that contradict one another."""
        found = super().clean() or {}
        if found.get("begins_on") and found.get("due_on") and found["due_on"] < found["begins_on"]:
            self.add_error("due_on", _("This day is before the beginning."))
        attended = found.get("status") == Attendance.Status.ATTENDED
        if attended and not found.get("done_on"):
            self.add_error("done_on", _("Say on which day it was attended."))
        if not attended and (found.get("result") or found.get("done_on")):
            self.add_error("status", _("There is a result or a day only where the course was attended."))
        if found.get("done_on") and found["done_on"] > timezone.localdate():
            self.add_error("done_on", _("This day has not come yet."))
        return found

    def record(self) -> Record:
        """Return what was said."""
        given = {**self.cleaned_data, "trainee": self.trainees[self.cleaned_data["trainee"]]}
        return Record(**given)


class ProfileForm(forms.Form):
    """What somebody publishes of themselves."""

    role = forms.ChoiceField(label=_("Work that you look for"), choices=WorkRole)
    region = forms.ChoiceField(label=_("Region"))
    languages = forms.MultipleChoiceField(
        label=_("Languages in which you work"),
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    availability = forms.ChoiceField(label=_("You can begin"), choices=TalentProfile.Availability)
    consent = forms.BooleanField(
        label=_("I agree that firms with an account find this, without my name, until I withdraw it."),
        help_text=_("Firms that you belong to do not find it."),
    )

    def __init__(self, data: Any = None, *, profile: TalentProfile | None) -> None:
        names = ("role", "region", "languages", "availability")
        super().__init__(data, initial={name: getattr(profile, name) for name in names} if profile else None)
        self.fields["region"].choices = region_choices()

    def facts(self) -> ProfileFacts:
        """Return what was said, without the consent, which is noted by itself."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "consent"}
        return ProfileFacts(**given)


class RequestForm(forms.Form):
    """Why a firm wants to talk to somebody."""

    enterprise = forms.ChoiceField(label=_("For"))
    reason = forms.CharField(
        label=_("What is it about?"),
        min_length=FEWEST_SIGNS,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The work, the place and the time. The person reads it with the name of your firm."),
    )

    def __init__(self, data: Any = None, *, firms: Sequence[Enterprise]) -> None:
        super().__init__(data)
        self.firms = {str(item.pk): item for item in firms}
        self.fields["enterprise"].choices = [(key, str(item)) for key, item in self.firms.items()]


class ConfirmForm(forms.Form):
    """An assessor confirms a skill of somebody who gave their code."""

    code = forms.CharField(label=_("Code of the person"), max_length=20)
    competence = forms.ChoiceField(label=_("Competence"))
    level = forms.TypedChoiceField(label=_("Level that you saw"), coerce=int)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known = engine.library().competences()
        self.fields["competence"].choices = [
            (item.id, f"{item.id} {item.title.in_(language())}") for item in known.competences
        ]
        self.fields["level"].choices = [
            (level, f"{level} {known.level_title(level).in_(language())}")
            for level in range(1, TOP_LEVEL + 1)
        ]

    def clean_code(self) -> TalentProfile:
        """Return the profile of a code."""
        found = TalentProfile.objects.filter(
            code=self.cleaned_data["code"].strip(), published_at__isnull=False
        ).first()
        if found is None:
            raise forms.ValidationError(_("No profile has this code. Ask the person for it again."))
        return found


class ImportForm(forms.Form):
    """A table of courses and whose they are."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    file = forms.FileField(label=_("Table (.csv or .xlsx)"))

    def __init__(self, data: Any = None, files: Any = None, *, organisations: Sequence[Organisation]) -> None:
        super().__init__(data, files)
        self.organisations = {str(item.pk): item for item in organisations}
        self.fields["organisation"].choices = [
            (key, item.in_(language())) for key, item in self.organisations.items()
        ]
