"""Bitstring Status Lists (W3C Recommendation of 15 May 2025): which certificates were taken back."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEAST_BITS = 131_072  # so many that an entry does not tell whose it is
LARGEST = 4_000_000  # bytes of a list, unpacked
CONTEXT = "https://www.w3.org/ns/credentials/v2"


def encoded(taken_back: Iterable[int]) -> str:
    """Return the list in which the bits of some entries are set: gzip, base64url, after a ``u`` (Multibase).

    >>> is_set(encoded([7, 131071]), 7), is_set(encoded([7]), 8)
    (True, False)
    """
    bits = bytearray(LEAST_BITS // 8)
    for index in taken_back:
        bits[index // 8] |= 0x80 >> (index % 8)  # the first entry is the leftmost bit
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def is_set(text: str, index: int) -> bool:
    """Whether the bit of an entry is set.

    Raises:
        ValueError: the text is no list, the list is too large or too short, or it has no such entry.
    """
    if not text.startswith("u") or index < 0:
        raise ValueError("no list of this form")
    try:
        packed = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
        with gzip.open(io.BytesIO(packed)) as file:
            bits = file.read(LARGEST + 1)
    except (binascii.Error, OSError, EOFError, zlib.error) as error:
        raise ValueError("the list cannot be unpacked") from error
    if len(bits) > LARGEST:
        raise ValueError("the list is too large")
    if len(bits) * 8 < LEAST_BITS or index >= len(bits) * 8:
        raise ValueError("the list has no such entry")
    return bool(bits[index // 8] & (0x80 >> (index % 8)))


def status_list(
    *, identifier: str, issuer: str, valid_from: str, taken_back: Iterable[int]
) -> dict[str, Any]:
    """Return the credential of a status list, without its proof."""
    return {
        "@context": [CONTEXT],
        "id": identifier,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{identifier}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(taken_back),
        },
    }


def entry(identifier: str, index: int) -> dict[str, str]:
    """Return what a certificate says of its entry in a list."""
    return {
        "id": f"{identifier}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": identifier,
    }


def purpose_of(listed: Mapping[str, Any]) -> str | None:
    """Return what a status list is for."""
    subject = listed.get("credentialSubject")
    purpose = subject.get("statusPurpose") if isinstance(subject, dict) else None
    return purpose if isinstance(purpose, str) else None
