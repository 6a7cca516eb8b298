"""The same certificate as SD-JWT (RFC 9901), of which a firm may show the level and hide the rest."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from capillary.credentials import moments, status
from capillary.credentials.certificate import VCT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from capillary.credentials.certificate import Certificate
    from capillary.credentials.keys import PublicKey, SigningKey

ALGORITHM = "EdDSA"
TYPES = {"dc+sd-jwt", "vc+sd-jwt"}
ALWAYS_SHOWN = ("standard", "edition", "date", "level", "levelTitle", "evidenceGrade")


class BadTokenError(Exception):
    """A text is no SD-JWT, or its signature does not hold; the text says why."""


def issued(
    certificate: Certificate,
    key: SigningKey,
    method: str | None = None,
    holder: Mapping[str, str] | None = None,
) -> str:
    """Return a certificate as SD-JWT with every disclosure, bound to a holder's public key (a JWK) where one is given.

    The standard, the day, the level and its grade of evidence are always shown, and whose they are; score, each dimension,
    assessor, benchmark and each answer can be hidden.
    """
    shown: dict[Any, Any] = {}
    for name, value in certificate.assessment().items():
        if name in ALWAYS_SHOWN:
            shown[name] = value
        else:
            shown[SDObj(name)] = _each(value) if name == "dimensions" else value
    shown[SDObj("answers")] = _each(certificate.answers)
    claims: dict[Any, Any] = {
        "iss": (method or key.public.method).partition("#")[0],
        "iat": moments.seconds(certificate.valid_from),
        "nbf": moments.seconds(certificate.valid_from),
        "exp": moments.seconds(certificate.valid_until),
        "jti": certificate.identifier,
        "vct": VCT,
        "legalName": certificate.name,
        "assessment": shown,
    }
    if certificate.registration is not None:
        claims["registrationNumber"] = certificate.registration
    if certificate.status_list is not None and certificate.status_index is not None:
        claims["credentialStatus"] = status.entry(certificate.status_list, certificate.status_index)
    made = SDJWTIssuer(
        claims,
        _jwk(key.public, key),
        holder_key=None if holder is None else JWK(**holder),
        sign_alg=ALGORITHM,
        extra_header_parameters={"typ": "dc+sd-jwt", "kid": method or key.public.method},
    )
    return str(made.sd_jwt_issuance)


def _each(values: Mapping[str, Any]) -> dict[Any, Any]:
    return {SDObj(name): value for name, value in values.items()}


def presented(token: str, shown: Collection[str]) -> str:
    """Return a token that shows only some of what can be hidden, without a binding.

    Args:
        token: as it was issued.
        shown: names under ``assessment``; ``dimensions.fit`` or ``answers.Q01`` for one of many, ``answers`` for all of them.

    Raises:
        BadTokenError: the text is no SD-JWT.
    """
    wanted: dict[str, Any] = {}
    inner = _inner_names(token)
    for name in shown:
        head, dot, tail = name.partition(".")
        if head in inner:
            wanted.setdefault(head, {}).update(dict.fromkeys([tail] if dot else inner[head], True))
        else:
            wanted[head] = True
    try:
        holder = SDJWTHolder(token)
        holder.create_presentation({"assessment": wanted})
    except Exception as error:
        raise BadTokenError(str(error) or type(error).__name__) from error
    return str(holder.sd_jwt_presentation)


def _disclosures(token: str) -> dict[str, list[Any]]:
    """Return the disclosures of a token by their digests (RFC 9901, section 4.2.3).

    Raises:
        BadTokenError: one of them is no disclosure, or stands twice.
    """
    found: dict[str, list[Any]] = {}
    for text in token.split("~")[1:-1]:
        try:
            parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except ValueError as error:
            raise BadTokenError("no disclosure") from error
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        if not isinstance(parts, list) or digest in found:
            raise BadTokenError("no disclosure, or one twice")
        found[digest] = parts
    return found


def _inner_names(token: str) -> dict[str, list[str]]:
    """Return for what holds several things that can be hidden one by one their names."""
    disclosures = _disclosures(token)
    return {
        str(parts[1]): [str(disclosures[digest][1]) for digest in parts[2]["_sd"] if digest in disclosures]
        for parts in disclosures.values()
        if len(parts) == 3 and isinstance(parts[2], dict) and "_sd" in parts[2]
    }


def _digests(node: object) -> Iterator[str]:
    """Yield the digests of everything that can be hidden below a node."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "_sd" and isinstance(value, list):
                yield from (str(item) for item in value)
            elif name == "...":
                yield str(value)
            else:
                yield from _digests(value)
    elif isinstance(node, list):
        for item in node:
            yield from _digests(item)


def _check_all_referenced(token: str, payload: object) -> None:
    """Refuse a disclosure that nothing signed refers to (RFC 9901, section 7.1, step 5); the library leaves it out silently.

    Raises:
        BadTokenError: there is one.
    """
    disclosures = _disclosures(token)
    named = {
        *_digests(payload),
        *(digest for parts in disclosures.values() for digest in _digests(parts[-1])),
    }
    if not disclosures.keys() <= named:
        raise BadTokenError("a disclosure that nothing refers to")


def header_and_issuer(token: str) -> tuple[dict[str, Any], str]:
    """Return what a token says of itself, unverified: its header, and who issued it.

    Raises:
        BadTokenError: the text is no SD-JWT.
    """
    first = token.partition("~")[0].split(".")
    if len(first) != 3 or "~" not in token:
        raise BadTokenError("no SD-JWT")
    try:
        header, payload = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in first[:2])
    except ValueError as error:
        raise BadTokenError("no SD-JWT") from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise BadTokenError("no SD-JWT")
    return header, str(payload.get("iss", ""))


def verified(token: str, key: PublicKey) -> dict[str, Any]:
    """Return what a token shows, once its signature and its disclosures hold; a binding behind it is left aside.

    Raises:
        BadTokenError: they do not.
    """
    header, _ = header_and_issuer(token)
    if header.get("alg") != ALGORITHM:
        raise BadTokenError(f"alg {header.get('alg')}")
    try:
        checked = SDJWTVerifier(token, lambda _issuer, _header: _jwk(key))
        payload: dict[str, Any] = checked.get_verified_payload()
        _check_all_referenced(token, checked._sd_jwt_payload)  # noqa: SLF001 - the library has no other way
    except (
        JWException,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
    ) as error:
        raise BadTokenError(str(error) or type(error).__name__) from error
    return payload


def _jwk(public: PublicKey, key: SigningKey | None = None) -> JWK:
    fields = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(public.raw).decode().rstrip("=")}
    if key is not None:
        raw = key.private.private_bytes_raw()
        fields["d"] = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return JWK(**fields)
