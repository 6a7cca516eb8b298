"""Writers on SQLite queue: nobody fails, nobody is lost, and a queue that was left is free again."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, connections, transaction

from capillary.web.enterprises.models import Enterprise

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has queues of its own")
WRITERS, TURNS = 8, 25


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_lose_nothing() -> None:
    counted = Enterprise.objects.create(employees=1)
    failures: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(TURNS):
                with transaction.atomic():
                    row = Enterprise.objects.get(pk=counted.pk)
                    row.employees += 1
                    row.save()
        except OperationalError as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    counted.refresh_from_db()
    assert counted.employees == 1 + WRITERS * TURNS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["rollback", "close"])
def test_the_queue_is_free_after_a_failure(ending: str) -> None:
    def fail() -> None:
        with transaction.atomic():
            Enterprise.objects.create(employees=1)
            if ending == "close":
                connection.connection.close()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    connection.close()
    done = threading.Event()

    def write() -> None:
        with transaction.atomic():
            Enterprise.objects.create(employees=2)
        connections.close_all()
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(20)
    assert done.is_set()
    assert list(Enterprise.objects.values_list("employees", flat=True)) == [2]
