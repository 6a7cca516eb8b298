"""A holder's own key (RFC 9901, section 4.3): a token is bound to it at issue, and whoever shows the token proves to have it.

A *binding* is a short signed statement behind the token: for whom it is shown (``aud``), by which word of theirs (``nonce``),
when (``iat``), and exactly what (``sd_hash``). Who has only a copy of the token cannot make one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from capillary.credentials.keys import pinned_keys
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.credentials.keys import PublicKey, SigningKey
    from capillary.model.text import Message

TYPE = "kb+jwt"
SKEW = 300  # seconds by which clocks may differ
LONGEST = 86_400  # seconds for which a binding counts as fresh; the nonce tells a copy of yesterday's apart from today's
# the curves of wallets, each with the one algorithm that it signs with, and the parts of its public key
ALGORITHMS = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256"}
_PARTS = {"OKP": ("kty", "crv", "x"), "EC": ("kty", "crv", "x", "y")}


class BadBindingError(Exception):
    """A binding does not hold; says why."""

    def __init__(self, words: Message) -> None:
        self.words = words
        super().__init__(words.in_("en"))


class UnknownKeyError(Exception):
    """The holder's key is given in a way, or of a kind, that is not known here."""


@dataclass(frozen=True)
class Binding:
    """What a binding that holds says."""

    audience: str
    nonce: str
    at: int


def jwk_of(key: PublicKey) -> dict[str, str]:
    """Return an Ed25519 key in the form in which tokens name their holder's (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": _text(key.raw)}


def holder_key(raw: object) -> dict[str, str]:
    """Return the public key that a certificate is to be bound to.

    Args:
        raw: what its file holds: a JWK of a curve in `ALGORITHMS`, the holder's ``keys.json``, of which the present key counts,
            or one Ed25519 key in another form that keys are published in.

    Raises:
        InputError: it is none, or a private one, which its holder should give to nobody.
    """
    if isinstance(raw, dict) and "d" in raw:
        cause = msg("The file holds a private key, which belongs to its holder alone.")
        raise _no_key(cause, msg("Give the public half: the same file without “d”."))
    try:
        if isinstance(raw, dict) and "kty" in raw:
            return _public(raw)
        present = raw["keys"][-1] if isinstance(raw, dict) and "successions" in raw else raw
        (key,) = pinned_keys(present)
        return jwk_of(key)
    except (UnknownKeyError, InputError, ValueError, KeyError, IndexError, TypeError) as error:
        cause = msg("The file holds no key that a certificate can be bound to.")
        remedy = msg("Give the holder's keys.json, an Ed25519 key as text, or a JWK of Ed25519 or P-256.")
        raise _no_key(cause, remedy) from error


def _no_key(cause: Message, remedy: Message) -> InputError:
    return InputError([Problem("bad-holder-key", Place(path="--holder-key"), cause, remedy)])


def _public(raw: object) -> dict[str, str]:
    """Return the parts of a public key, once it is one.

    Raises:
        UnknownKeyError: it is none that is known here.
    """
    if not isinstance(raw, dict) or (raw.get("kty"), raw.get("crv")) not in ALGORITHMS:
        raise UnknownKeyError
    found = {name: str(raw.get(name, "")) for name in _PARTS[str(raw["kty"])]}
    try:
        key = JWK(**found)
        key.get_op_key("verify")
    except (JWException, ValueError, TypeError) as error:
        raise UnknownKeyError from error
    return found


def bound(token: str, key: SigningKey, *, audience: str, nonce: str, at: int) -> str:
    """Return a token with a binding by its holder's key.

    Args:
        token: what is shown, ending with ``~``.
        key: the holder's.
        audience: for whom it is shown.
        nonce: the word that they gave for it.
        at: the moment, in seconds since 1970.

    Raises:
        BadBindingError: the token is bound to no key, or to another one.
    """
    named = confirmed(_payload(token))
    if named is None:
        raise BadBindingError(msg("The certificate is not bound to a holder's key."))
    if named != jwk_of(key.public):
        raise BadBindingError(msg("The certificate is bound to another key than this one."))
    claims = {"iat": at, "aud": audience, "nonce": nonce, "sd_hash": _digest(token)}
    signed = JWS(json.dumps(claims, ensure_ascii=False).encode())
    private = JWK(**named, d=_text(key.private.private_bytes_raw()))
    signed.add_signature(private, protected=json.dumps({"alg": "EdDSA", "typ": TYPE}))
    return token + str(signed.serialize(compact=True))


def confirmed(claims: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the key that claims bind a token to; None where they bind it to none.

    Raises:
        UnknownKeyError: they name it in another way than by a JWK, or it is of a kind that is not known here.
    """
    if "cnf" not in claims:
        return None
    given = claims["cnf"]
    return _public(given.get("jwk") if isinstance(given, dict) else None)


def has_binding(token: str) -> bool:
    """Whether something stands behind the last ``~`` of a token."""
    return not token.endswith("~")


def binding_of(token: str, key: Mapping[str, str], now: int) -> Binding:
    """Return what the binding of a token says, once it holds (RFC 9901, section 7.3, step 5).

    Args:
        token: with its binding.
        key: the holder's, as the issuer signed it.
        now: the moment, in seconds since 1970.

    Raises:
        BadBindingError: it does not hold.
    """
    shown, _, statement = token.rpartition("~")
    header, claims = _read(statement)
    if header.get("typ") != TYPE:
        raise BadBindingError(msg("What stands behind the token is no proof of its holder's key."))
    algorithm = ALGORITHMS[key["kty"], key["crv"]]
    if header.get("alg") != algorithm or not _holds(statement, key, algorithm):
        raise BadBindingError(
            msg("It was not shown by whom it belongs to: another key signed, or it was changed.")
        )
    if claims.get("sd_hash") != _digest(f"{shown}~"):
        raise BadBindingError(msg("Its holder signed for another showing: something was added or left out."))
    at, audience, nonce = claims.get("iat"), claims.get("aud"), claims.get("nonce")
    if (
        not isinstance(at, int)
        or isinstance(at, bool)
        or not isinstance(audience, str)
        or not isinstance(nonce, str)
    ):
        raise BadBindingError(msg("Its holder did not say for whom, by which word or when it is shown."))
    if at > now + SKEW:
        raise BadBindingError(msg("It was shown in the future. Is your clock right?"))
    if at < now - LONGEST - SKEW:
        raise BadBindingError(msg("It was shown too long ago; let its holder show it anew."))
    return Binding(audience, nonce, at)


def _read(statement: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        header, claims = (_json(part) for part in statement.split(".")[:2])
    except (ValueError, RecursionError) as error:
        raise BadBindingError(msg("What stands behind the token is no proof of its holder's key.")) from error
    return header, claims


def _json(part: str) -> dict[str, Any]:
    found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(found, dict):
        raise ValueError(part)
    return found


def _payload(token: str) -> dict[str, Any]:
    return _json(token.partition("~")[0].split(".")[1])


def _holds(statement: str, key: Mapping[str, str], algorithm: str) -> bool:
    signed = JWS()
    signed.allowed_algs = [algorithm]
    try:
        signed.deserialize(statement, JWK(**key))
    except (JWException, ValueError, TypeError, KeyError):
        return False
    return True


def _digest(shown: str) -> str:
    return _text(hashlib.sha256(shown.encode()).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
