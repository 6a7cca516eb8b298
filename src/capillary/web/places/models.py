"""Offerings of places, their providers, who asks, the draw, and the list of what happened."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.matching.places import Held, Tables
from capillary.web.accounts.models import Organisation
from capillary.web.core.language import language
from capillary.web.enterprises.models import Enterprise

ANSWER_DAYS = 7
OBJECT_DAYS = 3
MOST_PLACES = 100_000


def _person(title: object = "") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=title,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Offering(models.Model):
    """Places that an organisation gives out; enterprises ask for them through the last day.

    Attributes:
        rules: who comes first, the weightiest first, as ``capillary allocate --priority`` takes them.
        seed: of the lottery; shown to nobody before the draw is published.
        key: what makes the seed impossible to find by trial; published with it.
        commitment: the SHA-256 of both, shown from the opening on; empty before.
        numbers: the number of the last enterprise that asked.
    """

    class Kind(models.TextChoices):
        """What is given out."""

        DIAGNOSIS = "diagnosis", _("Free diagnosis visit")
        TRAINING = "training", _("Training seats")
        SECURITY = "security", _("Security check")

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", _("In preparation")
        OPEN = "open", _("Open for requests")
        CLOSED = "closed", _("Closed, not drawn yet")
        DRAWING = "drawing", _("Is being drawn")
        DRAWN = "drawn", _("Drawn, waits for the second officer")
        REFUSED = "refused", _("Draw refused by the second officer")
        PUBLISHING = "publishing", _("Is being published")
        PUBLISHED = "published", _("Drawn and published")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="offerings")
    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.DRAFT)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120)
    words_zh = models.TextField(_("what it is, in Chinese"), blank=True)
    words_en = models.TextField(_("what it is, in English"), blank=True)
    contact = models.CharField(_("whom to ask"), max_length=200, blank=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("last day"))
    answer_days = models.PositiveSmallIntegerField(_("days for the answer"), default=ANSWER_DAYS)
    rules = models.JSONField(default=list, blank=True)
    seed = models.BigIntegerField(null=True, editable=False)
    key = models.CharField(max_length=64, blank=True, editable=False)
    commitment = models.CharField(max_length=64, blank=True, editable=False)
    numbers = models.PositiveIntegerField(default=0, editable=False)
    made_by = _person(_("begun by"))
    made_at = models.DateTimeField(_("begun on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("offering of places")
        verbose_name_plural = _("offerings of places")
        ordering = ("-opens_on", "code")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(closes_on__gte=models.F("opens_on")), name="offering_days_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft") | ~models.Q(commitment=""), name="offering_committed"
            ),
        )

    def __str__(self) -> str:
        return self.code

    def title(self) -> str:
        """Return the title in the reader's language."""
        return self.title_zh if language() == "zh" else self.title_en

    def words(self) -> str:
        """Return what it is, in the reader's language."""
        return self.words_zh if language() == "zh" else self.words_en

    def takes_requests(self) -> bool:
        """Whether enterprises can ask today."""
        return self.state == self.State.OPEN and self.opens_on <= timezone.localdate() <= self.closes_on

    def is_published(self) -> bool:
        """Whether the result of the draw may be seen."""
        return self.state == self.State.PUBLISHED


class Provider(models.Model):
    """Who gives the places of an offering, and how many.

    Attributes:
        name: by which the draw knows it, unique in the offering.
        organisation: where it is one of this installation.
    """

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="providers")
    name = models.CharField(_("name"), max_length=200)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    capacity = models.PositiveIntegerField(
        _("number of places"), validators=[MinValueValidator(0), MaxValueValidator(MOST_PLACES)]
    )
    region = models.CharField(_("region"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("provider of places")
        verbose_name_plural = _("providers of places")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("offering", "name"), name="place_provider_once"),)

    def __str__(self) -> str:
        return self.name


