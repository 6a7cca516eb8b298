"""``capillary serve``: the web product, with everything that it needs to run, in one command.

It brings the database and the static files up to date, starts the web server and the background worker, says so when
the first page really answers, and ends both together.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from capillary.cli.common import Session
    from capillary.model.text import Message

APPLICATION = "capillary.web.wsgi:application"
SETTINGS = "capillary.web.settings"
HEALTH = "/healthz"
THREADS = 4
MOST_WORKERS = 4
READY_SECONDS = 60
STOP_SECONDS = 10
DAY_SECONDS = 24 * 3600
# A worker that dies at once is not started again at once: the pause doubles, up to this.
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60
COLLECTED = ".collected"


@click.command(name="serve")
@click.option(
    "--demo",
    is_flag=True,
    envvar="CAPILLARY_DEMO",
    help="Fill it with data of a demonstration; never on a public server.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes that answer; as many as processors, at most 4."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="CAPILLARY_DATA",
    default="var",
    show_default=True,
    help="The folder of the database, the files and the letters.",
)
@click.option("--check", is_flag=True, help="Only ask whether it answers there: exit code 0 or 1.")
@language_option
def command(
    session: Session, *, demo: bool, host: str, port: int, workers: int | None, data: Path, check: bool
) -> None:
    """Run the web product until Ctrl-C."""
    if check:
        sys.exit(0 if answers(host, port) else 1)
    if demo and _flag("CAPILLARY_PRODUCTION"):
        raise _problem(
            "demo-in-production",
            msg(
                "A public server does not take the data of the demonstration: everybody knows its passwords."
            ),
            msg("Leave out --demo, or unset CAPILLARY_PRODUCTION."),
        )
    os.environ["CAPILLARY_DATA"] = str(data.resolve())
    os.environ["CAPILLARY_DEMO"] = "1" if demo else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    with contextlib.suppress(_Ended), _ending_on_signals():
        check_port(host, port)
        prepare(demo=demo)
        _run(session, host, port, workers or _processors())


def _run(session: Session, host: str, port: int, workers: int) -> None:
    """Run the server and the background worker until a signal comes or the server ends."""
    server = Child(server_command(host, port, workers))
    worker = Child([sys.executable, "-m", "capillary.web.manage", "db_worker", "--no-startup-delay", "-v0"])
    daily = Child([sys.executable, "-m", "capillary.web.manage", "housekeeping", "-v0"])
    try:
        server.start()
        worker.start()
        _await(server, host, port)
        click.echo(session.say("Capillary is ready: {address}", address=address(host, port)))
        click.echo(session.say("Ctrl-C ends it."))
        while server.runs():
            code = worker.revive()
            if code is not None:
                said = session.say(
                    "The background worker ended (code {code}) and is started again.", code=code
                )
                click.echo(said, err=True)
            if not daily.runs() and time.monotonic() - daily.began > DAY_SECONDS:
                daily.start()
            time.sleep(0.5)
        raise _not_running()
    finally:
        _end([server, worker, daily])


def server_command(host: str, port: int, workers: int) -> list[str]:
    """Return the command of the web server; docs/decisions/011-server.md says why it is this one."""
    return [
        *(sys.executable, "-m", "granian", APPLICATION, "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", str(THREADS)),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(STOP_SECONDS // 2)),
        *("--log-level", "warning"),
    ]


def address(host: str, port: int) -> str:
    """Return the address to type into a browser on this computer.

    >>> address("0.0.0.0", 8000), address("::1", 80)
    ('http://127.0.0.1:8000/', 'http://[::1]:80/')
    """
    return f"http://{_reachable(host, bracketed=True)}:{port}/"


def _reachable(host: str, *, bracketed: bool = False) -> str:
    """Return the host that reaches a server listening on ``host``, where that may be every address there is."""
    known = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked about, not listened on
    return f"[{known}]" if bracketed and ":" in known else known


def answers(host: str, port: int) -> bool:
    """Return whether the product answers there; a server for the public is asked by its public name."""
    names = [name.strip().lstrip(".") for name in os.environ.get("CAPILLARY_HOSTS", "").split(",")]
    headers = {"Host": names[0]} if names[0] not in {"", "*"} else {}
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=5)
    try:
        connection.request("GET", HEALTH, headers={**headers, "X-Forwarded-Proto": "https"})
        # Without a proxy in front, a public server answers with the way to https.
        return connection.getresponse().status in {200, 301}
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, with the reason.

    Raises:
        InputError: the port is in use or not allowed, or the host is not of this computer.
    """
    try:
        family, kind, _, _, bound = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(bound)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _problem(
                "port-in-use",
                msg("Port {port} on {host} is in use.", port=port, host=host),
                msg("End the program that uses it, or choose another: --port {other}", other=_next(port)),
            ) from error
        raise _problem(
            "address",
            msg("{host}, port {port}: {cause}.", host=host, port=port, cause=error.strerror or str(error)),
            msg("Choose an address of this computer, and a port from 1024 on."),
        ) from error


