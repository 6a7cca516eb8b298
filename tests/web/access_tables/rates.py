"""Who may use the addresses of exchange rates: everybody reads and chooses; administrators load and enter."""

from __future__ import annotations

import datetime as dt
from typing import Any

from capillary.web.rates.models import ExchangeRate, RateUpload

from ..kit import PEOPLE, World

ADMINISTRATOR = {"administrator"}
TABLE = {
    "rates": {"GET": set(PEOPLE)},
    "set-currency": {"POST": set(PEOPLE)},
    "admin:rates": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "admin:rates-enter": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "admin:rates-upload": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "admin:rates-remove": {"POST": ADMINISTRATOR},
}


def _rate(_world: World) -> list[Any]:
    row, _made = ExchangeRate.objects.get_or_create(
        base="USD",
        currency="CNY",
        day=dt.date(2026, 1, 5),
        defaults={"units": "7.1", "certainty": "unverified"},
    )
    return [row.pk]


def _upload(world: World) -> list[Any]:
    user = world.users["administrator"]
    data = b"day,base,currency,rate,source,certainty\n2026-01-06,USD,CNY,7.1,test,unverified\n"
    return [
        RateUpload.objects.create(file_name="rates.csv", content=data, certainty="official", made_by=user).pk
    ]


ARGS = {"admin:rates-remove": _rate, "admin:rates-upload": _upload}
