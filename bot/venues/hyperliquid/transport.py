"""How bytes reach Hyperliquid and come back. All above this module speaks through this Protocol, so that the same
client runs over a network and inside one process. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

from typing import Protocol

from bot.venues.transport import Answer, Socket


class Transport(Protocol):
    """The way to one exchange."""

    async def post(self, path: str, body: bytes) -> Answer:
        """POST JSON to `path` ("/info", "/exchange") once, never again by itself. Raises Unreachable."""
        ...

    async def connect(self) -> Socket:
        """Open a websocket. Raises Unreachable."""
        ...

    async def close(self) -> None:
        """Give back all connections. Never raises."""
        ...
