"""The adapter against the simulated exchange over loopback: real HTTP, a real websocket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.clock import HostClock
from bot.venues.hyperliquid.venue import HyperliquidVenue
from bot.venues.network import Network
from bot.venues.simulators.hyperliquid.faults import Fault, Plan
from bot.venues.simulators.hyperliquid.server import Simulator


@asynccontextmanager
async def served(*faults: Fault, seed: int = 5) -> AsyncIterator[tuple[Simulator, str]]:
    """An exchange whose prices stand still until it is told to `step`, and its address."""
    simulator = Simulator(HostClock(), seed, plan=Plan(list(faults)))
    url = await simulator.open(0)
    try:
        yield simulator, url
    finally:
        await simulator.close()


def network(url: str) -> Network:
    return Network(url, f"ws{url.removeprefix('http')}/ws")


def venue_at(
    simulator: Simulator, url: str, number: int = 0, say: Callable[[str], None] = lambda told: None
) -> HyperliquidVenue:
    """A connection of one of the exchange's accounts by its main agent."""
    keys = simulator.keys[number]
    return HyperliquidVenue(network(url), keys.agent_key, keys.account.address, HostClock(), "testnet", say)
