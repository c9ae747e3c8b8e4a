"""The transport over a real network: one keepalive HTTP session, websockets beside it. Time limits live here.

A POST is never repeated: aiohttp repeats only what may be repeated, and an order may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

import aiohttp

from bot.venues.transport import Answer, Socket, Unreachable

CONNECT_S, ANSWER_S = 2.0, 4.0
"""An answer must come before the engine gives the call up, so that what was learnt of it is not lost."""
KEEPALIVE_S = 75.0
MOST_FRAME = 16 * 1024 * 1024
Headers = Mapping[str, str]
NO_HEADERS: Headers = MappingProxyType({})
HEADERS = {"Content-Type": "application/json"}
BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


class NetworkSocket:
    """A websocket of aiohttp's; pings of the venue are answered by it."""

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
    """One exchange by its two addresses: what paths are added to, and `ws_url` with its path.

    An answer is waited for `answer_s`. With `heartbeat_s` a socket is pinged so often, and closed when no pong comes.
    """

    def __init__(self, api_url: str, ws_url: str, answer_s: float = ANSWER_S, heartbeat_s: float | None = None) -> None:
        self._api_url, self._ws_url = api_url.rstrip("/"), ws_url
        self._answer_s, self._heartbeat_s = answer_s, heartbeat_s
        self._opened: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: bytes) -> Answer:
        return await self.request("POST", path, body)

    async def request(self, method: str, path: str, body: bytes = b"", headers: Headers = NO_HEADERS) -> Answer:
        """Ask once, never again by itself. Raises Unreachable."""
        given, url = {**HEADERS, **headers}, f"{self._api_url}{path}"
        try:
            async with self._session().request(method, url, data=body or None, headers=given) as answer:
                return Answer(answer.status, await answer.read())
        except BROKEN as error:
            raise Unreachable(f"{url}: {_said(error)}") from error

    async def connect(self, headers: Headers = NO_HEADERS) -> Socket:
        try:
            opened = await self._session().ws_connect(
                self._ws_url, max_msg_size=MOST_FRAME, timeout=_CLOSE, headers=headers, heartbeat=self._heartbeat_s
            )
        except BROKEN as error:
            raise Unreachable(f"{self._ws_url}: {_said(error)}") from error
        return NetworkSocket(opened)

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """Made at the first use: aiohttp wants a running loop."""
        if self._opened is None or self._opened.closed:
            limits = aiohttp.ClientTimeout(total=self._answer_s, sock_connect=CONNECT_S)
            connector = aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_S)
            self._opened = aiohttp.ClientSession(timeout=limits, connector=connector)
        return self._opened


_CLOSE = aiohttp.ClientWSTimeout(ws_close=1.0)


def _said(error: BaseException) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
