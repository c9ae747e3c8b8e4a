"""`mm-bot simulate kalshi`: serve until told to stop, and say in one line where, and with which key."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.clock import Clock
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH
from bot.venues.simulators.kalshi.faults import Plan
from bot.venues.simulators.kalshi.script import Script
from bot.venues.simulators.kalshi.server import Server
from bot.venues.simulators.kalshi.simulation import Simulation

Ready = dict[str, str]


async def serve(
    port: int,
    clock: Clock,
    seed: int,
    speed: float,
    plan: Plan,
    script: Script | None,
    ready: Callable[[Ready], None],
) -> None:
    """Call `ready` once the port answers; end on SIGTERM or SIGINT. Raises CannotStart.

    The private key is fresh, and its file goes with the server.
    """
    server, stop = Server(Simulation(clock, seed, speed, plan, script)), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    url = await server.open(port)
    tasks = {asyncio.create_task(server.run()), asyncio.create_task(stop.wait())}
    try:
        with tempfile.TemporaryDirectory(prefix="mm-bot-kalshi-") as folder:
            path = Path(folder) / "key.pem"
            path.touch(0o600)
            path.write_bytes(server.simulation.pem)
            ready(_ready(url, server.simulation, path))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await server.close()


def _ready(url: str, simulation: Simulation, path: Path) -> Ready:
    return {
        "url": f"{url}{REST_PREFIX}",
        "ws_url": f"ws{url.removeprefix('http')}{WS_PATH}",
        "key_id": simulation.key.key_id,
        "private_key_file": str(path),
    }
