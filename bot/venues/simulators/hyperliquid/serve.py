"""`mm-bot simulate hyperliquid`: serve until told to stop, and say in one line where and for whom."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from bot.venues.simulators.hyperliquid.accounts import MILLION
from bot.venues.simulators.hyperliquid.server import Simulator

Ready = dict[str, object]


async def serve(simulator: Simulator, port: int, ready: Callable[[Ready], None]) -> None:
    """Call `ready` once the port answers; end on SIGTERM or SIGINT. Raises CannotStart."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    url = await simulator.open(port)
    tasks = {asyncio.create_task(simulator.run()), asyncio.create_task(stop.wait())}
    try:
        ready(_ready(simulator, url))
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await simulator.close()


def _ready(simulator: Simulator, url: str) -> Ready:
    accounts = [
        {
            "address": keys.account.address,
            "agent_key": keys.agent_key,
            "watchdog_key": keys.watchdog_key,
            "usd": keys.account.cash // MILLION,
            "traded_usd": keys.account.volume // MILLION,
        }
        for keys in simulator.keys
    ]
    return {"url": url, "ws_url": f"ws{url.removeprefix('http')}/ws", "accounts": accounts}
