"""What `mm-bot ctl` says when the venue does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.answers import Answers, Identity
from bot.clock import HostClock
from bot.engine import Engine, Surroundings
from bot.release import Build
from bot.runtime.control import BadRequest, Request
from bot.runtime.journal import Journal
from bot.runtime.telemetry import Telemetry
from bot.session import Session
from bot.venues.venue import VenueUnreachable
from tests.bot.builders import params
from tests.bot.fakes import FakeVenue


@pytest.fixture
def venue() -> FakeVenue:
    return FakeVenue()


@pytest.fixture
def answers(tmp_path: Path, venue: FakeVenue) -> Answers:
    clock, said = HostClock(), list[str]()
    telemetry = Telemetry(tmp_path, "00c0ffee", "1", said.append)
    around = Surroundings(venue, Journal(tmp_path / "journal.sqlite"), telemetry, clock, said.append)
    engine = Engine(Session(params(started=clock.now())), around)
    identity = Identity(Build("1", "c0ffee"), "00c0ffee", 1, "live", tmp_path / "quotes.off")
    return Answers(identity, engine, venue, telemetry, clock)


def test_a_status_counts_what_the_venue_has_of_ours(answers: Answers) -> None:
    status = asyncio.run(answers(Request("status", [])))
    assert (status["venue_orders"], "venue_trouble" in status) == (0, False)


def test_a_venue_that_is_away_leaves_the_rest_of_the_status_known(answers: Answers, venue: FakeVenue) -> None:
    venue.unreachable = True
    status = asyncio.run(answers(Request("status", [])))
    assert (status["mode"], status["venue_orders"], status["venue_trouble"]) == ("live", None, "no route")
    with pytest.raises(VenueUnreachable, match="no route"):
        asyncio.run(answers(Request("orders", [])))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say `breaker reset`, for every market, or `breaker reset MARKET`"),
        (["off"], "say `breaker reset`"),
        (["reset", "BTC", "ETH"], "say `breaker reset`"),
        (["reset", "DOGE"], "DOGE is not quoted here; SOL are"),
    ],
    ids=("nothing", "no-reset", "two", "unknown"),
)
def test_a_breaker_is_reset_in_a_market_that_is_quoted(answers: Answers, words: list[str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        asyncio.run(answers(Request("breaker", words)))
