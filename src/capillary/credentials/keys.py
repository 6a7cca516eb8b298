"""Signing keys: Ed25519, named by ``did:key``, kept as files of their owner's alone, with a signed list of their succession.

Whoever pins one key can follow the list from it: each key says with its own signature which one comes after it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PUBLIC_PREFIX = b"\xed\x01"  # multicodec ed25519-pub
LENGTH = 32
DID_KEY = "did:key:"
DID_WEB = "did:web:"
LIST_NAME = "keys.json"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.\-]{0,251}[a-z0-9])?(?:%3A\d{1,5})?")
_MARK = b"capillary key succession 1\n"  # a succession can be mistaken for no other signed text


@dataclass(frozen=True)
class PublicKey:
    """A key that signatures are held to.

    Attributes:
        multibase: its 32 bytes with their kind, in base 58 after a ``z`` (Multikey).
    """

    multibase: str

    @property
    def did(self) -> str:
        """The key as a DID."""
        return DID_KEY + self.multibase

    @property
    def method(self) -> str:
        """How a proof names the key."""
        return f"{self.did}#{self.multibase}"

    @property
    def raw(self) -> bytes:
        """The 32 bytes of the key.

        Raises:
            ValueError: it is no Ed25519 key.
        """
        if not self.multibase.startswith("z"):
            raise ValueError(self.multibase)
        data = base58.b58decode(self.multibase[1:])
        if data[:2] != PUBLIC_PREFIX or len(data) != LENGTH + 2:
            raise ValueError(self.multibase)
        return data[2:]

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether a signature over data is of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A key that signs."""

    private: Ed25519PrivateKey

    @classmethod
    def make(cls) -> SigningKey:
        """Return a new key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        raw = self.private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return public_of(raw)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over data."""
        return self.private.sign(data)


def public_of(raw: bytes) -> PublicKey:
    """Return the public key of its 32 bytes."""
    return PublicKey("z" + base58.b58encode(PUBLIC_PREFIX + raw).decode())


@dataclass(frozen=True)
class Succession:
    """One key handing over to the next."""

    before: PublicKey
    after: PublicKey
    at: str
    signature: bytes

    @property
    def is_signed(self) -> bool:
        """Whether the earlier key says so itself."""
        return self.before.verifies(self.signature, _handed_over(self.before, self.after, self.at))


def _handed_over(before: PublicKey, after: PublicKey, at: str) -> bytes:
    return _MARK + f"{before.multibase}\n{after.multibase}\n{at}".encode()


class KeyFolder:
    """The keys of an issuer, in a folder that only its owner may read.

    ``<multibase>.pem`` are the keys, ``keys.json`` is the list that is published.

    Args:
        folder: where they lie.
        host: the public host under which the issuer is known as ``did:web``; without it, the one that the list names, if any.
    """

    def __init__(self, folder: Path, host: str | None = None) -> None:
        self.folder = folder
        self.host = host

    @property
    def exists(self) -> bool:
        """Whether keys were made."""
        return (self.folder / LIST_NAME).exists()

    def begin(self) -> SigningKey:
        """Make the first key where there is none; return the present one."""
        if self.exists:
            return self.current()
        key = SigningKey.make()
        self._keep(key)
        # linked into place: of two processes that begin together one wins, and both sign with its key
        unfinished = self.folder / f"{key.public.multibase}.part"
        unfinished.write_text(
            json.dumps({"keys": [key.public.multibase], "successions": []}), encoding="utf-8"
        )
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, self.folder / LIST_NAME)
        unfinished.unlink()
        return self.current()

    def current(self) -> SigningKey:
        """Return the key that signs now.

        Raises:
            InputError: there is none, or its file is broken.
        """
        return self._load(str(self.published()["keys"][-1]))

    def rotate(self, at: str) -> SigningKey:
        """Make a new key that signs from now on; the present one says so with its signature.

        Args:
            at: the moment, as an ISO time.
        """
        before, key = self.current(), SigningKey.make()
        self._keep(key)
        listed = self.published()
        signature = before.sign(_handed_over(before.public, key.public, at))
        succession = {
            "before": before.public.multibase,
            "after": key.public.multibase,
            "at": at,
            "signature": "z" + base58.b58encode(signature).decode(),
        }
        self._write(
            {
                **listed,
                "keys": [*listed["keys"], key.public.multibase],
                "successions": [*listed["successions"], succession],
            }
        )
        return key

    @property
    def did(self) -> str:
        """Who the issuer is: a ``did:web`` where it has one, else the present key."""
        web = web_did(self.host) if self.host else self.published().get("web")
        return str(web) if web else self.current().public.did

    @property
    def method(self) -> str:
        """How proofs name the present key."""
        return f"{self.did}#{self.current().public.multibase}"

    def name(self, host: str) -> dict[str, Any]:
        """Let the issuer be known as ``did:web`` of a host from now on; return the DID document to publish.

        Raises:
            InputError: the host is no name of one.
        """
        self._write({**self.published(), "web": web_did(host)})
        return self.document()

    def document(self) -> dict[str, Any]:
        """Return the DID document: every key of the issuer, the present one last."""
        did, keys = self.did, self.published()["keys"]
        methods = [
            {"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": name}
            for name in keys
        ]
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": methods,
            "assertionMethod": [item["id"] for item in methods],
        }

    def published(self) -> dict[str, Any]:
        """Return the list of keys and successions.

        Raises:
            InputError: there is none.
        """
        try:
            found: dict[str, Any] = json.loads((self.folder / LIST_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            cause = msg("There is no list of keys in {folder}.", folder=self.folder)
            remedy = msg("Make the first key with: capillary certificate keys --keys FOLDER")
            raise InputError([Problem("no-keys", Place(file=str(self.folder)), cause, remedy)]) from error
        return found

    def _keep(self, key: SigningKey) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = key.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.folder / f"{key.public.multibase}.pem"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)

    def _load(self, multibase: str) -> SigningKey:
        path = self.folder / f"{multibase}.pem"
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            cause = msg("The key {file} cannot be read.", file=path.name)
            remedy = msg("Bring it back from your backup; without it nothing can be signed in its name.")
            raise InputError([Problem("no-keys", Place(file=str(path)), cause, remedy)]) from error
        if not isinstance(private, Ed25519PrivateKey) or SigningKey(private).public.multibase != multibase:
            cause = msg("The file {file} holds another key than its name says.", file=path.name)
            raise InputError(
                [Problem("no-keys", Place(file=str(path)), cause, msg("Bring it back from your backup."))]
            )
        return SigningKey(private)

    def _write(self, listed: Mapping[str, object]) -> None:
        path = self.folder / LIST_NAME
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(listed, indent=2), encoding="utf-8")
        unfinished.replace(path)


