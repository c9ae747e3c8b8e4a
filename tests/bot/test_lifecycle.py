"""How runs end when something breaks, and what calls without an answer become."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot import calls, events, lifecycle, messages
from bot.clock import HostClock
from bot.engine import Engine, Surroundings
from bot.errors import BotError
from bot.lifecycle import Lifecycle, Parts
from bot.market.reports import Accepted, Account, NewOrder, Rejected, Resting, SendResult, VenuePosition
from bot.market.units import Lots, Ticks
from bot.runtime import heartbeat
from bot.runtime.heartbeat import Heart
from bot.runtime.journal import Journal, Position
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.session import Session
from tests.bot.builders import params, top, trade
from tests.bot.fakes import FakeVenue


@dataclass
class Run:
    """A lifecycle on a fake venue; `said` are the lines for people."""

    folder: Path
    venue: FakeVenue = field(default_factory=FakeVenue)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = HostClock()
        self.telemetry = Telemetry(self.folder, "00c0ffee", "1", self.said.append)
        self.telemetry.open(clock.now())
        self.journal = Journal(self.folder / "journal.sqlite")
        session = Session(params(started=clock.now()))
        self.around = Surroundings(self.venue, self.journal, self.telemetry, clock, self.said.append)
        self.engine = Engine(session, self.around)
        parts = Parts(
            engine=self.engine,
            venue=self.venue,
            journal=self.journal,
            telemetry=self.telemetry,
            service=ServiceManager({}, 1),
            clock=clock,
            flag=self.folder / "quotes.off",
            say=self.said.append,
            heart=Heart(self.heartbeat, "00c0ffee"),
        )
        self.life = Lifecycle(parts, _opening, setting_off=False)

    @property
    def heartbeat(self) -> Path:
        return self.folder / heartbeat.NAME

    def price(self) -> None:
        self.engine.hear(top(18_490, 18_510, at=HostClock().now()))

    def events(self, action: str) -> list[dict[str, Any]]:
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        return [event for line in lines if (event := json.loads(line))["action"] == action]

    def live(self) -> int:
        async def run() -> int:
            try:
                return await asyncio.wait_for(self.life.live(), 30)
            finally:
                await self.engine.close()

        return asyncio.run(run())


def _opening(quoting: bool) -> list[events.Event]:
    return [events.Startup(mode="paper", venue="fake", commit="x", markets=["SOL"], quotes_enabled=quoting)]


@pytest.fixture
def a_run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def stop_when(run: Run, seen: Callable[[], bool]) -> None:
    """Make the venue's own work wait for `seen`, then end the run."""

    async def work() -> None:
        run.price()
        while not seen():
            await asyncio.sleep(0)
        run.life.stop("test")
        await asyncio.Event().wait()

    run.venue.on_run = work


def test_an_orderly_end(a_run: Run) -> None:
    stop_when(a_run, lambda: len(list(a_run.engine.session.orders.open())) == 2)
    assert a_run.live() == 0
    (shutdown,) = a_run.events("shutdown")
    assert (shutdown["reason"], shutdown["cancelled"], shutdown["resting"]) == ("test", 2, 0)
    assert len(a_run.venue.cancelled) == 2


def test_it_breathes_while_it_turns_and_takes_its_heartbeat_away_in_the_end(a_run: Run) -> None:
    stop_when(a_run, lambda: a_run.heartbeat.exists() and a_run.venue.turns)
    assert a_run.live() == 0
    assert a_run.venue.turns[0] >= 1
    assert not a_run.heartbeat.exists()


def test_a_heartbeat_outlives_a_run_that_left_orders(a_run: Run) -> None:
    """They are the watchdog's to cancel then."""
    a_run.venue.unreachable = True
    stop_when(a_run, lambda: a_run.heartbeat.exists())
    assert a_run.live() == 1
    assert a_run.heartbeat.exists()


def test_a_venue_that_breaks_ends_the_run_and_says_why(a_run: Run) -> None:
    async def breaks() -> None:
        raise BotError("the venue's books are full")

    a_run.venue.on_run = breaks
    assert a_run.live() == 1
    (told,) = a_run.events("internal_error")
    assert told["reason"] == "the venue's books are full"
    assert a_run.events("shutdown")[0]["reason"] == "broken"


def test_a_call_that_breaks_ends_the_run(a_run: Run) -> None:
    async def breaks(order: NewOrder) -> SendResult:
        raise ZeroDivisionError("a defect")

    a_run.venue.on_place = breaks
    stop_when(a_run, lambda: False)
    assert a_run.live() == 1
    assert a_run.events("internal_error")[0]["where"] == "session"
    assert "ZeroDivisionError" in a_run.events("internal_error")[0]["reason"]


def test_a_session_that_cannot_believe_the_venue_ends_the_run_with_the_book_clear(a_run: Run) -> None:
    refused: list[str] = []

    async def refuse(order: NewOrder) -> SendResult:
        refused.append(order.cloid)
        return Rejected("E_MARGIN", "Insufficient margin")

    async def fill_what_was_refused() -> None:
        a_run.price()
        while not a_run.events("order_reject"):
            await asyncio.sleep(0)
        a_run.venue.at_venue = [Resting("SOL", "ask", Ticks(1), Lots(1), "0xleft", "2")]
        a_run.venue.sink(trade("1", "bid", 18_490, 270, refused[0]))
        await asyncio.Event().wait()

    a_run.venue.on_place, a_run.venue.on_run = refuse, fill_what_was_refused
    assert a_run.live() == 1
    assert "is rejected, yet the venue says: full fill" in a_run.events("internal_error")[0]["reason"]
    assert a_run.venue.cancelled == ["0xleft"]
    assert a_run.events("shutdown")[0]["resting"] == 0


