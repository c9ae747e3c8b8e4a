"""kill -9 of a real bot between a send and its answer: the next run finds at the exchange what it believes.

The exchange is a process of its own that answers late, so that most moments lie between send and answer.
"""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.bot.process import Bot
from tests.bot.venues.simulators.hyperliquid.simulator_process import simulator

FAULTS = """
faults:
  - {fault: delay, where: "exchange:order", delay_s: 0.4, chance: 0.7}
  - {fault: delay, where: "exchange:batchModify", delay_s: 0.4, chance: 0.7}
  - {fault: delay, where: "exchange:cancelByCloid", delay_s: 0.3, chance: 0.3}
"""
SETTINGS = """
VENUE=hyperliquid
LIVE_TRADING_ENABLED=true
MARKETS=SOL,ETH,BTC
MAX_INVENTORY_PER_MARKET=SOL:9,ETH:0.5,BTC:0.02
QUOTE_HALF_SPREAD_BPS=0.6
QUOTE_MIN_EDGE_BPS=0
REQUOTE_BPS=2
"""
SPEED, LOOK_EVERY_S = "10", 0.5
Until = Callable[[Callable[[], object], float, str], object]


@dataclass
class Log:
    """The bot's event log, read on from where it was read before; `unanswered` are sends of the run at hand."""

    path: Path
    unanswered: set[str] = field(default_factory=set)
    sent: int = 0
    tids: list[str] = field(default_factory=list)
    run: str = ""
    positions: dict[str, float] = field(default_factory=dict)
    _read: int = 0

    def held(self) -> dict[str, float]:
        """What the bot believes to hold."""
        return {market: size for market, size in self.positions.items() if size}

    def follow(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        if event["run"] != self.run:
            self.run, self.sent = event["run"], 0
            self.unanswered.clear()
        match event["action"]:
            case "quote_place":
                self.sent += 1
                self.unanswered.add(event["cloid"])
            case "order_ack" | "order_reject" | "order_moot" | "order_unknown":
                self.unanswered.discard(event["cloid"])
            case "FILL":
                self.tids.append(event["tid"])
                self.positions[event["market"]] = event["position"]
            case "position":
                self.positions[event["market"]] = event["position"]


@dataclass
class Desk:
    """A simulated exchange in its process, and the bot in another."""

    url: str
    address: str
    bot: Bot
    until: Until
    log: Log
    looked: float = 0.0

    def ask(self, kind: str) -> Any:
        body = json.dumps({"type": kind, "user": self.address}).encode()
        request = urllib.request.Request(f"{self.url}/info", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def resting(self) -> list[tuple[str, str, str]]:
        return [(order["coin"], order["side"], order["cloid"]) for order in self.ask("openOrders")]

    def held(self) -> dict[str, float]:
        rows = self.ask("clearinghouseState")["assetPositions"]
        return {row["position"]["coin"]: float(row["position"]["szi"]) for row in rows}

    def journal(self) -> list[str]:
        """Ids of the fills on disk."""
        (path,) = (self.bot.folder / "state").glob("journal-*.sqlite")
        with sqlite3.connect(path) as db:
            rows = db.execute("SELECT tid FROM fills ORDER BY tid").fetchall()
        db.close()
        return [tid for (tid,) in rows]

    def kill_after(self, sends: int) -> bool:
        """Kill the bot once it sent so many orders; whether answers were outstanding, as far as its log says."""

        def sent() -> bool:
            self.log.follow()
            return self.log.sent >= sends and bool(self.log.unanswered)

        self.bot.wait(sent, f"{sends} orders are sent and one has no answer", 30)
        self.bot.signal(signal.SIGKILL)
        self.bot.ended()
        self.log.follow()
        return bool(self.log.unanswered)

    def start(self) -> None:
        self.bot.start()
        self.bot.wait(lambda: self.bot.ready()[0] == 200, "the bot quotes again", 30)
        self.bot.ctl("quotes", "off")
        self.bot.wait(self.looks_and_agrees, "bot and exchange agree", 40)
        self.bot.ctl("quotes", "on")

    def looks_and_agrees(self) -> bool:
        """Not more often than the exchange lets one address ask."""
        if time.monotonic() - self.looked < LOOK_EVERY_S:
            return False
        self.looked = time.monotonic()
        try:
            return self.agrees()
        except urllib.error.HTTPError:  # too many questions: later
            return False

    def agrees(self) -> bool:
        """With quotes off nothing rests, whichever run sent it, and the positions are the same on both sides."""
        resting, held = self.resting(), self.held()
        assert len({(coin, side) for coin, side, _ in resting}) == len(resting), f"two on one side: {resting}"
        self.log.follow()
        return not resting and self.log.held() == held and self.bot.ctl("orders") == {"venue": [], "ours": []}


@pytest.fixture
def desk(tmp_path: Path, until: Until) -> Iterator[Desk]:
    plan = tmp_path / "faults.yaml"
    plan.write_text(FAULTS)
    with simulator("--seed", "3", "--speed", SPEED, "--faults", str(plan)) as ready:
        account = ready["accounts"][1]
        secrets = tmp_path / "credentials"
        secrets.mkdir()
        (secrets / "hyperliquid_agent_key").write_text(account["agent_key"])
        places = f"HYPERLIQUID_API_URL={ready['url']}\nHYPERLIQUID_ACCOUNT={account['address']}\n"
        bot = Bot(tmp_path, until, SETTINGS + places)
        bot.credentials = str(secrets)
        try:
            yield Desk(ready["url"], account["address"], bot, until, Log(tmp_path / "log" / "events.jsonl"))
        finally:
            bot.close()


def killed(desk: Desk, times: int, seed: int) -> int:
    """Kill it so often at random moments; in how many an answer was outstanding."""
    chance, between = random.Random(seed), 0
    desk.start()
    for _ in range(times):
        between += desk.kill_after(chance.randint(1, 15))
        desk.start()
    assert desk.bot.stop() == 0
    assert desk.resting() == []
    told = [str(fill["tid"]) for fill in desk.ask("userFills")]
    desk.log.follow()
    assert len(desk.log.tids) == len(set(desk.log.tids)), "a fill is told once, over all runs"
    assert desk.journal() == sorted(told), "and kept once: what is not told died between journal and log"
    assert len(told) - times <= len(desk.log.tids) <= len(told)
    return between


def test_after_a_kill_orders_and_positions_are_those_of_the_exchange(desk: Desk) -> None:
    assert killed(desk, 3, seed=1) == 3


@pytest.mark.thorough
def test_a_hundred_kills(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    between = killed(desk, 100, seed=2)
    with capsys.disabled():
        print(f"\nkilled 100 times, {between} times between a send and its answer")  # noqa: T201
    assert between == 100
