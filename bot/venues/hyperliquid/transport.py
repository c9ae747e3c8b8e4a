"""How bytes reach the exchange and come back. All above this module speaks through these two Protocols, so that
the same client runs over a network and inside one process. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.errors import RetryLater


class Unreachable(RetryLater):
    """No answer came: the request may have been carried out, or never have arrived."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one POST: HTTP status and body, whatever the status."""

    status: int
    body: bytes


class Socket(Protocol):
    """One open websocket."""

    async def send(self, text: str) -> None:
        """Send one text frame. Raises Unreachable when the socket is closed or broken."""
        ...

    async def receive(self) -> str | bytes:
        """The next text frame; waits without limit. Raises Unreachable once the socket is closed or broken."""
        ...

    async def close(self) -> None:
        """Close it, also a second time; a waiting `receive` raises. Never raises."""
        ...


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