def test_a_session_that_breaks_leaves_no_order_that_was_under_way(a_run: Run) -> None:
    """The venue is asked what rests only when requests were answered: one that is under way rests a moment later."""
    venue, sent = a_run.venue, list[str]()

    async def slowly(order: NewOrder) -> SendResult:
        sent.append(order.cloid)
        await asyncio.sleep(0.2)
        venue.at_venue.append(Resting(order.market, order.side, order.ticks, order.lots, order.cloid, "1"))
        return Accepted("1")

    async def fill_too_much() -> None:
        a_run.price()
        while not sent:
            await asyncio.sleep(0)
        venue.sink(trade("1", "bid", 18_490, 100_000, sent[0]))
        await asyncio.Event().wait()

    venue.on_place, venue.on_run = slowly, fill_too_much
    assert a_run.live() == 1
    assert "only" in a_run.events("internal_error")[0]["reason"]
    assert venue.cancelled == sent
    assert venue.at_venue == []


def test_a_journal_that_cannot_be_written_ends_the_run(a_run: Run) -> None:
    a_run.journal.close()
    stop_when(a_run, lambda: False)
    assert a_run.live() == 1


def test_cancels_without_answer_do_not_hold_the_end_up(a_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "DRAIN_S", 0.05)

    async def never(cloid: str) -> Any:
        await asyncio.Event().wait()

    stop_when(a_run, lambda: len(list(a_run.engine.session.orders.open())) == 2)
    a_run.venue.on_cancel = never
    assert a_run.live() == 0
    assert any("not every cancel was answered" in line for line in a_run.said)


def test_a_send_without_an_answer_in_time_is_unknown(a_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "ANSWER_WITHIN_S", 0.01)

    async def never(order: NewOrder) -> SendResult:
        await asyncio.Event().wait()
        raise AssertionError

    a_run.venue.on_place = never
    stop_when(a_run, lambda: len(a_run.events("order_unknown")) == 2)
    a_run.live()
    assert a_run.events("order_unknown")[0]["reason"] == "no answer within 0.01 s"


def test_a_position_in_a_market_that_is_not_listed_is_left_alone(a_run: Run) -> None:
    a_run.journal.keep_position(Position("DOGE", "7", "1", None))
    a_run.journal.keep_position(Position("SOL", "2.70", "499.311", "184.93"))
    stop_when(a_run, lambda: True)
    assert a_run.live() == 0
    assert any("7 DOGE" in line for line in a_run.said)
    (told,) = a_run.events("position")
    assert (told["market"], told["journal"]) == ("SOL", 2.7)


def test_a_position_in_finer_lots_than_the_venue_s_is_rounded_and_said(a_run: Run) -> None:
    a_run.journal.keep_position(Position("SOL", "-2.705", "-500.425", "185"))
    stop_when(a_run, lambda: True)
    assert a_run.live() == 0
    assert any("holds -2.705 SOL, no multiple of 0.01" in line for line in a_run.said)
    (told,) = a_run.events("position")
    assert told["journal"] == -2.7


def test_trades_are_in_the_journal_in_decimal_text(a_run: Run) -> None:
    async def run() -> None:
        task = asyncio.create_task(a_run.engine.run())
        account = messages.AccountRead("start", [], [], await a_run.venue.account(0))
        await a_run.engine.ask(account)
        await a_run.engine.ask(messages.Traded(trade("1", "bid", 18_493, 270, at=5)))
        await a_run.engine.ask(messages.Traded(trade("2", "bid", 18_494, 30, at=6)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert a_run.journal.tids_since(0) == ["1", "2"]
    assert a_run.journal.positions() == [Position("SOL", "3.00", "554.7930", "184.931000000000")]


def test_a_fill_is_in_the_log_as_soon_as_it_is_kept_and_other_lines_once_their_turn_ends(a_run: Run) -> None:
    found: list[list[str]] = []

    class Peeking(Journal):
        def keep_position(self, position: Position) -> None:
            lines = (a_run.folder / "events.jsonl").read_text().splitlines()
            found.append([json.loads(line)["action"] for line in lines])

    trades = [trade("1", "bid", 18_490, 3), trade("2", "bid", 18_480, 4)]
    account = Account([VenuePosition("SOL", Lots(9), 9 * 18_490)], trades, [], since=0)
    around = replace(a_run.around, journal=Peeking(a_run.folder / "peeking.sqlite"))
    engine = Engine(Session(params()), around)

    async def turn() -> None:
        running = asyncio.create_task(engine.run())
        await engine.ask(messages.AccountRead("start", [], [], account))
        running.cancel()

    asyncio.run(turn())
    before = ["FILL", "state_change", "FILL"]
    assert found == [before], (
        "the mismatch is told before the position is kept, and written with the turn's other lines"
    )
    lines = (a_run.folder / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in lines] == [*before, "reconcile_mismatch", "position", "reconcile"]
