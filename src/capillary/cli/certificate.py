"""``capillary certificate``: issue, show in part, verify and take back certificates of a digital level."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.cli.common import Session
    from capillary.credentials.issuer import Issuer
    from capillary.credentials.verify import Form, Verification
    from capillary.model.text import Message

DAY = 86_400
DEFAULT_DAYS = 365
LONGEST_DAYS = 1_096
DEFAULT_KEYS = "certificate-keys"
DEFAULT_HOLDER = "holder-keys"
DID_NAME = "did.json"
MARKS = {"ok": "✓", "failed": "✗", "unknown": "?"}
_PATH = click.Path(path_type=Path)
_keys_option = click.option(
    "--keys",
    type=_PATH,
    default=DEFAULT_KEYS,
    show_default=True,
    help="The issuer's folder; keep it to yourself.",
)
_reveal_option = click.option(
    "--reveal",
    multiple=True,
    metavar="NAME",
    help="score, assessor, benchmark, dimensions, answers, or one: answers.ID.",
)
_form_option = click.option(
    "--format", "form", type=click.Choice(["vc", "sd-jwt"]), help="W3C credential or SD-JWT."
)


@click.group(name="certificate")
@language_option
def command(session: Session) -> None:
    """Issue, show in part, verify and take back certificates that anybody can check offline."""


@command.command(name="keys")
@_keys_option
@click.option(
    "--web", metavar="HOST", help="Be known as did:web of this host; publish the did.json that is written."
)
@click.option("--rotate", is_flag=True, help="Make a new key; the present one signs that it hands over.")
@language_option
def keys(session: Session, keys: Path, web: str | None, rotate: bool) -> None:
    """Make the issuer's key where there is none, and show what to publish."""
    from capillary.credentials.issuer import STATUS
    from capillary.credentials.keys import LIST_NAME

    issuer = _issuer(keys)
    if rotate and issuer.keys.exists:
        issuer.keys.rotate(_now())
    else:
        issuer.keys.begin()
    if web is not None:
        issuer.keys.name(web)
    if issuer.keys.published().get("web"):
        with whole_file(keys / DID_NAME) as path:
            path.write_text(json.dumps(issuer.keys.document(), indent=2) + "\n", encoding="utf-8")
        click.echo(session.say("Publish {file} as /.well-known/did.json of the host.", file=keys / DID_NAME))
    issuer.publish(_now())
    click.echo(session.say("Issuer: {did}", did=issuer.keys.did))
    click.echo(
        session.say("Publish {list} and {status} from {folder}.", list=LIST_NAME, status=STATUS, folder=keys)
    )
    click.echo(
        session.say(
            "The .pem files are secret. Without them nothing can be signed; keep a copy in a safe place."
        )
    )


@command.command(name="issue")
@click.argument("file", type=_PATH, metavar="FILE")
@_keys_option
@_form_option
@click.option("--out", type=_PATH, help="Where to write it (default: print it).")
@click.option(
    "--holder-key",
    type=_PATH,
    metavar="KEY",
    help="Bind an SD-JWT to this public key of its holder, who alone can then show it.",
)
@click.option("--registration", help="The number under which the enterprise is registered.")
@click.option("--assessed-on", help="Day of the assessment, as 2026-11-28 (default: today).")
@click.option("--assessor", help="Who verified the answers.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_DAYS),
    default=DEFAULT_DAYS,
    show_default=True,
    help="How long it is valid.",
)
@language_option
def issue(session: Session, file: Path, **options: Any) -> None:
    """Issue a certificate of the level that an answer sheet proves; what is not answered counts as not there."""
    given = _Issue(**options)
    holder = _holder_key(given)
    issuer = _issuer(given.keys)
    if not issuer.keys.exists:
        issuer.keys.begin()
    text = _certified(session, file, issuer, given, holder)
    issuer.publish(_now())
    _hand_over(session, text, given.out)


@dataclass(frozen=True)
class _Issue:
    """The options of a new certificate."""

    keys: Path
    form: Form | None
    out: Path | None
    holder_key: Path | None
    registration: str | None
    assessed_on: str | None
    assessor: str | None
    days: int


def _holder_key(given: _Issue) -> Mapping[str, str] | None:
    """Return the key that the certificate is to be bound to."""
    from capillary.credentials.holder import holder_key

    if given.holder_key is None:
        return None
    if given.form == "vc":
        cause = msg("A W3C credential is not bound to a holder's key here.")
        remedy = msg("Issue it with --format sd-jwt.")
        raise _bad("no-binding", Place(path="--holder-key"), cause, remedy)
    try:
        return holder_key(_key_file(given.holder_key))
    except InputError as error:
        raise InputError([item.at(file=given.holder_key.name) for item in error.problems]) from error


