"""Journal against venue: who is right about what."""

from __future__ import annotations

from bot.execution.reconcile import compare
from bot.market.position import Holding
from bot.market.reports import Resting, VenuePosition
from bot.market.units import Lots, Ticks
from tests.bot.builders import account, trade


def nobody(cloid: str) -> bool:
    return False


def held(lots: int, cost: int) -> Holding:
    return Holding(Lots(lots), cost)


def at_venue(lots: int, cost: int = 0) -> VenuePosition:
    return VenuePosition("SOL", Lots(lots), cost)


def test_missed_trades_are_found_once_in_order_and_explain_the_venue() -> None:
    trades = [trade("3", "ask", 110, 2, at=3), trade("1", "bid", 100, 5, at=1), trade("2", "bid", 90, 1, at=2)]
    read = account([at_venue(4)], [*trades, trades[0]], [])
    found = compare({"SOL": held(5, 500)}, {"1"}, read, nobody)
    assert [missed.tid for missed in found.missed] == ["2", "3"]
    (compared,) = found.markets
    assert (compared.journal.lots, compared.expected.lots, compared.differs) == (5, 4, False)
    assert compared.holding == compared.expected


def test_the_venue_wins() -> None:
    found = compare({"SOL": held(5, 500)}, set(), account([at_venue(7, 707)], [], []), nobody)
    (compared,) = found.markets
    assert compared.differs
    assert compared.holding == held(7, 707)


def test_a_position_only_one_side_knows_is_compared_too() -> None:
    found = compare({"ETH": held(1, 1)}, set(), account([at_venue(2, 2)], [], []), nobody)
    assert {c.market: (c.expected.lots, c.holding.lots) for c in found.markets} == {"ETH": (1, 0), "SOL": (0, 2)}


def test_orphans_are_what_nothing_explains_and_no_hand_sent() -> None:
    ours, foreign, by_hand = (
        Resting("SOL", "bid", Ticks(1), Lots(1), cloid, "1") for cloid in ("0xours", "0xother", "")
    )
    read = account([], [], [ours, foreign, by_hand])
    assert compare({}, set(), read, {"0xours"}.__contains__).orphans == [foreign]
