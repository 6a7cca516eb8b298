"""Holds the product to official cases: ``make conformance DATA=FOLDER [FULL=1]``.

Every suite has a folder below DATA; one that is not there fails, because a check with nothing to check is none.
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from capillary.cli.psplib import solved
from capillary.credentials.integrity import canonical, hashed, secured
from capillary.credentials.keys import SigningKey
from capillary.credentials.moments import seconds
from capillary.credentials.verify import Trust, verify
from capillary.matching.allocation import Firm, Provider, allocate, market

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EACH_SECONDS = 30.0
MEDIAN_SECONDS = 1.0
# One and a quarter instance of each of the 24 groups, from the easiest to the hardest.
SAMPLE = 30


def psplib(folder: Path, *, full: bool) -> Iterator[str]:
    """Yield what disagrees with the published optimal makespans."""
    with (folder / "optimum.csv").open(encoding="utf-8", newline="") as file:
        published = {row["problem"]: int(row["optimum"]) for row in csv.DictReader(file)}
    names = sorted(published)
    if not full:
        names = [names[place * len(names) // SAMPLE] for place in range(SAMPLE)]
    times = []
    open_ = 0
    for name in names:
        found = solved(folder / name, EACH_SECONDS)
        plan = found.schedule
        best = published[name]
        times.append(found.seconds)
        agrees = plan.makespan == best if plan.proven else plan.bound <= best <= plan.makespan
        state = "proven" if plan.proven else f"bound {plan.bound}"
        print(f"{name:12} {plan.makespan:4} {state:10} published {best:4} {found.seconds:7.2f} s")
        open_ += not plan.proven
        if not agrees:
            yield f"{name}: {plan.makespan} ({state}), published {best}"
    middle = statistics.median(times)
    high = statistics.quantiles(times, n=20)[-1]
    print(
        f"psplib: {len(times)} instances, {len(times) - open_} proven in {EACH_SECONDS:g} s each; "
        f"median {middle:.2f} s, 95th percentile {high:.2f} s, longest {max(times):.2f} s"
    )
    if middle >= MEDIAN_SECONDS:
        yield f"the median of {middle:.2f} s is not below {MEDIAN_SECONDS:g} s"


def credentials(folder: Path, *, full: bool) -> Iterator[str]:  # noqa: ARG001 - there is only one size
    """Yield what disagrees with the W3C's test vectors of ``eddsa-jcs-2022``, and every change that is not noticed."""
    vectors = folder / "eddsa-jcs-2022"

    def told(name: str) -> str:
        return (vectors / name).read_text(encoding="utf-8").strip()

    signed = json.loads(told("signedJCS.json"))
    unsigned = json.loads((folder / "unsigned.json").read_text(encoding="utf-8"))
    pair = json.loads((folder / "keyPair.json").read_text(encoding="utf-8"))
    config = json.loads(told("proofConfigJCS.json"))
    seed = base58.b58decode(pair["privateKeyMultibase"][1:])[2:]
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
    data = hashed(unsigned, config)
    expected = {
        "canonical document": (canonical(unsigned).decode(), told("canonDocJCS.txt")),
        "canonical proof": (canonical(config).decode(), told("proofCanonJCS.txt")),
        "hash of the proof": (data[:32].hex(), told("proofHashJCS.txt")),
        "hash of the document": (data[32:].hex(), told("docHashJCS.txt")),
        "both hashes": (data.hex(), told("combinedHashJCS.txt")),
        "public key": (key.public.multibase, pair["publicKeyMultibase"]),
        "signature": (key.sign(data).hex(), told("sigHexJCS.txt")),
        "signature in base 58": ("z" + base58.b58encode(key.sign(data)).decode(), told("sigBTC58JCS.txt")),
        "signed document": (secured(unsigned, key, config["created"]), signed),
    }
    for name, (ours, theirs) in expected.items():
        if ours != theirs:
            yield f"{name} differs"
    trust = Trust(seconds("2026-01-01T00:00:00Z"), (key.public,))
    found = verify(json.dumps(signed), trust)
    if not found.valid or found.ours:
        yield "the signed document is refused, or taken for a certificate of ours"
    changes = 0
    for changed in _changed(signed):
        changes += 1
        if verify(json.dumps(changed), trust).valid:
            yield f"a change is not noticed: {changed}"
    print(
        f"credentials: {len(expected)} vectors, the signed document verifies, {changes} changes of it do not"
    )


