"""The transport over a real network: one keepalive HTTP session, websockets beside it. Time limits live here.

A POST is never repeated: aiohttp repeats only what may be repeated, and an order may not.
"""

from __future__ import annotations

from contextlib import suppress

import aiohttp

from bot.venues.hyperliquid.transport import Answer, Socket, Unreachable

CONNECT_S, ANSWER_S = 2.0, 4.0
"""An answer must come before the engine gives the call up, so that what was learnt of it is not lost."""
KEEPALIVE_S = 75.0
MOST_FRAME = 16 * 1024 * 1024
HEADERS = {"Content-Type": "application/json"}
BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


class NetworkSocket:
    """A websocket of aiohttp's; the venue is pinged by the feed in its own words."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_str(text)
        except BROKEN as error:
            raise Unreachable(f"the socket broke: {_said(error)}") from error

    async def receive(self) -> str | bytes:
        message = await self._socket.receive()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            data: str | bytes = message.data
            return data
        raise Unreachable(f"the socket was closed (code {self._socket.close_code})")

    async def close(self) -> None:
        with suppress(*BROKEN):
            await self._socket.close()


class Network:
    """One exchange by its two addresses: `api_url` without a path, `ws_url` with it."""

    def __init__(self, api_url: str, ws_url: str) -> None:
        self._api_url, self._ws_url = api_url.rstrip("/"), ws_url
        self._opened: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: bytes) -> Answer:
        try:
            async with self._session().post(f"{self._api_url}{path}", data=body, headers=HEADERS) as answer:
                return Answer(answer.status, await answer.read())
        except BROKEN as error:
            raise Unreachable(f"{self._api_url}{path}: {_said(error)}") from error

    async def connect(self) -> Socket:
        try:
            opened = await self._session().ws_connect(self._ws_url, max_msg_size=MOST_FRAME, timeout=_CLOSE)
        except BROKEN as error:
            raise Unreachable(f"{self._ws_url}: {_said(error)}") from error
        return NetworkSocket(opened)

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """Made at the first use: aiohttp wants a running loop."""
        if self._opened is None or self._opened.closed:
            limits = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
            connector = aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_S)
            self._opened = aiohttp.ClientSession(timeout=limits, connector=connector)
        return self._opened


_CLOSE = aiohttp.ClientWSTimeout(ws_close=1.0)


def _said(error: BaseException) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
