"""Results of skills checks, training plans of firms, and talent profiles with the requests that firms send."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.enterprises.models import Enterprise


class WorkRole(models.TextChoices):
    """What somebody does in a firm, as far as courses tell roles apart."""

    OWNER = "owner", _("Owner or manager")
    SHOP_FLOOR = "shop-floor", _("Shop-floor lead")
    OFFICE = "office", _("Office")
    IT = "it", _("IT")


class SkillsResult(models.Model):
    """A skills check that somebody kept; only they see it, unless they let their firms use it.

    Attributes:
        answers: option by question.
        shared: whether the firms that they work for may use it for a training plan.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skills_results"
    )
    role = models.CharField(_("role"), max_length=12, choices=WorkRole)
    answers = models.JSONField(default=dict)
    shared = models.BooleanField(_("for training plans of the firm"), default=False)
    taken_at = models.DateTimeField(_("taken on"), default=timezone.now)

    class Meta:
        verbose_name = _("result of a skills check")
        verbose_name_plural = _("results of skills checks")
        ordering = ("-taken_at",)

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.taken_at:%Y-%m-%d}"


class Trainee(models.Model):
    """Somebody in a firm who learns; with or without an account.

    Attributes:
        user: the account, where they have one; their kept results count if they share them.
        hours: what they can spare each week.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="trainees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="trainings"
    )
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=12, choices=WorkRole)
    hours = models.PositiveSmallIntegerField(
        _("hours a week"), default=2, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("trainee")
        verbose_name_plural = _("trainees")
        ordering = ("added_at", "id")
        constraints = (models.UniqueConstraint(fields=("enterprise", "name"), name="trainee_once"),)

    def __str__(self) -> str:
        return self.name


class TrainingPlan(models.Model):
    """A training plan of a firm.

    Attributes:
        goals: capability to the level that the firm had and the one that it wants.
        left: what is lacking and no course helps with: person, name and level each.
        proven: whether no plan needs fewer attendances, or as many with fewer hours.
    """

    class Origin(models.TextChoices):
        """Where the goals come from."""

        ROADMAP = "roadmap", _("its roadmap")
        SHORTCOMINGS = "shortcomings", _("its shortcomings")
        ROLES = "roles", _("the skills of the roles")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="training_plans")
    origin = models.CharField(_("made from"), max_length=12, choices=Origin)
    begins_on = models.DateField(_("begins on"))
    goals = models.JSONField(default=dict)
    left = models.JSONField(default=list)
    proven = models.BooleanField(default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)

    class Meta:
        verbose_name = _("training plan")
        verbose_name_plural = _("training plans")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.get_origin_display()} {self.made_at:%Y-%m-%d}"


class Attendance(models.Model):
    """A person attends a course of a training plan.

    Attributes:
        course: id of the course; ``offered-`` and a number for one of an organisation.
        hours: learning hours as planned.
    """

    class Status(models.TextChoices):
        """What became of it."""

        PLANNED = "planned", _("Planned")
        ATTENDED = "attended", _("Attended")
        MISSED = "missed", _("Missed")

    class Result(models.TextChoices):
        """Whether the check questions were answered."""

        PASSED = "passed", _("Passed")
        NOT_YET = "not-yet", _("Not yet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(TrainingPlan, on_delete=models.CASCADE, related_name="attendances")
    trainee = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="attendances")
    number = models.PositiveSmallIntegerField()
    course = models.CharField(_("course"), max_length=80)
    hours = models.PositiveSmallIntegerField()
    begins_on = models.DateField(_("begins on"))
    due_on = models.DateField(_("due on"))
    status = models.CharField(_("attendance"), max_length=10, choices=Status, default=Status.PLANNED)
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    done_on = models.DateField(_("attended on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.trainee} {self.course}"


def new_code() -> str:
    """Return a code that nobody guesses."""
    return secrets.token_urlsafe(9)


class TalentProfile(models.Model):
    """What somebody publishes of themselves. Name and address stand nowhere in it: a firm gets them when they accept.

    Attributes:
        region: an ISO 3166 code.
        languages: codes of the languages that they work in.
        levels: competence to the level that their latest check shows at least.
        code: what they give an assessor who is to confirm skills.
        published_at: None while it is withdrawn.
    """

    class Availability(models.TextChoices):
        """When they could begin."""

        NOW = "now", _("at once")
        MONTH = "month", _("within a month")
        QUARTER = "quarter", _("within three months")
        PART = "part", _("part-time only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="talent")
    role = models.CharField(_("role"), max_length=12, choices=WorkRole)
    region = models.CharField(_("region"), max_length=12)
    languages = models.JSONField(_("languages"), default=list)
    availability = models.CharField(_("availability"), max_length=10, choices=Availability)
    levels = models.JSONField(default=dict)
    code = models.CharField(max_length=20, default=new_code, unique=True, editable=False)
    published_at = models.DateTimeField(_("published on"), null=True, blank=True)

    class Meta:
        verbose_name = _("talent profile")
        verbose_name_plural = _("talent profiles")
        ordering = ("-published_at", "id")

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.region}"


class TalentConsent(models.Model):
    """That somebody agreed to be found, and until when."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="talent_consents"
    )
    given_at = models.DateTimeField(_("given on"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent to be found")
        verbose_name_plural = _("consents to be found")
        ordering = ("given_at",)

    def __str__(self) -> str:
        return f"{self.given_at:%Y-%m-%d}"


class SkillsConfirmation(models.Model):
    """An assessor confirms that somebody has a level of a competence."""

    profile = models.ForeignKey(TalentProfile, on_delete=models.CASCADE, related_name="confirmations")
    competence = models.CharField(_("competence"), max_length=8)
    level = models.PositiveSmallIntegerField(_("level"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(_("confirmed on"), default=timezone.now)

    class Meta:
        verbose_name = _("confirmation of skills")
        verbose_name_plural = _("confirmations of skills")
        ordering = ("competence",)
        constraints = (models.UniqueConstraint(fields=("profile", "competence"), name="confirmation_once"),)

    def __str__(self) -> str:
        return f"{self.competence}: {self.level}"


class TalentRequest(models.Model):
    """A firm asks somebody whether they want to talk; the answer decides whether names are shown."""

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Said yes")
        REFUSED = "refused", _("Said no")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(TalentProfile, on_delete=models.CASCADE, related_name="requests")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="talent_requests")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    sent_at = models.DateTimeField(_("sent on"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to a person")
        verbose_name_plural = _("requests to people")
        ordering = ("-sent_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("profile", "enterprise"), condition=models.Q(status="waiting"), name="one_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enterprise} {self.sent_at:%Y-%m-%d}"


class OfferedCourse(models.Model):
    """A course of an organisation, imported from a table. Its link is stored and opened; nothing is negotiated with it.

    Attributes:
        number: the organisation's own number; importing it again replaces the row.
        roles, capabilities, competences: as in the outlines that ship.
        link_kind: what the link is: a page, a launch address of LTI 1.3, or an activity id of xAPI.
        price: of one person in units of ``currency``; None where it is not told.
        starts_on: the day on which it next begins; None for any day.
    """

    class LinkKind(models.TextChoices):
        """What the link is."""

        PAGE = "url", _("web page")
        LTI = "lti", _("LTI 1.3 launch link")
        XAPI = "xapi", _("xAPI activity")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="courses"
    )
    number = models.CharField(_("number"), max_length=40)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=160)
    outcome_zh = models.CharField(_("outcome in Chinese"), max_length=300)
    outcome_en = models.CharField(_("outcome in English"), max_length=400)
    roles = models.JSONField(default=list)
    form = models.CharField(_("form"), max_length=12)
    hours = models.PositiveSmallIntegerField(_("hours"))
    capabilities = models.JSONField(default=dict)
    competences = models.JSONField(default=dict)
    link_kind = models.CharField(_("kind of link"), max_length=5, choices=LinkKind)
    link = models.CharField(_("link"), max_length=500)
    price = models.DecimalField(_("price"), max_digits=11, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    starts_on = models.DateField(_("begins next on"), null=True, blank=True)
    imported_at = models.DateTimeField(_("imported on"), default=timezone.now)

    class Meta:
        verbose_name = _("course of an organisation")
        verbose_name_plural = _("courses of organisations")
        ordering = ("title_en", "id")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "number"), name="offered_course_once"),
        )

    def __str__(self) -> str:
        return f"{self.title_zh} · {self.title_en}"


class CourseImport(models.Model):
    """Rows that were read without an error and wait for a yes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rows = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("import of courses")
        verbose_name_plural = _("imports of courses")

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"
