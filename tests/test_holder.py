"""A token that is bound to its holder's key: who has only a copy cannot show it, and another library agrees both ways."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from openvc.keys import Ed25519SigningKey, P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from capillary.credentials import sdjwt
from capillary.credentials.certificate import VCT
from capillary.credentials.holder import LONGEST, SKEW, bound, holder_key, jwk_of
from capillary.credentials.issuer import Issuer
from capillary.credentials.keys import SigningKey
from capillary.credentials.moments import written
from capillary.credentials.verify import Asked, Check, Trust, Verification, verify
from capillary.model.problems import InputError

from .credential_kit import EXAMPLE, FIRM, NOW, certificate
from .sheet_kit import run

ISSUER, HOLDER = SigningKey.make(), SigningKey.make()
BANK = Asked("https://bank.example", "n-0S6_WzA2Mj")
TOKEN = sdjwt.issued(certificate(), ISSUER, holder=jwk_of(HOLDER.public))
UNBOUND = sdjwt.issued(certificate(), ISSUER)


def shown(
    token: str = TOKEN, *reveal: str, key: SigningKey = HOLDER, asked: Asked = BANK, at: int = NOW
) -> str:
    """Return what a holder shows."""
    part = sdjwt.presented(token, reveal)
    return bound(part, key, audience=asked.audience, nonce=asked.nonce, at=at)


def judged(text: str, asked: Asked | None = BANK, now: int = NOW) -> Verification:
    return verify(text, Trust(now, (ISSUER.public,), asked=asked))


def holder_check(found: Verification) -> Check | None:
    return next((check for check in found.checks if check.part == "holder"), None)


def outcome(text: str, asked: Asked | None = BANK, now: int = NOW) -> str | None:
    found = holder_check(judged(text, asked, now))
    return None if found is None else found.outcome


WORDS = st.text(min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, WORDS, st.sets(st.sampled_from(["score", "assessor", "answers.Q01", "dimensions"])))
def test_it_holds_for_whom_it_was_shown_and_for_nobody_else(
    audience: str, nonce: str, other: str, reveal: set[str]
) -> None:
    asked = Asked(audience, nonce)
    text = shown(TOKEN, *sorted(reveal), asked=asked)
    found = judged(text, asked)
    assert found.valid
    assert outcome(text, asked) == "ok"
    assert ("score" in found.claims["assessment"]) == ("score" in reveal)
    assert (outcome(text, Asked(other, nonce)) == "ok") == (other == audience)
    assert (outcome(text, Asked(audience, other)) == "ok") == (other == nonce)


def test_every_change_of_a_binding_is_noticed() -> None:
    text = shown(TOKEN, "score")
    begin = text.rindex("~") + 1
    for place in range(begin, len(text)):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        if outcome(other) == "ok":  # the last sign of the signature holds bits that say nothing
            assert place == len(text) - 1


def test_what_was_signed_is_exactly_what_is_shown() -> None:
    head, one, statement = shown(TOKEN, "score").split("~")
    more = next(part for part in TOKEN.split("~")[1:-1] if part != one)
    for parts in ([head, statement], [head, one, more, statement], [head, more, statement]):
        found = judged("~".join(parts))
        assert not found.valid
        assert outcome("~".join(parts)) in {"failed", None}
    assert outcome(f"{head}~{statement}") == "failed"


def test_a_copy_does_not_do() -> None:
    copy = shown(TOKEN, "score").rpartition("~")[0] + "~"
    assert outcome(copy) == "failed"
    assert (judged(copy, None).valid, outcome(copy, None)) == (True, "unknown")
    # with a key of one's own, over the very same token
    thief = SigningKey.make()
    own = bound_by(thief, copy)
    assert (judged(own).valid, outcome(own), outcome(own, None)) == (False, "failed", "failed")


def bound_by(key: SigningKey, token: str, **changes: Any) -> str:
    """Return a token with a binding as anybody could make it; ``header`` and claims can be anything."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
    header = {"alg": "EdDSA", "typ": "kb+jwt", **changes.pop("header", {})}
    claims = {"iat": NOW, "aud": BANK.audience, "nonce": BANK.nonce, "sd_hash": digest, **changes}
    signed = JWS(json.dumps({name: value for name, value in claims.items() if value is not None}))
    raw = base64.urlsafe_b64encode(key.private.private_bytes_raw()).decode().rstrip("=")
    signed.add_signature(JWK(**jwk_of(key.public), d=raw), protected=json.dumps(header))
    return token + str(signed.serialize(compact=True))


