"""What the journal keeps of a position is what the next run starts with, in the units of then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from bot import messages
from bot.bookkeeping import Books
from bot.market.position import Holding
from bot.market.reports import Account
from bot.market.units import Lots, Ticks
from bot.runtime.journal import Journal, Position
from tests.bot.builders import SECOND, SOL, trade
from tests.bot.fakes import FakeClock, FakeVenue

FINER = replace(SOL, lot=Decimal("0.001"), tick=Decimal("0.001"))


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(FakeVenue(), Journal(tmp_path / "journal.sqlite"), FakeClock(), {"SOL": SOL}, pytest.fail)


def started(books: Books) -> list[messages.JournalPosition]:
    return asyncio.run(books.read("start")).journal


@pytest.mark.parametrize("worst", [36_801, None], ids=["half a tick", "never seen"])
def test_a_story_survives_as_it_was_told(books: Books, worst: int | None) -> None:
    books.keep_position("SOL", 100, 1_840_000)
    books.keep_story(messages.KeepStory("SOL", 7, 150, worst))
    assert started(books) == [messages.JournalPosition("SOL", 100, 1_840_000, 7, 150, worst)]


def test_a_story_is_told_in_the_units_of_now(books: Books) -> None:
    books.keep_position("SOL", -100, -1_840_000)
    books.keep_story(messages.KeepStory("SOL", 7, 150, 36_801))
    finer = Books(books.venue, books.journal, books.clock, {"SOL": FINER}, pytest.fail)
    (held,) = started(finer)
    assert (held.lots, held.since, held.peak, held.worst) == (-1_000, 7, 1_500, 368_010)


def test_what_is_not_held_has_no_story(books: Books) -> None:
    books.keep_story(messages.KeepStory("SOL", 7, 150, 36_801))
    books.keep_position("SOL", 0, 0)
    assert started(books) == [messages.JournalPosition("SOL", 0, 0)]


def test_a_journal_of_an_older_release_has_no_stories(books: Books) -> None:
    books.keep_position("SOL", 100, 1_840_000)
    assert started(books) == [messages.JournalPosition("SOL", 100, 1_840_000)]


@pytest.mark.parametrize(("size", "said"), [("3", 1), ("0", 0), ("0.00", 0), ("-1", 1)])
def test_a_market_that_is_gone_is_named_while_something_is_held_there(books: Books, size: str, said: int) -> None:
    lines: list[str] = []
    books.journal.keep_position(Position("GONE", size, "1", None))
    assert asyncio.run(replace(books, say=lines.append).read("start")).journal == []
    assert len(lines) == said


def test_an_average_price_survives_where_the_cost_of_what_is_left_was_rounded(books: Books) -> None:
    """Else a take-profit that hangs on it would move by a tick from one run to the next: from 0.56 to 0.55."""
    held = Holding().after("bid", Ticks(4_800), Lots(999)).after("bid", Ticks(4_900), Lots(1))
    left = held.after("ask", Ticks(5_600), Lots(999))
    books.keep_trade(messages.KeepTrade(trade("1", "ask", 5_600, 999), left.lots, left.cost, left.average))
    (kept,) = started(books)
    assert Holding(Lots(kept.lots), kept.cost, kept.average) == left
    assert left.vwap == held.vwap == Fraction(48_001, 10)


def test_a_trade_that_a_gap_swallowed_is_asked_for_though_later_ones_came(books: Books) -> None:
    """Else its order would be in doubt, and its side of the market blocked, until the next start."""
    asked: list[int] = []

    async def account(since: int) -> Account:
        asked.append(since)
        return Account([], [], [], since)

    books.venue.account = account  # type: ignore[method-assign]
    began = books.clock.now()
    books.keep_trade(messages.KeepTrade(trade("1", "bid", 100, 1, at=began - SECOND), 1, 100))
    started(books)
    books.keep_trade(messages.KeepTrade(trade("3", "bid", 100, 1, at=began + 600 * SECOND), 2, 200))
    started(books)
    assert asked[1] <= began - 59 * SECOND
