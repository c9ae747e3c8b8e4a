"""The runbook on a real host, with a simulated Kalshi for the venue: paper, shadow, live with one market, live with
eight, the old logic; by the env file and systemctl. Every kill switch is measured where it counts, at the venue.

The tests stand in the order in which a desk takes the steps.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.kalshi import Kalshi
from tests.host.trader import BIN, Trader, trader_of

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]
Say = Callable[[str], None]
ENV, FLAG = "/etc/mm-bot/mm-bot.env", "/var/lib/mm-bot/quotes.off"
CALM = [f"KXNHLGAME-26NOV21GAME{number}-HOME" for number in range(7)]
LIVELY = "KXNHLGAME-26NOV21LIVELY-HOME"
DAY_S = 86_400
SWING_S = 20
AT_ONCE_MS = 1_000


def market(ticker: str, path: list[tuple[float, float]]) -> dict[str, object]:
    """A game of tomorrow's."""
    event = ticker.removesuffix("-HOME")
    return {"ticker": ticker, "event": event, "series": "KXNHLGAME", "path": path, "starts_s": DAY_S, "noise_c": 0.1}


def script() -> dict[str, object]:
    """Seven games whose price stays between the gates, so that entries rest; one falls through and comes back."""
    swings = [(at * SWING_S + late, (0.60, 0.45)[at % 2]) for at in range(480) for late in (0.0, SWING_S - 0.01)]
    calm = [market(ticker, [(0, 0.565)]) for ticker in CALM]
    return {"series": [{"ticker": "KXNHLGAME"}], "markets": [*calm, market(LIVELY, swings)]}


class Contracts(Trader):
    """A desk whose bot trades at the simulated Kalshi."""

    def __init__(self, of: Trader) -> None:
        super().__init__(of.desk, of.settings)
        self.venue = Kalshi(of.desk)

    def paper(self) -> dict[str, object]:
        """What the inventory says to begin with; later steps are taken on the host."""
        return {
            "VENUE": "kalshi",
            "KALSHI_API_URL": self.venue.url,
            "KALSHI_KEY_ID": self.venue.key_id,
            "MARKETS": CALM[0],
            "ENTRY_SIZE": 5,
        }

    def change(self, **settings: str) -> None:
        """Edit the env file on the host, as an operator would."""
        lines = [line for line in self.desk.ssh(f"cat {ENV}").splitlines() if line.partition("=")[0] not in settings]
        added = [f"{name}={value}" for name, value in settings.items()]
        self.desk.write(ENV, "\n".join([*lines, *added, ""]))

    def restart(self, **settings: str) -> None:
        self.change(**settings)
        self.desk.ssh("systemctl restart mm-bot")

    def quotes(self, until: Until, tickers: list[str]) -> None:
        """Wait until two entries rest in each of these markets, at the venue."""

        def both() -> bool:
            return Counter(order.ticker for order in self.venue.entries()) >= Counter(dict.fromkeys(tickers, 2))

        until(both, 20, f"two entries to rest in each of {len(tickers)} markets")

    def milliseconds(self, until: Until, act: str) -> float:
        """Do it on the host; how long after its beginning the last entry left the book, by the venue's clock."""
        began = int(self.desk.ssh(f"date +%s%N && {{ {act}; }} >/dev/null").split()[0]) / 1e9
        until(lambda: not self.venue.entries(), 5, "no entry to rest")
        gone = [order.updated for order in self.venue.orders() if order.entry and order.updated >= began]
        assert gone, "entries rested that a kill switch could take off"
        return (max(gone) - began) * 1000