@pytest.mark.parametrize(
    "changes",
    [
        {"header": {"typ": "JWT"}},
        {"header": {"typ": None}},
        {"aud": None},
        {"aud": ["https://bank.example"]},
        {"nonce": None},
        {"nonce": 7},
        {"iat": None},
        {"iat": "2026-11-20T12:00:00Z"},
        {"iat": True},
        {"iat": NOW + SKEW + 1},
        {"iat": NOW - LONGEST - SKEW - 1},
        {"sd_hash": None},
        {"sd_hash": ""},
    ],
)
def test_a_binding_that_lacks_something_does_not_hold(changes: dict[str, Any]) -> None:
    part = sdjwt.presented(TOKEN, [])
    assert outcome(bound_by(HOLDER, part)) == "ok"
    for asked in (BANK, None):
        found = judged(bound_by(HOLDER, part, **changes), asked)
        check = holder_check(found)
        assert check is not None
        assert (found.valid, check.outcome) == (False, "failed")
        assert check.words.in_("zh") != check.words.in_("en")


def test_no_signature_is_no_binding() -> None:
    part = sdjwt.presented(TOKEN, [])
    signed = bound_by(HOLDER, part).rpartition("~")[2]
    _, claims, signature = signed.split(".")
    bare = base64.urlsafe_b64encode(b'{"alg":"none","typ":"kb+jwt"}').decode().rstrip("=")
    for statement in (
        f"{bare}.{claims}.",
        f"{bare}.{claims}.{signature}",
        "x",
        "..",
        "a.b.c",
        signed[:-20],
        "[].[].x",
    ):
        assert outcome(part + statement) == "failed", statement


@pytest.mark.parametrize("moment", [NOW - SKEW, NOW, NOW + LONGEST + SKEW])
def test_a_binding_is_fresh_for_a_day(moment: int) -> None:
    token = sdjwt.issued(certificate(valid_until=written(NOW + 10**7)), ISSUER, holder=jwk_of(HOLDER.public))
    assert judged(shown(token), now=moment).valid


def test_a_token_without_a_key_is_as_before_unless_its_holder_was_asked() -> None:
    assert holder_check(judged(UNBOUND, None)) is None
    assert judged(UNBOUND, None).valid
    assert outcome(UNBOUND) == "failed"
    added = bound_by(HOLDER, sdjwt.presented(UNBOUND, []))
    assert (outcome(added), outcome(added, None)) == ("failed", "failed")


# --- an independent library, in both directions, and keys of wallets ---------------------------------------------------


def test_another_library_verifies_our_binding() -> None:
    theirs = Ed25519SigningKey(ISSUER.private, ISSUER.public.method).public_jwk()
    long = certificate(
        valid_until=written(NOW + 10**9)
    )  # its clock judges the token, whatever moment it is given
    text = shown(sdjwt.issued(long, ISSUER, holder=jwk_of(HOLDER.public)), "score")
    arguments: dict[str, Any] = {"public_key_jwk": theirs, "expected_vct": VCT, "require_key_binding": True}
    when = datetime.fromtimestamp(NOW, UTC)
    seen = SdJwtVcProofSuite().verify(text, audience=BANK.audience, nonce=BANK.nonce, now=when, **arguments)
    assert seen.key_bound
    assert seen.claims["assessment"]["score"] == FIRM["score"]
    for audience, nonce in (("https://other.example", BANK.nonce), (BANK.audience, "other")):
        with pytest.raises(Exception, match=r".+"):
            SdJwtVcProofSuite().verify(text, audience=audience, nonce=nonce, now=when, **arguments)


@pytest.mark.parametrize("curve", ["Ed25519", "P-256"])
def test_we_verify_a_foreign_credential_with_a_holders_key(curve: str) -> None:
    now = int(datetime.now(UTC).timestamp())
    wallet: Any = (
        Ed25519SigningKey(SigningKey.make().private, "did:example:wallet")
        if curve == "Ed25519"
        else P256SigningKey(ec.generate_private_key(ec.SECP256R1()), "did:example:wallet")
    )
    suite = SdJwtVcProofSuite()
    token = suite.issue(
        {"iss": ISSUER.public.did, "secret": 1, "shown": 2},
        signing_key=Ed25519SigningKey(ISSUER.private, ISSUER.public.method),
        vct="urn:x",
        disclosable=["secret"],
        holder_jwk=wallet.public_jwk(),
    )
    text = suite.create_presentation(token, holder_key=wallet, audience=BANK.audience, nonce=BANK.nonce)
    found = judged(text, BANK, now)
    assert (found.valid, found.ours, outcome(text, BANK, now)) == (True, False, "ok")
    assert outcome(text, None, now) == "unknown"
    assert outcome(text, Asked(BANK.audience, "other"), now) == "failed"
    assert outcome(text[:-4] + "AAAA", BANK, now) == "failed"
    assert outcome(text, BANK, now + LONGEST + SKEW + 60) == "failed"


