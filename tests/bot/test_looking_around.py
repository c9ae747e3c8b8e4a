"""MARKETS=auto as an operator meets it: a real bot process that looks for its markets on the simulated Kalshi."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.clock import HostClock
from bot.venues.kalshi.signing import REST_PREFIX, Key
from tests.bot.process import Bot, Until
from tests.bot.venues.simulators.kalshi.simulator_process import simulator

SERIES = "KXNHLGAME"
QUICKLY = "KALSHI_SERIES=NHL:KXNHLGAME\nDISCOVERY_EVERY_MIN=0.05\nQUIET_BEFORE_START_MIN=0\nDISCOVERY_MIN_DEPTH=5\n"


def game(name: str, price: float = 0.48, **more: object) -> dict[str, object]:
    """Two markets, one for each team."""
    ticker = f"{SERIES}-{name}"
    sides = ((f"{ticker}-UTA", price), (f"{ticker}-VGK", 1 - price))
    given = {"series": SERIES, "noise_c": 0.0, "takers": 0.0, **more}
    return {"markets": [{"ticker": team, "event": ticker, "path": [[0, at]], **given} for team, at in sides]}


class Evening:
    """A simulated exchange with these games, and a bot on it."""

    def __init__(self, folder: Path, until: Until, stack: ExitStack) -> None:
        self._folder, self._until, self._stack = folder, until, stack

    def opens(self, games: Sequence[dict[str, Any]], settings: str = "LIVE_TRADING_ENABLED=true\n") -> Bot:
        markets = [market for game in games for market in game["markets"]]
        script = self._folder / "script.json"
        script.write_text(json.dumps({"series": [{"ticker": SERIES}], "markets": markets}))
        self.ready = self._stack.enter_context(simulator("--seed", "3", "--script", str(script)))
        pem = Path(self.ready["private_key_file"]).read_bytes()
        self._key = Key(self.ready["key_id"], pem)
        credentials = self._folder / "credentials"
        credentials.mkdir()
        (credentials / "kalshi_private_key").write_bytes(pem)
        bot = Bot(self._folder, self._until, self.settings + settings)
        bot.credentials = str(credentials)
        self._stack.callback(bot.close)
        return bot

    @property
    def settings(self) -> str:
        at = f"KALSHI_API_URL={self.ready['url']}\nKALSHI_WS_URL={self.ready['ws_url']}\n"
        return f"VENUE=kalshi\n{at}KALSHI_KEY_ID={self.ready['key_id']}\n{QUICKLY}"

    def ask(self, path: str, query: str = "") -> Any:
        headers = self._key.headers(HostClock().now() // 1_000_000, "GET", f"{REST_PREFIX}{path}")
        request = urllib.request.Request(f"{self.ready['url']}{path}{query}", headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def resting(self) -> list[str]:
        """Markets in which orders of the account rest, asked past the bot."""
        return [order["ticker"] for order in self.ask("/portfolio/orders", "?status=resting")["orders"]]


@pytest.fixture
def evening(tmp_path: Path, until: Until) -> Iterator[Evening]:
    with ExitStack() as stack:
        yield Evening(tmp_path, until, stack)


def decided(bot: Bot, run: str) -> dict[str, str]:
    """What became of each market that a run looked at."""
    return {told["market"]: told["decision"] for told in bot.events("discovery") if told["run"] == run}


def test_when_a_game_starts_the_next_run_quotes_another(evening: Evening) -> None:
    bot = evening.opens([game("ONE", starts_s=12), game("TWO", opens_s=12)])
    bot.start_ready()
    (startup,) = bot.events("startup")
    assert startup["markets"] == [f"{SERIES}-ONE-UTA"]
    assert decided(bot, startup["run"]) == {f"{SERIES}-ONE-UTA": "chosen", f"{SERIES}-ONE-VGK": "out"}
    assert bot.ended(40) == 0
    (shutdown,) = bot.events("shutdown")
    assert (shutdown["reason"], shutdown["resting"]) == ("discovery", 0)
    assert "ONE-UTA can be entered no more, KXNHLGAME-TWO-UTA can" in said(bot)

    bot.start_ready()
    again = bot.events("startup")[-1]
    assert again["markets"] == [f"{SERIES}-TWO-UTA"]
    told = {one["market"]: one["reason"] for one in bot.events("discovery") if one["run"] == again["run"]}
    assert told[f"{SERIES}-ONE-UTA"] == told[f"{SERIES}-ONE-VGK"] == "its event has started"
    assert told[f"{SERIES}-TWO-VGK"] == f"{SERIES}-TWO-UTA is taken of the same event"
    assert bot.stop() == 0


def test_a_bot_without_a_market_is_up_and_idle_until_there_is_one(evening: Evening) -> None:
    bot = evening.opens([game("ONE", opens_s=10)], "SHADOW_MODE=true\n")
    bot.start_ready()
    assert "idle on kalshi" in said(bot)
    assert "none of 0 markets can be entered now, looking again every 0.05 min" in said(bot)
    status = bot.ctl("status")
    assert (status["mode"], status["ready"], status["positions"], status["open_orders"]) == ("shadow", True, {}, 0)
    assert bot.ended(40) == 0
    assert bot.events("shutdown")[-1]["reason"] == "discovery"
    bot.start_ready()
    assert bot.events("startup")[-1]["markets"] == [f"{SERIES}-ONE-UTA"]
    assert bot.stop() == 0
    assert evening.resting() == []
    assert [told["reason"] for told in bot.events("shutdown")] == ["discovery", "SIGTERM"]


def test_a_typing_error_in_a_series_is_one_sentence(evening: Evening) -> None:
    bot = evening.opens([game("ONE")])
    bot.configure(evening.settings.replace(SERIES, "KXNHLGAM"))
    bot.start()
    assert bot.ended() == 1
    assert said(bot) == "Error: KALSHI_SERIES: Kalshi lists no series KXNHLGAM\n"


def said(bot: Bot) -> str:
    return (bot.folder / "stderr").read_text()
