"""Made-up enterprises with believable histories: stronger in some sectors and sizes, slowly getting better.

One factor stands behind all answers of an enterprise, as in `capillary.diagnosis.simulate`; here every enterprise also keeps
its own luck from one assessment to the next, so that a later answer is hardly ever worse than an earlier one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Ticks
from capillary.sheets.answers import BadAnswerError, reader_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.model.fields import Field
    from capillary.model.standard import Question, Standard

SEED = 20261124
DEVIATION = 0.16  # how far the questions of one enterprise lie from its strength
# Sectors with how strong an enterprise there starts on average, between 0 and 1.
SECTORS: Mapping[str, tuple[float, str]] = {
    "metal-products": (0.30, "金属制品"),
    "machinery": (0.38, "机械"),
    "electronics-electrical": (0.46, "电子电器"),
    "food-drink": (0.26, "食品"),
    "textiles-clothing": (0.24, "纺织服装"),
    "chemicals-plastics": (0.36, "塑料"),
    "information-software": (0.55, "软件"),
    "transport-logistics": (0.33, "物流"),
}
REGIONS: Mapping[str, float] = {"CN-JS": 0.05, "CN-ZJ": 0.06, "CN-GD": 0.04, "CN-SC": -0.03, "DE": 0.02}
SHARES = {"CN-JS": 0.3, "CN-ZJ": 0.2, "CN-GD": 0.2, "CN-SC": 0.15, "DE": 0.15}


@dataclass(frozen=True)
class MadeUp:
    """One made-up enterprise.

    Attributes:
        strength: how far it is at its first assessment, between 0 and 1.
        growth: what each further assessment adds.
        days: how many days ago each of its assessments was completed, the first one first.
        still_open: whether the last one is still in progress.
    """

    number: int
    name: str
    sector: str
    region: str
    employees: int
    strength: float
    growth: float
    days: tuple[int, ...]
    still_open: bool

    def completed(self, index: int, now: dt.datetime) -> dt.datetime:
        """Return when an assessment was completed."""
        return now - dt.timedelta(days=self.days[index])


# The city whose incentives an enterprise of a region may claim, in the demonstration.
CITIES: Mapping[str, str] = {"CN-JS": "nanjing", "CN-ZJ": "hangzhou"}
TELLING = 0.75  # the share of enterprises there that told what incentives ask for
# The enterprise of the demonstration's owner: two assessments behind it, the third in progress.
FIRST = MadeUp(
    number=1,
    name="示例金属制品企业 001",
    sector="metal-products",
    region="CN-JS",
    employees=86,
    strength=0.36,
    growth=0.09,
    days=(570, 260, 3),
    still_open=True,
)


def made_up(count: int) -> Iterator[MadeUp]:
    """Yield ``count`` enterprises, always the same ones, the owner's first."""
    yield FIRST
    random = np.random.default_rng(SEED)
    sectors, regions = list(SECTORS), list(REGIONS)
    for number in range(2, count + 1):
        sector = sectors[int(random.integers(len(sectors)))]
        region = str(random.choice(regions, p=[SHARES[name] for name in regions]))
        employees = int(np.clip(random.lognormal(3.9, 0.9), 3, 900))
        size = 0.08 * (np.log10(employees) - 1.6)
        strength = SECTORS[sector][0] + REGIONS[region] + size + random.normal(0, 0.13)
        times = int(random.choice([1, 2, 3], p=[0.45, 0.35, 0.2]))
        last = int(random.integers(5, 170))
        gap = int(random.integers(200, 330))
        yield MadeUp(
            number=number,
            name=_name(number, sector, region),
            sector=sector,
            region=region,
            employees=employees,
            strength=float(np.clip(strength, 0.03, 0.95)),
            growth=float(random.uniform(0.02, 0.14)),
            days=tuple(last + gap * (times - 1 - index) for index in range(times)),
            still_open=bool(random.uniform() < 0.08),
        )


def told_by(enterprise: MadeUp, today: dt.date) -> dict[str, object] | None:
    """Return what an enterprise told about itself for the sake of incentives; some told nothing, some not everything."""
    random = np.random.default_rng([SEED, enterprise.number, 1])
    city = CITIES.get(enterprise.region)
    if city is None or random.uniform() > TELLING:
        return None
    spend = int(np.clip(enterprise.employees * random.lognormal(9.2, 0.7), 20_000, 4_000_000))
    turnover = int(enterprise.employees * random.lognormal(12.6, 0.4))
    facts: dict[str, object] = {
        "country": "cn",
        "city": city,
        "is_pilot_industry": bool(random.uniform() < 0.85),
        "has_central_funding": bool(random.uniform() < 0.1),
        "is_accepted": bool(random.uniform() < 0.8),
        "completed_on": (today - dt.timedelta(days=int(random.integers(20, 500)))).isoformat(),
        "turnover": str(turnover),
        "spend_software": str(int(spend * 0.7)),
        "spend_cloud": str(int(spend * 0.2)),
        "spend_gateways": str(int(spend * 0.1)),
    }
    if random.uniform() < 0.15:
        del facts["spend_software"]
    return facts


def _name(number: int, sector: str, region: str) -> str:
    """Return a name that nobody can take for a real enterprise."""
    if region == "DE":
        return f"Demo {sector.replace('-', ' ')} {number:03d}"
    return f"示例{SECTORS[sector][1]}企业 {number:03d}"


def answers_of(enterprise: MadeUp, standard: Standard, index: int) -> dict[str, object]:
    """Return the raw answers of an enterprise's assessment ``index``; a few are not known, fewer do not apply."""
    random = np.random.default_rng([SEED, enterprise.number])
    strength = enterprise.strength + enterprise.growth * index
    reader = reader_for(standard)
    found: dict[str, object] = {}
    for question in standard.questions:
        own = float(np.clip(strength + random.normal(0, DEVIATION), 0, 1))
        luck = random.uniform(size=(len(reader.of_question[question.id]), 24))
        skipped, outside = random.uniform(), random.uniform()
        if skipped < (0.09, 0.03, 0.0)[index]:
            continue
        if outside < 0.02 and question.not_applicable != "refused":
            found[question.id] = NOT_APPLICABLE
            continue
        value = _value(question, reader.of_question[question.id], own, luck)
        try:
            reader.read(question.id, value)
        except BadAnswerError:
            continue  # an option without the one that it requires: left open, as a person in doubt would
        found[question.id] = value
    return found


def _value(question: Question, fields: tuple[Field, ...], strength: float, luck: np.ndarray) -> object:
    """Return a raw answer: the stronger the enterprise, the further up the ladder and the more boxes ticked."""
    keys = [_keys(field, strength, row) for field, row in zip(fields, luck, strict=True)]
    match question:
        case Multiple():
            return keys[0] or list(fields[0].none_keys[:1])
        case Level():
            return int(keys[0][0])
        case Boolean():
            return keys[0][0] == "true"
        case Grid():
            return {field.part: chosen[0] for field, chosen in zip(fields, keys, strict=True)}
        case Ticks():
            return {field.part: chosen for field, chosen in zip(fields, keys, strict=True)}
        case _:
            return keys[0][0]


def _keys(field: Field, strength: float, luck: np.ndarray) -> list[str]:
    if field.kind == "ladder":
        position = round(strength * field.top + (float(luck[0]) - 0.5) * 0.6)
        return [field.keys[min(max(position, 0), field.top)]]
    return [key for key, lot in zip(field.keys, luck, strict=False) if lot < strength]
