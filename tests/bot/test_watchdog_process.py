"""`mm-bot watchdog` as a process of its own, against a simulated exchange in another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bot.process import COMMAND, REPOSITORY, Bot, Until, mm_bot
from tests.bot.venues.simulators.hyperliquid.simulator_process import simulator


def settings(ready: dict[str, Any], more: str = "LIVE_TRADING_ENABLED=true\n") -> str:
    return (
        f"VENUE=hyperliquid\nHYPERLIQUID_API_URL={ready['url']}\nWATCHDOG_AFTER_S=3\n"
        f"HYPERLIQUID_ACCOUNT={ready['accounts'][0]['address']}\nMARKETS=SOL\nMAX_INVENTORY_PER_MARKET=SOL:30\n{more}"
    )


def env_file(folder: Path, ready: dict[str, Any], more: str = "LIVE_TRADING_ENABLED=true\n") -> Path:
    path = folder / "mm-bot.env"
    path.write_text(f"STATE_DIR={folder}\n{settings(ready, more)}")
    return path


def resting(ready: dict[str, Any]) -> int:
    """How many orders of the account the exchange has, asked past the bot."""
    question = json.dumps({"type": "openOrders", "user": ready["accounts"][0]["address"]}).encode()
    request = urllib.request.Request(f"{ready['url']}/info", question, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return len(json.load(answer))


@contextmanager
def watchdog(env: Path, credentials: Path, said: Path) -> Iterator[None]:
    """A watchdog as long as it is needed; it must end well when it is told to."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "CREDENTIALS_DIRECTORY": str(credentials)}
    line = [*COMMAND, "watchdog", "--env", str(env)]
    with said.open("w") as stderr:
        process = subprocess.Popen(line, cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL, stderr=stderr)
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, said.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(5)


def keys(folder: Path, ready: dict[str, Any]) -> Path:
    """The credentials of both processes, in one folder."""
    for name in ("agent_key", "watchdog_key"):
        (folder / f"hyperliquid_{name}").write_text(ready["accounts"][0][name])
    return folder


def test_a_bot_that_hangs_loses_its_quotes_and_quotes_again_when_it_wakes(tmp_path: Path, until: Until) -> None:
    said = tmp_path / "said"
    with simulator("--seed", "3") as ready:
        bot = Bot(tmp_path, until, settings(ready))
        bot.credentials = str(keys(tmp_path, ready))
        try:
            with watchdog(bot.env, tmp_path, said):
                bot.start_ready()
                bot.wait(lambda: resting(ready), "it quotes")
                bot.signal(signal.SIGSTOP)
                bot.wait(lambda: "watchdog_swept" in said.read_text(), "the watchdog took its quotes off", 20)
                assert resting(ready) == 0
                watching, *_, last = said.read_text().splitlines()
                assert f"watching {bot.folder}" in watching
                swept = json.loads(last)
                assert swept["cancelled"] >= 1
                assert swept["silent_s"] >= 3
                bot.signal(signal.SIGCONT)
                bot.wait(lambda: resting(ready), "it quotes again", 20)
                assert bot.stop() == 0
                assert resting(ready) == 0
        finally:
            bot.close()


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


def test_beside_a_bot_on_kalshi_it_has_no_place(tmp_path: Path) -> None:
    env = tmp_path / "kalshi.env"
    env.write_text("VENUE=kalshi\nLIVE_TRADING_ENABLED=true\nKALSHI_KEY_ID=6f6a5307-5e11-4000-8000-bfcff5dd3492\n")
    ended = mm_bot("watchdog", "--env", str(env))
    assert ended.returncode == 1
    assert "VENUE=kalshi needs no watchdog: each order expires within a minute" in ended.stderr
