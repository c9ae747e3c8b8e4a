"""Time as integer nanoseconds. Only the edges read it; the core is handed `now`."""

from __future__ import annotations

import time
from typing import Protocol

NANOS = 1_000_000_000


class Clock(Protocol):
    """What the edges need of time."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC. May step when the host's clock is set."""
        ...

    def steady(self) -> int:
        """Nanoseconds that never step back; their zero means nothing."""
        ...


class HostClock:
    """The clock of this host."""

    def now(self) -> int:
        return time.time_ns()

    def steady(self) -> int:
        return time.monotonic_ns()
