"""A queue for those who write to one SQLite file."""

from __future__ import annotations

import fcntl
import os
import threading

#: After so long a writer goes on without its turn; SQLite's own lock decides then.
LONGEST_WAIT_SECONDS = 30


class WriterQueue:
    """Lets writers in one after the other: threads by a lock, processes by a lock on a file beside.

    SQLite itself lets waiters sleep for longer and longer and look again, so that under load the file
    stands idle between two writers. Here the next one is woken the moment the one before is done.
    What keeps data whole is SQLite's lock; this only decides when to ask for it.
    """

    def __init__(self, database: str) -> None:
        self._path = f"{database}-writers"
        self._turn = threading.Lock()
        self._files: dict[int, int] = {}

    def enter(self) -> bool:
        """Wait for the turn; False when it did not come in time. Raises OSError without the file beside."""
        if not self._turn.acquire(timeout=LONGEST_WAIT_SECONDS):
            return False
        try:
            fcntl.flock(self._file(), fcntl.LOCK_EX)
        except OSError:
            self._turn.release()
            raise
        return True

    def leave(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._file(), fcntl.LOCK_UN)
        self._turn.release()

    def _file(self) -> int:
        # A lock belongs to an opened file, and a forked process would share its parent's.
        process = os.getpid()
        if process not in self._files:
            self._files[process] = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._files[process]
