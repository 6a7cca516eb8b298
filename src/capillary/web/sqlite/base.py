"""Django's SQLite backend, with a queue for those who write.

A writer that finds SQLite's own lock taken sleeps and tries again, ever longer: with four writers most of the time passes
asleep. Here a transaction first takes a lock of the operating system on a file beside the database, which wakes the next
one at once and falls to nobody when a process dies. SQLite's own lock still decides; writes outside of transactions and
other programs never see the queue. Where there are no such locks (Windows), there is no queue.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from django.db.backends.sqlite3 import base

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits in the queue before it begins a transaction."""

    _turn: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._wait_for_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()
        finally:
            self._end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            self._end_turn()

    def _wait_for_turn(self) -> None:
        name = str(self.settings_dict["NAME"])
        if fcntl is None or self._turn is not None or self.is_in_memory_db():
            return
        handle = os.open(f"{name}-queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except BaseException:
            os.close(handle)
            raise
        self._turn = handle

    def _end_turn(self) -> None:
        handle, self._turn = self._turn, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)  # closing gives the lock up
