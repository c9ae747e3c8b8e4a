"""The way inside one process does what a network does: late, in the order of each socket, and without its sender."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from bot.clock import NANOS
from bot.venues.hyperliquid.actions import Action, Envelope
from bot.venues.hyperliquid.signing import Agent
from bot.venues.simulators.hyperliquid.faults import Fault, Plan
from bot.venues.simulators.hyperliquid.simulation import Simulation
from bot.venues.transport import Unreachable
from tests.bot.venues.hyperliquid.in_memory import InMemory, Network
from tests.bot.venues.simulators.hyperliquid.client import bids
from tests.bot.virtual_time import VirtualClock, in_virtual_time


@dataclass
class Line:
    """A simulated exchange, and one client's way to it."""

    clock: VirtualClock
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.simulation = Simulation(self.clock, seed=5, plan=Plan(self.faults))
        self.account = self.simulation.keys[0].account
        self.network = Network(self.simulation)
        self.transport = InMemory(self.network)

    def body(self, action: Action) -> bytes:
        nonce = self.clock.now() // 1_000_000
        signature = Agent(self.simulation.keys[0].agent_key).sign(action, nonce, "testnet")
        return msgspec.json.encode(Envelope(action, nonce, signature))


def on_a_line(work: Callable[[Line], Awaitable[None]], *faults: Fault) -> None:
    async def run(clock: VirtualClock) -> None:
        line = Line(clock, list(faults))
        try:
            await work(line)
        finally:
            await line.network.close()

    in_virtual_time(run)


def test_an_answer_takes_its_time() -> None:
    async def work(line: Line) -> None:
        answer = await line.transport.post("/info", b'{"type":"allMids"}')
        assert answer.status == 200
        assert "SOL" in msgspec.json.decode(answer.body)
        assert 0.004 * NANOS <= line.clock.steady() <= 0.12 * NANOS

    on_a_line(work)


def test_a_request_arrives_though_its_sender_was_killed() -> None:
    async def work(line: Line) -> None:
        sending = asyncio.create_task(line.transport.post("/exchange", line.body(bids())))
        await asyncio.sleep(0)
        await line.transport.sever()
        sending.cancel()
        assert not line.account.open
        await asyncio.sleep(1)
        assert len(line.account.open) == 1
        after = asyncio.create_task(line.transport.post("/exchange", line.body(bids())))
        await asyncio.sleep(1)
        assert not after.done()
        assert len(line.account.open) == 1, "a killed client sends nothing more"
        after.cancel()

    on_a_line(work)


def test_a_cut_line_is_no_answer() -> None:
    async def work(line: Line) -> None:
        with pytest.raises(Unreachable):
            await line.transport.post("/exchange", line.body(bids()))
        assert len(line.account.open) == 1

    on_a_line(work, Fault("unknown"))


def test_frames_come_in_order_until_the_line_is_cut() -> None:
    async def work(line: Line) -> None:
        socket = await line.transport.connect()
        subscription = {"type": "orderUpdates", "user": line.account.address}
        await socket.send(msgspec.json.encode({"method": "subscribe", "subscription": subscription}).decode())
        await socket.send('{"method":"ping"}')
        assert "subscriptionResponse" in await socket.receive()
        assert await socket.receive() == '{"channel":"pong"}'
        line.simulation.cut_all()
        for _ in range(2):
            with pytest.raises(Unreachable):
                await socket.receive()
        with pytest.raises(Unreachable):
            await socket.send("{}")

    on_a_line(work)