def web_did(host: str) -> str:
    """Return the ``did:web`` of a host (did:web, section 2.3: the mark before a port is written ``%3A``).

    Raises:
        InputError: the host is no name of one.

    >>> web_did("example.org"), web_did("example.org:8443")
    ('did:web:example.org', 'did:web:example.org%3A8443')
    """
    written = re.sub(r":(\d{1,5})$", r"%3A\1", host)
    if not _HOST.fullmatch(written):
        cause = msg("“{given}” is no name of a host.", given=host)
        raise InputError([Problem("bad-host", Place(path="--web"), cause, msg("Write it as example.org."))])
    return DID_WEB + written


def public_host(host: str) -> str:
    """Return a host that others can look ``did:web`` up at: a name (section 2.2 excludes addresses), and not this computer's.

    Raises:
        InputError: it is none.
    """
    name = web_did(host).removeprefix(DID_WEB).partition("%3A")[0]
    try:
        ipaddress.ip_address(name)
        is_address = True
    except ValueError:
        is_address = False
    if is_address or "." not in name or name.endswith((".localhost", ".local")):
        cause = msg("“{given}” is no public name of a host.", given=host)
        remedy = msg("Give the name under which everybody reaches the site over https, such as example.org.")
        raise InputError([Problem("bad-host", Place(path="--web"), cause, remedy)])
    return host


def pinned_keys(raw: object) -> list[PublicKey]:
    """Return the keys that a file with pinned keys stands for.

    Args:
        raw: a multibase key or a ``did:key`` as text, a list of them, ``{"publicKeyMultibase": …}``, a DID document, or an
            issuer's list of keys, of which the first is trusted and every later one only as far as successions are signed.

    Raises:
        InputError: it is none of these.
    """
    found = list(_pinned(raw))
    for key in found:
        try:
            _ = key.raw
        except ValueError as error:
            raise _no_key() from error
    if not found:
        raise _no_key()
    return found


def _no_key() -> InputError:
    cause = msg("The file holds no Ed25519 key that can be pinned.")
    remedy = msg("Give the issuer's keys.json, its DID document, or its key as text that begins with z6Mk.")
    return InputError([Problem("bad-key", Place(), cause, remedy)])


def _pinned(raw: object) -> Sequence[PublicKey]:
    if isinstance(raw, str):
        return [PublicKey(raw.strip().removeprefix(DID_KEY).partition("#")[0])]
    if isinstance(raw, list):
        return [key for item in raw for key in _pinned(item)]
    if not isinstance(raw, dict):
        return []
    if isinstance(raw.get("publicKeyMultibase"), str):
        return _pinned(raw["publicKeyMultibase"])
    if isinstance(raw.get("keys"), list) and "successions" in raw:
        return _followed(raw)
    return _pinned(raw.get("verificationMethod", raw.get("assertionMethod", [])))


def _followed(listed: Mapping[str, Any]) -> list[PublicKey]:
    """Return the first key of a list and every one that is reached by signed successions."""
    first = [PublicKey(str(name)) for name in listed["keys"][:1]]
    trusted = {key.multibase for key in first}
    for item in listed["successions"] if isinstance(listed["successions"], list) else ():
        try:
            one = Succession(
                PublicKey(item["before"]),
                PublicKey(item["after"]),
                item["at"],
                base58.b58decode(item["signature"][1:]),
            )
        except (KeyError, TypeError, ValueError):
            continue
        if one.before.multibase in trusted and one.is_signed:
            trusted.add(one.after.multibase)
    return [PublicKey(name) for name in sorted(trusted)]


def key_of_method(method: str) -> PublicKey | None:
    """Return the key that a ``did:key`` verification method is; None for other methods."""
    if not method.startswith(DID_KEY):
        return None
    did, _, fragment = method.partition("#")
    multibase = did.removeprefix(DID_KEY)
    return PublicKey(multibase) if fragment in {"", multibase} else None
