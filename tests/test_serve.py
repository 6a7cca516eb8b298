"""``capillary serve`` and what it stands on: it answers when it says so, and leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from capillary.cli import serve
from capillary.model.problems import InputError

from .sheet_kit import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parent.parent
PATIENCE = 90
OF_THE_PRODUCT = ("CAPILLARY_", "DATABASE_URL", "DJANGO_")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def plain_environment(**more: str) -> dict[str, str]:
    """The environment of somebody who has set nothing up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_PRODUCT)}
    return {**kept, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **more}


def still_there(children: Iterable[int]) -> list[int]:
    """The processes that live on, after some time to go; one that has ended and waits to be fetched has no command."""
    last = time.monotonic() + 5
    while True:
        left = [pid for pid in children if command_of(pid)]
        if not left or time.monotonic() > last:
            return left
        time.sleep(0.1)


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


class Server:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port
        self.lines: list[str] = []

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("Capillary is ready"):
                return
        raise AssertionError("".join(self.lines))

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def children(self) -> dict[int, str]:
        """The processes that belong to the server, with their commands."""
        found = {self.process.pid: "serve"}
        for status in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                if parent in found:
                    found[int(status.parent.name)] = status.with_name("cmdline").read_text()
            except OSError:
                continue
        del found[self.process.pid]
        return found

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "capillary.cli",
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    process = subprocess.Popen(
        [*command, *options],
        env=plain_environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    # a server that hangs ends, and the test with it, instead of standing still for ever
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        with process:
            try:
                yield Server(process, port)
            finally:
                process.terminate()
    finally:
        watchdog.cancel()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_it_answers_when_it_says_so_and_ends_with_everything_it_began(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.wait_until_ready()
        assert server.lines[-1] == f"Capillary is ready: http://127.0.0.1:{server.port}/\n"
        assert server.get("/healthz") == (200, b"ok")
        assert serve.answers("127.0.0.1", server.port)
        children = server.children()
        assert sum("granian" in command for command in children.values()) >= 1
        assert sum("db_worker" in command for command in children.values()) == 1
        with pytest.raises(InputError, match=f"Port {server.port} on 127.0.0.1 is in use"):
            serve.check_port("127.0.0.1", server.port)
        assert server.end(signal.SIGTERM) == 0
        assert still_there(children) == []
    collected = tmp_path / "static" / serve.COLLECTED
    before = collected.stat().st_mtime_ns

    with serving(tmp_path) as again:
        again.wait_until_ready()
        assert again.end(signal.SIGINT) == 0
    assert collected.stat().st_mtime_ns == before, "nothing changed, so nothing is collected anew"
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_worker_that_died_is_started_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(serve.time, "monotonic", lambda: now[0])
    child = serve.Child([sys.executable, "-c", "raise SystemExit(3)"])
    child.start()
    assert child.process
    child.process.wait(20)
    assert child.revive() is None, "not at once"
    now[0] += 1.5
    assert child.revive() == 3
    child.process.wait(20)
    now[0] += 1.5
    assert child.revive() is None, "the next pause is longer"
    now[0] += 1
    assert child.revive() == 3
    child.process.wait(20)


def test_a_process_that_does_not_want_to_end_is_ended_with_its_children() -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    child = serve.Child([sys.executable, "-c", stubborn])
    child.start()
    assert child.process
    time.sleep(0.5)
    child.ask_to_end()
    child.end(time.monotonic() + 0.5)
    assert child.process.returncode in {-signal.SIGKILL, -signal.SIGTERM}
    assert not child.runs()


def test_a_port_in_use_is_named_with_another_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"Port {port} .* --port \d+ \[port-in-use\]"):
            serve.check_port("127.0.0.1", port)


def test_an_address_of_another_computer_is_refused() -> None:
    with pytest.raises(InputError, match=r"\[address\]"):
        serve.check_port("192.0.2.1", 8000)


def test_the_demonstration_never_runs_in_public(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAPILLARY_PRODUCTION", "1")
    run("serve", "--demo", "--data", tmp_path / "data").only("demo-in-production")
    assert not (tmp_path / "data").exists()


def test_the_check_says_by_its_exit_code_that_nobody_answers() -> None:
    assert run("serve", "--check", "--port", str(free_port())).exit_code == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"CAPILLARY_PRODUCTION": "1"}, "settings"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}, "database"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_shown_as_a_traceback(
    tmp_path: Path, more: dict[str, str], code: str
) -> None:
    command = [
        sys.executable,
        "-m",
        "capillary.cli",
        "serve",
        "--data",
        str(tmp_path),
        "--port",
        str(free_port()),
    ]
    done = subprocess.run(
        command, env=plain_environment(**more), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 2, done.stderr
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr


def test_manage_passes_everything_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "capillary.cli", "manage", "check", "--tag", "urls", "--no-color"]
    done = subprocess.run(
        command,
        env=plain_environment(CAPILLARY_DATA=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.skipif(
    not (shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    reason="needs PostgreSQL",
)
def test_a_postgresql_of_its_own_is_there_for_a_command_and_gone_afterwards(tmp_path: Path) -> None:
    report = tmp_path / "report"
    code = (
        "import os, pathlib, sys, psycopg; address = os.environ['DATABASE_URL']\n"
        "with psycopg.connect(address) as connection:\n"
        "    folder = connection.execute('show data_directory').fetchone()[0]\n"
        "pathlib.Path(sys.argv[1]).write_text(folder + '\\n' + address); raise SystemExit(5)"
    )
    command = [sys.executable, str(ROOT / "tools/with_postgres.py"), sys.executable, "-c", code, str(report)]
    done = subprocess.run(
        command, env=plain_environment(), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 5, done.stderr
    folder, address = report.read_text().split("\n")
    assert not Path(folder).exists()
    assert "@127.0.0.1:" in address
