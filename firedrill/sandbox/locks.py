"""File locks that the kernel lets go of when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firedrill.sandbox.errors import SandboxError

_PAUSE = 0.02


def open_lock(path: Path) -> int:
    """A descriptor to lock on; the file is made when absent, its directory is not."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """True if the lock is ours now."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def held(
    path: Path, *, seconds: float, what: str, shared: bool = False, waiting: Callable[[], None] | None = None
) -> Iterator[int]:
    """Hold the lock at `path`; gives up after `seconds`, naming `what` it waited for. `waiting` is called once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = open_lock(path)
    try:
        _wait(descriptor, seconds, what, shared, waiting)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, seconds: float, what: str, shared: bool, waiting: Callable[[], None] | None) -> None:
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, shared=shared):
        if waiting is not None:
            waiting()
            waiting = None
        if time.monotonic() > deadline:
            raise SandboxError(
                f"Waited {seconds:.0f} s for {what}, which another process still holds. Try again later."
            )
        time.sleep(_PAUSE)