class PlaceRequest(models.Model):
    """What an enterprise asks for, the facts that count, and what became of it; of the draw nothing before it is published.

    Attributes:
        choices: ids of providers, the dearest first.
        asked_on: the day on which it asked; a change of its choices does not move it.
        size, region, sector, level: as they were when it last saved; the level is that which evidence supports.
        served_before: whether it was served here before; None until the asking is closed.
        choice: which of its choices it got, from 1; None for one of the rest.
        place: its smallest number in line; None where it stands in none.
        words: the explanation of the draw, sentences by language.
        answer_by: the last day on which it can accept.
    """

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", _("Asked")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXCLUDED = "excluded", _("Excluded by the office")
        OFFERED = "offered", _("Has a place, has not answered yet")
        ACCEPTED = "accepted", _("Accepted")
        WAITING = "waiting", _("On the waiting list")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered in time")
        SERVED = "served", _("Served")
        ABSENT = "absent", _("Did not come")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField()
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="place_requests")
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.ASKED)
    choices = models.JSONField(default=list, blank=True)
    takes_any = models.BooleanField(default=False)
    asked_on = models.DateField(_("asked on"))
    size = models.CharField(_("size"), max_length=10, blank=True)
    region = models.CharField(_("region"), max_length=12, blank=True)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(_("level by evidence"), null=True, blank=True)
    served_before = models.BooleanField(_("served before"), null=True, blank=True)
    provider = models.ForeignKey(
        Provider, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests"
    )
    choice = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.PositiveIntegerField(_("number in line"), null=True, blank=True)
    words = models.JSONField(default=dict, blank=True)
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    made_by = _person(_("requested by"))
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("request for a place")
        verbose_name_plural = _("requests for places")
        ordering = ("number",)
        indexes = (
            models.Index(fields=("offering", "state", "place"), name="place_line"),
            models.Index(fields=("enterprise", "state"), name="place_served"),
        )
        constraints = (
            models.UniqueConstraint(fields=("offering", "number"), name="place_number"),
            models.UniqueConstraint(fields=("offering", "enterprise"), name="place_once"),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """By which the draw knows it; says nothing about who it is, and nobody chooses it."""
        return f"{self.offering.code}-{self.number:04d}"

    def sentences(self) -> list[str]:
        """Return the explanation in the reader's language."""
        found: list[str] = self.words.get(language(), [])
        return found


class Exclusion(models.Model):
    """Why an office leaves a request out of the draw, what the enterprise says to it, and what another officer answers.

    Attributes:
        why: the reason, for the enterprise to read.
        object_by: the last day of an objection; nothing is drawn before it is over.
        lifted_at: since when it holds no more; None while it does.
    """

    request = models.ForeignKey(PlaceRequest, on_delete=models.CASCADE, related_name="exclusions")
    why = models.TextField(_("reason"))
    by = _person(_("excluded by"))
    at = models.DateTimeField(_("excluded on"), default=timezone.now)
    object_by = models.DateField(_("last day of an objection"))
    objection = models.TextField(_("objection"), blank=True)
    objected_by = _person(_("objected by"))
    objected_at = models.DateTimeField(_("objected on"), null=True, blank=True)
    answer = models.TextField(_("answer to the objection"), blank=True)
    answered_by = _person(_("answered by"))
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted on"), null=True, blank=True)

    class Meta:
        verbose_name = _("exclusion from a draw")
        verbose_name_plural = _("exclusions from draws")
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("request",), condition=models.Q(lifted_at__isnull=True), name="exclusion_once"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True)
                | models.Q(by__isnull=True)
                | ~models.Q(by=models.F("answered_by")),
                name="exclusion_four_eyes",
            ),
        )

    not_exported = frozenset({"by_id", "answered_by_id"})

    def __str__(self) -> str:
        return self.why[:60]

    @property
    def waits(self) -> bool:
        """Whether an objection waits for its answer."""
        return self.objected_at is not None and self.answered_at is None and self.lifted_at is None

    def may_object(self) -> bool:
        """Whether the enterprise can object today."""
        return self.objected_at is None and self.lifted_at is None and timezone.localdate() <= self.object_by