@pytest.fixture(scope="module")
def trader(
    sandbox_host: Callable[..., Any], sandbox_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Contracts]:
    trader = Contracts(trader_of(tmp_path_factory.mktemp("desk"), sandbox_dir, sandbox_host))
    trader.set()
    said = trader.desk.deploy()
    assert said.code == 0, said.text
    trader.venue.start(script())
    yield trader
    trader.venue.stop()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def tell(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return tell


def test_without_its_key_nothing_is_deployed(trader: Contracts) -> None:
    trader.set(**trader.paper())
    said = trader.desk.deploy()
    assert said.code != 0
    assert "VENUE=kalshi wants the secret kalshi_private_key" in said.text
    assert trader.desk.ctl("status")["mode"] == "paper"


def test_paper_with_one_market_quotes_on_the_venues_prices_and_sends_nothing(trader: Contracts, until: Until) -> None:
    desk = trader.desk
    secrets = desk.checkout / "inventory" / "secrets" / "sandbox.env"
    folded = trader.venue.pem.strip().replace("\n", "\\n")
    secrets.write_text(f"{secrets.read_text()}kalshi_private_key={folded}\n")
    trader.deploy()
    until(lambda: desk.ctl("status")["venue_orders"] == 2, 20, "two entries on paper")
    trader.green()
    (sanity,) = trader.events("startup_sanity")
    assert (sanity["mode"], sanity["strategy"], sanity["tp_offset_c"]) == ("paper", "edge_locked", 7)
    assert f"[{CALM[0]}] STARTUP SANITY CHECKS" in desk.ssh("journalctl --unit mm-bot --output cat")
    assert trader.venue.orders() == []
    assert "PRIVATE KEY" not in desk.ssh(f"cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline {ENV} | tr '\\0' '\\n'")


def test_shadow_logs_every_quote_and_sends_none(trader: Contracts, until: Until) -> None:
    trader.restart(SHADOW_MODE="true")
    quotes = until(lambda: trader.events("shadow_quote"), 20, "quotes told as kept back")
    assert isinstance(quotes, list)
    assert {(quote["would_cross"], quote["state"]) for quote in quotes} == {(False, "FLAT")}
    assert trader.desk.ctl("status")["mode"] == "shadow"
    assert trader.venue.orders() == []
    assert trader.events("quote_place", "order_ack", "FILL") == []


WAYS = [
    ("start", "setting", "systemctl restart mm-bot", "systemctl reload mm-bot"),
    ("ctl", "ctl", f"{BIN} ctl quotes off", f"{BIN} ctl quotes on"),
    ("reload", "setting", "systemctl reload mm-bot", "systemctl reload mm-bot"),
    ("flag", "file", f"touch {FLAG}", f"rm {FLAG}"),
]


def test_live_with_one_market_obeys_the_kill_switch_in_all_four_ways(trader: Contracts, until: Until, say: Say) -> None:
    trader.restart(SHADOW_MODE="false", LIVE_TRADING_ENABLED="true")
    took = {}
    for way, holder, off, on in WAYS:
        trader.quotes(until, CALM[:1])
        trader.change(DISABLE_NEW_QUOTES="true" if holder == "setting" else "false")
        took[way] = trader.milliseconds(until, off)
        if way != "start":
            trader.desk.ssh("systemctl restart mm-bot")
        assert trader.desk.ctl("status")["held_off_by"] == [holder], "it survives a restart"
        assert trader.venue.entries() == []
        assert trader.events("quote_place") == []
        trader.change(DISABLE_NEW_QUOTES="false")
        trader.desk.ssh(on)
    trader.quotes(until, CALM[:1])
    say("kill switch, ms until no entry rests: " + ", ".join(f"{way} {ms:.0f}" for way, ms in took.items()))
    assert max(took.values()) < AT_ONCE_MS


def test_exits_go_on_while_quotes_are_off(trader: Contracts, until: Until) -> None:
    trader.restart(MARKETS=LIVELY)
    hold_with_quotes_off(trader, until)
    until(lambda: not trader.venue.positions(), 4 * SWING_S, "the take-profit to be filled")
    until(lambda: "FILL" in {line["action"] for line in since_off(trader)}, 10, "the exit to be told")
    placed = [line["state"] for line in since_off(trader) if line["action"] == "quote_place"]
    assert "FLAT" not in placed, "nothing is entered"
    assert trader.venue.entries() == []
    trader.desk.ctl("quotes", "on")


def hold_with_quotes_off(trader: Contracts, until: Until) -> None:
    """Take what fills in the lively market; the price must not come back before the switch is thrown."""
    for _ in range(3):
        held = until(trader.venue.positions, 4 * SWING_S, "an entry to be filled")
        assert held.keys() == {LIVELY}
        trader.desk.ctl("quotes", "off")
        if trader.venue.positions():
            return
        trader.desk.ctl("quotes", "on")
    pytest.fail("no position lasted until quotes were off")


def since_off(trader: Contracts) -> list[dict[str, Any]]:
    log = trader.log()
    return log[max(at for at, line in enumerate(log) if line["action"] == "kill_switch") :]


def test_live_with_eight_markets_leaves_nothing_at_the_venue_when_it_is_stopped(
    trader: Contracts, until: Until, say: Say
) -> None:
    trader.restart(MARKETS=",".join([*CALM, LIVELY]), MAX_MARKETS_TO_TRADE="8", MAX_INVENTORY_PER_MARKET="50")
    trader.quotes(until, CALM)
    reds = trader.desk.red_checks()
    assert [name for name in reds if ENV not in f"{name} {reds[name]['found']}"] == [], "but that the file was edited"
    trader.change(ENTRY_SIZE="12")
    trader.desk.ssh("systemctl reload mm-bot")
    until(lambda: 12 in {order.size for order in trader.venue.entries()}, 20, "a reload to change the size")
    trader.quotes(until, CALM)
    resting = len(trader.venue.resting())
    began = int(trader.desk.ssh("date +%s%N && systemctl stop mm-bot").split()[0]) / 1e9
    assert trader.venue.resting() == []
    took = max(order.updated for order in trader.venue.orders() if not order.resting) - began
    say(f"SIGTERM with {resting} orders in 8 markets: none rests after {took * 1000:.0f} ms")
    last = trader.desk.ssh('grep -F \'"action":"shutdown"\' /var/log/mm-bot/events.jsonl | tail -1')
    assert json.loads(last)["resting"] == 0


def test_the_old_logic_is_a_setting_away(trader: Contracts, until: Until) -> None:
    trader.restart(USE_LEGACY_LOGIC="true")
    quotes = until(lambda: trader.events("quote_place"), 20, "quotes by the old logic")
    assert isinstance(quotes, list)
    assert {quote["strategy"] for quote in quotes} == {"legacy_skew"}
    trader.desk.ssh("systemctl stop mm-bot")
    assert trader.venue.resting() == []
