"""`mm-bot watchdog` as a process of its own, against a simulated exchange in another."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.clock import HostClock
from bot.market.reports import Accepted, NewOrder
from bot.market.units import Lots, Ticks
from bot.runtime.heartbeat import NAME, Heart
from bot.venues.hyperliquid.network import Network
from bot.venues.hyperliquid.venue import HyperliquidVenue
from tests.bot.process import COMMAND, REPOSITORY, mm_bot
from tests.bot.venues.simulators.hyperliquid.simulator_process import simulator

Until = Callable[[Callable[[], object], float, str], object]
CLOID = "0x" + "ab" * 16


def env_file(folder: Path, ready: dict[str, Any], more: str = "LIVE_TRADING_ENABLED=true\n") -> Path:
    path = folder / "mm-bot.env"
    path.write_text(
        f"VENUE=hyperliquid\nHYPERLIQUID_API_URL={ready['url']}\nSTATE_DIR={folder}\nWATCHDOG_AFTER_S=3\n"
        f"HYPERLIQUID_ACCOUNT={ready['accounts'][0]['address']}\nMARKETS=SOL\nMAX_MARKETS_TO_TRADE=1\n"
        f"MAX_INVENTORY_PER_MARKET=SOL:30\n{more}"
    )
    return path


async def leave_an_order(ready: dict[str, Any]) -> None:
    """As a bot that dies: no cancel, no goodbye."""
    keys = ready["accounts"][0]
    network = Network(ready["url"], ready["ws_url"])
    venue = HyperliquidVenue(network, keys["agent_key"], keys["address"], HostClock(), "testnet", lambda line: None)
    await venue.open(["SOL"], lambda update: None)
    (result,) = await venue.place([NewOrder("SOL", "bid", Ticks(1_500_000), Lots(100), CLOID)])
    assert isinstance(result, Accepted)
    await venue.close()


async def resting(ready: dict[str, Any]) -> int:
    import aiohttp

    question = {"type": "openOrders", "user": ready["accounts"][0]["address"]}
    async with aiohttp.ClientSession() as session, session.post(f"{ready['url']}/info", json=question) as answer:
        return len(await answer.json())


def test_it_cancels_what_a_dead_bot_left_and_ends_when_told(tmp_path: Path, until: Until) -> None:
    with simulator("--seed", "3") as ready:
        asyncio.run(leave_an_order(ready))
        assert asyncio.run(resting(ready)) == 1
        Heart(tmp_path / NAME, "cafe0123").beat(1, HostClock().now())
        (tmp_path / "hyperliquid_watchdog_key").write_text(ready["accounts"][0]["watchdog_key"])
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "CREDENTIALS_DIRECTORY": str(tmp_path)}
        line = [*COMMAND, "watchdog", "--env", str(env_file(tmp_path, ready))]
        said = tmp_path / "said"
        with said.open("w") as stderr:
            process = subprocess.Popen(line, cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL, stderr=stderr)
        try:
            until(lambda: said.read_text(), 20, "the watchdog speaks")
            swept = json.loads(said.read_text())
            assert (swept["action"], swept["cancelled"]) == ("watchdog_swept", 1)
            assert asyncio.run(resting(ready)) == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(5)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("", "mode paper: there is nothing to watch"),
        ("LIVE_TRADING_ENABLED=true\n", "no credential hyperliquid_watchdog_key"),
    ],
)
def test_it_does_not_look_alive_where_it_could_not_bite(tmp_path: Path, more: str, reason: str) -> None:
    ready = {"url": "http://127.0.0.1:9", "accounts": [{"address": "0x" + "12" * 20}]}
    ended = mm_bot("watchdog", "--env", str(env_file(tmp_path, ready, more)))
    assert ended.returncode == 1
    assert reason in ended.stderr
