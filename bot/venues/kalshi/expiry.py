"""Kalshi's dead-man switch is the expiry of each order: it ends by itself unless told in time that we live.

An amendment of the expiry alone keeps an order's place in the queue. What cannot be amended, as in a pause, expires.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.clock import NANOS, Clock
from bot.market.reports import NewOrder
from bot.venues.kalshi import errors, numbers
from bot.venues.kalshi import orders as words
from bot.venues.kalshi.client import Client
from bot.venues.records import Records
from bot.venues.transport import NoReply, NotTaken

LIVES_S, RENEW_S = 60, 35
"""Seconds that an order gets, and with how many left it gets them anew."""
LOOK = 2 * NANOS
AMEND = f"{words.PATH}/{{order_id}}/amend"


@dataclass(slots=True)
class _Standing:
    oid: str
    order: NewOrder
    expires: int


class Expiry:
    """`order.lots` of what rests is its whole count, the traded part included."""

    def __init__(self, client: Client, records: Records, clock: Clock) -> None:
        self._client, self._records, self._clock = client, records, clock
        self._standing: dict[str, _Standing] = {}
        self._turns, self._next = -1, 0
        self._renewal: asyncio.Task[None] | None = None

    def second(self) -> int:
        """When an order that is sent now expires, in unix seconds."""
        return self._clock.now() // NANOS + LIVES_S

    def rests(self, order: NewOrder, oid: str, expires: int) -> None:
        """An order of ours that is to be kept alive."""
        self._standing[order.cloid] = _Standing(oid, order, expires)

    def ended(self, cloid: str) -> None:
        self._standing.pop(cloid, None)

    def alive(self, turns: int) -> None:
        """The session has handled so many messages. One that hangs renews nothing."""
        now = self._clock.steady()
        if turns == self._turns or now < self._next or (self._renewal is not None and not self._renewal.done()):
            return
        self._turns, self._next = turns, now + LOOK
        self._renewal = asyncio.create_task(self._renew())

    async def close(self) -> None:
        """End our own work; what rests expires."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _renew(self) -> None:
        soon = self._clock.now() // NANOS + RENEW_S
        for cloid, standing in list(self._standing.items()):
            record = self._records.get(cloid)
            if record is not None and record.ended is not None:
                self.ended(cloid)
            elif standing.expires <= soon and not (record is not None and record.leaving):
                await self._extend(cloid, standing)

    async def _extend(self, cloid: str, standing: _Standing) -> None:
        order, until = standing.order, self.second()
        price, count = numbers.price(order.ticks), numbers.contracts(order.lots)
        wish = words.Amend(order.market, order.side, price, count, expiration_time=until)
        cost = self._client.tokens.cost("POST", AMEND)
        try:
            said = await self._client.act(words.Amended, "POST", f"{words.PATH}/{standing.oid}/amend", wish, cost)
        except (NotTaken, NoReply):
            return
        if isinstance(said, words.Amended):
            if said.order_id == standing.oid:
                standing.expires = until
        elif errors.classed(said).code == "E_NO_SUCH_ORDER":
            self.ended(cloid)
