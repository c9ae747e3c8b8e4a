"""The websockets of a simulated venue: each is written to as long as it lives, and all can be cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Protocol, TypeVar


class Line(Protocol):
    """One websocket."""

    async def write(self) -> None:
        """Write what waits for the client, until cancelled."""
        ...

    def cut(self) -> None:
        """Break it without a word."""
        ...


Kind = TypeVar("Kind", bound=Line)


@contextlib.asynccontextmanager
async def living(line: Kind, lines: set[Kind]) -> AsyncIterator[Kind]:
    """The line, among the others as long as it lives."""
    writer = asyncio.create_task(line.write())
    lines.add(line)
    try:
        yield line
    finally:
        lines.discard(line)
        writer.cancel()
        await asyncio.wait([writer])


def cut_all(lines: Iterable[Line]) -> None:
    """Break all of them."""
    for line in list(lines):
        line.cut()
