"""The certificate of a digital level: what it says, and its two forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from capillary.credentials import status
from capillary.model.exact import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.diagnosis.diagnose import Diagnosis

TYPE = "DigitalMaturityCertificate"
VCT = "urn:capillary:digital-maturity-certificate:1"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:capillary:terms:"}]


@dataclass(frozen=True)
class Certificate:
    """What a certificate says of an enterprise.

    Attributes:
        identifier: ``urn:uuid:…``.
        registration: the number under which the enterprise is registered; None where it was not given.
        standard, edition: what was assessed, and the first day of its figures.
        assessed_on: the day of the assessment.
        level: None where the standard has no levels.
        score: in points of the standard; `dimensions` likewise, by dimension.
        evidence_grade: that of the weakest answer.
        assessor: who verified; None for a firm that assessed itself.
        benchmark: the peers that it was compared with, and the percent of them that score less.
        answers: the answers, which only the SD-JWT carries, each to be shown or hidden.
        valid_from, valid_until: ISO times in UTC.
        status_list, status_index: where it would be taken back; None for a certificate without a list.
    """

    identifier: str
    name: str
    registration: str | None
    standard: str
    edition: str
    assessed_on: str
    level: int | None
    level_title: str | None
    score: float
    dimensions: Mapping[str, float]
    evidence_grade: str
    assessor: str | None
    benchmark: Mapping[str, object] | None
    valid_from: str
    valid_until: str
    answers: Mapping[str, object] = field(default_factory=dict)
    status_list: str | None = None
    status_index: int | None = None

    def assessment(self) -> dict[str, Any]:
        """Return what is said of the assessment, without answers."""
        found: dict[str, Any] = {
            "standard": self.standard,
            "edition": self.edition,
            "date": self.assessed_on,
            "level": self.level,
            "levelTitle": self.level_title,
            "score": self.score,
            "dimensions": dict(self.dimensions),
            "evidenceGrade": self.evidence_grade,
            "assessor": self.assessor,
            "benchmark": None if self.benchmark is None else dict(self.benchmark),
        }
        return {name: value for name, value in found.items() if value is not None}

    def credential(self, issuer: str) -> dict[str, Any]:
        """Return the certificate as a W3C credential without its proof."""
        subject: dict[str, Any] = {"legalName": self.name, "assessment": self.assessment()}
        if self.registration is not None:
            subject["registrationNumber"] = self.registration
        found: dict[str, Any] = {
            "@context": CONTEXT,
            "id": self.identifier,
            "type": ["VerifiableCredential", TYPE],
            "issuer": issuer,
            "validFrom": self.valid_from,
            "validUntil": self.valid_until,
            "credentialSubject": subject,
        }
        if self.status_list is not None and self.status_index is not None:
            found["credentialStatus"] = status.entry(self.status_list, self.status_index)
        return found


def certificate_of(  # noqa: PLR0913 - all by name
    diagnosis: Diagnosis,
    *,
    identifier: str,
    name: str,
    registration: str | None,
    assessed_on: str,
    evidence_grade: str,
    assessor: str | None,
    valid_from: str,
    valid_until: str,
    status_list: str | None = None,
    status_index: int | None = None,
) -> Certificate:
    """Return the certificate of a diagnosis. Where answers are missing, it certifies the least that is certain."""
    score, standard = diagnosis.score, diagnosis.standard
    level = None if score.level is None else int(score.level.low)
    standing = diagnosis.standing
    return Certificate(
        identifier=identifier,
        name=name,
        registration=registration,
        standard=standard.id,
        edition=standard.file.effective_from,
        assessed_on=assessed_on,
        level=level,
        level_title=None if level is None else standard.level_title(level).en,
        score=tidy(score.score.low),
        dimensions={key: tidy(value.low) for key, value in score.dimensions.items()},
        evidence_grade=evidence_grade,
        assessor=assessor,
        benchmark=None
        if standing is None
        else {"id": standing.benchmark, "year": standing.year, "percentBelow": float(standing.low)},
        valid_from=valid_from,
        valid_until=valid_until,
        answers=diagnosis.sheet.answers,
        status_list=status_list,
        status_index=status_index,
    )
