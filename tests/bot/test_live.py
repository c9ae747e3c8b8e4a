"""Live mode as an operator meets it: a real bot process against the simulated exchange, over loopback."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.process import Bot, Until, mm_bot
from tests.bot.venues.simulators.hyperliquid.simulator_process import simulator

CAPS = "MARKETS=BTC,SOL\nMAX_INVENTORY_PER_MARKET=BTC:0.05,SOL:30\nQUOTE_MIN_EDGE_BPS=0\nQUOTE_HALF_SPREAD_BPS=1\n"


class Exchange:
    """A simulated exchange, asked past the bot."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.url: str = ready["url"]
        self.account: dict[str, Any] = ready["accounts"][0]

    @property
    def settings(self) -> str:
        return (
            f"VENUE=hyperliquid\nHYPERLIQUID_API_URL={self.url}\nHYPERLIQUID_ACCOUNT={self.account['address']}\n{CAPS}"
        )

    def ask(self, **question: object) -> Any:
        body = json.dumps(question).encode()
        request = urllib.request.Request(f"{self.url}/info", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def resting(self) -> list[str]:
        return [order["cloid"] for order in self.ask(type="openOrders", user=self.account["address"])]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with simulator("--seed", "3") as ready:
        yield Exchange(ready)


@pytest.fixture
def bot(tmp_path: Path, until: Until, exchange: Exchange) -> Iterator[Bot]:
    subject = Bot(tmp_path, until, exchange.settings + "LIVE_TRADING_ENABLED=true\n")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "hyperliquid_agent_key").write_text(exchange.account["agent_key"])
    subject.credentials = str(credentials)
    yield subject
    subject.close()


def test_a_live_run_from_start_to_sigterm(bot: Bot, exchange: Exchange) -> None:
    bot.start_ready()
    bot.wait(lambda: len(exchange.resting()) == 4, "two quotes in each of two markets")
    status = bot.ctl("status")
    assert (status["mode"], status["venue_orders"]) == ("live", 4)
    assert {cloid[2:10] for cloid in exchange.resting()} <= {status["run"]}
    assert "only paper has faults" in bot.ctl("fault", "reject")["error"]
    assert bot.stop() == 0
    assert exchange.resting() == []
    assert not (bot.folder / "state" / "heartbeat.json").exists()
    (startup,) = bot.events("startup")
    assert (startup["mode"], startup["venue"]) == ("live", "hyperliquid")
    assert [told["mode"] for told in bot.events("startup_sanity")] == ["live", "live"]
    assert f"ORDERS GO to a simulated Hyperliquid on this machine ({exchange.url})" in said(bot)
    assert exchange.account["agent_key"][2:] not in said(bot) + json.dumps(bot.events())


def test_a_killed_live_run_leaves_a_heartbeat_and_the_next_one_no_orphan(bot: Bot, exchange: Exchange) -> None:
    bot.start_ready()
    bot.wait(lambda: len(exchange.resting()) == 4, "two quotes in each of two markets")
    bot.signal(signal.SIGKILL)
    bot.ended()
    left = exchange.resting()
    assert left
    assert (bot.folder / "state" / "heartbeat.json").exists()
    bot.start_ready()
    bot.wait(lambda: exchange.resting() and not {*left} & {*exchange.resting()}, "no order of the first run rests")
    assert bot.stop() == 0
    assert exchange.resting() == []


def test_an_override_is_in_force_from_the_first_order_and_told(bot: Bot, exchange: Exchange) -> None:
    asked = "SPEC_OVERRIDE_SOL_TICK=0.25\nSPEC_OVERRIDE_SOL_LOT=0.5\nLIVE_TRADING_ENABLED=true\n"
    bot.configure(exchange.settings + asked)
    bot.start_ready()
    bot.wait(lambda: len(exchange.resting()) == 4, "two quotes in each of two markets")
    (told,) = bot.events("spec_override")
    assert (told["market"], told["tick"], told["lot"], told["venue_tick"]) == ("SOL", 0.25, 0.5, 0.0001)
    sanity = {told["market"]: (told["tick"], told["lot"]) for told in bot.events("startup_sanity")}
    assert sanity["SOL"] == (0.25, 0.5)
    open_orders = exchange.ask(type="openOrders", user=exchange.account["address"])
    ours = [order for order in open_orders if order["coin"] == "SOL"]
    assert {float(order["limitPx"]) % 0.25 for order in ours} == {float(order["sz"]) % 0.5 for order in ours} == {0}
    assert not bot.events("order_reject")
    assert bot.stop() == 0


