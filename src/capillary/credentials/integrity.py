"""Data Integrity proofs of the cryptosuite ``eddsa-jcs-2022`` (W3C Recommendation of 15 May 2025)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import base58
import rfc8785

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.credentials.keys import PublicKey, SigningKey

SUITE = "eddsa-jcs-2022"
SIGNATURE_LENGTH = 64


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return a document in canonical form (RFC 8785).

    Raises:
        ValueError: a number in it has no canonical form.
    """
    try:
        return rfc8785.dumps(dict(document))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def hashed(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """Return what is signed: the hash of the proof without its value, then that of the document without its proof.

    Section 3.3.4 of the Recommendation: the two SHA-256 hashes one after the other.
    """
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    bare = {name: value for name, value in document.items() if name != "proof"}
    return hashlib.sha256(canonical(config)).digest() + hashlib.sha256(canonical(bare)).digest()


def secured(
    document: Mapping[str, Any], key: SigningKey, created: str, method: str | None = None
) -> dict[str, Any]:
    """Return a document with a proof.

    Args:
        document: with an ``@context`` and without a proof.
        key: that signs.
        created: the moment, as an ISO time in UTC.
        method: how the proof names the key; its ``did:key`` by default.
    """
    proof: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": method or key.public.method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    signature = key.sign(hashed(document, proof))
    return {**document, "proof": {**proof, "proofValue": "z" + base58.b58encode(signature).decode()}}


def is_signed_by(document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey) -> bool:
    """Whether a proof over a document is of a key.

    A proof repeats the context of its document (section 3.3.1). The Recommendation lets contexts be added behind it; here that
    counts as a change.
    """
    if proof.get("@context") != document.get("@context"):
        return False
    value = proof.get("proofValue")
    if not isinstance(value, str) or not value.startswith("z"):
        return False
    try:
        signature = base58.b58decode(value[1:])
        data = hashed(document, proof)
    except ValueError:
        return False
    return len(signature) == SIGNATURE_LENGTH and key.verifies(signature, data)
