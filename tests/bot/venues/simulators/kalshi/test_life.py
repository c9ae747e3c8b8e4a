"""Markets by script: opening, pauses, ticks that change, close, determination, settlement; the exchange's pauses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import FixSettings
from bot.venues.kalshi.codec import PriceRange
from bot.venues.simulators.kalshi import views
from bot.venues.simulators.kalshi.engine import FeesChanged, LifeChanged
from bot.venues.simulators.kalshi.evening import evening
from bot.venues.simulators.kalshi.life import maintenance
from bot.venues.simulators.kalshi.rules import Refused
from bot.venues.simulators.kalshi.script import Happening, MarketScript, read
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES, Table, said


def words(table: Table) -> list[str]:
    return [item.kind for item in table.engine.take_news() if isinstance(item, LifeChanged)]


def refused(table: Table, act: str = "buy") -> str:
    mine = next(iter(table.a.orders), "")
    with pytest.raises(Refused) as caught:
        table.buy(table.a, "0.30") if act == "buy" else table.desk.cancel(table.a, mine)
    return said(caught.value)[1]


def test_opening_and_closing_say_nothing_and_after_the_close_everything_is_refused() -> None:
    table = Table(opens_s=10.0)
    assert (table.game.status, refused(table)) == ("initialized", "MARKET_INACTIVE")
    table.at(10)
    assert table.game.status == "active"
    mine = table.buy(table.a, "0.48")
    table.at(1_000)
    assert (table.game.status, words(table)) == ("closed", [])
    assert table.a.orders[mine.order_id].status == "canceled"
    assert (refused(table), refused(table, "cancel")) == ("MARKET_INACTIVE", "MARKET_INACTIVE")


@pytest.mark.parametrize(
    ("result", "value", "long", "short", "cents"),
    [("yes", None, 10_000_000, 0, 100), ("no", None, 0, 10_000_000, 0), ("scalar", 0.25, 2_500_000, 7_500_000, 25)],
)
def test_settlement_pays(result: str, value: float | None, long: int, short: int, cents: int) -> None:
    table = Table(result=result, value=value)
    table.buy(table.a, "0.48")
    table.sell(table.b, "0.48")
    before = table.a.cash, table.b.cash
    for second in (1_000, 1_010):
        table.at(second)
    assert (table.game.status, table.game.result, words(table)) == ("determined", result, ["determined"])
    table.at(1_020)
    assert (table.game.status, words(table)) == ("finalized", ["settled"])
    assert (table.a.cash - before[0], table.b.cash - before[1]) == (long, short)
    assert table.a.holdings == {}
    (paid,) = table.a.settlements
    assert (paid.revenue, paid.payout // 100, paid.held.lots) == (long, cents, 1_000)
    assert table.a.books[GAME].realized == long - 4_800_000


def test_a_pause_keeps_orders_but_those_that_asked_to_go_and_its_end_cancels_all() -> None:
    paused = paused_table()
    stays, goes = paused.buy(paused.a, "0.48"), paused.buy(paused.a, "0.47", cancel_order_on_pause=True)
    paused.at(10)
    assert (paused.game.status, words(paused)) == ("inactive", ["deactivated"])
    assert [paused.a.orders[one.order_id].status for one in (stays, goes)] == ["resting", "canceled"]
    assert refused(paused) == "MARKET_INACTIVE"
    paused.at(20)
    assert (paused.game.status, words(paused)) == ("active", ["activated"])
    assert paused.a.orders[stays.order_id].status == "canceled"
    paused.buy(paused.a, "0.48")


def paused_table() -> Table:
    return Table(market_happenings=[Happening(10, "deactivate"), Happening(20, "activate")])


def test_ticks_change_in_flight() -> None:
    table = Table(market_happenings=[Happening(10, "structure", "deci_cent")])
    assert refused_price(table, "0.4850") == "invalid_price"
    table.at(10)
    assert words(table) == ["price_level_structure_updated"]
    assert table.game.ranges == [PriceRange("0.0000", "1.0000", "0.0010")]
    table.buy(table.a, "0.4850")


def refused_price(table: Table, price: str) -> str:
    with pytest.raises(Refused) as caught:
        table.buy(table.a, price)
    return said(caught.value)[1]


def test_a_trading_pause_lets_cancels_pass_and_an_exchange_pause_nothing() -> None:
    table = Table(happenings=[Happening(10, "pause_trading"), Happening(20, "pause_exchange"), Happening(30, "resume")])
    first, second = table.buy(table.a, "0.48"), table.buy(table.a, "0.47")
    table.at(10)
    assert refused(table) == "trading_paused"
    table.desk.cancel(table.a, first.order_id)
    table.at(20)
    assert refused(table) == "exchange_paused"
    with pytest.raises(Refused):
        table.desk.cancel(table.a, second.order_id)
    table.at(30)
    table.desk.cancel(table.a, second.order_id)
    table.buy(table.a, "0.48")


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-11-19T08:00", True),
        ("2026-11-19T09:59", True),
        ("2026-11-19T10:00", False),
        ("2026-11-19T07:59", False),
        ("2026-07-16T07:00", True),
        ("2026-07-16T09:00", False),
        ("2026-11-20T08:30", False),
        ("2026-03-12T07:30", True),
        ("2026-03-05T07:30", False),
        ("2026-03-05T08:30", True),
        ("2026-10-29T07:30", True),
        ("2026-11-05T07:30", False),
    ],
)
def test_thursdays_by_new_york_s_clock(utc: str, expected: bool) -> None:
    assert maintenance(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is expected


@pytest.mark.parametrize(
    ("second", "price"), [(-5, 0.5), (0, 0.5), (5, 0.55), (10, 0.7), (15, 0.7), (20, 0.7), (99, 0.7)]
)
def test_a_path_is_straight_between_its_points_and_jumps_where_a_second_is_twice(second: float, price: float) -> None:
    market = MarketScript(GAME, EVENT, SERIES, [(0, 0.5), (10, 0.6), (10, 0.7), (20, 0.7)])
    assert market.price(second) == pytest.approx(price)


GOOD = """
series: [{ticker: KXNHLGAME}]
markets:
  - {ticker: T, event: E, series: KXNHLGAME, path: [[0, 0.5]]}
