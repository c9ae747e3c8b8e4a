"""What every way to an exchange has in common: an answer, a socket, and that nobody answered.

Which requests there are is each venue's own Protocol; a network, and an exchange inside a test's process, are ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.errors import BotError, RetryLater


class Unreachable(RetryLater):
    """No answer came: the request may have been carried out, or never have arrived."""


class NotTaken(RetryLater):
    """The venue did not look at the action: it may be sent again."""


class NoReply(BotError):
    """The action may have been taken: ask the venue what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request: HTTP status and body, whatever the status."""

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
