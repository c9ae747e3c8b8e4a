"""The venue's own dead-man switch: it cancels all orders of the account, those sent by hand too, unless told in time
that we live. Accounts that traded too little may not use it; a watchdog beside the bot works for those.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.clock import NANOS, Clock
from bot.venues.hyperliquid import errors
from bot.venues.hyperliquid.actions import ScheduleCancel
from bot.venues.hyperliquid.client import Signer
from bot.venues.hyperliquid.listings import MILLI
from bot.venues.transport import NoReply, NotTaken

AFTER_MS = 30_000
RENEW, AGAIN, REFUSED = 10 * NANOS, 2 * NANOS, 3_600 * NANOS
"""Between two renewals; after one that was not answered; after the venue refused."""


class DeadMan:
    """`say` gets a sentence when the switch is not available, once for each reason."""

    def __init__(self, signer: Signer, clock: Clock, say: Callable[[str], None]) -> None:
        self._signer, self._clock, self._say = signer, clock, say
        self._turns = -1
        self._next = 0
        self._said = ""
        self._renewal: asyncio.Task[None] | None = None
        self.armed = False

    def alive(self, turns: int) -> None:
        """The session has handled so many messages. One that hangs renews nothing."""
        now = self._clock.steady()
        if turns == self._turns or now < self._next or (self._renewal is not None and not self._renewal.done()):
            return
        self._turns, self._next = turns, now + RENEW
        self._renewal = asyncio.create_task(self._renew())

    async def disarm(self) -> None:
        """Nothing of ours rests any more: the venue need not cancel."""
        await self.close()
        if self.armed:
            try:
                await self._signer.act(ScheduleCancel())
            except (NoReply, NotTaken):
                return
            self.armed = False

    async def close(self) -> None:
        """End our own work; the venue's switch stays as it is."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _renew(self) -> None:
        try:
            reply = await self._signer.act(ScheduleCancel(self._clock.now() // MILLI + AFTER_MS))
        except NotTaken:
            self._next = self._clock.steady() + AGAIN
            return
        except NoReply:
            self.armed = True  # it may be: at an orderly end it must be put away
            self._next = self._clock.steady() + AGAIN
            return
        if not isinstance(reply.response, str):
            self.armed = True
            return
        self._next = self._clock.steady() + (REFUSED if errors.classed(reply.response).code == "E_VOLUME" else RENEW)
        if reply.response != self._said:
            self._said = reply.response
            self._say(f"the venue's dead-man switch is not available, the watchdog must do: {reply.response}")
