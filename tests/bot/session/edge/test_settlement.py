"""What becomes of a position without an order: markets that pay out, and runs that end and begin again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from bot import events, messages
from bot.market.reports import Account, Settlement, Trade, VenuePosition
from bot.market.units import Lots, Side, Ticks
from bot.messages import JournalPosition, KeepPosition, KeepStory, ReadAccount
from bot.session import Session
from tests.bot.builders import SECOND, account, actions, trade
from tests.bot.session.edge.game_desk import CLOSE, HABS, LEAFS, MINUTE, GameDesk, edge_session, given

WON = Settlement(LEAFS, Ticks(10_000), 1)
LOST = Settlement(LEAFS, Ticks(0), 1)


def began(kept: JournalPosition, at_venue: Account, now: int = 10 * SECOND) -> GameDesk:
    """A run that finds this in its journal and at the venue."""
    return GameDesk(edge_session(started=now), now=now, journal=[kept], at_start=at_venue)


def paid_out(*paid: Settlement, trades: Sequence[Trade] = ()) -> Account:
    return msgspec.structs.replace(account(trades=trades), settlements=list(paid))


@pytest.mark.parametrize(
    ("side", "paid", "pnl"),
    [("bid", WON, 5.2), ("bid", LOST, -4.8), ("ask", WON, -3.5), ("ask", LOST, 6.5)],
    ids=["bought and won", "bought and lost", "sold and won", "sold and lost"],
)
def test_a_market_that_pays_out_ends_its_position_without_a_trade(side: Side, paid: Settlement, pnl: float) -> None:
    desk = GameDesk()
    desk.look(*((50, 52) if side == "bid" else (62, 64)))
    entry = desk.order(side)
    desk.fill(entry)
    desk.now += 5 * SECOND
    desk.tell(messages.MarketSettled(LEAFS))
    assert ReadAccount("settlement") in desk.said
    (leaving,) = desk.cancels
    desk.cancelled(leaving)
    held = desk.session.positions[LEAFS]
    done = trade("1", side, entry.ticks, entry.lots, entry.cloid, LEAFS, desk.now - 5 * SECOND)
    desk.read("settlement", paid_out(paid, trades=[done]))
    (told,) = desk.told_of(events.Settlement)
    assert (told.state, told.position, told.price, told.vwap, told.pnl) == (
        held.state, held.lots / 100, paid.ticks / 10_000, entry.ticks / 10_000, pnl,
    )  # fmt: skip
    assert KeepPosition(LEAFS, 0, 0) in desk.said
    assert desk.told_of(events.ReconcileMismatch) == []
    assert desk.holding() == 0
    desk.read("routine", paid_out(paid, trades=[done]))
    assert len(desk.told_of(events.Settlement)) == 1, "told once"
    desk.look(50, 52)
    assert desk.resting("bid") is None, "nothing is quoted in a market that is over"


def test_a_settlement_that_the_venue_does_not_show_yet_waits() -> None:
    desk = GameDesk()
    desk.long()
    done = trade("1", "bid", 4_800, 1_000, market=LEAFS, at=desk.now)
    both = account([VenuePosition(LEAFS, Lots(1_000), 4_800_000)], [done])
    for _ in range(2):
        desk.read("settlement", msgspec.structs.replace(both, settlements=[WON]))
    assert (desk.told_of(events.Settlement, events.ReconcileMismatch), desk.holding()) == ([], 10)


def test_what_paid_out_while_nobody_ran_is_told_at_the_next_start() -> None:
    kept = JournalPosition(LEAFS, 1_000, 4_800_000, 7, 1_000, 9_000)
    desk = began(kept, paid_out(WON))
    assert actions(desk.said) == ["settlement", "position", "reconcile"]
    assert desk.holding() == 0


def test_a_market_that_trades_no_more_is_no_stale_feed_and_nothing_is_missing() -> None:
    session = edge_session(markets=(LEAFS, HABS), stale_after=3 * SECOND)
    desk = GameDesk(session)
    desk.now = CLOSE
    assert session.md_age(desk.now) == 0
    desk.turn(10)
    assert desk.told_of(events.FeedDisconnect) == []
    assert session.quoted_at[LEAFS] == desk.now


def test_a_story_is_kept_whenever_it_grows() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    entry = desk.order("bid")
    at = desk.now
    desk.traded(trade("1", "bid", entry.ticks, 400, entry.cloid, LEAFS, at))
    assert KeepStory(LEAFS, at, 400, None) in desk.said
    desk.traded(trade("2", "bid", entry.ticks, 600, entry.cloid, LEAFS, at + 1))
    assert KeepStory(LEAFS, at, 1_000, None) in desk.said
    desk.settle()
    desk.book(44, 46)
    assert KeepStory(LEAFS, at, 1_000, 9_000) in desk.said
    desk.book(46, 48)
    assert not [effect for effect in desk.said if isinstance(effect, KeepStory)], "it was worse before"


def test_the_next_run_goes_on_with_age_size_and_the_worst_that_was_seen() -> None:
    """Held for 19 minutes and trimmed once, by the last run: it is not trimmed again, and leaves a minute later."""
    start = 30 * MINUTE
    kept = JournalPosition(LEAFS, 800, 3_840_000, start - 19 * MINUTE, 1_000, 7_400)
    desk = began(kept, account([VenuePosition(LEAFS, Lots(800), 3_840_000)]), now=start)
    story = desk.session.positions.story(LEAFS)
    assert (story.age(start), story.peak, story.worst) == (19 * MINUTE, 1_000, 7_400)
    desk.look(46, 48)
    assert desk.resting("ask") == (47, 8, True)
    assert desk.told_of(events.MaeTrim) == []
    desk.now += MINUTE
    desk.book(46, 60)
    desk.cancelled(desk.cancels[0])
    assert [one.tif for one in desk.sends] == ["Ioc"]
    assert [told.age_s for told in desk.told_of(events.HardCapExit)] == [1_200]


def test_a_position_that_no_journal_tells_of_is_held_from_now_on() -> None:
    desk = GameDesk()
    found = account([VenuePosition(LEAFS, Lots(500), 2_000_000)])
    for _ in range(2):
        desk.now += 30 * SECOND
        desk.read("routine", found)
    story = desk.session.positions.story(LEAFS)
    assert (story.since, story.peak, desk.holding()) == (desk.now, 500, 5)
    assert KeepStory(LEAFS, desk.now, 500, None) in desk.said


def test_perpetuals_keep_no_stories() -> None:
    session = Session(replace(given(), edge=None))
    session.handle(messages.AccountRead("start", [], [], account()), SECOND)
    told = session.handle(messages.Traded(trade("1", "bid", 4_800, 100, market=LEAFS)), SECOND)
    assert not [effect for effect in told if isinstance(effect, KeepStory)]


def test_a_market_that_paid_out_while_nobody_listened_is_over_by_the_account_alone() -> None:
    """Else its last price would grow stale, and an alarm would ring for a market that is over."""
    desk = GameDesk()
    desk.look(50, 52)
    desk.tell(messages.ConnectionLost("closed"))
    desk.settle()
    desk.tell(messages.ConnectionBack())
    desk.read("reconnect", paid_out(WON))
    assert desk.session.over == {LEAFS}
    desk.now += 60 * SECOND
    assert desk.session.md_age(desk.now) == 0
    desk.look(50, 52)
    assert desk.resting("bid") is None
