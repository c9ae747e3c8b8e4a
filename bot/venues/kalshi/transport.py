"""How requests reach Kalshi and come back; the same client runs over a network and inside one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.venues.transport import Answer, Socket

ANSWER_S, HEARTBEAT_S = 1.8, 10.0
"""Of a network's: an order is sent a second time while its caller still waits; pings find a dead socket."""


class Transport(Protocol):
    """The way to one exchange; paths are those below /trade-api/v2."""

    async def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Ask once, never again by itself. Raises Unreachable."""
        ...

    async def connect(self, headers: Mapping[str, str]) -> Socket:
        """Open a websocket. Raises Unreachable."""
        ...

    async def close(self) -> None:
        """Give back all connections. Never raises."""
        ...
