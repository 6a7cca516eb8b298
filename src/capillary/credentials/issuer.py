"""An issuer: its keys, the certificates that it has issued, and the list of those that it took back."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from capillary.credentials.integrity import secured
from capillary.credentials.keys import KeyFolder
from capillary.credentials.sdjwt import issued
from capillary.credentials.status import LEAST_BITS, status_list
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from capillary.credentials.certificate import Certificate
    from capillary.credentials.verify import Form

REGISTER = "issued.json"
STATUS = "status.json"


class Issuer:
    """An issuer that keeps everything in one folder.

    Args:
        folder: keys, ``issued.json`` with an entry for each certificate, and ``status.json``, the signed list to publish.
        address: under which the status list will be found; by default a name that only says whose it is.
    """

    def __init__(self, folder: Path, address: str | None = None) -> None:
        self.folder = folder
        self.keys = KeyFolder(folder)
        self._address = address

    @property
    def address(self) -> str:
        """The name of the status list."""
        first = self.keys.published()["keys"][0]
        return self._address or f"urn:capillary:status:{first}"

    def reserve(self, identifier: str) -> int:
        """Return an entry of the status list for a new certificate: by lot, so that it does not count the certificates."""
        register = self._register()
        used = {item["index"] for item in register.values()}
        free = LEAST_BITS - len(used)
        if free < LEAST_BITS // 2:
            cause = msg("The status list is half full.")
            remedy = msg("Begin a new folder of keys; the old list stays published.")
            raise InputError([Problem("list-full", Place(file=str(self.folder)), cause, remedy)])
        index = secrets.randbelow(LEAST_BITS)
        while index in used:
            index = secrets.randbelow(LEAST_BITS)
        register[identifier] = {"index": index, "revoked": None}
        self._write(register)
        return index

    def issue(
        self, certificate: Certificate, at: str, form: Form = "vc", holder: Mapping[str, str] | None = None
    ) -> str:
        """Return a certificate as text, signed with the present key.

        Args:
            certificate: what it says.
            at: the moment, as an ISO time in UTC.
            form: a W3C credential, or an SD-JWT with every disclosure.
            holder: the public key that an SD-JWT is bound to, as a JWK.
        """
        key = self.keys.current()
        did, method = self.keys.did, self.keys.method
        if form == "sd-jwt":
            return issued(certificate, key, method, holder)
        return json.dumps(secured(certificate.credential(did), key, at, method), ensure_ascii=False, indent=2)

    def revoke(self, identifier: str, at: str) -> bool:
        """Take a certificate back; return whether it was not taken back before.

        Raises:
            InputError: this issuer has issued no such certificate.
        """
        register = self._register()
        if identifier not in register:
            cause = msg("No certificate {word} was issued from here.", word=identifier)
            remedy = msg("Its id begins with urn:uuid: and stands in the certificate.")
            raise InputError([Problem("unknown-certificate", Place(file=str(self.folder)), cause, remedy)])
        is_new = register[identifier]["revoked"] is None
        if is_new:
            register[identifier]["revoked"] = at
            self._write(register)
        return is_new

    def publish(self, at: str) -> Path:
        """Write the signed status list as it is now; return its path."""
        key = self.keys.current()
        taken_back = [item["index"] for item in self._register().values() if item["revoked"] is not None]
        listed = status_list(
            identifier=self.address, issuer=self.keys.did, valid_from=at, taken_back=taken_back
        )
        path = self.folder / STATUS
        self._replace(path, secured(listed, key, at, self.keys.method))
        return path

    def _register(self) -> dict[str, dict[str, Any]]:
        path = self.folder / REGISTER
        if not path.exists():
            return {}
        found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def _write(self, register: dict[str, dict[str, Any]]) -> None:
        self._replace(self.folder / REGISTER, register)

    @staticmethod
    def _replace(path: Path, data: dict[str, Any]) -> None:
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")
        unfinished.replace(path)
