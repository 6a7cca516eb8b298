"""Verifies credentials of any issuer, offline: proof, issuer, dates, status; and says whether they are certificates of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from capillary.credentials import holder, moments, sdjwt, status
from capillary.credentials.certificate import TYPE, VCT
from capillary.credentials.holder import SKEW, BadBindingError, UnknownKeyError
from capillary.credentials.integrity import SUITE, is_signed_by
from capillary.credentials.keys import DID_KEY, PublicKey, key_of_method
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.model.text import Message

Form = Literal["vc", "sd-jwt"]
Outcome = Literal["ok", "failed", "unknown"]
Part = Literal["form", "proof", "issuer", "holder", "dates", "status", "type"]
FIRST_CONTEXT = "https://www.w3.org/ns/credentials/v2"
LARGEST = 1_000_000  # characters
_PURPOSES = {"revocation", "suspension"}


@dataclass(frozen=True)
class Check:
    """One thing that was checked, and how it came out."""

    part: Part
    outcome: Outcome
    words: Message


@dataclass(frozen=True)
class Verification:
    """What is to be held of a credential.

    Attributes:
        valid: whether nothing failed. What could not be checked, such as a status without its list, does not count as failed.
        ours: whether it is a certificate of a digital level.
        claims: what it says; nothing where its proof does not hold.
    """

    form: Form
    checks: tuple[Check, ...]
    ours: bool
    claims: Mapping[str, Any]

    @property
    def valid(self) -> bool:
        """Whether nothing failed."""
        return all(check.outcome != "failed" for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "valid": self.valid,
            "format": self.form,
            "ours": self.ours,
            "checks": [
                {
                    "part": item.part,
                    "outcome": item.outcome,
                    "zh": item.words.in_("zh"),
                    "en": item.words.in_("en"),
                }
                for item in self.checks
            ],
            "claims": self.claims,
        }


@dataclass(frozen=True)
class Asked:
    """What a verifier asked a holder for: to show a token to them (``audience``), with their word for it (``nonce``)."""

    audience: str
    nonce: str


@dataclass(frozen=True)
class Trust:
    """What a verification goes by.

    Attributes:
        now: the moment, in seconds since 1970.
        pinned: the keys that are trusted; None to take the key that the credential itself names.
        lists: status lists that are at hand, as credentials.
        asked: what its holder was asked for; None where nobody was, so that a proof of the holder's key proves little.
    """

    now: int
    pinned: tuple[PublicKey, ...] | None = None
    lists: tuple[Mapping[str, Any], ...] = ()
    asked: Asked | None = None


def form_of(text: str) -> Form:
    """Return what a text looks like.

    >>> form_of('{"type": []}'), form_of("eyJ.eyJ.sig~")
    ('vc', 'sd-jwt')
    """
    return "vc" if text.lstrip().startswith(("{", "[")) else "sd-jwt"


def verify(text: str, trust: Trust, form: Form | None = None) -> Verification:
    """Return what is to be held of a credential.

    Args:
        text: the credential as JSON, or an SD-JWT.
        trust: what it is held to.
        form: which of both it must be; None to see for oneself.
    """
    wanted = form or form_of(text)
    if len(text) > LARGEST:
        return _refused(wanted, msg("The file is larger than any credential."))
    if wanted == "sd-jwt":
        return _token(text.strip(), trust)
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return _refused(wanted, msg("The file is no JSON, or names a key twice."))
    if not isinstance(document, dict):
        return _refused(wanted, msg("The file does not hold one credential."))
    return _credential(document, trust)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(form: Form, words: Message) -> Verification:
    return Verification(form, (Check("form", "failed", words),), ours=False, claims={})


# --- credentials with Data Integrity ---------------------------------------------------------------------------------


def _credential(document: Mapping[str, Any], trust: Trust) -> Verification:
    types = _texts(document.get("type"))
    contexts = document.get("@context")
    if (
        not isinstance(contexts, list)
        or contexts[:1] != [FIRST_CONTEXT]
        or "VerifiableCredential" not in types
    ):
        return _refused("vc", msg("This is no credential of the W3C's data model 2.0."))
    ours = TYPE in types
    key, proof = _proof(document, trust)
    checks = [proof]
    if key is not None:
        checks.append(_issuer(_issuer_of(document), key, trust, ours=ours))
        checks.extend(_dates(document, trust))
        checks.extend(_statuses(document.get("credentialStatus"), key, trust))
    checks.append(_type(ours=ours, named=", ".join(types)))
    return Verification("vc", tuple(checks), ours, {} if key is None else dict(document))


def _proof(document: Mapping[str, Any], trust: Trust) -> tuple[PublicKey | None, Check]:
    """Return the key whose proof holds, and what the proofs came to; every proof of the known suite must hold."""
    given = document.get("proof")
    proofs = [item for item in (given if isinstance(given, list) else [given]) if isinstance(item, dict)]
    known = [
        item
        for item in proofs
        if item.get("cryptosuite") == SUITE and item.get("type") == "DataIntegrityProof"
    ]
    if not known:
        names = ", ".join(str(item.get("cryptosuite", item.get("type"))) for item in proofs) or "–"
        return None, Check(
            "proof", "failed", msg("It has no proof of {suite}, but: {names}.", suite=SUITE, names=names)
        )
    keys = []
    for proof in known:
        key, check = _one_proof(document, proof, trust)
        if key is None:
            return None, check
        keys.append(key)
    return keys[0], Check("proof", "ok", msg("The proof holds: nothing was changed since it was signed."))


def _one_proof(
    document: Mapping[str, Any], proof: Mapping[str, Any], trust: Trust
) -> tuple[PublicKey | None, Check]:
    if proof.get("proofPurpose") != "assertionMethod":
        return None, Check("proof", "failed", msg("The proof was made for another purpose than to assert."))
    method = str(proof.get("verificationMethod", ""))
    named = key_of_method(method)
    candidates = [] if named is None else [named]
    if trust.pinned is not None:
        candidates = [key for key in trust.pinned if named is None or key == named]
        if not candidates:
            return None, Check(
                "proof", "failed", msg("It is signed with another key than those that are pinned.")
            )
    if not candidates:
        words = msg(
            "Its key {method} cannot be told offline: pin the issuer's key.", method=method[:80] or "–"
        )
        return None, Check("proof", "failed", words)
    for key in candidates:
        if is_signed_by(document, proof, key):
            return key, Check("proof", "ok", msg("The proof holds: nothing was changed since it was signed."))
    return None, Check(
        "proof", "failed", msg("The proof does not hold: something was changed, or another key signed.")
    )


def _issuer_of(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    return str(issuer.get("id", "")) if isinstance(issuer, dict) else str(issuer or "")


def _issuer(issuer: str, key: PublicKey, trust: Trust, *, ours: bool) -> Check:
    if trust.pinned is not None:
        return Check("issuer", "ok", msg("The key is one of those that are pinned."))
    if issuer == key.did:
        return Check(
            "issuer",
            "unknown",
            msg(
                "The issuer is whoever holds the key {key}; pin the key of an issuer that you trust.",
                key=issuer,
            ),
        )
    words = msg(
        "The credential names {issuer}, but does not prove that the key is theirs.", issuer=issuer or "–"
    )
    return Check("issuer", "failed" if ours and issuer.startswith(DID_KEY) else "unknown", words)


def _dates(document: Mapping[str, Any], trust: Trust) -> Iterator[Check]:
    proof = document["proof"]
    first = proof[0] if isinstance(proof, list) else proof
    limits = [
        (document.get("validFrom"), document.get("validUntil")),
        (first.get("created"), first.get("expires")),
    ]
    try:
        spans = [
            (None if begin is None else moments.seconds(begin), None if end is None else moments.seconds(end))
            for begin, end in limits
        ]
    except (TypeError, ValueError):
        yield Check("dates", "failed", msg("One of its moments cannot be read."))
        return
    yield from _within(spans, trust)


def _within(spans: Sequence[tuple[int | None, int | None]], trust: Trust) -> Iterator[Check]:
    for begin, end in spans:
        if begin is not None and begin > trust.now + SKEW:
            words = msg("It is valid only from {moment}. Is your clock right?", moment=moments.written(begin))
            yield Check("dates", "failed", words)
            return
        if end is not None and end < trust.now - SKEW:
            yield Check("dates", "failed", msg("It was valid until {moment}.", moment=moments.written(end)))
            return
    yield Check("dates", "ok", msg("It is valid at {moment}.", moment=moments.written(trust.now)))


def _statuses(given: object, key: PublicKey, trust: Trust) -> Iterator[Check]:
    entries = given if isinstance(given, list) else [] if given is None else [given]
    for item in entries:
        yield _status(item, key, trust)


def _status(item: object, key: PublicKey, trust: Trust) -> Check:  # noqa: PLR0911 - one for each way it can come out
    if not isinstance(item, dict) or item.get("type") != "BitstringStatusListEntry":
        return Check("status", "unknown", msg("Its status is of a kind that is not known here."))
    purpose = item.get("statusPurpose")
    if purpose not in _PURPOSES:
        return Check("status", "unknown", msg("Its status has another purpose than to take it back."))
    address = item.get("statusListCredential")
    listed = next((found for found in trust.lists if found.get("id") == address), None)
    if listed is None:
        words = msg(
            "Whether it was taken back was not checked: the list {address} is not at hand.", address=address
        )
        return Check("status", "unknown", words)
    signer, _ = _proof(listed, trust)
    if signer is None:
        return Check("status", "failed", msg("The list of what was taken back is not rightly signed."))
    if trust.pinned is None and signer != key:
        words = msg(
            "Whether it was taken back was not checked: the list is signed with another key; pin the issuer's keys."
        )
        return Check("status", "unknown", words)
    problems = [check for check in _dates(listed, trust) if check.outcome == "failed"]
    if problems or status.purpose_of(listed) != purpose:
        return Check(
            "status", "failed", msg("The list of what was taken back is out of date, or for another purpose.")
        )
    subject = listed.get("credentialSubject", {})
    try:
        taken_back = status.is_set(str(subject.get("encodedList")), int(str(item.get("statusListIndex"))))
    except (ValueError, AttributeError):
        return Check(
            "status", "failed", msg("The list of what was taken back cannot be read, or lacks its entry.")
        )
    if taken_back:
        return Check("status", "failed", msg("It was taken back by its issuer."))
    made = listed["proof"]["created"] if isinstance(listed["proof"], dict) else "–"
    return Check("status", "ok", msg("It was not taken back, by a list of {moment}.", moment=made))


def _type(*, ours: bool, named: str) -> Check:
    if ours:
        return Check("type", "ok", msg("It is a certificate of a digital level."))
    return Check("type", "unknown", msg("It is of another type: {types}.", types=named[:200]))


def _texts(given: object) -> list[str]:
    return (
        [given]
        if isinstance(given, str)
        else [str(item) for item in given]
        if isinstance(given, list)
        else []
    )


# --- SD-JWT ----------------------------------------------------------------------------------------------------------


def _token(token: str, trust: Trust) -> Verification:
    try:
        header, issuer = sdjwt.header_and_issuer(token)
    except sdjwt.BadTokenError:
        return _refused("sd-jwt", msg("The file is no SD-JWT."))
    if header.get("typ") not in sdjwt.TYPES:
        return _refused(
            "sd-jwt", msg("The token is of the type {kind}, not dc+sd-jwt.", kind=str(header.get("typ"))[:40])
        )
    named = key_of_method(str(header.get("kid") or issuer)) or key_of_method(issuer)
    candidates = [] if named is None else [named]
    if trust.pinned is not None:
        candidates = [key for key in trust.pinned if named is None or key == named]
        if not candidates:
            return _bad("sd-jwt", msg("It is signed with another key than those that are pinned."))
    if not candidates:
        return _bad(
            "sd-jwt",
            msg("Its key {method} cannot be told offline: pin the issuer's key.", method=issuer[:80] or "–"),
        )
    for key in candidates:
        try:
            claims = sdjwt.verified(token, key)
        except sdjwt.BadTokenError:
            continue
        return _token_checks(token, claims, key, trust)
    return _bad("sd-jwt", msg("The proof does not hold: something was changed, or another key signed."))


def _bad(form: Form, words: Message) -> Verification:
    return Verification(form, (Check("proof", "failed", words),), ours=False, claims={})


def _token_checks(token: str, claims: Mapping[str, Any], key: PublicKey, trust: Trust) -> Verification:
    ours = claims.get("vct") == VCT
    checks = [Check("proof", "ok", msg("The proof holds: nothing was changed since it was signed."))]
    checks.append(_issuer(str(claims.get("iss", "")), key, trust, ours=ours))
    checks.extend(_holder(token, claims, trust))
    begin, end = claims.get("nbf", claims.get("iat")), claims.get("exp")
    if any(moment is not None and not isinstance(moment, int) for moment in (begin, end)):
        checks.append(Check("dates", "failed", msg("One of its moments cannot be read.")))
    else:
        checks.extend(_within([(begin, end)], trust))
    checks.extend(_statuses(claims.get("credentialStatus"), key, trust))
    if "status" in claims:
        checks.append(Check("status", "unknown", msg("Its status is of a kind that is not known here.")))
    checks.append(_type(ours=ours, named=str(claims.get("vct", "–"))))
    return Verification("sd-jwt", tuple(checks), ours, claims)


def _holder(token: str, claims: Mapping[str, Any], trust: Trust) -> Iterator[Check]:
    """Yield whether whoever shows a token has the key that it is bound to; nothing where neither is asked for nor there."""
    open_end: Outcome = "unknown" if trust.asked is None else "failed"
    is_shown = holder.has_binding(token)
    try:
        key = holder.confirmed(claims)
    except UnknownKeyError:
        yield Check(
            "holder", open_end, msg("It is bound to its holder's key in a way that is not known here.")
        )
        return
    if key is None:
        if is_shown:
            words = msg("It is shown with a holder's key, but its issuer bound it to none.")
            yield Check("holder", "failed", words)
        elif trust.asked is not None:
            words = msg("Its issuer bound it to no holder's key: whoever has a copy can show it.")
            yield Check("holder", "failed", words)
        return
    if not is_shown:
        words = msg("It is bound to its holder's key, but whoever shows it did not prove to have it.")
        yield Check("holder", open_end, words)
        return
    yield _binding(token, key, trust)


def _binding(token: str, key: Mapping[str, str], trust: Trust) -> Check:
    try:
        found = holder.binding_of(token, key, trust.now)
    except BadBindingError as error:
        return Check("holder", "failed", error.words)
    said = {"audience": found.audience[:80], "moment": moments.written(found.at)}
    if trust.asked is None:
        words = msg(
            "Its holder showed it to {audience} at {moment}; whether that is you, by your word, was not checked.",
            **said,
        )
        return Check("holder", "unknown", words)
    if found.audience != trust.asked.audience:
        return Check("holder", "failed", msg("Its holder showed it to {audience}, not to you.", **said))
    if found.nonce != trust.asked.nonce:
        words = msg("Its holder did not use your word for this showing: it may be a copy of an earlier one.")
        return Check("holder", "failed", words)
    return Check("holder", "ok", msg("Its holder showed it to you at {moment}.", **said))
