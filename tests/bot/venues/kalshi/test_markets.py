"""What is told of a book's changes: its best prices when they are others, and with each snapshot that they live."""

from __future__ import annotations

from bot.market.units import Lots, Ticks
from bot.venues.kalshi.frames import Delta, Snapshot
from bot.venues.kalshi.listings import Listing
from bot.venues.kalshi.markets import Markets
from tests.bot.strategy.edge_locked.game import spec
from tests.bot.venues.kalshi.test_prices import Heard
from tests.bot.venues.simulators.kalshi.client import StillClock

BOOK = Snapshot("GAME", [("0.5500", "40.00"), ("0.5400", "30.00")], [("0.5700", "20.00"), ("0.5800", "30.00")])


def best(heard: Heard) -> list[tuple[Ticks | None, Lots, Ticks | None, Lots]]:
    return [(top.bid, top.bid_lots, top.ask, top.ask_lots) for top in heard.tops]


def test_a_change_behind_the_best_prices_is_not_told_and_every_other_is() -> None:
    heard, clock = Heard(), StillClock()
    markets = Markets({"GAME": Listing(spec(), trades=True, closes=clock.now() + 10**12)}, ["GAME"], clock, heard)
    told = [(5_500, 4_000, 5_700, 2_000)]
    assert markets.heard(BOOK)
    assert best(heard) == told
    for price, side in (("0.5400", "yes"), ("0.5800", "no"), ("0.5300", "yes")):
        assert markets.heard(Delta("GAME", price, "5.00", side))
        assert best(heard) == told, "deeper"
    for price, change, side, after in (
        ("0.5500", "1.00", "yes", (5_500, 4_100, 5_700, 2_000)),
        ("0.5600", "7.00", "yes", (5_600, 700, 5_700, 2_000)),
        ("0.5600", "-7.00", "yes", (5_500, 4_100, 5_700, 2_000)),
        ("0.5700", "-20.00", "no", (5_500, 4_100, 5_800, 3_500)),
    ):
        assert markets.heard(Delta("GAME", price, change, side))
        told.append(after)
        assert best(heard) == told
    assert markets.heard(BOOK)
    assert markets.heard(BOOK)
    assert len(heard.tops) == len(told) + 2, "a snapshot shows that the market lives"


def test_while_a_market_pauses_its_changes_tell_that_it_has_no_prices() -> None:
    heard, clock = Heard(), StillClock()
    markets = Markets({"GAME": Listing(spec(), trades=True, closes=clock.now() + 10**12)}, ["GAME"], clock, heard)
    markets.heard(BOOK)
    markets.paused = True
    markets.look()
    markets.heard(Delta("GAME", "0.5400", "5.00", "yes"))
    assert [top.bid for top in heard.tops] == [5_500, None, None]
    markets.paused = False
    markets.heard(Delta("GAME", "0.5400", "5.00", "yes"))
    assert heard.tops[-1].bid == 5_500
