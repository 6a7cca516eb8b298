"""The one place that decides who may do what.

A visitor has *roles on an enterprise*: owner, colleague, adviser or assessor by membership, officer by a position in an
organisation in whose programme the enterprise takes part with consent, holder by the cookie of a check without an account.
`GRANTS` says which role may do which action. Views and API ask `enterprise_for`, `assessment_for`, `programme_for` or
`organisation_for` and get the object or a refusal that gives nothing away: a page that does not exist (404) for somebody
who is signed in, the sign-in page for somebody who is not, both whether the object exists or not.

Reading somebody else's data is written to the audit log here, so that no page can forget it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.signing import BadSignature
from django.db.models import Q
from django.http import Http404

from capillary.web.accounts.models import Position
from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.programmes.models import Enrolment, Programme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from capillary.web.accounts.models import Organisation, User


class Role(StrEnum):
    """What a visitor is to an enterprise, or to an organisation."""

    HOLDER = "holder"
    OWNER = "owner"
    COLLEAGUE = "colleague"
    ADVISER = "adviser"
    ASSESSOR = "assessor"
    OFFICER = "officer"
    PROVIDER = "provider"
    ADMINISTRATOR = "administrator"  # has no grants; the audit log names it


class Action(StrEnum):
    """What can be done with an enterprise and its assessments."""

    VIEW = "view"  # result, questions and answers, history, evidence, downloads
    ANSWER = "answer"  # answer questions, start and complete assessments
    EVIDENCE = "evidence"  # add and withdraw evidence
    SHARE = "share"  # make and withdraw share links
    CLAIM = "claim"  # take over a check that was made without an account
    MANAGE = "manage"  # people, facts, consents, programmes
    ERASE = "erase"  # export of all data, erasure
    UPLOAD = "upload"  # fill in an assessment from a workbook
    VERIFY = "verify"  # confirm, correct, sign off
    PLAN = "plan"  # make, change and delete roadmaps
    MATCH = "match"  # see the firm's needs and matches, and write in them; what binds it needs MANAGE
    PROJECT = "project"  # carry out plans: projects, milestones
    OBJECT = "object"  # object to what an assessor wrote
    APPLY = "apply"  # prepare applications for incentives
    SIGN = "sign"  # submit, withdraw and appeal: what binds the enterprise
    PLACE = "place"  # ask for places, accept and decline them
    TRAIN = "train"  # training plans: who learns what, attendance and results
    HIRE = "hire"  # look for people and send them requests


_FIRM = frozenset({Role.OWNER, Role.COLLEAGUE})
_OWNER = frozenset({Role.OWNER})
GRANTS: Mapping[Action, frozenset[Role]] = {
    Action.VIEW: frozenset(
        {Role.HOLDER, Role.OWNER, Role.COLLEAGUE, Role.ADVISER, Role.ASSESSOR, Role.OFFICER}
    ),
    Action.ANSWER: frozenset({Role.HOLDER, Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.EVIDENCE: frozenset({Role.OWNER, Role.COLLEAGUE, Role.ADVISER, Role.ASSESSOR}),
    Action.SHARE: frozenset({Role.OWNER}),
    Action.CLAIM: frozenset({Role.HOLDER}),
    Action.MANAGE: _OWNER,
    Action.ERASE: _OWNER,
    Action.UPLOAD: frozenset({Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.VERIFY: frozenset({Role.ASSESSOR}),
    Action.PLAN: frozenset({Role.HOLDER, Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.MATCH: frozenset({Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.PROJECT: frozenset({Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.OBJECT: _FIRM,
    Action.APPLY: frozenset({Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.SIGN: _OWNER,
    Action.PLACE: _FIRM,
    Action.TRAIN: frozenset({Role.OWNER, Role.COLLEAGUE, Role.ADVISER}),
    Action.HIRE: _FIRM,
}
OUTSIDERS = frozenset({Role.ADVISER, Role.ASSESSOR, Role.OFFICER})
HELD_COOKIE = "checks"
HELD_DAYS = 90
MOST_HELD = 5


class SignInNeeded(Exception):  # noqa: N818 - not an error, but a way to the sign-in page
    """The visitor has not signed in; `SignInMiddleware` sends them to the sign-in page."""


@dataclass(frozen=True)
class Access:
    """A visitor who was let in.

    Attributes:
        user: who it is; None for the holder of a check without an account.
        roles: everything that the visitor is to the enterprise.
        role: the role that let them in.
    """

    user: User | None
    enterprise: Enterprise
    roles: frozenset[Role]
    role: Role

    def may(self, action: Action) -> bool:
        """Whether the visitor may also do ``action``."""
        return bool(self.roles & GRANTS[action])

    @property
    def sees_people(self) -> bool:
        """Whether names are shown of those who did something: officers see an enterprise's data, not its people."""
        return self.role != Role.OFFICER


