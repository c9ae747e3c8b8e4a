"""An event loop whose time stands still while anything can be done, and jumps to the next timer when nothing can.

An hour of timeouts and pauses takes as long as the work in it, and always comes in the same order.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.clock import NANOS

T = TypeVar("T")
EPOCH = 1_795_000_000 * NANOS
MOST_TURNS = 1_000_000


class Stalled(Exception):
    """Nobody waits for a timer, yet the work is not done: it never will be, or it turns on the spot."""


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: where a real one would sleep until the next timer, `jump` is called instead."""

    jump: Callable[[float], None]
    turns = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready: list[Any] = super().select(0)
        if ready or timeout is None or timeout > 0:
            self.turns = 0
        if timeout is None and not ready:
            raise Stalled("nothing is left to wait for")
        if timeout and not ready:
            self.jump(timeout)
        self.turns += 1
        if self.turns > MOST_TURNS:
            raise Stalled(f"{MOST_TURNS} turns without a moment's rest")
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time` begins at 0."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        selector = _Jumping()
        selector.jump = self._jump
        super().__init__(selector)

    def time(self) -> float:
        return self._elapsed

    def _jump(self, seconds: float) -> None:
        self._elapsed += seconds


class VirtualClock:
    """The loop's time as bot.clock.Clock has it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> int:
        return EPOCH + self.steady()

    def steady(self) -> int:
        return round(self._loop.time() * NANOS)


def in_virtual_time(work: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run `work` to its end; it gets the clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work(VirtualClock(runner.get_loop())))