def _certified(
    session: Session, file: Path, issuer: Issuer, given: _Issue, holder: Mapping[str, str] | None
) -> str:
    from capillary.cli.read import read_one
    from capillary.credentials.certificate import certificate_of
    from capillary.credentials.moments import written
    from capillary.diagnosis.diagnose import diagnose
    from capillary.incentives.firm import weakest_grade
    from capillary.model.days import is_day

    sheet = read_one(session, file)
    if not sheet.enterprise.name:
        cause = msg("The sheet does not say whose it is.")
        raise _bad(
            "no-name",
            Place(file=file.name, path="enterprise.name"),
            cause,
            msg("Add the name of the enterprise."),
        )
    now = int(datetime.now(UTC).timestamp())
    day = given.assessed_on or written(now)[:10]
    if not is_day(day) or day > written(now)[:10]:
        cause = msg("“{given}” is no day on which the enterprise can have been assessed.", given=day)
        raise _bad("bad-day", Place(path="--assessed-on"), cause, msg("Write it as 2026-12-31."))
    standard = session.find(sheet.standard)
    library = session.library
    diagnosis = diagnose(standard, sheet, library.capabilities(), (), library.benchmark(standard.id))
    identifier = f"urn:uuid:{uuid.uuid4()}"
    certificate = certificate_of(
        diagnosis,
        identifier=identifier,
        name=sheet.enterprise.name,
        registration=given.registration,
        assessed_on=day,
        evidence_grade=weakest_grade(sheet),
        assessor=given.assessor,
        valid_from=written(now),
        valid_until=written(now + given.days * DAY),
        status_list=issuer.address,
        status_index=issuer.reserve(identifier),
    )
    form = given.form or ("vc" if holder is None else "sd-jwt")
    return issuer.issue(certificate, written(now), form, holder)


@command.command(name="show")
@click.argument("file", type=_PATH, metavar="FILE")
@_reveal_option
@click.option("--out", type=_PATH, help="Where to write it (default: print it).")
@language_option
def show(session: Session, file: Path, reveal: tuple[str, ...], out: Path | None) -> None:
    """Make a token that shows only some of what an SD-JWT certificate can hide; level, day and grade always show."""
    _hand_over(session, _part_of(file, reveal), out)


@command.command(name="present")
@click.argument("file", type=_PATH, metavar="FILE")
@_reveal_option
@click.option(
    "--keys",
    type=_PATH,
    default=DEFAULT_HOLDER,
    show_default=True,
    help="The holder's own folder, made with: capillary certificate keys --keys FOLDER",
)
@click.option("--audience", required=True, metavar="NAME", help="For whom it is, as they call themselves.")
@click.option("--nonce", required=True, metavar="WORD", help="The word that they gave you for this showing.")
@click.option("--out", type=_PATH, help="Where to write it (default: print it).")
@language_option
def present(  # noqa: PLR0917 - click passes every option
    session: Session,
    file: Path,
    reveal: tuple[str, ...],
    keys: Path,
    audience: str,
    nonce: str,
    out: Path | None,
) -> None:
    """Show some of an SD-JWT certificate to one reader, and prove with the holder's key that it is yours to show."""
    from capillary.credentials.holder import BadBindingError, UnknownKeyError, bound
    from capillary.credentials.keys import KeyFolder

    key = KeyFolder(keys).current()
    shown = _part_of(file, reveal)
    now = int(datetime.now(UTC).timestamp())
    try:
        token = bound(shown, key, audience=audience, nonce=nonce, at=now)
    except (BadBindingError, UnknownKeyError) as error:
        cause = (
            error.words
            if isinstance(error, BadBindingError)
            else msg("The certificate is bound to another key than this one.")
        )
        remedy = msg("Let the issuer bind it to yours: capillary certificate issue FILE --holder-key KEY")
        raise _bad("not-bound", Place(file=file.name), cause, remedy) from error
    _hand_over(session, token, out)


def _part_of(file: Path, reveal: tuple[str, ...]) -> str:
    from capillary.credentials.sdjwt import BadTokenError, presented

    try:
        return presented(file.read_text(encoding="utf-8").strip(), reveal)
    except (BadTokenError, UnicodeDecodeError) as error:
        cause = msg("The file is no SD-JWT.")
        remedy = msg("Issue one with: capillary certificate issue FILE --format sd-jwt")
        raise _bad("no-token", Place(file=file.name), cause, remedy) from error


