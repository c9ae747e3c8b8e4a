"""An order group: Kalshi cancels all its orders at once when told to, or when too much of them matches within 15 s,
and takes no new ones until it is reset. Ours holds entries only, is made anew by each run and ends with it.

A group that filled too fast is reset a minute after its first refusal, unless whoever looks after the bot holds it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec

from bot.clock import NANOS, Clock
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.errors import Refusal
from bot.venues.transport import NoReply, NotTaken
from bot.venues.venue import VenueUnreachable

GROUPS = "/portfolio/order_groups"
ONE = f"{GROUPS}/{{order_group_id}}"
REST, LOOK_S = 60 * NANOS, 1.0


class _Made(msgspec.Struct, frozen=True):
    order_group_id: str


class Group:
    """It lets so many `contracts` match within 15 s. `gid` is "" before `make`."""

    def __init__(self, client: Client, contracts: int, clock: Clock) -> None:
        self._client, self._contracts, self._clock = client, contracts, clock
        self._held = False
        self._refused_at: int | None = None
        self._one_by_one = asyncio.Lock()
        self.gid = ""

    async def make(self) -> None:
        """Raises VenueUnreachable."""
        path, wish = f"{GROUPS}/create", {"contracts_limit": self._contracts}
        self.gid = (await self._act(_Made, "POST", path, path, wish)).order_group_id

    async def hold(self, off: bool) -> None:
        """Cancel all its orders and take no more, or take orders again. Raises VenueUnreachable."""
        self._held = off
        async with self._one_by_one:
            await self._set(off)

    def refused(self) -> None:
        """It took no order."""
        if self._refused_at is None:
            self._refused_at = self._clock.steady()

    async def run(self) -> None:
        """Reset it in time, until cancelled; what was not answered is tried again."""
        while True:
            await asyncio.sleep(LOOK_S)
            async with self._one_by_one:
                if self._rested and not self._held:
                    with suppress(VenueUnreachable):
                        await self._set(False)

    @property
    def _rested(self) -> bool:
        return self._refused_at is not None and self._clock.steady() - self._refused_at >= REST

    async def _set(self, off: bool) -> None:
        what = "trigger" if off else "reset"
        await self._act(object, "PUT", f"{GROUPS}/{self.gid}/{what}", f"{ONE}/{what}", {})
        self._refused_at = None

    async def delete(self) -> None:
        """Its orders are cancelled with it. Raises VenueUnreachable."""
        await self._act(object, "DELETE", f"{GROUPS}/{self.gid}", ONE, None)
        self.gid = ""

    async def _act(self, kind: Any, method: str, path: str, listed: str, body: object) -> Any:
        try:
            said = await self._client.act(kind, method, path, body, self._client.tokens.cost(method, listed))
        except (NotTaken, NoReply) as error:
            raise VenueUnreachable(f"order group: {error}") from error
        if isinstance(said, Refusal):
            raise VenueUnreachable(f"order group: {said}")
        return said
