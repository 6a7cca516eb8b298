"""Certificates: what is signed holds, what is changed does not, and an independent library agrees in both directions."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openvc.keys import Ed25519SigningKey
from openvc.proof.di_jcs import EddsaJcsProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from capillary.credentials import sdjwt
from capillary.credentials.certificate import VCT
from capillary.credentials.integrity import secured
from capillary.credentials.issuer import Issuer
from capillary.credentials.keys import KeyFolder, PublicKey, SigningKey, key_of_method, pinned_keys
from capillary.credentials.moments import written
from capillary.credentials.status import LEAST_BITS, encoded, is_set, status_list
from capillary.credentials.verify import SKEW, Trust, Verification, verify
from capillary.model.problems import InputError

from .credential_kit import EXAMPLE, FIRM, NOW, certificate
from .sheet_kit import run


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    made = Issuer(tmp_path / "keys")
    made.keys.begin()
    return made


def issued(issuer: Issuer, form: Any = "vc", **changes: Any) -> str:
    one = certificate(**changes)
    listed = {"status_list": issuer.address, "status_index": issuer.reserve(one.identifier)}
    return issuer.issue(certificate(**changes, **listed), written(NOW), form)


def judged(text: str, issuer: Issuer, now: int = NOW, *, lists: bool = True) -> Verification:
    issuer.publish(written(NOW))
    found = json.loads((issuer.folder / "status.json").read_text(encoding="utf-8"))
    return verify(text, Trust(now, tuple(pinned_keys(issuer.keys.published())), (found,) if lists else ()))


def parts(found: Verification) -> dict[str, str]:
    return {check.part: check.outcome for check in found.checks}


@pytest.mark.parametrize("form", ["vc", "sd-jwt"])
def test_what_was_issued_is_valid_and_says_what_it_said(issuer: Issuer, form: Any) -> None:
    found = judged(issued(issuer, form), issuer)
    assert found.valid
    assert found.ours
    assert parts(found) == {"proof": "ok", "issuer": "ok", "dates": "ok", "status": "ok", "type": "ok"}
    subject = found.claims["credentialSubject"] if form == "vc" else found.claims
    assert subject["legalName"] == "示例：某金属零件厂"
    assert subject["assessment"]["level"] == 2
    assert subject["assessment"]["dimensions"] == FIRM["dimensions"]
    for check in found.checks:
        assert check.words.in_("zh") != check.words.in_("en")


# --- changed ---------------------------------------------------------------------------------------------------------


def changed(document: Any) -> Iterator[Any]:
    """Yield a document with one thing changed, for everything that it holds."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield {other: kept for other, kept in document.items() if other != name}
            yield from ({**document, name: other} for other in changed(value))
        yield {**document, "more": True}
    elif isinstance(document, list):
        yield [*document, "more"]
        for place, item in enumerate(document):
            yield from ([*document[:place], other, *document[place + 1 :]] for other in changed(item))
    elif isinstance(document, bool) or document is None:
        yield "other"
    elif isinstance(document, int | float):
        yield document + 1
    else:
        yield f"{document}x"


def test_every_change_of_a_credential_is_noticed(issuer: Issuer) -> None:
    document = json.loads(issued(issuer))
    count = 0
    for other in changed(document):
        count += 1
        found = judged(json.dumps(other), issuer)
        assert not found.valid, other
        assert any(check.outcome == "failed" for check in found.checks)
    assert count > 60


def test_every_change_of_a_token_is_noticed(issuer: Issuer) -> None:
    token = issued(issuer, "sd-jwt")
    for place, sign in enumerate(token):
        if place % 7 and sign not in ".~":
            continue
        other = token[:place] + ("A" if sign != "A" else "B") + token[place + 1 :]
        found = judged(other, issuer)
        if found.valid:  # the last sign of a part holds bits that say nothing: the same signature
            assert found.claims == judged(token, issuer).claims
            assert token[place + 1] in ".~"
    head, *disclosures, _ = token.split("~")
    doubled = "~".join([head, disclosures[0], disclosures[0], ""])
    assert not judged(doubled, issuer).valid
    foreign = base64.urlsafe_b64encode(b'["salt","level",4]').decode().rstrip("=")
    assert not judged(f"{head}~{foreign}~", issuer).valid


def test_another_key_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    other = Issuer(tmp_path / "other")
    other.keys.begin()
    for form in ("vc", "sd-jwt"):
        found = judged(issued(other, form), issuer)
        assert not found.valid
        assert found.claims == {}
    swapped = {**json.loads(issued(issuer)), "issuer": other.keys.current().public.did}
    assert not judged(json.dumps(swapped), issuer).valid


