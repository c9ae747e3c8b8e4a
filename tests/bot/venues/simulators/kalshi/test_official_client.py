"""The venue's own client against the simulator: what it can be asked, it answers so that the client understands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from bot.clock import HostClock
from bot.venues.kalshi.signing import new_pem
from tests.bot.venues.simulators.kalshi import official
from tests.bot.venues.simulators.kalshi.official import NEEDS_ANY, NEEDS_V2, client, create, first, module
from tests.bot.venues.simulators.kalshi.simulator_process import simulator

pytestmark = [NEEDS_ANY, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, str]]:
    with simulator("--seed", "11", "--speed", "20") as line:
        yield line


@pytest.fixture(scope="module")
def sdk(ready: dict[str, str]) -> Any:
    return client(ready)


@pytest.fixture
def swept(sdk: Any) -> Iterator[None]:
    """No test leaves an order to the next."""
    yield
    for order in sdk.get_orders(status="resting").orders:
        sdk.cancel_order_v2(order.order_id)


def refused(act: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(module().ApiException) as caught:
        act()
    return caught.value.status, str(caught.value.body)


def test_which_client_ran(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    record_property("kalshi-python-sync", ".".join(map(str, official.installed())))
    with capsys.disabled():
        print(f"\nofficial Kalshi client: {'.'.join(map(str, official.installed()))}")  # noqa: T201 - to be seen in CI


def test_status_schedule_balance_and_series_in_every_version(sdk: Any) -> None:
    assert sdk.get_exchange_status().trading_active
    assert sdk.get_exchange_schedule().schedule.standard_hours
    assert sdk.get_balance().balance == 1_000_000
    assert sdk.get_user_data_timestamp().as_of_time
    assert sdk.get_series("KXNHLGAME").series.fee_type == "quadratic"


def test_a_stranger_s_key_is_refused_in_every_version(ready: dict[str, str], tmp_path: Any) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(new_pem())
    status, body = refused(client({**ready, "private_key_file": str(path)}).get_balance)
    assert status == 401
    assert "INCORRECT_API_KEY_SIGNATURE" in body


@NEEDS_V2
def test_markets_events_books_and_trades(sdk: Any) -> None:
    markets = sdk.get_markets(status="open").markets
    assert len(markets) == 8
    market = sdk.get_market(markets[0].ticker).market
    assert market.price_ranges[0].step == "0.0100"
    assert market.occurrence_datetime < market.close_time
    book = sdk.get_market_orderbook(market.ticker, depth=3).orderbook_fp
    assert len(book.yes_dollars) == 3
    assert Decimal(book.yes_dollars[-1][0]) + Decimal(book.no_dollars[-1][0]) < 1
    assert len(sdk.get_market_orderbooks(tickers=[one.ticker for one in markets[:2]]).orderbooks) == 2
    events = sdk.get_events(with_nested_markets=True).events
    assert [len(event.markets) for event in events] == [2] * 4
    assert sdk.get_event(events[0].event_ticker).event.mutually_exclusive
    assert len(sdk.get_series_list().series) == 3
    assert sdk.get_trades(limit=5).trades is not None


@NEEDS_V2
def test_limits_and_costs(sdk: Any) -> None:
    limits = sdk.get_account_api_limits()
    assert (limits.usage_tier, limits.write.refill_rate) == ("basic", 2_000)
    costs = sdk.get_account_endpoint_costs()
    assert costs.default_cost == 10
    assert {one.cost for one in costs.endpoint_costs} == {2}


@NEEDS_V2
@pytest.mark.usefixtures("swept")
def test_the_life_of_an_order(sdk: Any) -> None:
    made = create(sdk, expiration_time=HostClock().now() // 1_000_000_000 + 600, post_only=True)
    assert (made.fill_count, made.remaining_count) == ("0.00", "10.00")
    order = sdk.get_order(made.order_id).order
    assert (order.status.value, order.book_side.value, order.outcome_side) == ("resting", "bid", "yes")
    assert order.expiration_time is not None
    assert Decimal(sdk.get_order_queue_position(made.order_id).queue_position_fp) > 0
    assert len(sdk.get_order_queue_positions(market_tickers=order.ticker).queue_positions) == 1
    amended = sdk.amend_order_v2(
        made.order_id, ticker=order.ticker, side="bid", price="0.06", count="8", expiration_time=0
    )
    assert amended.remaining_count == "8.00"
    assert sdk.decrease_order_v2(made.order_id, reduce_to="5").remaining_count == "5.00"
    changed = sdk.get_orders(ticker=order.ticker, status="resting").orders[0]
    assert (changed.yes_price_dollars, changed.expiration_time) == ("0.0600", None)
    assert sdk.get_portfolio_resting_order_total_value().total_resting_order_value == 30
    assert sdk.cancel_order_v2(made.order_id).reduced_by == "5.00"
    assert sdk.get_order(made.order_id).order.status.value == "canceled"


@NEEDS_V2
@pytest.mark.usefixtures("swept")
def test_a_trade_moves_balance_and_position(sdk: Any) -> None:
    before = Decimal(sdk.get_balance().balance_dollars)
    ticker = first(sdk)
    made = create(sdk, "0.99", "3", time_in_force="immediate_or_cancel")
    assert (made.fill_count, made.remaining_count) == ("3.00", "0.00")
    fills = [fill for fill in sdk.get_fills(ticker=ticker).fills if fill.order_id == made.order_id]
    paid = sum(Decimal(fill.yes_price_dollars) * Decimal(fill.count_fp) + Decimal(fill.fee_cost) for fill in fills)
    assert before - Decimal(sdk.get_balance().balance_dollars) == paid
    position = next(one for one in sdk.get_positions().market_positions if one.ticker == ticker)
    assert (position.position_fp, Decimal(position.fees_paid_dollars) > 0) == ("3.00", True)
    sold = create(sdk, "0.01", "9", side="ask", time_in_force="immediate_or_cancel", reduce_only=True)
    assert sold.fill_count == "3.00"
    position = next(one for one in sdk.get_positions().market_positions if one.ticker == ticker)
    assert position.position_fp == "0.00"
    assert sdk.get_settlements().settlements == []


@NEEDS_V2
@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ({"price": "0.515"}, 400, "invalid_price"),
        ({"price": "0.99", "post_only": True}, 400, "post only cross"),
        ({"price": "0.50", "count": "1000000"}, 400, "insufficient_balance"),
        ({"ticker": "NOWHERE"}, 404, "not_found"),
    ],
)
def test_what_is_refused(sdk: Any, wish: dict[str, Any], status: int, said: str) -> None:
    found, body = refused(lambda: create(sdk, **wish))
    assert found == status
    assert said in body


@NEEDS_V2
@pytest.mark.usefixtures("swept")
def test_an_id_is_used_up_and_a_404_proves_nothing(sdk: Any) -> None:
    made = create(sdk, client_order_id="once")
    assert refused(lambda: create(sdk, client_order_id="once"))[0] == 409
    sdk.cancel_order_v2(made.order_id)
    again = refused(lambda: sdk.cancel_order_v2(made.order_id))
    assert again == refused(lambda: sdk.cancel_order_v2("never"))
    assert again[0] == 404


@NEEDS_V2
@pytest.mark.usefixtures("swept")
def test_batches(sdk: Any) -> None:
    wish = {
        "ticker": first(sdk),
        "side": "bid",
        "count": "1",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "maker",
    }
    made = sdk.batch_create_orders_v2(orders=[{**wish, "price": "0.04"}, {**wish, "price": "0.045"}]).orders
    assert made[0].remaining_count == "1.00"
    assert made[1].error.code == "invalid_price"
    gone = sdk.batch_cancel_orders_v2(orders=[{"order_id": made[0].order_id}, {"order_id": "never"}]).orders
    assert (gone[0].reduced_by, gone[1].error.code) == ("1.00", "not_found")


@NEEDS_V2
@pytest.mark.usefixtures("swept")
def test_groups_are_a_kill_switch(sdk: Any) -> None:
    group = sdk.create_order_group(contracts_limit=100).order_group_id
    made = create(sdk, order_group_id=group)
    assert sdk.get_order_group(group).orders == [made.order_id]
    sdk.trigger_order_group(group)
    assert sdk.get_order(made.order_id).order.status.value == "canceled"
    assert not sdk.get_order_group(group).is_auto_cancel_enabled
    sdk.reset_order_group(group)
    sdk.update_order_group_limit(group, contracts_limit=5)
    assert sdk.get_order_groups().order_groups[0].contracts_limit_fp == "5.00"
    sdk.delete_order_group(group)
    assert refused(lambda: sdk.get_order_group(group))[0] == 404


@NEEDS_V2
def test_all_is_cancelled(sdk: Any) -> None:
    for price in ("0.03", "0.04"):
        create(sdk, price)
    sdk.cancel_all_orders()
    assert sdk.get_orders(status="resting").orders == []