def _hand_over(session: Session, text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text)
        return
    with whole_file(out) as path:
        path.write_text(text + "\n", encoding="utf-8")
    click.echo(session.say("Wrote {path}.", path=out), err=True)


@command.command(name="verify")
@click.argument("file", type=_PATH, metavar="FILE")
@_form_option
@click.option(
    "--key",
    "pinned",
    type=_PATH,
    help="The issuer's keys that you trust: keys.json, a DID document or a key.",
)
@click.option(
    "--status",
    "lists",
    type=_PATH,
    multiple=True,
    help="A status list of the issuer, to see what was taken back.",
)
@click.option(
    "--audience", metavar="NAME", help="For whom its holder was asked to show it; goes with --nonce."
)
@click.option("--nonce", metavar="WORD", help="The word that its holder was given for this showing.")
@click.option("--at", help="The moment to judge by, as 2026-11-28T12:00:00Z (default: now).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def verify(  # noqa: PLR0917 - click passes every option
    session: Session,
    file: Path,
    form: Form | None,
    pinned: Path | None,
    lists: tuple[Path, ...],
    audience: str | None,
    nonce: str | None,
    at: str | None,
    as_json: bool,
) -> None:
    """Verify a credential offline: proof, issuer, holder, dates and status. Exit code 1 where something fails."""
    from capillary.credentials.keys import pinned_keys
    from capillary.credentials.moments import seconds
    from capillary.credentials.verify import Asked, Trust
    from capillary.credentials.verify import verify as verified
    from capillary.sheets.jsonfiles import read_object

    try:
        now = int(datetime.now(UTC).timestamp()) if at is None else seconds(at)
    except ValueError:
        cause = msg("“{given}” is no moment.", given=at)
        raise _bad(
            "bad-moment", Place(path="--at"), cause, msg("Write it as 2026-12-31T12:00:00Z.")
        ) from None
    keys = None if pinned is None else tuple(pinned_keys(_key_file(pinned)))
    if (audience is None) != (nonce is None):
        cause = msg("Only one of --audience and --nonce is given.")
        raise _bad("half-asked", Place(path="--nonce"), cause, msg("Give both, or neither."))
    asked = None if audience is None or nonce is None else Asked(audience, nonce)
    trust = Trust(now, keys, tuple(read_object(path) for path in lists), asked)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        cause = msg("The file is no text.")
        raise _bad(
            "not-text", Place(file=file.name), cause, msg("Give the credential itself, not its PDF.")
        ) from None
    found = verified(text, trust, form)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        _tell(session, found)
    if not found.valid:
        click.get_current_context().exit(1)


def _key_file(path: Path) -> object:
    text = path.read_text(encoding="utf-8-sig").strip()
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found


def _tell(session: Session, found: Verification) -> None:
    click.echo(session.say("Valid.") if found.valid else session.say("Not valid."))
    for check in found.checks:
        click.echo(f"  {MARKS[check.outcome]} {check.words.in_(session.language)}")
    subject = found.claims.get("credentialSubject", found.claims)
    assessment = subject.get("assessment") if isinstance(subject, dict) else None
    if not found.ours or not isinstance(assessment, dict):
        return
    click.echo(session.say("  Enterprise: {name}", name=subject.get("legalName", "–")))
    click.echo(
        session.say(
            "  {standard}, assessed on {date}: level {level}, evidence: {grade}",
            standard=assessment.get("standard", "–"),
            date=assessment.get("date", "–"),
            level=assessment.get("level", "–"),
            grade=assessment.get("evidenceGrade", "–"),
        )
    )


@command.command(name="revoke")
@click.argument("identifier", metavar="ID")
@_keys_option
@language_option
def revoke(session: Session, identifier: str, keys: Path) -> None:
    """Take a certificate back: its id is set in the status list, which is signed anew."""
    issuer = _issuer(keys)
    is_new = issuer.revoke(identifier, _now())
    path = issuer.publish(_now())
    if is_new:
        click.echo(session.say("Taken back. Publish {path}.", path=path))
    else:
        click.echo(session.say("It had been taken back already. {path} is signed anew.", path=path))


def _issuer(folder: Path) -> Issuer:
    from capillary.credentials.issuer import Issuer as Made

    return Made(folder)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bad(code: str, place: Place, cause: Message, remedy: Message) -> InputError:
    return InputError([Problem(code, place, cause, remedy)])