"""


def test_a_script_is_read(tmp_path: Path) -> None:
    path = tmp_path / "game.yaml"
    path.write_text(GOOD)
    script = read(path)
    assert [market.ticker for market in script.markets] == ["T"]
    assert script.series[0].fee_type == "quadratic"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("series: KXNHLGAME", "series: KXNFL", "no series 'KXNFL'"),
        ("[[0, 0.5]]", "[]", "at least one point"),
        ("[[0, 0.5]]", "[[5, 0.5], [0, 0.5]]", "never go back"),
        ("[[0, 0.5]]", "[[0, 1.5]]", "between 0 and 1"),
        ("path:", "result: scalar, path:", "needs a value"),
        ("path:", "structure: odd, path:", "no structure 'odd'"),
        ("path:", 'ranges: [{start: "1", end: "0", step: "1"}], path:', "no prices are in"),
        ("path:", 'ranges: [{start: "x", end: "0", step: "1"}], path:', "'x' is no number"),
        ("ticker: KXNHLGAME}", "ticker: KXNHLGAME, fee_type: flat}", "'flat' has no formula"),
        ("markets:", "markets: []\nothers:", "unknown field"),
        ("ticker: T, event", "ticker: T, evnt: E, event", "unknown field"),
    ],
)
def test_a_bad_script_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "game.yaml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(FixSettings) as caught:
        read(path)
    assert any(reason in one and str(path) in one for one in caught.value.reasons), caught.value.reasons


def test_the_evening_is_seeded_and_a_pair_s_prices_add_up_to_a_dollar() -> None:
    games = evening(4)
    assert games == evening(4) != evening(5)
    assert len(games.markets) == 8
    for one, other in zip(games.markets[::2], games.markets[1::2], strict=True):
        assert one.event == other.event
        assert {one.result, other.result} == {"yes", "no"}
        for second in range(0, 9_000, 77):
            assert one.price(second) + other.price(second) == pytest.approx(1, abs=1e-3)


def costs(table: Table, price: str = "0.50") -> int:
    """What the taker of one contract pays, in millionths."""
    table.sell(table.b, price, "1")
    table.buy(table.a, price, "1")
    return table.a.fills[-1].fee


def test_an_event_may_charge_what_its_series_does_not() -> None:
    other = Happening(10, "fees", fee_type="quadratic", fee_multiplier=0.5)
    table = Table(market_happenings=[other, Happening(20, "fees")])
    charged = []
    for second in (0, 10, 20):
        table.at(second)
        charged.append((costs(table), views.event(EVENT, [table.game], False)["fee_multiplier_override"]))
    assert charged == [(20_000, None), (10_000, 0.5), (20_000, None)]
    told = [item for item in table.engine.take_news() if isinstance(item, FeesChanged)]
    assert told == [FeesChanged(EVENT, ("quadratic", 0.5)), FeesChanged(EVENT, None)]


def test_fees_are_waived_until_they_are_not() -> None:
    table = Table(waived_until_s=10.0)
    assert costs(table) == 0
    table.at(10)
    assert costs(table) == 20_000
    assert views.market(table.game)["fee_waiver_expiration_time"] == views.stamp(table.now)


def test_nobody_need_know_when_a_game_starts() -> None:
    assert "occurrence_datetime" in views.market(Table().game)
    assert "occurrence_datetime" not in views.market(Table(starts_s=None).game)
