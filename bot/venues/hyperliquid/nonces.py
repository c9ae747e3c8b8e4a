"""Nonces of one signer. The venue wants each used once and none older than the last hundred; ms since 1970 are its
custom. One process a signer: two would use each other's up.
"""

from __future__ import annotations

from bot.clock import Clock

MILLIS = 1_000_000


class Nonces:
    """Ever higher, also when the host's clock is set back or two are asked for within a millisecond."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        self._last = max(self._clock.now() // MILLIS, self._last + 1)
        return self._last