@pytest.mark.parametrize("mode", ["paper", "shadow"])
def test_paper_and_shadow_on_its_prices_send_it_nothing(bot: Bot, exchange: Exchange, mode: str) -> None:
    bot.configure(exchange.settings + ("SHADOW_MODE=true\n" if mode == "shadow" else ""))
    Path(bot.credentials, "hyperliquid_agent_key").unlink()
    bot.start_ready()
    bot.wait(lambda: bot.ctl("status")["venue_orders"] == 4, "two quotes in each of two markets")
    assert bot.ctl("status")["mode"] == mode
    if mode == "paper":
        bot.wait(lambda: bot.events("FILL"), "a print through one of our quotes", 40)
    else:
        assert {told["would_cross"] for told in bot.events("shadow_quote")} == {False}
        assert not bot.events("quote_place") + bot.events("order_ack")
    assert exchange.resting() == []
    assert bot.stop() == 0


def test_a_killed_paper_run_finds_its_orders_and_position_again(bot: Bot, exchange: Exchange) -> None:
    bot.configure(exchange.settings)
    bot.start_ready()
    bot.wait(lambda: bot.events("FILL"), "a print through one of our quotes", 40)
    bot.wait(lambda: bot.ctl("status")["venue_orders"] >= 2, "quotes rest")
    bot.signal(signal.SIGKILL)
    bot.ended()
    bot.start_ready()
    again = bot.events("reconcile")[-1]
    assert (again["reason"], again["orphans"] >= 1) == ("start", True)
    assert bot.events("reconcile_mismatch") == []
    bot.wait(
        lambda: all(one["position"] == one["venue"] for one in bot.ctl("positions").values()),
        "the journal and the paper account hold the same",
    )
    bot.wait(lambda: bot.ctl("status")["venue_orders"] == 4, "two quotes in each of two markets")
    assert bot.stop() == 0


def test_a_recorded_live_run_killed_and_started_again_replays_as_its_event_log(bot: Bot, exchange: Exchange) -> None:
    file = bot.folder / "live.rec"
    bot.start_ready("--record", str(file))
    bot.wait(lambda: len(exchange.resting()) == 4, "two quotes in each of two markets")
    bot.signal(signal.SIGKILL)
    bot.ended()
    bot.start_ready("--record", str(file))
    bot.ctl("quotes", "off")
    bot.wait(lambda: not exchange.resting(), "no quote rests")
    assert bot.stop() == 0
    again = mm_bot("replay", str(file))
    assert (again.returncode, again.stderr.startswith("2 runs, ")) == (0, True), again.stderr
    assert again.stdout == (bot.folder / "log" / "events.jsonl").read_text()
    assert exchange.account["agent_key"][2:] not in file.read_text()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("HYPERLIQUID_API_URL=http://127.0.0.1:9\n", "the venue does not answer, asking again for 25 s"),
        ("MARKETS=BTC,SOLL\nMAX_INVENTORY_PER_MARKET=1\n", "MARKETS: the venue lists no SOLL, did you mean SOL"),
        (f"HYPERLIQUID_ACCOUNT=0x{'1' * 40}\n", f"HYPERLIQUID_ACCOUNT 0x{'1' * 40} is missing at the venue"),
    ],
    ids=("away", "unlisted", "not-the-account"),
)
def test_what_stands_in_the_way_is_said(bot: Bot, exchange: Exchange, settings: str, reason: str, until: Until) -> None:
    kept = [
        line
        for line in (exchange.settings + "LIVE_TRADING_ENABLED=true\n").splitlines()
        if line.partition("=")[0] not in {name.partition("=")[0] for name in settings.splitlines()}
    ]
    bot.configure("\n".join(kept) + "\n" + settings)
    bot.start()
    until(lambda: reason in said(bot), 10, reason)
    bot.close()
    assert exchange.resting() == []


def test_without_its_key_it_does_not_start(bot: Bot, until: Until) -> None:
    Path(bot.credentials, "hyperliquid_agent_key").unlink()
    bot.start()
    assert bot.ended() == 1
    assert said(bot).startswith("Error: no credential hyperliquid_agent_key")
    assert said(bot).count("\n") == 1


def said(bot: Bot) -> str:
    return (bot.folder / "stderr").read_text()