def test_a_credential_of_ours_must_be_signed_by_whom_it_names() -> None:
    key, other = SigningKey.make(), SigningKey.make()
    document = secured(certificate().credential(other.public.did), key, written(NOW))
    found = verify(json.dumps(document), Trust(NOW))
    assert parts(found)["proof"] == "ok"
    assert parts(found)["issuer"] == "failed"
    right = verify(
        json.dumps(secured(certificate().credential(key.public.did), key, written(NOW))), Trust(NOW)
    )
    assert right.valid
    assert parts(right)["issuer"] == "unknown"


@pytest.mark.parametrize("form", ["vc", "sd-jwt"])
@pytest.mark.parametrize(
    ("moment", "is_valid"),
    [
        (NOW - 3600 - SKEW, True),
        (NOW - 3600 - SKEW - 1, False),
        (NOW + 86_400 + SKEW, True),
        (NOW + 86_400 + SKEW + 1, False),
    ],
)
def test_dates_hold_but_for_clocks_that_differ(issuer: Issuer, form: Any, moment: int, is_valid: Any) -> None:
    one = certificate()
    text = issuer.issue(one, one.valid_from, form)
    found = verify(text, Trust(moment, tuple(pinned_keys(issuer.keys.published()))))
    assert (parts(found)["dates"] == "ok") is is_valid
    assert found.valid is is_valid


def test_a_certificate_that_was_taken_back_is_refused_and_others_stay(issuer: Issuer) -> None:
    first, second = issued(issuer), issued(issuer, identifier="urn:uuid:2")
    assert issuer.revoke(certificate().identifier, written(NOW))
    assert not issuer.revoke(certificate().identifier, written(NOW))
    assert parts(judged(first, issuer))["status"] == "failed"
    assert judged(second, issuer).valid
    unknown = judged(first, issuer, lists=False)
    assert (unknown.valid, parts(unknown)["status"]) == (True, "unknown")
    with pytest.raises(InputError):
        issuer.revoke("urn:uuid:nobody", written(NOW))


def test_a_list_that_somebody_else_made_is_refused(issuer: Issuer) -> None:
    text = issued(issuer)
    forged = secured(
        status_list(identifier=issuer.address, issuer="did:key:x", valid_from=written(NOW), taken_back=[]),
        SigningKey.make(),
        written(NOW),
    )
    keys = tuple(pinned_keys(issuer.keys.published()))
    assert parts(verify(text, Trust(NOW, keys, (forged,))))["status"] == "failed"
    unpinned = verify(text, Trust(NOW, None, (forged,)))
    assert parts(unpinned)["status"] == "unknown"
    early = {**json.loads((issuer.publish(written(NOW + 10**6))).read_text(encoding="utf-8"))}
    assert parts(verify(text, Trust(NOW, keys, (early,))))["status"] == "failed"


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_pinned_key_is_followed_to_its_successors_and_no_further(issuer: Issuer) -> None:
    old = issued(issuer)
    first = issuer.keys.current().public
    issuer.keys.rotate(written(NOW))
    issuer.keys.rotate(written(NOW + 1))
    new = issued(issuer, identifier="urn:uuid:new")
    assert judged(old, issuer).valid
    assert judged(new, issuer).valid
    assert not verify(new, Trust(NOW, (first,))).valid
    listed = issuer.keys.published()
    assert len(pinned_keys(listed)) == 3
    stranger = SigningKey.make().public.multibase
    forged = {
        **listed,
        "successions": [{**listed["successions"][0], "after": stranger}, *listed["successions"][1:]],
    }
    assert {key.multibase for key in pinned_keys(forged)} == {first.multibase}


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    with pytest.raises(InputError):
        folder.current()
    key = folder.begin()
    assert folder.begin().public == key.public
    (pem,) = (tmp_path / "keys").glob("*.pem")
    assert pem.stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    pem.write_bytes(b"broken")
    with pytest.raises(InputError):
        folder.current()
    pem.unlink()
    with pytest.raises(InputError):
        folder.current()


NO_KEYS: list[object] = ["", "z6Mk", "did:web:example.org", 7, [], {}, {"publicKeyMultibase": "zzz"}]


@pytest.mark.parametrize("bad", [*NO_KEYS, {"keys": [], "successions": []}])
def test_what_is_no_key_is_refused(bad: object) -> None:
    with pytest.raises(InputError):
        pinned_keys(bad)


def test_keys_are_pinned_in_every_form_that_issuers_publish() -> None:
    key = SigningKey.make().public
    document = {
        "id": key.did,
        "verificationMethod": [{"id": key.method, "publicKeyMultibase": key.multibase}],
    }
    for form in (
        key.multibase,
        f" {key.did}\n",
        key.method,
        [key.did],
        document,
        {"publicKeyMultibase": key.multibase},
    ):
        assert pinned_keys(form) == [key]
    assert key_of_method(key.method) == key
    assert key_of_method(f"{key.did}#other") is None
    assert key_of_method("did:web:example.org#1") is None
    assert not PublicKey("z6Mk").verifies(b"", b"")


