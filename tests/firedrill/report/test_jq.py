"""The seed's jq lines, unchanged, by the real jq over a generated day: our report says the same numbers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firedrill.report.as_json import seed_metrics
from firedrill.report.ask import ask
from firedrill.report.figures import Figures, figures
from firedrill.report.questions import questions
from firedrill.store.embedded import Embedded
from tests.day import SECOND, Day
from tests.firedrill.report.logs import EVENTFUL
from tests.seed_programs import DAILY_ANALYSIS, SUCCESS_METRICS

PARENTHESES = SUCCESS_METRICS.replace("([.[] | select(.age_s)", "(([.[] | select(.age_s)").replace("/ 60,", "/ 60),")
"""The same for a jq that takes no operator in the value of an object: 1.6 stops at it with a syntax error."""
LEAVING = 'select(.action | test("exit|trim|cb_"))'
SKEWED = 'select(.action=="quote_place" and .state!="FLAT") | {market, vwap, tp, price}'
LEAK = 'select(.state=="SKEW_LONG" and .side=="bid")'
DAY = Day(seconds=6 * 3600, fault=EVENTFUL, at=5000)


def takes(line: str) -> bool:
    """Whether this jq can read the line at all: its exit code for what it cannot is 3."""
    return subprocess.run(["jq", line], input=b"", capture_output=True, check=False).returncode != 3


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return DAY.write(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def found(log: Path) -> Figures:
    store = Embedded((str(log),), {"job": "bot"})
    return figures(ask(store, questions("7h"), (DAY.start + DAY.seconds) * SECOND))


@pytest.fixture(autouse=True, scope="module")
def _real_jq() -> None:
    if shutil.which("jq") is None:
        pytest.skip("needs jq: Debian's package jq, `make test` installs it")


def jq(*arguments: str, given: bytes) -> Any:
    """What the real jq prints."""
    done = subprocess.run(["jq", "-c", *arguments], input=given, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("line", [SUCCESS_METRICS, PARENTHESES], ids=["unchanged", "parentheses"])
def test_the_success_metrics_are_jqs(line: str, log: Path, found: Figures) -> None:
    if line is SUCCESS_METRICS and not takes(line):
        pytest.skip("this jq is too old to read the seed's line: it wants parentheses around a quotient")
    (said,) = jq("-s", line, given=log.read_bytes())
    assert {**said, "avg_hold_time_min": round(said["avg_hold_time_min"], 3)} == seed_metrics(found)
    assert said["cb_activations"] == 3


def test_the_daily_analysis_is_jqs(log: Path, found: Figures) -> None:
    left = [market for market in found.markets if market.exits]
    lines = [line for line in log.read_bytes().splitlines() if any(m.market.encode() in line for m in left)]
    (said,) = jq("-s", DAILY_ANALYSIS, given=b"\n".join(line for line in lines if b'"market":' in line))
    ours = [(m.market, m.fills, m.exits, m.avg_hold_time, m.cb_triggers) for m in left]
    keys = ("market", "fills", "exits", "avg_hold_time", "cb_triggers")
    assert [
        tuple({**row, "avg_hold_time": round(row["avg_hold_time"], 3)}[key] for key in keys) for row in said
    ] == ours
    assert len(ours) == 2


def test_the_daily_analysis_of_jq_stops_where_nothing_left_a_market_and_ours_does_not(
    log: Path, found: Figures
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        jq("-s", DAILY_ANALYSIS, given=log.read_bytes())
    assert b"cannot be divided" in refused.value.stderr
    assert {market.market: market.avg_hold_time for market in found.markets if not market.exits} == {
        "BTC": None,
        "ETH": None,
    }


def test_exits_trims_and_trips_are_those_that_jq_selects(log: Path, found: Figures) -> None:
    said = jq(LEAVING, given=log.read_bytes())
    assert len(said) == found.holds + found.total("cb_triggers")
    assert found.holds == found.total("exits") + 1, "the trim is an age too, as in the seed's average"


@pytest.mark.parametrize("line", [SKEWED, LEAK])
def test_the_seeds_other_filters_pass_over_the_whole_log(log: Path, line: str) -> None:
    assert jq(line, given=log.read_bytes())
