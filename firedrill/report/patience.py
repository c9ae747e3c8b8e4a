"""A line on the terminal while the logs are read, so that a long wait is no riddle."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

SHOWN_AFTER_S = 1.0
_EVERY_S = 0.2
_CLEAR = "\r\x1b[K"


@contextmanager
def patience(what: str, stream: IO[str], after_s: float = SHOWN_AFTER_S) -> Iterator[None]:
    """Says `what` and for how long, once it takes longer than `after_s`; nothing where the stream is no terminal."""
    if not stream.isatty():
        yield
        return
    over = threading.Event()
    clock = threading.Thread(target=_tell, args=(what, stream, after_s, over), daemon=True)
    clock.start()
    try:
        yield
    finally:
        over.set()
        clock.join()


def _tell(what: str, stream: IO[str], after_s: float, over: threading.Event) -> None:
    begun = time.monotonic()
    if over.wait(after_s):
        return
    while not over.wait(_EVERY_S):
        stream.write(f"{_CLEAR}{what} ... {time.monotonic() - begun:.0f} s")
        stream.flush()
    stream.write(_CLEAR)
    stream.flush()