def _changed(document: Any) -> Iterator[Any]:
    """Yield a document with one thing changed, for everything that it holds: left out, put in, or another value."""
    if isinstance(document, dict):
        for name in document:
            yield {other: value for other, value in document.items() if other != name}
            for changed in _changed(document[name]):
                yield {**document, name: changed}
        yield {**document, "extra": 1}
    elif isinstance(document, list):
        for place, item in enumerate(document):
            yield [*document[:place], *document[place + 1 :]]
            for changed in _changed(item):
                yield [*document[:place], changed, *document[place + 1 :]]
    else:
        yield f"{document}x"


def matching(folder: Path, *, full: bool) -> Iterator[str]:  # noqa: ARG001 - there is only one size
    """Yield what disagrees with published examples of stable matching, and any example of a kind that is not known."""
    examples = json.loads((folder / "matching_examples.json").read_text(encoding="utf-8"))
    kinds: dict[str, int] = {}
    for example in examples:
        kind = example["kind"]
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind not in MATCHINGS:
            yield f"{example['id']}: nothing checks examples of the kind {kind}"
            continue
        ours, theirs = MATCHINGS[kind](example)
        if ours != theirs:
            yield f"{example['id']}: {ours}, published {theirs}"
    if not kinds:
        yield "there is no example"
    print(f"matching: {', '.join(f'{count} of {kind}' for kind, count in sorted(kinds.items()))}")


def _hospitals(example: dict[str, Any]) -> tuple[object, object]:
    providers = [
        Provider(name, example["capacities"][name], order=tuple(order))
        for name, order in example["hospitals"].items()
    ]
    found = allocate(market(_firms(example["residents"]), providers))
    return {name: found.firms_at(name) for name in example["hospitals"]}, example["expected_resident_optimal"]


def _marriages(example: dict[str, Any]) -> tuple[object, object]:
    providers = [Provider(name, 1, order=tuple(order)) for name, order in example["reviewers"].items()]
    found = allocate(market(_firms(example["suitors"]), providers))
    return {name: found.offer_of(name) for name in example["suitors"]}, example["expected_suitor_optimal"]


def _students(example: dict[str, Any]) -> tuple[object, object]:
    """A supervisor is a provider, its projects are offers that share its capacity."""
    offers: dict[str, list[tuple[str, int]]] = {}
    for project, supervisor in example["project_supervisor"].items():
        offers.setdefault(supervisor, []).append((project, example["project_capacities"][project]))
    providers = [
        Provider(name, example["supervisor_capacities"][name], tuple(offers[name]), tuple(order))
        for name, order in example["supervisors"].items()
    ]
    found = allocate(market(_firms(example["students"]), providers))
    projects = example["project_supervisor"]
    return {name: found.firms_at(name) for name in projects}, example["expected_student_optimal"]


def _firms(choices: dict[str, list[str]]) -> list[Firm]:
    return [Firm(name, tuple(chosen)) for name, chosen in choices.items()]


MATCHINGS: dict[str, Callable[[dict[str, Any]], tuple[object, object]]] = {
    "hospital_residents": _hospitals,
    "stable_marriage": _marriages,
    "student_project_allocation": _students,
}
SUITES: dict[str, Callable[..., Iterator[str]]] = {
    "psplib": psplib,
    "credentials": credentials,
    "matching": matching,
}


def main() -> int:
    """Run all suites and return the number of the exit."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/conformance")
    full = os.environ.get("FULL", "") not in {"", "0"}
    bad: list[str] = []
    for name, suite in SUITES.items():
        if not (data / name).is_dir():
            print(
                f"{data / name} is missing: give the folder with make conformance DATA=FOLDER.",
                file=sys.stderr,
            )
            return 2
        bad.extend(f"{name}: {line}" for line in suite(data / name, full=full))
    for line in bad:
        print(f"DISAGREES  {line}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
