"""An order group: Kalshi cancels all its orders at once when told to, or when too much of them matches within 15 s,
and takes no new ones until it is reset. Ours is made anew by each run and ends with it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bot.venues.kalshi.client import Client
from bot.venues.kalshi.errors import Refusal
from bot.venues.transport import NoReply, NotTaken
from bot.venues.venue import VenueUnreachable

GROUPS = "/portfolio/order_groups"


class _Made(msgspec.Struct, frozen=True):
    order_group_id: str


class Group:
    """`gid` is "" before `make`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.gid = ""

    async def make(self, contracts: int) -> None:
        """Allow so many contracts to match within 15 s. Raises VenueUnreachable."""
        made = await self._act(_Made, "POST", f"{GROUPS}/create", {"contracts_limit": contracts})
        self.gid = made.order_group_id

    async def trigger(self) -> None:
        """Cancel all its orders and take no more. Raises VenueUnreachable."""
        await self._act(object, "PUT", f"{GROUPS}/{self.gid}/trigger", {})

    async def reset(self) -> None:
        """Take orders again. Raises VenueUnreachable."""
        await self._act(object, "PUT", f"{GROUPS}/{self.gid}/reset", {})

    async def delete(self) -> None:
        """Its orders are cancelled with it. Raises VenueUnreachable."""
        await self._act(object, "DELETE", f"{GROUPS}/{self.gid}", None)
        self.gid = ""

    async def _act(self, kind: Any, method: str, path: str, body: object) -> Any:
        if not self.gid and kind is not _Made:
            raise VenueUnreachable("order group: there is none, as no limit was set")
        cost = self._client.tokens.cost(method, path.replace(self.gid, "{order_group_id}") if self.gid else path)
        try:
            said = await self._client.act(kind, method, path, body, cost)
        except (NotTaken, NoReply) as error:
            raise VenueUnreachable(f"order group: {error}") from error
        if isinstance(said, Refusal):
            raise VenueUnreachable(f"order group: {said}")
        return said
