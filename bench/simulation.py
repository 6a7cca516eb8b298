"""``python bench/simulation.py [FIRMS]``: an officer simulates another cap over 10,000 enterprises.

It fills a temporary database (SQLite, or on ``DATABASE_URL``), lets three quarters of the enterprises have told their
facts, makes the simulation as the background worker does, and asks for its pages and files through the whole product.
Times are of the processor, so that others on the machine do not count.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import time
from typing import Any

from web_lists import database, fill

SEED = 77
INCENTIVE, DAY = "cn-nanjing", dt.date(2026, 2, 1)
ROUNDS = 5


def main() -> None:
    """Fill the database and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("firms", nargs="?", type=int, default=10_000)
    given = parser.parse_args()
    with database() as name:
        print(f"{name}, {given.firms} enterprises, seed {SEED}")
        world = fill(given.firms)
        tell(world["programme"])
        simulate(world)


def tell(programme: Any) -> None:
    """Let three quarters of the enterprises have told their facts, most of them of one city, and agree that they count."""
    from capillary.web.enterprises.models import Consent
    from capillary.web.funding.models import FirmFacts
    from capillary.web.programmes.models import Enrolment

    chance = random.Random(SEED)  # noqa: S311 - no secret
    told, agreed = [], []
    for row in Enrolment.objects.filter(programme=programme).only("enterprise_id").order_by("pk"):
        if chance.random() > 0.75:
            continue
        facts = {
            "city": "nanjing" if chance.random() < 0.8 else "wuhan",
            "is_pilot_industry": chance.random() < 0.9,
            "has_central_funding": chance.random() < 0.1,
            "completed_on": f"2025-{chance.randint(1, 12):02}-15",
            "turnover": str(chance.randint(10**5, 10**9)),
            "spend_software": str(chance.randint(0, 3 * 10**6)),
            "spend_cloud": f"{chance.randint(0, 10**6)}.{chance.randint(10, 99)}",
        }
        if chance.random() < 0.7:
            facts["spend_gateways"] = "0"
        told.append(FirmFacts(enterprise_id=row.enterprise_id, facts=facts))
        agreed.append(Consent(enterprise_id=row.enterprise_id, purpose=Consent.Purpose.INCENTIVES))
    FirmFacts.objects.bulk_create(told, batch_size=500)
    Consent.objects.bulk_create(agreed, batch_size=500)
    print(f"{len(told)} told their facts")


def simulate(world: dict[str, Any]) -> None:
    """Make a simulation and show it."""
    from django.test import Client
    from django.urls import reverse

    from capillary.incentives.drafts import slots_of, with_figures
    from capillary.web import engine
    from capillary.web.funding.crowd import crowd_of
    from capillary.web.funding.drafts import SHIPPED, Form, form_of
    from capillary.web.funding.models import Simulation
    from capillary.web.funding.outcome import Outcome
    from capillary.web.funding.trials import Question, simulation_ask, simulation_work

    user, programme = world["officer"], world["programme"]
    shipped = form_of(user, INCENTIVE, SHIPPED)
    if shipped is None:
        raise SystemExit(f"{INCENTIVE} does not ship")
    caps = [slot for slot in slots_of(engine.rules().programmes[INCENTIVE]) if slot.name == "cap"]
    text = with_figures(shipped.text, {slot.path: "300000" for slot in caps})
    question = Question(INCENTIVE, shipped, Form("", "", text), programme, DAY)
    began = time.process_time()
    crowd_of(programme)
    print(f"reading what is known of all: {time.process_time() - began:.2f} s")
    made = simulation_ask(question=question, by=user)
    Simulation.objects.filter(pk=made.pk).update(status=Simulation.Status.WAITING)
    began = time.process_time()
    simulation_work(made.pk)
    print(f"the whole work, both forms: {time.process_time() - began:.2f} s")
    row = Simulation.objects.select_related("programme").get(pk=made.pk)
    found = Outcome(row)
    difference = found.sums()[2]
    print(
        f"{found.firms} counted, {found.turned} answers turn, difference {difference.low:,} to {difference.high:,}"
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    where = reverse("incentive-simulation", args=[INCENTIVE, made.pk])
    files = reverse("incentive-simulation-firms", args=[INCENTIVE, made.pk])
    for title, address in (
        ("page", where),
        ("page for publication", f"{where}?publication=1"),
        ("last page of all firms", f"{where}?which=all&page=last"),
        ("all firms as CSV", f"{files}?which=all&format=csv"),
        ("all firms as XLSX", f"{files}?which=all&format=xlsx"),
    ):
        times = []
        for _ in range(ROUNDS):
            began = time.process_time()
            response = client.get(address)
            if response.status_code != 200:
                raise SystemExit(f"{address}: {response.status_code}")
            times.append(time.process_time() - began)
        print(f"{title}: median {statistics.median(times):.2f} s, {len(response.content) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
