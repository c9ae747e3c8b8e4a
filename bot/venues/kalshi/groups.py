"""An order group: Kalshi cancels all its orders at once when told to, or when too much of them matches within 15 s,
and takes no new ones until it is reset, which whoever trades decides. Ours holds entries only, is made anew by each run
and ends with it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bot.venues.kalshi.client import Client
from bot.venues.kalshi.errors import Refusal
from bot.venues.transport import NoReply, NotTaken
from bot.venues.venue import VenueUnreachable

GROUPS = "/portfolio/order_groups"
ONE = f"{GROUPS}/{{order_group_id}}"


class _Made(msgspec.Struct, frozen=True):
    order_group_id: str


class Group:
    """It lets so many `contracts` match within 15 s. `gid` is "" before `make`."""

    def __init__(self, client: Client, contracts: int) -> None:
        self._client, self._contracts = client, contracts
        self.gid = ""

    async def make(self) -> None:
        """Raises VenueUnreachable."""
        path, wish = f"{GROUPS}/create", {"contracts_limit": self._contracts}
        self.gid = (await self._act(_Made, "POST", path, path, wish)).order_group_id

    async def hold(self, off: bool) -> None:
        """Cancel all its orders and take no more, or take orders again. Raises VenueUnreachable."""
        what = "trigger" if off else "reset"
        await self._act(object, "PUT", f"{GROUPS}/{self.gid}/{what}", f"{ONE}/{what}", {})

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
