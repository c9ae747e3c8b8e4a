"""A question to a venue that may be away for a while: asked again, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.clock import NANOS, Clock
from bot.errors import CannotStart
from bot.venues.venue import VenueUnreachable

T = TypeVar("T")
PATIENCE_S = 25.0
"""Long enough that a unit whose venue is away never restarts so often that systemd gives it up."""
AGAIN_S = 1.0


async def patiently(ask: Callable[[], Awaitable[T]], clock: Clock, say: Callable[[str], None]) -> T:
    """What `ask` answers, asked again while the venue is away; `say` hears of it once. Raises CannotStart at last."""
    until, said = clock.steady() + PATIENCE_S * NANOS, False
    while True:
        try:
            return await ask()
        except VenueUnreachable as error:
            if clock.steady() >= until:
                raise CannotStart(f"the venue does not answer: {error}") from error
            if not said:
                say(f"mm-bot: the venue does not answer, asking again for {PATIENCE_S:g} s: {error}")
            said = True
            await asyncio.sleep(AGAIN_S)
