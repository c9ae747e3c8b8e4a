"""The runbook, line by line, over the log of a whole evening: what each line must show, and that it can show worse.

The lines are run by the real bash, grep and jq. A line that is to show nothing is shown a spoilt log too.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.bot.evening import runbook
from tests.bot.evening.runbook import objects, said
from tests.bot.evening.world import Played

Event = dict[str, Any]
GATES = {"KXNHLGAME": (0.48, 0.65), "KXNFLGAME": (0.44, 0.72), "KXNCAAFGAME": (0.42, 0.75)}
EXITS = ("tp_exit", "sweet_spot_exit", "hard_cap_exit")
MARKETS, NEXT_LINES = 8, 2

pytestmark = pytest.mark.skipif(
    shutil.which("jq") is None, reason="needs jq: Debian's package jq, `make test` installs it"
)


@pytest.fixture(scope="module")
def told(evening: Played) -> list[Event]:
    return evening.events()


@pytest.fixture
def log(evening: Played) -> Path:
    return evening.log


def of(told: Iterable[Event], *actions: str) -> list[Event]:
    return [event for event in told if event["action"] in actions]


def by_market(told: Iterable[Event]) -> dict[str, list[Event]]:
    found = defaultdict(list)
    for event in told:
        found[event["market"]].append(event)
    return found


def gate(event: Event) -> tuple[float, float]:
    return GATES[event["market"].split("-")[0]]


def spoilt(log: Path, change: Callable[[Event], Event | None], folder: Path) -> Path:
    """The log with its first event changed that `change` has something else for."""
    path, lines, done = folder / "spoilt.jsonl", [], False
    for event in map(json.loads, log.read_text().splitlines()):
        other = None if done else change(event)
        done = done or other is not None
        lines.append(json.dumps(other or event, separators=(",", ":")))
    assert done
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("line", [runbook.STATE_CHANGES, runbook.DRIFT_CHECK], ids=["watch", "drift check"])
def test_states_change_by_fills_only_and_only_from_and_to_flat(line: str, log: Path, told: list[Event]) -> None:
    shown = objects(said(line, log))
    assert shown == of(told, "state_change")
    for changes in by_market(shown).values():
        assert changes[0]["previous"] == "FLAT"
        for earlier, later in pairwise(changes):
            assert later["previous"] == earlier["state"]
            assert "FLAT" in (later["previous"], later["state"])
    for at, event in enumerate(told):
        if event["action"] == "state_change":
            because = of(told[max(at - 2, 0) : at], "FILL", "settlement")
            assert (event["market"], event["ts"]) in [(one["market"], one["ts"]) for one in because]


def test_quotes_are_on_the_sides_of_their_states(log: Path, told: list[Event]) -> None:
    shown = objects(said(runbook.QUOTES, log))
    assert shown == of(told, "quote_place")
    sides = {"FLAT": {"bid", "ask"}, "SKEW_LONG": {"ask"}, "SKEW_SHORT": {"bid"}}
    for state, allowed in sides.items():
        assert {event["side"] for event in shown if event["state"] == state} == allowed


def test_a_take_profit_is_constant_between_changes_of_the_average_price(log: Path) -> None:
    shown = objects(said(runbook.TP_OF_QUOTES, log))
    assert len(shown) > len(GATES)
    assert all(quote[name] is not None for quote in shown for name in ("market", "vwap", "tp", "price"))
    for quotes in by_market(shown).values():
        for earlier, later in pairwise(quotes):
            assert later["tp"] == earlier["tp"] or later["vwap"] != earlier["vwap"]


def test_fills_are_watched(log: Path, told: list[Event]) -> None:
    shown = objects(said(runbook.FILLS, log))
    assert shown == of(told, "FILL", "sweet_spot_exit", "state_change")


def test_take_profits_of_longs_do_not_drift(log: Path, told: list[Event], tmp_path: Path) -> None:
    """The line knows longs only: of a short, whose take-profit lies below, it shows each quote; `tp_err` knows both."""
    drift = re.compile(r"TP DRIFT: (\S+) vwap=(\S+) tp=([\d.]+)")
    shown = [drift.search(text) for text in objects(said(runbook.TP_DRIFT, log))]
    quotes = [event for event in of(told, "quote_place") if event["state"] != "FLAT"]
    assert len(shown) == sum(event["state"] == "SKEW_SHORT" for event in quotes)
    assert all(found is not None and float(found[3]) < float(found[2]) for found in shown)
    assert {event["tp_err"] for event in quotes} == {0.0}

    def drifts(event: Event) -> Event | None:
        held_long = event["action"] == "quote_place" and event["state"] == "SKEW_LONG"
        return {**event, "tp": event["tp"] - 0.01} if held_long else None

    assert len(objects(said(runbook.TP_DRIFT, spoilt(log, drifts, tmp_path)))) == len(shown) + 1


def test_the_gate_line_shows_fills_beyond_the_gates_which_is_where_they_should_be(log: Path, told: list[Event]) -> None:
    """It is the wrong way round: a breach is an entry inside, and there is none."""
    fills = of(told, "FILL")
    shown = objects(said(runbook.GATE_BREACH, log))
    assert len(shown) == sum(not 0.48 <= fill["price"] <= 0.65 for fill in fills)
    entries = [fill for fill in fills if fill["gate_err"] is not None]
    assert {fill["gate_err"] for fill in entries} == {0.0}
    for fill in entries:
        low, high = gate(fill)
        assert fill["price"] <= low if fill["side"] == "bid" else fill["price"] >= high


def test_the_breaker_is_quiet(log: Path, told: list[Event], tmp_path: Path) -> None:
    shown = said(runbook.BREAKER, log).splitlines()
    assert len(shown) == len(of(told, "cb_soft", "cb_hard"))
    assert len(shown) <= 2, "the seed's green light"

    def trips(event: Event) -> Event | None:
        return {"action": "cb_soft", "cancels_30": 11} if event["action"] == "heartbeat" else None

    louder = spoilt(log, trips, tmp_path)
    assert len(said(runbook.BREAKER, louder).splitlines()) == len(shown) + 1
    assert objects(said(runbook.BREAKER_CHECK, louder))[0] == 11


def test_the_breaker_does_not_trip_on_ten_cancels(log: Path, told: list[Event]) -> None:
    shown = objects(said(runbook.BREAKER_CHECK, log))
    assert shown == [event["cancels_30"] for event in of(told, "cb_soft")]
    assert all(event["cancels_30"] > 10 for event in of(told, "cb_soft") if event["reason"] == "soft_cancels")


def test_the_daily_analysis_counts_each_market(log: Path, told: list[Event], tmp_path: Path) -> None:
    left = {event["market"] for event in of(told, *EXITS)}
    lines = [line for line in log.read_text().splitlines() if json.loads(line).get("market") in left]
    markets = tmp_path / "markets.jsonl"
    markets.write_text("\n".join(lines) + "\n")
    (shown,) = objects(said(runbook.DAILY_ANALYSIS, markets))
    assert {market["market"] for market in shown} == left
    for market in shown:
        exits = [event for event in of(told, *EXITS) if event["market"] == market["market"]]
        fills = [event for event in of(told, "FILL") if event["market"] == market["market"]]
        assert (market["fills"], market["exits"]) == (len(fills), len(exits))
        assert math.isclose(market["avg_hold_time"], sum(event["age_s"] for event in exits) / len(exits))


def test_an_exit_is_sent_whatever_was_sent_before(log: Path, told: list[Event]) -> None:
    exits = of(told, "sweet_spot_exit")
    assert exits
    shown = objects(said(runbook.COOLDOWN_CHECK, log))
    assert len(shown) >= len(exits)
    for at, event in enumerate(told):
        if event["action"] in ("sweet_spot_exit", "hard_cap_exit", "mae_trim"):
            follows = of(told[at + 1 : at + 1 + NEXT_LINES], "quote_place")
            assert [quote["market"] for quote in follows][:1] == [event["market"]]
            assert (follows[0]["ro"], follows[0]["ts"]) == (True, event["ts"])


def test_nothing_leaks(log: Path, tmp_path: Path) -> None:
    assert said(runbook.LEAK_CHECK, log) == ""

    def leaks(event: Event) -> Event | None:
        return {**event, "side": "bid"} if event.get("state") == "SKEW_LONG" and event.get("side") == "ask" else None

    assert len(objects(said(runbook.LEAK_CHECK, spoilt(log, leaks, tmp_path)))) == 1


def test_the_review_of_a_paper_run(evening: Played, told: list[Event], tmp_path: Path) -> None:
    """The log holds JSON only; what the start says to people stands before it where both are kept in one file."""
    both = tmp_path / "paper.log"
    both.write_text("\n".join(evening.said) + "\n" + evening.log.read_text())
    shown = said(runbook.REVIEW, both).splitlines()
    assert [json.loads(line) for line in shown if line.startswith("{")] == of(told, "state_change")
    starts = [line for line in shown if not line.startswith("{")]
    assert starts[0].endswith("] STARTUP SANITY CHECKS")
    assert starts[1::2] == ["  TP Offset: 7¢"] * MARKETS


def test_what_left_and_what_tripped(log: Path, told: list[Event]) -> None:
    shown = objects_of_a_head(said(runbook.LEAVING, log))
    expected = [event for event in told if re.search("exit|trim|cb_", event["action"])]
    assert shown == expected[: len(shown)]
    assert shown


def objects_of_a_head(text: str) -> list[Event]:
    """Whole objects of twenty printed lines: the last may be cut."""
    return objects(text[: text.rindex("\n}") + 2])


def test_the_success_metrics(log: Path, told: list[Event], evening: Played, capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = objects(said(runbook.SUCCESS_METRICS, log))
    exits, fills = of(told, *EXITS), of(told, "FILL")
    ages = [event["age_s"] for event in of(told, *EXITS, "mae_trim")]
    entries = [fill for fill in fills if fill["gate_err"] is not None]
    assert shown["total_fills"] == len(fills)
    assert math.isclose(shown["avg_hold_time_min"], sum(ages) / len(ages) / 60)
    assert shown["exits_in_sweet_spot"] == len(of(told, "sweet_spot_exit"))
    assert shown["cb_activations"] == len(of(told, "cb_soft", "cb_hard"))
    assert shown["fills_in_zone"] == sum(not 0.48 < fill["price"] < 0.65 for fill in fills)
    with capsys.disabled():
        print(f"\n{green_lights(shown, Counter(event['action'] for event in exits), len(entries))}")  # noqa: T201


def green_lights(shown: dict[str, float], exits: Counter[str], entries: int) -> str:
    """The runbook's criteria for more markets, with what this evening has for them."""
    share, hold, trips = (
        100 * shown["exits_in_sweet_spot"] / exits.total(),
        shown["avg_hold_time_min"],
        shown["cb_activations"],
    )
    rows = [
        (f"hold {hold:.1f} min (8-12)", 8 <= hold <= 12),
        (f"{share:.0f}% of {exits.total()} exits in the sweet spot (> 50%)", share > 50),
        (f"breaker {trips} (0-2)", trips <= 2),
        (f"all {entries} entries in their zones (>= 90%)", True),
    ]
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(exits.items()))
    lights = "; ".join(f"{text}: {'green' if green else 'not green'}" for text, green in rows)
    return f"an evening of 8 markets: {shown['total_fills']} fills; {kinds}; {lights}"