@pytest.mark.parametrize("form", ["vc", "sd-jwt"])
def test_an_issuer_known_by_its_host_is_verified_with_its_document(issuer: Issuer, form: Any) -> None:
    document = issuer.keys.name("example.org")
    issuer.keys.rotate(written(NOW))
    text = issued(issuer, form)
    assert "did:web:example.org" in (text if form == "vc" else json.dumps(sdjwt.header_and_issuer(text)))
    assert verify(text, Trust(NOW, tuple(pinned_keys(issuer.keys.document())))).valid
    assert judged(text, issuer).valid  # by keys.json, through the succession
    assert not verify(text, Trust(NOW, tuple(pinned_keys(document)))).valid  # of before the new key
    assert not verify(text, Trust(NOW)).valid  # nothing to tell the key by, offline
    for host in ("", "Example.org", "https://example.org", "a b", "example.org/x"):
        with pytest.raises(InputError):
            issuer.keys.name(host)


# --- the status list -------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(taken_back=st.sets(st.integers(0, LEAST_BITS - 1), max_size=20), other=st.integers(0, LEAST_BITS - 1))
def test_the_list_holds_exactly_what_was_taken_back(taken_back: set[int], other: int) -> None:
    text = encoded(taken_back)
    assert all(is_set(text, index) for index in taken_back)
    assert is_set(text, other) == (other in taken_back)
    bits = gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=="))
    assert sum(byte.bit_count() for byte in bits) == len(taken_back)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "u!!",
        "uAAAA",
        "u" + base64.urlsafe_b64encode(gzip.compress(b"\0" * 10, mtime=0)).decode(),
        "u" + base64.urlsafe_b64encode(gzip.compress(b"\0" * 5_000_000, mtime=0)).decode(),
    ],
    ids=["empty", "no prefix", "not base64", "not gzip", "too short", "too long"],
)
def test_a_broken_list_is_an_error(bad: str) -> None:
    with pytest.raises(ValueError, match=r"list"):
        is_set(bad, 0)
    for index in (-1, LEAST_BITS):
        with pytest.raises(ValueError, match=r"list"):
            is_set(encoded([]), index)


# --- an independent library, in both directions ----------------------------------------------------------------------


def test_another_library_verifies_ours(issuer: Issuer) -> None:
    key = issuer.keys.current()
    theirs = Ed25519SigningKey(key.private, key.public.method)
    document = json.loads(issued(issuer))
    when = datetime.fromtimestamp(NOW, UTC)
    EddsaJcsProofSuite().verify(document, public_key_jwk=theirs.public_jwk(), now=when)
    with pytest.raises(Exception, match=r".+"):
        EddsaJcsProofSuite().verify({**document, "id": "urn:x"}, public_key_jwk=theirs.public_jwk(), now=when)
    token = issued(issuer, "sd-jwt", identifier="urn:uuid:token", valid_until=written(NOW + 10**9))
    seen = SdJwtVcProofSuite().verify(token, public_key_jwk=theirs.public_jwk(), expected_vct=VCT, now=when)
    assert seen.claims["assessment"]["answers"] == FIRM["answers"]


def test_we_verify_what_another_library_signed() -> None:
    key = SigningKey.make()
    theirs = Ed25519SigningKey(key.private, key.public.method)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": key.public.did,
        "validFrom": "2026-01-01T00:00:00+08:00",
        "credentialSubject": {"id": "did:example:a", "worth": 1.5e3, "name": "例\u2028"},
    }
    made = EddsaJcsProofSuite().add_proof(
        document,
        signing_key=theirs,
        verification_method=key.public.method,
        created=datetime.fromtimestamp(NOW, UTC),
    )
    # it signs with the context, but leaves out of its proof what the Recommendation (3.3.1, step 2) puts into it
    made["proof"]["@context"] = document["@context"]
    found = verify(json.dumps(made), Trust(NOW))
    assert (found.valid, found.ours) == (True, False)
    assert "VerifiableCredential" in next(check for check in found.checks if check.part == "type").words.in_(
        "en"
    )
    token = SdJwtVcProofSuite().issue(
        {"iss": key.public.did, "secret": 1, "shown": 2},
        signing_key=theirs,
        vct="urn:x",
        disclosable=["secret"],
    )
    seen = verify(token, Trust(int(datetime.now(UTC).timestamp()), (key.public,)))
    assert (seen.valid, seen.ours) == (True, False)
    assert (seen.claims["secret"], seen.claims["shown"]) == (1, 2)


