"""What the clock does: scheduled cancels and funding."""

from __future__ import annotations

from bot.venues.simulators.hyperliquid.accounts import MILLION
from bot.venues.simulators.hyperliquid.schedule import Funding, fire, set_schedule
from tests.bot.venues.simulators.hyperliquid.table import NOW, Table


def test_a_scheduled_cancel_takes_everything_when_its_time_comes() -> None:
    table = Table()
    table.a.volume = 2_000_000 * MILLION
    table.buy(table.a, "180", "1")
    assert set_schedule(table.a, NOW + 4_999, NOW) is not None
    assert set_schedule(table.a, NOW + 5_000, NOW) is None
    table.now += 4_999
    fire(table.engine)
    assert len(table.a.open) == 1
    table.now += 1
    fire(table.engine)
    assert not table.a.open
    assert table.told(table.a)[-1][1] == "scheduledCancel"


def test_a_scheduled_cancel_triggers_ten_times_a_day() -> None:
    table = Table()
    table.a.volume = 2_000_000 * MILLION
    for _ in range(10):
        assert set_schedule(table.a, table.now + 5_000, table.now) is None
        table.now += 5_000
        fire(table.engine)
    assert set_schedule(table.a, table.now + 5_000, table.now) is not None
    assert set_schedule(table.a, table.now + 86_400_000, table.now + 86_400_000 - 5_000) is None


def test_longs_pay_shorts_on_the_hour() -> None:
    table = Table()
    funding = Funding(table.engine, 1.0)
    table.sell(table.b, "185", "1")
    table.buy(table.a, "185", "1")
    before = table.a.cash, table.b.cash
    table.now += 3_600_000
    funding.pay()
    funding.pay()
    paid = before[0] - table.a.cash
    assert paid == round(100 * table.sol.oracle * 0.0000125)
    assert table.b.cash - before[1] == paid
