"""A recording read as the tapes of a simulated venue, and played by the command."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bot import messages
from bot.market.book import Top
from bot.market.units import Lots, Ticks
from bot.recorded.recording import NoRecording, Recorder
from bot.recorded.tape import Tapes
from bot.release import Build
from bot.venues.simulators.tape import Best, Moment
from tests.bot.builders import SECOND, params, top
from tests.bot.venues.simulators.hyperliquid.simulator_process import COMMAND, REPOSITORY, simulator


def record(file: Path, *heard: tuple[int, Top]) -> None:
    recorder = Recorder(file, Build("1", "x"), pytest.fail)
    recorder.begin(params())
    for at, found in heard:
        recorder.heard(messages.BookMoved(found), at)
    recorder.close()


def sized(bid: int, ask: int, market: str = "SOL") -> Top:
    return Top(market, Ticks(bid), Ticks(ask), 0, Lots(150), Lots(250))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.rec"


def test_prices_and_sizes_are_those_of_the_recorded_grid_and_runs_follow_without_a_gap(file: Path) -> None:
    record(file, (10 * SECOND, sized(18_490, 18_510)), (12 * SECOND, sized(18_500, 18_520)))
    record(file, (900 * SECOND, sized(18_600, 18_610)), (901 * SECOND, sized(18_601, 18_611)))
    tapes = Tapes(file)
    assert [moment.after // SECOND for moment in tapes.markets["SOL"]] == [0, 2, 2, 3]
    bid, ask = Best(Fraction("184.9"), Fraction("1.5")), Best(Fraction("185.1"), Fraction("2.5"))
    assert tapes.markets["SOL"][0] == Moment(0, bid, ask)
    assert tapes.length == 3 * SECOND


def test_empty_and_crossed_books_are_no_moments(file: Path) -> None:
    record(file, (1, top(None, 5)), (2, top(5, None)), (3, top(7, 6)), (4, top(6, 7)))
    assert len(Tapes(file).markets["SOL"]) == 1


def test_a_recording_without_prices_is_refused(file: Path) -> None:
    record(file)
    with pytest.raises(NoRecording, match="holds no prices"):
        Tapes(file)


def book(url: str, coin: str) -> tuple[str, str]:
    body = json.dumps({"type": "l2Book", "coin": coin}).encode()
    request = urllib.request.Request(f"{url}/info", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        bids, asks = json.load(answer)["levels"]
    return bids[0]["px"], asks[0]["px"]


def test_the_command_plays_it_and_the_other_markets_have_their_weather(file: Path) -> None:
    record(file, (0, sized(30_000, 30_010)))
    with simulator("--recording", str(file)) as ready:
        assert book(ready["url"], "SOL") == ("300.0", "300.1")
        assert 96_000 < float(book(ready["url"], "BTC")[0]) < 98_000


@pytest.mark.parametrize(
    ("market", "said"), [("COARSE", "the simulator lists none of them"), (None, "holds no prices")]
)
def test_a_recording_that_cannot_be_played_is_one_sentence(file: Path, market: str | None, said: str) -> None:
    record(file, *([] if market is None else [(0, sized(100, 125, market))]))
    words: list[Any] = [*COMMAND, "--port", "0", "--recording", str(file)]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
