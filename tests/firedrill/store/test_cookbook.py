"""Every named query on a day of the bot's log on which much went wrong: it asks for what is logged, and finds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot import events
from firedrill.logql import syntax as s
from firedrill.logql.parse import parse
from firedrill.rules import lint
from firedrill.store.cookbook import QUERIES, Named
from firedrill.store.loki import Loki
from firedrill.store.query_command import command
from tests.alerts.faults import FAULTS, GAME, ORDER, PERP
from tests.alerts.replay import LABELS, pushed
from tests.day import START, Day, Fault
from tests.real_loki import RealLoki

SECONDS = 1800
AT = 1500
RETRY = {**ORDER, "cloid": "0xbeef", "seq": 4242}


def _what_goes_wrong() -> Iterator[tuple[float, events.Event | str]]:
    """What all faults add, and what no alert watches."""
    for fault in FAULTS.values():
        yield from fault.adds
    attempt = {"retry_of": "0x01", "attempt": 1, "code": "E_TICK", "price_before": 1.005, "price": 1.0}
    yield 1.0, events.RetryAttempt(market=PERP, **RETRY, **attempt)
    yield 1.1, events.OrderAck(market=PERP, **RETRY, oid="7", latency_ms=250.0)
    yield 2.0, events.KillSwitch(on=True, source="ctl")
    yield 2.4, events.Discovery(market=GAME, event="KXNHLGAME-1", decision="out", reason="its event has started")
    yield 2.5, events.Settlement(market=GAME, state="SKEW_LONG", position=2.0, price=1.0, vwap=0.48, pnl=1.04)


def _is_answer(line: bytes) -> bool:
    return b"order_ack" in line and b"0xbeef" not in line


@pytest.fixture(scope="module")
def day() -> Day:
    fault = Fault("", lasts=60, adds=tuple(_what_goes_wrong()), loses=_is_answer)
    return Day(seconds=SECONDS, fault=fault, at=AT)


@pytest.fixture(scope="module")
def folder(day: Day, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    day.write(folder)
    return folder


@pytest.fixture(scope="module")
def loki(day: Day, real_loki: RealLoki) -> Loki:
    return pushed(day, real_loki, "cookbook")


def asked(name: str, *source: str) -> list[dict[str, Any]]:
    at = str(START + AT + 120)
    result = CliRunner().invoke(command, [name, *source, "--at", at, "--limit", "5000", "--json"])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.output)["result"]
    return found


def ask(folder: Path, name: str) -> list[dict[str, Any]]:
    return asked(name, "--files", f"{folder}/*.jsonl", "--labels", ",".join(f"{k}={v}" for k, v in LABELS.items()))


@pytest.mark.parametrize("name", QUERIES)
def test_every_named_query_finds_what_it_names(folder: Path, name: str) -> None:
    assert ask(folder, name)


@pytest.mark.parametrize("name", QUERIES)
def test_every_named_query_finds_the_same_in_a_real_loki(folder: Path, loki: Loki, name: str) -> None:
    found = asked(name, "--loki", loki.url, "--tenant", "cookbook")
    assert _ordered(found) == _ordered(ask(folder, name))


def _ordered(rows: list[dict[str, Any]]) -> list[str]:
    """Streams one after the other, and lines of the same time, come in any order."""
    for row in rows:
        row.get("values", []).sort()
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", QUERIES)
def test_every_named_query_asks_for_what_the_bot_logs(name: str) -> None:
    query = parse(QUERIES[name].query)
    for part in s.log_queries(query):
        if name != "malformed":
            assert list(lint._unknown_in_query(part)) == []
    assert list(lint._blind_spots(query)) == []


def test_every_family_has_names_and_every_name_its_words() -> None:
    families = {"orders", "latency", "retries", "joins", "strategy", "feed", "run", "pipeline", "host"}
    assert {named.family for named in QUERIES.values()} == families
    assert len(QUERIES) >= 25
    summaries = [named.summary for named in QUERIES.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(isinstance(named, Named) and named.summary for named in QUERIES.values())


def test_joins_find_the_order_that_both_sides_mean(folder: Path) -> None:
    """What people did with two searches and awk: an order with its answer, a trade with its order."""
    assert ask(folder, "retries-accepted") == [{"metric": {"market": PERP}, "value": [START + AT + 120, "1"]}]
    log = [json.loads(line) for line in (folder / "events-2026-01-02.jsonl").read_text().splitlines() if line[0] == "{"]
    until = START + AT + 120
    answered = {one["cloid"] for one in log if one["action"] in ("order_ack", "order_reject") and one["ts"] <= until}
    sent = {one["cloid"] for one in log if one["action"] == "quote_place" and until - 600 < one["ts"] <= until}
    assert {row["metric"]["cloid"] for row in ask(folder, "unanswered")} == sent - answered != set()
    traded = {one["seq"]: one["size"] for one in log if one["action"] == "FILL" and one["ts"] <= until}
    placed = {one["seq"]: one["size"] for one in log if one["action"] == "quote_place"}
    shares = {row["metric"]["seq"]: row["value"][1] for row in ask(folder, "filled-share")}
    assert shares.keys() == {str(seq) for seq in traded if seq in placed}
    del shares["1"]  # the faults' orders have that number too
    assert set(shares.values()) == {"1"}
