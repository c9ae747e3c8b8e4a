"""The transport over loopback: what it calls unreachable, how long it waits, and that it never sends twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from bot.market.book import Top
from bot.market.reports import Back, Lost
from bot.venues import network
from bot.venues.network import Network
from bot.venues.transport import Answer, Unreachable
from bot.venues.venue import Update
from tests.bot.process import free_port
from tests.bot.venues.hyperliquid.served import served, venue_at

Work = Callable[[Network], Awaitable[None]]


def against(handler: Callable[[web.Request], Awaitable[web.StreamResponse]], work: Work) -> None:
    """`work` with a transport to a server of one handler."""

    async def run() -> None:
        application = web.Application()
        application.add_routes([web.post("/exchange", handler), web.get("/ws", handler)])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        transport = Network(f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/ws")
        try:
            await work(transport)
        finally:
            await transport.close()
            await runner.cleanup()

    asyncio.run(run())


def test_nobody_at_the_address_is_unreachable_in_words() -> None:
    async def run() -> None:
        port = free_port()
        transport = Network(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws")
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port}/info: Cannot connect"):
            await transport.post("/info", b"{}")
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port}/ws: Cannot connect"):
            await transport.connect()
        await transport.close()

    asyncio.run(run())


@pytest.mark.parametrize("status", [200, 422, 429, 502])
def test_every_status_is_an_answer(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        return web.Response(status=status, body=await request.read())

    async def work(transport: Network) -> None:
        assert await transport.post("/exchange", b'{"a":1}') == Answer(status, b'{"a":1}')

    against(handler, work)


def test_a_post_on_a_kept_connection_that_breaks_is_not_sent_again() -> None:
    seen: list[bytes] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(await request.read())
        if len(seen) > 1:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(body=b"{}")

    async def work(transport: Network) -> None:
        await transport.post("/exchange", b"first")
        with pytest.raises(Unreachable):
            await transport.post("/exchange", b"second")
        await asyncio.sleep(0.05)
        assert seen == [b"first", b"second"]

    against(handler, work)


def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER_S", 0.2)
    over = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    async def work(transport: Network) -> None:
        with pytest.raises(Unreachable, match="no answer in time"):
            await transport.post("/exchange", b"{}")
        over.set()

    against(handler, work)


def test_a_socket_gives_frames_until_it_is_closed_from_either_end() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT and message.data == "bye":
                break
            await socket.send_str(f"heard {message.data}")
        return socket

    async def work(transport: Network) -> None:
        socket = await transport.connect()
        await socket.send("this")
        assert await socket.receive() == "heard this"
        await socket.send("bye")
        with pytest.raises(Unreachable, match="the socket was closed"):
            await socket.receive()
        other = await transport.connect()
        await other.close()
        await other.close()
        with pytest.raises(Unreachable):
            await other.receive()
        with pytest.raises(Unreachable):
            await other.send("late")

    against(handler, work)


def test_a_cut_line_over_loopback_is_mended() -> None:
    async def run() -> None:
        async with served() as (simulator, url):
            venue, updates = venue_at(simulator, url), list[Update]()
            await venue.open(["SOL"], updates.append)
            updates.clear()
            simulator.cut_all()
            async with asyncio.timeout(10):
                while not (any(isinstance(update, Back) for update in updates) and isinstance(updates[-1], Top)):
                    simulator.step()
                    await asyncio.sleep(0.02)
            assert isinstance(updates[0], Lost)
            await venue.close()

    asyncio.run(run())