class RefusedDraw(models.Model):
    """A draw that the second officer did not confirm. It stays public, with its seed, so that nobody draws until he likes it.

    Attributes:
        number: 1 for the first.
        firms, providers, rules, seed, key, commitment: what it was made from.
        why: why it was not confirmed, for everybody to read.
        repeat_why: why it may be drawn once more, for everybody to read; empty until somebody decided that.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="refused_draws")
    number = models.PositiveSmallIntegerField()
    firms = models.TextField()
    providers = models.TextField()
    rules = models.JSONField(default=list)
    seed = models.BigIntegerField()
    key = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    drawn_by = _person(_("drawn by"))
    drawn_at = models.DateTimeField(_("drawn"))
    refused_by = _person(_("refused by"))
    refused_at = models.DateTimeField(_("refused on"), default=timezone.now)
    why = models.TextField(_("reason"))
    repeated_by = _person(_("repeated by"))
    repeated_at = models.DateTimeField(_("repeated on"), null=True, blank=True)
    repeat_why = models.TextField(_("reason for drawing once more"), blank=True)

    class Meta:
        verbose_name = _("refused draw")
        verbose_name_plural = _("refused draws")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("offering", "number"), name="refused_draw_number"),
            models.CheckConstraint(
                condition=models.Q(drawn_by__isnull=True)
                | models.Q(refused_by__isnull=True)
                | ~models.Q(drawn_by=models.F("refused_by")),
                name="refused_draw_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(repeated_at__isnull=True) | ~models.Q(repeat_why=""),
                name="refused_draw_repeated_with_words",
            ),
        )

    def __str__(self) -> str:
        return f"{self.offering} · {self.number}"

    @property
    def tables(self) -> Tables:
        """What it was made from."""
        return Tables(self.firms, self.providers, tuple(self.rules), self.seed)


class Draw(models.Model):
    """The draw of an offering: made once, kept with everything that it takes to make it again. It holds no name.

    Attributes:
        firms, providers: the two CSV files that ``capillary allocate`` takes.
        state: how the places stand: by reference, whose place each has; who is gone; who stays where it is.
    """

    offering = models.OneToOneField(Offering, on_delete=models.PROTECT, related_name="draw")
    firms = models.TextField()
    providers = models.TextField()
    rules = models.JSONField(default=list)
    seed = models.BigIntegerField()
    state = models.JSONField(default=dict)
    drawn_by = _person(_("drawn by"))
    drawn_at = models.DateTimeField(_("drawn"), default=timezone.now)
    confirmed_by = _person(_("confirmed by"))
    confirmed_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | models.Q(drawn_by__isnull=True)
                | ~models.Q(drawn_by=models.F("confirmed_by")),
                name="draw_four_eyes",
            ),
        )

    def __str__(self) -> str:
        return str(self.offering)

    @property
    def tables(self) -> Tables:
        """What it was made from."""
        return Tables(self.firms, self.providers, tuple(self.rules), self.seed)

    @property
    def held(self) -> Held:
        """How the places stand."""
        return Held(self.state["got"], frozenset(self.state["gone"]), frozenset(self.state["fixed"]))

    def hold(self, held: Held) -> None:
        """Keep how the places stand."""
        self.state = {
            "got": dict(held.got),
            "gone": sorted(held.gone),
            "fixed": sorted(held.fixed),
        }


class Event(models.Model):
    """One line of what happened in an offering; never changed, and kept without a name when an enterprise is erased.

    Attributes:
        reference: whom it is about; empty for the offering as a whole.
        act: what happened.
        text: further words: a provider, a count, a reason.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="events")
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    act = models.CharField(_("what"), max_length=20)
    text = models.CharField(_("what was said"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = _person(_("by whom"))

    class Meta:
        verbose_name = _("step of an offering")
        verbose_name_plural = _("steps of offerings")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.reference}"