@dataclass(frozen=True)
class AssessmentAccess(Access):
    """A visitor who was let in to an assessment."""

    assessment: Assessment


def enterprise_for(request: HttpRequest, pk: UUID, action: Action) -> Access:
    """Return the enterprise and the visitor's roles on it.

    Raises:
        SignInNeeded: nobody is signed in and the visitor does not hold it.
        Http404: the visitor may not do this, or there is no such enterprise.
    """
    _must_be_somebody(request, pk)
    enterprise = Enterprise.objects.filter(pk=pk, erased_at=None).first()
    return _let_in(request, enterprise, action)


def assessment_for(request: HttpRequest, pk: UUID, action: Action, *, lock: bool = False) -> AssessmentAccess:
    """Return an assessment and the visitor's roles on its enterprise.

    Args:
        request: the visitor's request.
        pk: the assessment's id.
        action: what the visitor wants to do.
        lock: whether the row is locked until the transaction ends, for a write.

    Raises:
        SignInNeeded: nobody is signed in and the visitor does not hold it.
        Http404: the visitor may not do this, or there is no such assessment.
    """
    held = held_enterprises(request)
    if not request.user.is_authenticated and not held:
        raise SignInNeeded
    rows = Assessment.objects.select_related("enterprise").filter(enterprise__erased_at=None)
    if lock:
        rows = rows.select_for_update(of=("self",))
    assessment = next(iter(rows.filter(pk=pk).order_by()), None)
    if not request.user.is_authenticated and (assessment is None or assessment.enterprise_id not in held):
        raise SignInNeeded
    access = _let_in(request, assessment and assessment.enterprise, action)
    assert assessment is not None  # noqa: S101 - _let_in refuses what is not there
    return AssessmentAccess(access.user, access.enterprise, access.roles, access.role, assessment)


def _must_be_somebody(request: HttpRequest, enterprise: UUID) -> None:
    if not request.user.is_authenticated and enterprise not in held_enterprises(request):
        raise SignInNeeded


def _let_in(request: HttpRequest, enterprise: Enterprise | None, action: Action) -> Access:
    roles = roles_on(request, enterprise) if enterprise is not None else frozenset()
    granted = sorted(roles & GRANTS[action], key=list(Role).index)
    if enterprise is None or not granted:
        if (
            not request.user.is_authenticated
        ):  # such as its owner, signed out, in the browser that made the check
            raise SignInNeeded
        raise Http404
    role = granted[0]
    user = request.user if request.user.is_authenticated else None
    # a page that is asked for in order to answer, to upload or to verify shows the firm's data as well
    if role in OUTSIDERS and (action == Action.VIEW or request.method in {"GET", "HEAD"}):
        audit_read(request, f"{request.method} {request.path}"[:200], enterprise.id, role)
    return Access(user, enterprise, roles, role)


def roles_on(request: HttpRequest, enterprise: Enterprise) -> frozenset[Role]:
    """Return everything that the visitor is to an enterprise."""
    roles: set[Role] = set()
    if enterprise.claimed_at is None and enterprise.id in held_enterprises(request):
        roles.add(Role.HOLDER)
    if request.user.is_authenticated:
        member = Member.objects.filter(enterprise=enterprise, user=request.user, until=None)
        roles.update(Role(role) for role in member.values_list("role", flat=True))
        if not roles and _is_officer_of(request.user, enterprise):
            roles.add(Role.OFFICER)
    return frozenset(roles)


def visible_enrolments() -> Q:
    """Return the condition under which officers see an enrolment: consent given and not withdrawn."""
    return Q(consented_at__isnull=False, withdrawn_at=None, enterprise__erased_at=None)


def _is_officer_of(user: User, enterprise: Enterprise) -> bool:
    return (
        Enrolment.objects.filter(
            visible_enrolments(),
            enterprise=enterprise,
            programme__organisation__positions__user=user,
            programme__organisation__positions__role=Position.Role.OFFICER,
        )
    ).exists()


def programme_for(request: HttpRequest, pk: UUID) -> Programme:
    """Return a programme of an organisation whose officer the visitor is.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is no officer of it, or there is no such programme.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    programme = (
        Programme.objects.select_related("organisation")
        .filter(
            pk=pk,
            organisation__positions__user=request.user,
            organisation__positions__role=Position.Role.OFFICER,
        )
        .first()
    )
    if programme is None:
        raise Http404
    return programme


def programmes_of(user: User) -> Iterable[Programme]:
    """Return the programmes whose officer a user is."""
    return Programme.objects.filter(
        organisation__positions__user=user, organisation__positions__role=Position.Role.OFFICER
    ).distinct()


def organisations_of(user: User, role: Role) -> Iterable[Organisation]:
    """Return the organisations in which a user has a role."""
    from capillary.web.accounts.models import Organisation

    return Organisation.objects.filter(positions__user=user, positions__role=role.value).distinct()


def organisation_for(request: HttpRequest, role: Role) -> Organisation:
    """Return the organisation in which the visitor has a role; the first one where there are several.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor has this role nowhere.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = next(iter(organisations_of(request.user, role)), None)
    if found is None:
        raise Http404
    return found


