"""Saving an answer and scoring anew, as a share of the same server's empty page.

A server of its own is started on loopback with an empty database. Some browsers, each with a check of its own, answer the
questions of the standard over and over; the same browsers then fetch a page that shows nothing. Requests are written as
bytes before the clock starts, so that the client costs as little as it can. Usage: ``python bench/web_answers.py``.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

AIM = 0.25
ROUNDS = 5
STANDARD = "miit-2024"


@dataclass
class Browser:
    """One connection and what it is told to send.

    Attributes:
        cookies: by name.
        assessment: the address of its check.
    """

    port: int
    cookies: dict[str, str]
    assessment: str = ""

    def __post_init__(self) -> None:
        self.stream = socket.create_connection(("127.0.0.1", self.port), timeout=60).makefile("rwb")

    def request(self, method: str, path: str, form: dict[str, object] | None = None) -> bytes:
        """Return a request as bytes."""
        body = urllib.parse.urlencode(form or {}, doseq=True).encode()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {cookies}",
            f"X-CSRFToken: {self.cookies.get('csrftoken', '')}",
            "HX-Request: true",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            "",
            "",
        ]
        return "\r\n".join(lines).encode() + body

    def send(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request and return status, headers and body; cookies are kept."""
        self.stream.write(request)
        self.stream.flush()
        status = int(self.stream.readline().split()[1])
        headers: dict[str, str] = {}
        while line := self.stream.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "set-cookie":
                key, _, rest = value.strip().partition("=")
                self.cookies[key] = rest.split(";")[0]
            headers[name.lower()] = value.strip()
        return status, headers, self.stream.read(int(headers.get("content-length", 0)))


def main() -> int:
    """Measure and print; the exit code is 1 where the aim is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--browsers", type=int, default=4)
    parser.add_argument("--requests", type=int, default=150, help="requests of each browser")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = served(Path(folder), port, given.workers)
        try:
            browsers = [checking(port) for _ in range(given.browsers)]
            shares = [one_round(browsers, given.requests) for _ in range(ROUNDS)]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}, {given.workers} workers, {given.browsers} browsers, {given.requests} requests each")
    for saves, empty in shares:
        print(
            f"save an answer and score anew {saves:7.0f} a second   empty page {empty:7.0f}   share {saves / empty:.2f}"
        )
    share = statistics.median(saves / empty for saves, empty in shares)
    print(f"median share {share:.2f}   (aim: at least {AIM})")
    return 0 if share >= AIM else 1


def one_round(browsers: list[Browser], requests: int) -> tuple[float, float]:
    """Return how many answers are saved and how many empty pages are fetched in a second, one after the other."""
    saves = throughput([(item, answers(item, requests)) for item in browsers], 200)
    empty = throughput([(item, [item.request("GET", "/en/mail/")] * requests) for item in browsers], 200)
    return saves, empty


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def served(folder: Path, port: int, workers: int) -> subprocess.Popen[str]:
    """Start the product on an empty database and wait until it is ready."""
    environment = {**os.environ, "CAPILLARY_LIMITS": "check=100000/h", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "capillary.cli", "serve", "--data", str(folder), "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout  # noqa: S101 - it was asked for
    for line in process.stdout:
        if "ready" in line:
            return process
    raise SystemExit("the server did not start")


def checking(port: int) -> Browser:
    """Return a browser that has begun a check."""
    browser = Browser(port, {})
    browser.send(browser.request("GET", "/en/check/"))
    form = {"sector": "machinery", "employees": 40, "standard": STANDARD, "variant": "", "region": ""}
    status, headers, body = browser.send(browser.request("POST", "/en/check/", form))
    if status != 302:
        raise SystemExit(f"the check did not begin: {status} {body[:300]!r}")
    browser.assessment = re.sub(r"interview/$", "", headers["location"])
    return browser


def answers(browser: Browser, count: int) -> list[bytes]:
    """Return ``count`` different changes of answers, all questions in turn, so that every one is a new revision."""
    from capillary.content import load_standard
    from capillary.model.fields import question_fields
    from capillary.model.standard import Grid, Multiple, Ticks

    found = []
    questions = load_standard(STANDARD).questions
    for number in range(count):
        question = questions[number % len(questions)]
        turn = number // len(questions)
        fields = list(question_fields(question))
        form: dict[str, object] = {"do": "save"}
        for field in fields:
            name = f"part.{field.part}" if isinstance(question, Grid | Ticks) else "answer"
            key = field.keys[turn % len(field.keys)]
            form[name] = [key] if isinstance(question, Multiple | Ticks) else key
        found.append(browser.request("POST", f"{browser.assessment}questions/{question.id}/", form))
    return found


def throughput(work: list[tuple[Browser, list[bytes]]], expected: int) -> float:
    """Return how many requests a second all browsers together get answered."""
    for browser, requests in work:
        browser.send(requests[0])
    seconds: list[float] = []

    def run(browser: Browser, requests: list[bytes]) -> None:
        began = time.perf_counter()
        for request in requests[1:]:
            status, _, body = browser.send(request)
            if status != expected:
                print(f"status {status}: {body[:600]!r}", file=sys.stderr)
                return
        seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=run, args=item) for item in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(seconds) < len(work):
        raise SystemExit("a browser gave up")
    return sum(len(requests) - 1 for _, requests in work) / statistics.mean(seconds)


if __name__ == "__main__":
    sys.exit(main())