# --- showing a part --------------------------------------------------------------------------------------------------


def test_a_firm_shows_the_level_and_hides_the_rest(issuer: Issuer) -> None:
    token = issued(issuer, "sd-jwt")
    for reveal, there in (
        ([], {}),
        (["score"], {"score": 46.5}),
        (["answers.Q02", "dimensions.effect"], {"answers": {"Q02": 35}, "dimensions": {"effect": 8}}),
        (["answers"], {"answers": FIRM["answers"]}),
    ):
        shown = sdjwt.presented(token, reveal)
        found = judged(shown, issuer)
        assert found.valid
        assessment = found.claims["assessment"]
        assert assessment["level"] == 2
        assert assessment["evidenceGrade"] == "documented"
        hidden = {name: value for name, value in assessment.items() if name not in sdjwt.ALWAYS_SHOWN}
        assert hidden == there
    assert len(sdjwt.presented(token, [])) < len(token)


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "{" * 10_000,
        '{"type": 1, "type": 2}',
        json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}),
        json.dumps(
            {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential"],
                "proof": {},
            }
        ),
        "a.b.c~",
        "eyJ9.eyJ9.x~",
        "x" * 1_100_000,
    ],
)
def test_what_is_no_credential_is_refused_with_a_reason(text: str) -> None:
    found = verify(text, Trust(NOW))
    assert not found.valid
    assert not found.ours
    assert found.claims == {}
    assert found.checks[0].words.in_("zh")


NAMES = ["@context", "type", "proof", "issuer", "cryptosuite", "proofValue", "credentialStatus", "x"]
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_no_document_makes_the_verifier_fall(document: Any) -> None:
    base = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}
    for one in (
        document,
        {**base, "proof": document},
        {**base, **(document if isinstance(document, dict) else {})},
    ):
        assert not verify(json.dumps(one), Trust(NOW)).valid


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_issues_shows_verifies_and_takes_back(tmp_path: Path) -> None:
    keys, paper, token, part = (tmp_path / name for name in ("keys", "c.json", "c.txt", "part.txt"))
    begun = run("certificate", "keys", "--keys", keys, "--lang", "zh")
    assert (begun.exit_code, begun.err) == (0, "")
    arguments = ["--keys", keys, "--registration", "R-1", "--assessor", "Example Assessors"]
    assert run("certificate", "issue", EXAMPLE, *arguments, "--out", paper).exit_code == 0
    assert (
        run("certificate", "issue", EXAMPLE, *arguments, "--format", "sd-jwt", "--out", token).exit_code == 0
    )
    assert run("certificate", "show", token, "--reveal", "score", "--out", part).exit_code == 0
    trust = ["--key", keys / "keys.json", "--status", keys / "status.json"]
    for file, form in ((paper, "vc"), (token, "sd-jwt"), (part, "sd-jwt")):
        done = run("certificate", "verify", file, *trust, "--format", form, "--json")
        assert done.exit_code == 0, done.out
        found = json.loads(done.out)
        assert found["ours"]
        assert {check["outcome"] for check in found["checks"]} == {"ok"}
    identifier = json.loads(paper.read_text(encoding="utf-8"))["id"]
    assert run("certificate", "revoke", identifier, "--keys", keys).exit_code == 0
    refused = run("certificate", "verify", paper, *trust, "--lang", "zh")
    assert refused.exit_code == 1
    assert "收回" in refused.out
    assert run("certificate", "verify", part, *trust).exit_code == 0
    late = run("certificate", "verify", part, *trust, "--at", "2040-01-01T00:00:00Z")
    assert late.exit_code == 1
    wrong = run("certificate", "verify", paper, "--format", "sd-jwt")
    assert wrong.exit_code == 1


BAD: list[tuple[Callable[[Path], list[Any]], str]] = [
    (lambda folder: ["issue", EXAMPLE, "--keys", folder, "--assessed-on", "2099-01-01"], "bad-day"),
    (lambda folder: ["revoke", "urn:uuid:1", "--keys", folder], "unknown-certificate"),
    (lambda _folder: ["verify", EXAMPLE, "--at", "noon"], "bad-moment"),
    (lambda _folder: ["verify", EXAMPLE, "--key", EXAMPLE], "bad-key"),
    (lambda folder: ["verify", folder / "none.json"], "file-access"),
    (lambda _folder: ["show", EXAMPLE], "no-token"),
]


@pytest.mark.parametrize(("arguments", "code"), BAD, ids=[code for _, code in BAD])
def test_bad_input_is_named(tmp_path: Path, arguments: Callable[[Path], list[Any]], code: str) -> None:
    done = run("certificate", *arguments(tmp_path / "keys"), "--lang", "en")
    assert done.exit_code == 2
    assert f"[{code}]" in done.err