@pytest.mark.parametrize(
    "confirmation",
    [
        {"kid": "key-1"},
        {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
        {"jwk": {}},
        {"jwk": "x"},
        "x",
        7,
        {},
        None,
    ],
)
def test_a_key_of_another_kind_is_not_taken_as_checked(confirmation: Any) -> None:
    token = SdJwtVcProofSuite().issue(
        {"iss": ISSUER.public.did, "cnf": confirmation},
        signing_key=Ed25519SigningKey(ISSUER.private, ISSUER.public.method),
        vct="urn:x",
    )
    now = int(datetime.now(UTC).timestamp())
    assert outcome(token, None, now) == "unknown"
    assert outcome(token, BANK, now) == "failed"


# --- keys, and the command -------------------------------------------------------------------------------------------


def test_a_holders_key_is_read_in_every_form(tmp_path: Path) -> None:
    folder = Issuer(tmp_path / "holder").keys
    key = folder.begin().public
    for raw in (
        key.multibase,
        key.did,
        folder.published(),
        jwk_of(key),
        {**jwk_of(key), "kid": "1", "use": "sig"},
    ):
        assert holder_key(raw) == jwk_of(key)
    later = folder.rotate(written(NOW)).public
    assert holder_key(folder.published()) == jwk_of(later)
    wallet = JWK.generate(kty="EC", crv="P-256").export_public(as_dict=True)
    assert set(holder_key(wallet)) == {"kty", "crv", "x", "y"}


PRIVATE = json.loads(JWK.generate(kty="OKP", crv="Ed25519").export())


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "z6Mk",
        7,
        [],
        {},
        PRIVATE,
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
        {"kty": "EC", "crv": "P-384"},
        {"keys": [], "successions": []},
    ],
    ids=[
        "empty",
        "half a did",
        "number",
        "list",
        "nothing",
        "private",
        "no point",
        "short point",
        "short curve point",
        "other curve",
        "folder without keys",
    ],
)
def test_what_is_no_public_key_binds_nothing(bad: object) -> None:
    with pytest.raises(InputError) as caught:
        holder_key(bad)
    assert caught.value.problems[0].code == "bad-holder-key"


def test_the_command_binds_presents_and_verifies(tmp_path: Path) -> None:
    keys, mine, token, part = (tmp_path / name for name in ("keys", "mine", "c.txt", "part.txt"))
    assert run("certificate", "keys", "--keys", mine).exit_code == 0
    issue = ["certificate", "issue", EXAMPLE, "--keys", keys, "--holder-key", mine / "keys.json"]
    assert run(*issue, "--out", token).exit_code == 0
    asked = ["--audience", "Bank", "--nonce", "w-1"]
    present = ["certificate", "present", token, "--keys", mine, "--reveal", "score", *asked, "--out", part]
    assert run(*present).exit_code == 0
    trust = ["--key", keys / "keys.json", "--status", keys / "status.json", "--lang", "en"]
    done = run("certificate", "verify", part, *trust, *asked)
    assert done.exit_code == 0, done.out
    assert "✓ Its holder showed it to you at" in done.out
    assert run("certificate", "verify", part, *trust, "--audience", "Bank", "--nonce", "w-2").exit_code == 1
    assert run("certificate", "verify", token, *trust, *asked).exit_code == 1
    assert "did not prove" in run("certificate", "verify", token, *trust).out
    assert run("certificate", "verify", part, *trust).exit_code == 0


BAD: list[tuple[Callable[[Path], list[Any]], str]] = [
    (lambda folder: ["verify", folder / "c.txt", "--nonce", "w"], "half-asked"),
    (
        lambda folder: ["issue", EXAMPLE, "--holder-key", folder / "mine/keys.json", "--format", "vc"],
        "no-binding",
    ),
    (lambda folder: ["issue", EXAMPLE, "--keys", folder / "k", "--holder-key", EXAMPLE], "bad-holder-key"),
    (
        lambda folder: [
            "present",
            folder / "c.txt",
            "--keys",
            folder / "mine",
            "--audience",
            "a",
            "--nonce",
            "b",
        ],
        "not-bound",
    ),
    (
        lambda folder: [
            "present",
            folder / "b.txt",
            "--keys",
            folder / "mine",
            "--audience",
            "a",
            "--nonce",
            "b",
        ],
        "not-bound",
    ),
    (
        lambda folder: [
            "present",
            folder / "b.txt",
            "--keys",
            folder / "no",
            "--audience",
            "a",
            "--nonce",
            "b",
        ],
        "no-keys",
    ),
    (
        lambda folder: ["present", EXAMPLE, "--keys", folder / "mine", "--audience", "a", "--nonce", "b"],
        "no-token",
    ),
]


@pytest.mark.parametrize(("arguments", "code"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(tmp_path: Path, arguments: Callable[[Path], list[Any]], code: str) -> None:
    assert run("certificate", "keys", "--keys", tmp_path / "mine").exit_code == 0
    (tmp_path / "c.txt").write_text(UNBOUND, encoding="utf-8")
    (tmp_path / "b.txt").write_text(TOKEN, encoding="utf-8")
    done = run("certificate", *arguments(tmp_path), "--lang", "en")
    assert done.exit_code == 2
    assert f"[{code}]" in done.err
    assert not (tmp_path / "k").exists()