def reviewer(request: HttpRequest) -> User:
    """Return the visitor, who reviews what providers want to publish: an officer of some organisation.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is no officer.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    organisation_for(request, Role.OFFICER)
    return request.user


def belongs_to(user: User, organisation: Organisation | None) -> bool:
    """Whether a user has any position in an organisation, and so cannot review what it publishes."""
    return organisation is not None and Position.objects.filter(user=user, organisation=organisation).exists()


def working_as(request: HttpRequest, role: Role) -> User:
    """Return the visitor, who works in a role: by a position in an organisation, or because an enterprise let them in.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor does not work in this role.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    has_position = Position.objects.filter(user=request.user, role=role.value).exists()
    if not has_position and not works_with(request.user, role).exists():
        raise Http404
    return request.user


def rule_editor(request: HttpRequest) -> User:
    """Return the visitor, who may look into the rules of incentive programmes and try out others: officers, administrators.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is neither.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    if not may_edit_rules(request.user):
        raise Http404
    return request.user


def signed_in(request: HttpRequest) -> User:
    """Return the visitor, who must have signed in.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    return request.user


def hiring_firms(request: HttpRequest) -> list[Enterprise]:
    """Return the enterprises for which the visitor may look for people.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: there is none.
    """
    user = signed_in(request)
    roles = [role.value for role in GRANTS[Action.HIRE]]
    mine = Member.objects.filter(user=user, until=None, role__in=roles)
    found = list(
        Enterprise.objects.filter(members__in=mine, erased_at=None).distinct().order_by("name", "pk")
    )
    if not found:
        raise Http404
    return found


def course_importer(request: HttpRequest) -> list[Organisation]:
    """Return the organisations for which the visitor may import courses: their own for officers, all for administrators.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is neither.
    """
    from capillary.web.accounts.models import Organisation

    user = signed_in(request)
    if user.is_superuser:
        return list(Organisation.objects.all())
    found = list(organisations_of(user, Role.OFFICER))
    if not found:
        raise Http404
    return found


def may_edit_rules(user: User) -> bool:
    """Whether somebody is an officer of any organisation, or an administrator."""
    return user.is_superuser or Position.objects.filter(user=user, role=Position.Role.OFFICER).exists()


def officers_with(user: User) -> Q:
    """Return the condition on users under which they are officers of an organisation where this one is an officer too."""
    theirs = Position.objects.filter(user=user, role=Position.Role.OFFICER).values("organisation")
    return Q(pk=user.pk) | Q(
        pk__in=Position.objects.filter(organisation__in=theirs, role=Position.Role.OFFICER).values("user")
    )


def works_with(user: User, role: Role) -> QuerySet[Enterprise]:
    """Return the enterprises that let a user in in a role, and have not ended it."""
    return Enterprise.objects.filter(
        members__in=Member.objects.filter(user=user, role=role.value, until=None), erased_at=None
    )


def held_enterprises(request: HttpRequest) -> frozenset[UUID]:
    """Return the unclaimed enterprises whose check this browser made, from its signed cookie."""
    from uuid import UUID

    try:
        value = request.get_signed_cookie(HELD_COOKIE, default="", max_age=HELD_DAYS * 86400)
    except BadSignature:
        return frozenset()
    return frozenset(UUID(item) for item in value.split(".") if item)


def hold(request: HttpRequest, response: HttpResponse, enterprise: Enterprise) -> None:
    """Let this browser go on with an unclaimed enterprise."""
    from django.conf import settings

    kept = [str(item) for item in held_enterprises(request) if item != enterprise.id]
    value = ".".join([*kept[: MOST_HELD - 1], str(enterprise.id)])
    response.set_signed_cookie(
        HELD_COOKIE,
        value,
        max_age=HELD_DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def audit_read(request: HttpRequest, subject: str, enterprise: UUID | None, role: Role) -> None:
    """Note that somebody else's data was read."""
    AuditEntry.objects.create(
        user=request.user if request.user.is_authenticated else None,
        kind=AuditEntry.Kind.READ,
        action="read",
        enterprise=enterprise,
        subject=subject,
        role=role.value,
    )


def audit_write(user: User | None, action: str, enterprise: UUID | None, subject: str = "") -> None:
    """Note a write; services call it in the transaction of the write itself."""
    AuditEntry.objects.create(
        user=user, kind=AuditEntry.Kind.WRITE, action=action, enterprise=enterprise, subject=subject[:200]
    )
