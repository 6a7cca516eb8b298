"""Runs a command beside a PostgreSQL of its own: ``with_postgres.py COMMAND…`` sets ``DATABASE_URL`` for it.

The cluster lies in a temporary folder and listens on loopback only. A keeper process starts it, and stops and deletes
it when the pipe from this process closes. That happens however this process ends, even if it is killed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

NAME = "capillary"
START_SECONDS = 60
# Nothing of this cluster outlives the run, so nothing has to survive a power cut.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: that of the path, else the newest of Debian's."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: float(path.parts[-3]), default=None)
    if newest is None:
        sys.exit("PostgreSQL is missing. Install it: apt-get install postgresql")
    return newest.parent


def servant() -> dict[str, Any]:
    """Return the arguments that start a program as a user without rights, which PostgreSQL wants of root."""
    if os.getuid() != 0:
        return {}
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port() -> int:
    """Return a port on loopback that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster, yield its address, and leave nothing of it behind."""
    folder = Path(tempfile.mkdtemp(prefix="capillary-postgres-"))
    try:
        who = servant()
        if who:
            os.chown(folder, who["user"], who["group"])
        with _running(folder, who) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path, who: dict[str, Any]) -> Iterator[str]:
    programs, port, password = binaries(), free_port(), secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if who:
        os.chown(secret, who["user"], who["group"])
    data = str(folder / "data")
    make = [programs / "initdb", "-D", data, "-U", NAME, f"--pwfile={secret}", "--auth=scram-sha-256"]
    make += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(make, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)
    serve = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    for setting in FAST:
        serve += ["-c", setting]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(serve, cwd=folder, stdout=log, stderr=log, **who)
    try:
        environment = {**os.environ, "PGPASSWORD": password}
        _create_database(programs, server, port, environment, folder / "log")
        yield f"postgres://{NAME}:{password}@127.0.0.1:{port}/{NAME}"
    finally:
        _stop(server)


def _create_database(
    programs: Path, server: subprocess.Popen[bytes], port: int, environment: dict[str, str], log: Path
) -> None:
    """Create the database as soon as the server lets us."""
    create = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", NAME, NAME]
    last = time.monotonic() + START_SECONDS
    while True:
        done = subprocess.run(create, check=False, capture_output=True, env=environment)
        if done.returncode == 0:
            return
        if server.poll() is not None or time.monotonic() > last:
            sys.exit(f"PostgreSQL did not start.\n{log.read_text()}{done.stderr.decode()}")
        time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server: politely, and after some seconds at once."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(request)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                continue


def keep() -> None:
    """Keep a cluster for as long as standard input is open."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with cluster() as address:
        print(address, flush=True)
        sys.stdin.read()


def _terminated(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the form of a signal's handler
    sys.exit(128 + number)


def run(command: list[str]) -> int:
    """Run a command with a cluster of its own and return its exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    keeper = subprocess.Popen(
        [sys.executable, __file__, "--keep"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with keeper:
        address = keeper.stdout.readline().strip() if keeper.stdout else ""
        if not address:
            return 1
        with subprocess.Popen(command, env={**os.environ, "DATABASE_URL": address}) as child:
            try:
                return child.wait()
            except BaseException:
                child.terminate()
                raise


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1:] == ["--keep"]:
        keep()
    else:
        sys.exit(run(sys.argv[1:]))
