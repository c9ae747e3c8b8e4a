"""What only the paper venue has: weather, faults, and a file that can fail."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.clock import NANOS
from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.reports import Cure, Rejected, Trade
from bot.venues.paper import SPECS, PaperVenue
from bot.venues.paper_ledger import Ledger, LedgerFailed
from bot.venues.venue import Update
from tests.bot.builders import order
from tests.bot.fakes import FakeClock


def venue(folder: Path, clock: FakeClock) -> PaperVenue:
    return PaperVenue(folder / "paper-exchange.sqlite", 7, clock)


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ("tick_reject", Rejected("E_TICK", "Price must be divisible by tick size. asset=5", Cure.REQUANTISE)),
        ("reject", Rejected("E_MARGIN", "Insufficient margin to place order. asset=5", Cure.SHRINK)),
    ],
)
def test_faults_speak_the_venues_words(tmp_path: Path, fault: str, refusal: Rejected) -> None:
    async def run() -> None:
        subject = venue(tmp_path, FakeClock())
        await subject.open(["SOL"], lambda update: None)
        subject.faults.request(fault, 1, 0)
        assert await subject.place([order("bid", 17_000, 100)]) == [refusal]
        assert await subject.resting() == []
        await subject.close()

    asyncio.run(run())


def test_what_happened_while_we_were_away_is_in_the_account_and_not_told(tmp_path: Path) -> None:
    async def run() -> None:
        clock, told = FakeClock(), list[Update]()
        first = venue(tmp_path, clock)
        await first.open(["SOL"], told.append)
        (seen,) = told
        assert isinstance(seen, Top)
        assert seen.bid is not None
        for number in range(20):
            await first.place([order("bid", seen.bid, 500, cloid=f"0x{number}")])
        first.remember()
        await first.close()

        clock.advance(60 * NANOS)
        second = venue(tmp_path, clock)
        told.clear()
        await second.open(["SOL"], told.append)
        account = await second.account(0)
        assert account.trades, "a minute of weather reaches quotes at the best price"
        assert not [update for update in told if isinstance(update, Trade)]
        assert sum(trade.lots for trade in account.trades) == account.positions[0].lots
        await second.close()

    asyncio.run(run())


def test_a_dropped_feed_is_silent_but_trades_go_on(tmp_path: Path) -> None:
    async def run() -> None:
        clock, told = FakeClock(), list[Update]()
        subject = venue(tmp_path, clock)
        await subject.open(["SOL"], told.append)
        top = told[0]
        assert isinstance(top, Top)
        assert top.bid is not None
        subject.faults.request("drop_feed", 5, clock.now())
        await subject.place([order("bid", top.bid, 500)])
        told.clear()
        for _ in range(400):
            subject.blow("SOL")
        assert told
        assert all(isinstance(update, Trade) for update in told)
        clock.advance(5 * NANOS)
        subject.blow("SOL")
        assert isinstance(told[-1], Top)
        await subject.close()

    asyncio.run(run())


def test_a_ledger_that_cannot_be_opened_is_one_clear_reason(tmp_path: Path) -> None:
    (tmp_path / "paper-exchange.sqlite").write_text("this is no database, whatever its name says")
    with pytest.raises(CannotStart, match="check STATE_DIR"):
        venue(tmp_path, FakeClock())


def test_a_ledger_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "paper-exchange.sqlite", SPECS)
    ledger._db.execute("PRAGMA max_page_count=20")  # a disk that is full after 20 pages
    with pytest.raises(LedgerFailed, match="free space under STATE_DIR"):
        ledger.saw({f"market {number}": 1.0 for number in range(10_000)}, now=0)
    assert ledger.last_seen() == {}, "all or nothing"
    ledger.close()
