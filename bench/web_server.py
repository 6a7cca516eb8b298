"""``python bench/web_server.py``: gunicorn against granian, for pages of the product.

Both get the same number of processes and threads, and the same requests over connections that stay open. They take
turns, so that whatever else the computer does meets both. What counts is the ratio. Read the answer with care where
processors are few: the client runs on the same ones.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION = "capillary.web.wsgi:application"
WORKERS, THREADS, CONNECTIONS = 2, 4, 8
START_SECONDS = 60


def gunicorn(port: int) -> list[str]:
    return [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            APPLICATION,
            "--bind",
            f"127.0.0.1:{port}",
            "--log-level",
            "warning",
        ),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
    ]


def granian(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", APPLICATION, "--interface", "wsgi", "--port", str(port)),
        *("--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "warning"),
    ]


SERVERS = {"gunicorn": gunicorn, "granian": granian}


def main() -> None:
    """Measure the pages given, and print the rates and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", nargs="*", default=["/healthz", "/zh-hans/"])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(CAPILLARY_DATA=folder, DJANGO_SETTINGS_MODULE="capillary.web.settings")
        os.environ.pop("DATABASE_URL", None)
        prepare()
        for page in given.pages:
            compare(page, given.requests, given.rounds)
        slow_clients()


def prepare() -> None:
    for command in (["migrate", "-v0"], ["createcachetable"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "-m", "capillary.web.manage", *command], check=True)


def compare(page: str, requests: int, rounds: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    slow: dict[str, list[float]] = {name: [] for name in SERVERS}
    memory: dict[str, int] = {}
    for _ in range(rounds):
        for name in SERVERS:
            with running(name) as (port, process):
                warm_up(port, page)
                began = time.perf_counter()
                waits = load(port, page, requests)
                rates[name].append(len(waits) / (time.perf_counter() - began))
                slow[name].append(statistics.quantiles(waits, n=100)[98] * 1000)
                memory[name] = resident(process.pid)
    print(f"\n{page}, {requests} requests, {CONNECTIONS} connections, median of {rounds} rounds")
    for name in SERVERS:
        rate, late = statistics.median(rates[name]), statistics.median(slow[name])
        print(f"  {name:<9} {rate:7.0f} a second, 99 of 100 within {late:6.1f} ms, {memory[name] >> 20} MiB")
    ratio = statistics.median(rates["granian"]) / statistics.median(rates["gunicorn"])
    print(f"  granian : gunicorn = {ratio:.2f}")


def slow_clients() -> None:
    """Print how long an answer takes while others, on bad lines, have sent only half of their request."""
    print(f"\n/healthz while {4 * CONNECTIONS} others have sent half a request")
    for name in SERVERS:
        with running(name) as (port, _), ExitStack() as others:
            warm_up(port, "/healthz")
            for _ in range(4 * CONNECTIONS):
                other = others.enter_context(socket.create_connection(("127.0.0.1", port)))
                other.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            time.sleep(0.5)
            try:
                print(f"  {name:<9} {ask(port, '/healthz', 1, patience=10)[0] * 1000:7.1f} ms")
            except TimeoutError:
                print(f"  {name:<9} no answer within 10 s")


@contextmanager
def running(name: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(SERVERS[name](port))
    try:
        last = time.monotonic() + START_SECONDS
        while not reached(port):
            if process.poll() is not None or time.monotonic() > last:
                sys.exit(f"{name} does not start")
            time.sleep(0.1)
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


def reached(port: int) -> bool:
    try:
        load(port, "/healthz", CONNECTIONS)
    except OSError:
        return False
    return True


def warm_up(port: int, page: str) -> None:
    """Ask one after the other, so that every process has loaded what the page needs before it counts."""
    for _ in range(WORKERS * 20):
        ask(port, page, 1)


def load(port: int, page: str, requests: int) -> list[float]:
    """Ask for a page over and over, and return how long each answer took."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        share = max(1, requests // CONNECTIONS)
        parts = [pool.submit(ask, port, page, share) for _ in range(CONNECTIONS)]
        return [wait for part in parts for wait in part.result()]


def ask(port: int, page: str, times: int, *, patience: float = 30) -> list[float]:
    """Ask over one connection; a bare socket, because a client library costs more than the server."""
    request = f"GET {page} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    waits = []
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        for _ in range(times):
            began = time.perf_counter()
            connection.sendall(request)
            read_answer(connection)
            waits.append(time.perf_counter() - began)
    return waits


def read_answer(connection: socket.socket) -> None:
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the server hung up")
        got += part
    head, body = got.split(b"\r\n\r\n", 1)
    status, *fields = head.decode("latin-1").lower().split("\r\n")
    if " 200" not in status:
        sys.exit(f"the page does not answer with 200 but with {status!r}")
    length = next(int(field.split(":")[1]) for field in fields if field.startswith("content-length:"))
    missing = length - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))


def resident(parent: int) -> int:
    """Return the memory of a process and its children, in bytes; 0 where the system does not tell."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if parent in {int(status.parent.name), int(after[1])}:
            total += int(after[21]) * os.sysconf("SC_PAGE_SIZE")
    return total


if __name__ == "__main__":
    main()
