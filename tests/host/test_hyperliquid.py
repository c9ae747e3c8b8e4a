"""A desk goes the way to real orders on a real host, with a simulated Hyperliquid for the venue: paper, shadow, live.

The tests stand in the order in which a desk takes the steps.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.process import free_port
from tests.host.desk import Desk
from tests.host.explained import unexplained
from tests.host.test_hardening import refusals
from tests.host.trader import BIN, Trader, trader_of

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]
CAPS = {"MARKETS": "BTC,ETH,SOL", "MAX_INVENTORY_PER_MARKET": "BTC:0.05,ETH:1.5,SOL:30"}
FAST, HOUR_S = 60, 3_600
ASK_EVERY_S = 4.0
LOOSE = {"QUOTE_HALF_SPREAD_BPS": 2, "QUOTE_MIN_EDGE_BPS": 0, "WATCHDOG_AFTER_S": 3}


class Exchange:
    """The simulated exchange as a transient unit of the host, asked past the bot."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.account: dict[str, Any] = {}
        self._asked = 0.0
        self._resting: list[str] = []

    def start(self, speed: float = 1) -> None:
        self.desk.ssh("systemctl stop hl-simulator.service 2>/dev/null; rm -f /run/hl-simulator", check=False)
        command = f"{BIN} simulate hyperliquid --port {self.port} --seed 3 --speed {speed:g}"
        self.desk.ssh(
            f"systemd-run --quiet --collect --unit hl-simulator -p StandardOutput=file:/run/hl-simulator {command}"
        )
        self.account, self._asked = json.loads(self._ready())["accounts"][0], 0.0

    def _ready(self) -> str:
        return self.desk.ssh("for i in $(seq 100); do [ -s /run/hl-simulator ] && break; sleep 0.1; done; cat /run/hl*")

    def ask(self, **question: object) -> Any:
        body = json.dumps(question).encode()
        request = urllib.request.Request(f"{self.url}/info", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def resting(self) -> list[str]:
        """Every few seconds at most: the question is dear, and who asks too often is refused, the bot with us."""
        if time.monotonic() - self._asked > ASK_EVERY_S:
            orders = self.ask(type="openOrders", user=self.account["address"])
            self._resting, self._asked = [order["cloid"] for order in orders], time.monotonic()
        return self._resting


class Perpetuals(Trader):
    """A desk that trades at the simulated exchange."""

    def __init__(self, of: Trader) -> None:
        super().__init__(of.desk, of.settings)
        self.exchange = Exchange(of.desk)

    def set(self, **bot: object) -> None:
        super().set(**{**CAPS, **LOOSE, **bot})

    def hyperliquid(self, **bot: object) -> None:
        self.set(VENUE="hyperliquid", HYPERLIQUID_API_URL=self.exchange.url, **bot)


@pytest.fixture(scope="module")
def trader(
    sandbox_host: Callable[..., Any], sandbox_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Perpetuals]:
    trader = Perpetuals(trader_of(tmp_path_factory.mktemp("desk"), sandbox_dir, sandbox_host))
    trader.set(VENUE="paper")
    trader.deploy()
    yield trader
    trader.desk.ssh("systemctl stop hl-simulator.service", check=False)


def test_an_hour_on_paper_in_a_minute_has_no_tick_reject_and_none_unexplained(
    trader: Perpetuals, until: Until, capsys: pytest.CaptureFixture[str]
) -> None:
    trader.exchange.start()
    trader.hyperliquid(QUOTE_ADVANCE_AFTER_S=round(5 / FAST, 3))
    trader.deploy()
    assert trader.desk.ctl("status")["mode"] == "paper"
    trader.green()
    trader.exchange.start(FAST)
    trader.desk.ssh("systemctl restart mm-bot")
    until(lambda: trader.desk.ctl("status")["uptime_s"] >= HOUR_S / FAST, 90, "an hour of the exchange to pass")
    log = trader.log()
    counts = Counter(line["action"] for line in log)
    codes = Counter(line["code"] for line in log if line["action"] == "order_reject")
    said = f"{counts['quote_place']} orders, {counts['FILL']} fills, {counts['order_moot']} moot, rejects {dict(codes)}"
    with capsys.disabled():
        sys.stdout.write(f"\nan hour of paper trading at {FAST} x: {said}\n")
    assert counts["quote_place"] > 200
    assert counts["FILL"] > 20
    assert codes["E_TICK"] == 0
    assert unexplained(log) == []
    assert counts["order_unknown"] + counts["internal_error"] == 0


def test_shadow_sends_and_fills_nothing(trader: Perpetuals, until: Until) -> None:
    trader.exchange.start()
    trader.hyperliquid(SHADOW_MODE=True)
    trader.deploy()
    until(lambda: trader.desk.ctl("status")["venue_orders"] == 6, 20, "two quotes in each of three markets")
    trader.green()
    assert trader.desk.ctl("status")["mode"] == "shadow"
    quotes = until(lambda: trader.events("shadow_quote"), 20, "quotes told as kept back")
    assert isinstance(quotes, list)
    assert {quote["would_cross"] for quote in quotes} == {False}
    assert trader.exchange.resting() == []
    assert trader.events("quote_place", "order_ack", "FILL") == []


def test_live_without_keys_is_refused_before_the_host_is_touched(trader: Perpetuals) -> None:
    trader.hyperliquid(LIVE_TRADING_ENABLED=True, HYPERLIQUID_ACCOUNT=f"0x{'1' * 40}")
    said = trader.desk.deploy()
    assert said.code != 0
    assert "LIVE_TRADING_ENABLED wants the secret hyperliquid_agent_key" in said.text
    assert trader.desk.ctl("status")["mode"] == "shadow"


def test_live_rests_orders_beside_a_watchdog_that_cancels_them_when_the_bot_hangs(
    trader: Perpetuals, until: Until
) -> None:
    exchange, desk = trader.exchange, trader.desk
    exchange.start()
    keys = {"agent": exchange.account["agent_key"], "watchdog": exchange.account["watchdog_key"]}
    path = desk.checkout / "inventory" / "secrets" / "sandbox.env"
    before = path.read_text()
    path.write_text(before + "".join(f"hyperliquid_{who}_key={key}\n" for who, key in keys.items()))
    trader.hyperliquid(LIVE_TRADING_ENABLED=True, HYPERLIQUID_ACCOUNT=exchange.account["address"])
    trader.deploy()
    until(lambda: len(exchange.resting()) == 6, 20, "two quotes in each of three markets at the exchange")
    trader.green()
    assert desk.ctl("status")["mode"] == "live"
    for key in keys.values():
        assert key[2:] not in desk.ssh(
            "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /etc/mm-bot/mm-bot.env | tr '\\0' '\\n'"
        )

    said, units = desk.hardening()
    assert said.code == 0, said.text
    assert refusals(units)["mm-bot-watchdog.service"] >= refusals(units)["mm-bot.service"]

    desk.ssh("systemctl kill --signal=STOP mm-bot")
    swept = "journalctl --unit mm-bot-watchdog --output cat | grep watchdog_swept || true"
    until(lambda: desk.ssh(swept), 9, "the watchdog to cancel what a hanging bot left")
    assert json.loads(desk.ssh(swept).splitlines()[0])["cancelled"] > 0
    until(lambda: len(exchange.resting()) == 6, 40, "systemd to replace the hanging bot")
    desk.ssh("systemctl stop mm-bot")
    until(lambda: exchange.resting() == [], ASK_EVERY_S + 1, "no order to rest once the bot has stopped")
    path.write_text(before)


def test_back_on_paper_nothing_of_live_is_left(trader: Perpetuals, until: Until) -> None:
    desk = trader.desk
    trader.set(VENUE="paper")
    trader.deploy()
    assert "hyperliquid" not in desk.ssh("ls /etc/mm-bot/credentials")
    assert "could not be found" in desk.ssh("systemctl status mm-bot-watchdog 2>&1", check=False)
    until(lambda: trader.exchange.resting() == [], ASK_EVERY_S + 1, "no order to rest at the exchange")
    trader.green()