def _next(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def prepare(*, demo: bool) -> None:
    """Bring the database, the static files and, where wanted, the demonstration up to date.

    Raises:
        InputError: the settings cannot be used, the database does not answer, or there is no demonstration.
    """
    with django_problems():
        import django
        from django.core.management import CommandError, call_command, get_commands
        from django.db import connections

        django.setup()
        if demo and "load_demo" not in get_commands():
            raise _problem(
                "no-demo",
                msg("This installation has no data of a demonstration."),
                msg("Leave out --demo."),
            )
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    collect()
    if demo:
        try:
            call_command("load_demo")
        except CommandError as error:
            raise click.ClickException(str(error)) from error
    connections.close_all()


def collect() -> None:
    """Collect the static files where one of them changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    mark = Path(settings.STATIC_ROOT, COLLECTED)
    state = _static_state()
    if mark.is_file() and mark.read_text() == state:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(state)


def _static_state() -> str:
    """Return a fingerprint of all static files: their names, sizes and times."""
    from django.contrib.staticfiles.finders import get_finders

    lines = []
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            status = Path(storage.path(name)).stat()
            lines.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@contextlib.contextmanager
def django_problems() -> Iterator[None]:
    """Turn what Django says about settings and database into problems with a remedy."""
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.db import OperationalError
    except ImportError as error:
        raise _problem(
            "no-web",
            msg("The parts of the web product are not installed."),
            msg("Install them: pip install 'capillary[web]'"),
        ) from error
    try:
        yield
    except ImproperlyConfigured as error:
        raise _problem(
            "settings",
            msg("The settings cannot be used: {cause}", cause=error),
            msg("The installation guide lists every environment variable."),
        ) from error
    except OperationalError as error:
        raise _problem(
            "database",
            msg("The database cannot be used: {cause}", cause=" ".join(str(error).split())),
            msg("Check DATABASE_URL, the database server and the data folder."),
        ) from error


def _await(server: Child, host: str, port: int) -> None:
    """Wait until the server answers.

    Raises:
        InputError: it ended, or does not answer in time.
    """
    last = time.monotonic() + READY_SECONDS
    while not answers(host, port):
        if not server.runs() or time.monotonic() > last:
            raise _not_running()
        time.sleep(0.1)


def _not_running() -> InputError:
    return _problem(
        "server-ended",
        msg("The web server ended or does not answer."),
        msg("What it said last stands above."),
    )


@dataclass
class Child:
    """A process that is started, watched and ended; out of reach of the terminal's Ctrl-C, so that we end it in order."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    began: float = -inf
    pause: float = field(default=1.0)

    def start(self) -> None:
        """Start the process."""
        self.began = time.monotonic()
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own command

    def runs(self) -> bool:
        """Return whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> int | None:
        """Start the process anew if it ended and its pause is over; return the code with which it ended."""
        if self.process is None or self.runs():
            return None
        lived = time.monotonic() - self.began
        if lived < self.pause:
            return None
        self.pause = 1.0 if lived > STEADY_SECONDS else min(LONGEST_PAUSE, self.pause * 2)
        code: int = self.process.returncode
        self.start()
        return code

    def ask_to_end(self) -> None:
        """Ask the process to end, if it is there."""
        if self.process is not None and self.runs():
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for the end until a time, then force it on the process and its own children."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _end(children: Sequence[Child]) -> None:
    """End all processes at the same time; a second Ctrl-C does not leave one of them behind."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.ask_to_end()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.end(until)


class _Ended(BaseException):
    """The user or the system asked us to end."""


def _raise_ended(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the form of a signal's handler
    raise _Ended


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Raise `_Ended` where Ctrl-C or the system's request to end comes; the first process of a container needs this."""
    before = {number: signal.signal(number, _raise_ended) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _problem(code: str, cause: Message, remedy: Message) -> InputError:
    return InputError([Problem(code, Place(), cause, remedy)])


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _processors() -> int:
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
