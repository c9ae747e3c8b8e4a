"""Tailing a Loki by its websocket, as an ordinary iterator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping

import aiohttp

from firedrill.logql.syntax import QueryError
from firedrill.store.store import StoreError, Stream, Streams

IDLE_S = 0.5
_IN_ORDER = (aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY)
ALIVE_S = 30
"""A connection on which a ping is not answered for so long is given up."""


def frames(url: str, headers: Mapping[str, str]) -> Iterator[Streams]:
    """What the server tells until it ends the tail, and nothing while it tells nothing.

    QueryError: it refused the query. StoreError: no answer.
    """
    with asyncio.Runner() as runner:
        incoming = _incoming(url, headers)
        try:
            while (found := runner.run(_next(incoming))) is not None:
                yield found
        except (aiohttp.ClientError, OSError, ValueError, KeyError) as error:
            raise StoreError(f"{url.partition('?')[0]} gave no answer of Loki's API: {error}") from None
        finally:
            runner.run(incoming.aclose())


async def _next(incoming: AsyncGenerator[Streams, None]) -> Streams | None:
    return await anext(incoming, None)


async def _incoming(url: str, headers: Mapping[str, str]) -> AsyncGenerator[Streams, None]:
    async with aiohttp.ClientSession(headers=headers) as session:
        try:
            connection = await session.ws_connect(url, heartbeat=ALIVE_S)
        except aiohttp.WSServerHandshakeError as error:
            raise await _refusal(session, url, error) from None
        async with connection:
            async for message in _messages(connection):
                yield _streams(message.data) if message else Streams(())


async def _messages(connection: aiohttp.ClientWebSocketResponse) -> AsyncGenerator[aiohttp.WSMessage | None, None]:
    """What is received until the server closes; None while nothing is."""
    receiving = asyncio.ensure_future(connection.receive())
    try:
        while True:
            if not (await asyncio.wait([receiving], timeout=IDLE_S))[0]:
                yield None
                continue
            message = receiving.result()
            if message.type is not aiohttp.WSMsgType.TEXT:
                _check_end(message)
                return
            receiving = asyncio.ensure_future(connection.receive())
            yield message
    finally:
        receiving.cancel()


def _check_end(message: aiohttp.WSMessage) -> None:
    """An end without a reason is one to go on after; with one, or at a fault of the connection, it is an error."""
    if message.type is aiohttp.WSMsgType.ERROR:
        raise StoreError(f"the tail broke off: {message.data}")
    if message.type is aiohttp.WSMsgType.CLOSE and message.data not in _IN_ORDER:
        raise StoreError(f"the server ended the tail: {message.extra or message.data}")


async def _refusal(session: aiohttp.ClientSession, url: str, error: aiohttp.WSServerHandshakeError) -> Exception:
    """The reason, which a failed handshake keeps to itself: the same asked without one."""
    async with session.get(url) as answer:
        text = (await answer.text()).strip()
    if error.status == 400:
        return QueryError(text)
    return StoreError(f"{url.partition('?')[0]} answered HTTP {error.status}: {text[:200]}")


def _streams(text: str) -> Streams:
    rows = json.loads(text).get("streams") or []
    return Streams(tuple(Stream(row["stream"], tuple((int(v[0]), v[1]) for v in row["values"])) for row in rows))
