"""The simulated exchange's REST as a client meets it: who may ask, what is refused how, and what goes wrong by plan."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bot.venues.kalshi import codec
from bot.venues.kalshi.errors import classed, refusal
from bot.venues.kalshi.signing import KEY_HEADER, REST_PREFIX, SIGNATURE_HEADER, TIME_HEADER, Key, new_pem
from bot.venues.kalshi.spec import fees_of, spec_of
from bot.venues.simulators.kalshi.faults import WHERE, Fault
from tests.bot.venues.simulators.kalshi.client import ORDERS, OTHER, Client, order
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES

BALANCE = "/portfolio/balance"


def code(answer: tuple[int, Any]) -> tuple[int, str, str]:
    """An answer as our own reader of refusals classes it."""
    status, body = answer
    found = refusal(status, msgspec.json.encode(body))
    assert found is not None, body
    return status, found.code, classed(found).code


def test_a_signature_over_time_method_and_path_opens() -> None:
    client = Client()
    assert client.ask("GET", BALANCE)[1]["balance_dollars"] == "10000.000000"
    assert client.ask("GET", "/portfolio/orders?limit=5")[0] == 200, "the query is not signed"


@pytest.mark.parametrize(("skew_s", "status"), [(-5, 200), (5, 200), (-30, 401), (300, 401)])
def test_the_time_may_be_off_a_little(skew_s: float, status: int) -> None:
    client = Client()
    headers = client.signed("GET", REST_PREFIX + BALANCE, skew_s)
    assert client.ask("GET", BALANCE, headers=headers)[0] == status


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (SIGNATURE_HEADER, "", "signature_is_missing_from_headers"),
        (TIME_HEADER, "soon", "header_timestamp_expired"),
        (TIME_HEADER, "٣", "header_timestamp_expired"),
        (KEY_HEADER, "nobody", "authentication_error"),
        (SIGNATURE_HEADER, "AAAA", "authentication_error"),
    ],
)
def test_who_may_not(name: str, value: str, said: str) -> None:
    client = Client()
    headers = {**client.signed("GET", REST_PREFIX + BALANCE), name: value}
    assert code(client.ask("GET", BALANCE, headers=headers))[:2] == (401, said)


def test_somebody_else_s_key_is_no_key() -> None:
    client = Client()
    stranger = Key(client.key.key_id, new_pem())
    headers = stranger.headers(client.clock.now() // 1_000_000, "GET", REST_PREFIX + BALANCE)
    answer = client.ask("GET", BALANCE, headers=headers)
    assert answer[1]["error"]["details"] == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize("path", ["/exchange/status", "/markets", f"/markets/{GAME}/orderbook", f"/series/{SERIES}"])
def test_markets_are_public(path: str) -> None:
    assert Client().ask("GET", path, headers={})[0] == 200


def test_four_shapes_of_refusal() -> None:
    client = Client()
    client.create("0.90", "1", client_order_id="x")
    number = {**order(), "price": 0.4}
    shapes = [
        client.ask("POST", ORDERS, number),
        client.ask("GET", "/markets?limit=1001"),
        client.ask("DELETE", f"{ORDERS}/nobody"),
    ]
    assert [sorted(body) for _, body in shapes] == [["code", "details", "message"], ["msg"], ["error"]]
    assert [code(one)[2] for one in shapes] == ["E_REQUEST", "E_VENUE", "E_NO_SUCH_ORDER"]
    for _ in range(20):
        last = client.create("0.40", "1")
    assert last == (429, {"error": "too many requests"})
    assert code(last)[2] == "E_BUDGET"


def test_what_is_answered_reads_as_our_own_structs() -> None:
    client = Client()
    market = msgspec.convert(client.get(f"/markets/{GAME}"), codec.MarketAnswer).market
    assert spec_of(market).legal(spec_of(market).grid.floor(5_000))
    assert fees_of(msgspec.convert(client.get(f"/series/{SERIES}"), codec.SeriesAnswer).series).dearest("taker") == 175
    book = msgspec.convert(client.get(f"/markets/{GAME}/orderbook"), codec.Orderbook, strict=False).orderbook_fp
    assert book.yes_dollars[-1][0] == market.yes_bid_dollars
    assert book.yes_dollars == sorted(book.yes_dollars)
    client.create("0.60", "1")
    for path, kind in (
        ("/portfolio/orders", codec.Orders),
        ("/portfolio/fills", codec.Fills),
        ("/portfolio/positions", codec.Positions),
        (BALANCE, codec.Balance),
        ("/account/limits", codec.Limits),
        ("/account/endpoint_costs", codec.EndpointCosts),
        ("/exchange/status", codec.ExchangeStatus),
        ("/markets", codec.Markets),
    ):
        assert msgspec.convert(client.get(path), kind)


def test_pages_end_with_an_empty_cursor_and_a_cursor_nobody_gave_means_the_first() -> None:
    client = Client()
    first = client.get("/markets?limit=1")
    second = client.get(f"/markets?limit=1&cursor={first['cursor']}")
    assert [page["markets"][0]["ticker"] for page in (first, second)] == [GAME, OTHER]
    assert second["cursor"] == ""
    assert client.get("/markets?limit=1&cursor=garbage") == first


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"event_ticker={EVENT}", 2),
        ("event_ticker=X", 0),
        (f"series_ticker={SERIES}&status=open", 2),
        ("status=closed", 0),
        ("status=settled", 0),
        ("min_close_ts=1", 2),
        ("max_close_ts=1&status=closed", 0),
        (f"tickers={OTHER}", 1),
    ],
)
def test_markets_are_filtered(query: str, found: int) -> None:
    assert len(Client().get(f"/markets?{query}")["markets"]) == found


@pytest.mark.parametrize("query", ["status=open,closed", "status=live", "status=open&min_close_ts=1"])
def test_filters_that_do_not_go_together_are_refused(query: str) -> None:
    status, body = Client().ask("GET", f"/markets?{query}")
    assert (status, [*body]) == (400, ["msg"])


def test_tokens_are_those_of_the_account_and_come_back() -> None:
    client = Client()
    limits = client.get("/account/limits")
    assert limits["write"] == {"bucket_capacity": 100, "refill_rate": 100}
    statuses = [client.create("0.40", "1")[0] for _ in range(11)]
    assert statuses == [201] * 10 + [429], "a hundred tokens, ten each"
    client.clock.pass_by(0.5)
    assert [client.create("0.40", "1")[0] for _ in range(6)] == [201] * 5 + [429]
    client.clock.pass_by(60)
    assert [client.create("0.40", "1")[0] for _ in range(11)] == [201] * 10 + [429], "Basic saves nothing up"


def test_a_batch_costs_as_much_as_its_orders_and_some_may_fail() -> None:
    client = Client()
    wishes = [order(client_order_id="a"), order("0.405", client_order_id="b"), order(client_order_id="c")]
    status, body = client.ask("POST", f"{ORDERS}/batched", {"orders": wishes})
    assert status == 201
    first, second, third = body["orders"]
    assert second["error"]["code"] == "invalid_price"
    gone = client.ask(
        "DELETE", f"{ORDERS}/batched", {"orders": [{"order_id": first["order_id"]}, {"order_id": "nobody"}]}
    )
    assert [one.get("error", {}).get("code") for one in gone[1]["orders"]] == [None, "not_found"]
    assert third["remaining_count"] == "10.00"
    assert client.ask("POST", f"{ORDERS}/batched", {"orders": [order()] * 7})[0] == 429


def test_cancel_all_and_the_groups() -> None:
    client = Client()
    client.create()
    assert client.ask("DELETE", ORDERS) == (204, None)
    assert client.get("/portfolio/orders?status=resting")["orders"] == []
    status, made = client.ask("POST", "/portfolio/order_groups/create", {"contracts_limit": 50})
    group = f"/portfolio/order_groups/{made['order_group_id']}"
    _, mine = client.create(order_group_id=made["order_group_id"])
    assert status == 201
    assert client.get(group)["orders"] == [mine["order_id"]]
    assert client.ask("PUT", f"{group}/trigger", {})[0] == 200
    assert client.get(group) == {
        "contracts_limit_fp": "50.00",
        "is_auto_cancel_enabled": False,
        "exchange_index": 0,
        "orders": [],
    }
    assert client.ask("PUT", f"{group}/reset", {})[0] == 200
    assert client.ask("PUT", f"{group}/limit", {"contracts_limit_fp": "7.00"})[0] == 200
    assert client.get("/portfolio/order_groups")["order_groups"][0]["contracts_limit_fp"] == "7.00"
    assert client.ask("DELETE", group)[0] == 200
    assert client.ask("GET", group)[0] == 404


def test_queue_positions_count_what_stands_before() -> None:
    client = Client()
    best = client.get(f"/markets/{GAME}/orderbook")["orderbook_fp"]["yes_dollars"][-1]
    _, mine = client.create(best[0], "1")
    queue = client.get(f"/portfolio/orders/{mine['order_id']}/queue_position")
    assert queue == {"queue_position_fp": best[1]}


def test_lost_before_it_had_an_effect_and_after() -> None:
    client = Client(Fault("drop", "orders:create", count=1), Fault("unknown", "orders:create", count=1))
    assert client.create(client_order_id="lost") is None
    assert client.create(client_order_id="taken") is None
    assert code(client.create(client_order_id="taken"))[:2] == (409, "order_already_exists"), "resending is safe"
    assert client.create(client_order_id="lost")[0] == 201


def test_a_server_error_tells_nothing() -> None:
    client = Client(Fault("server_error", "orders:create", count=1), Fault("unavailable", "orders:create", count=1))
    assert [client.create(client_order_id=one)[0] for one in ("not taken", "taken")] == [503, 500]
    found = {one["client_order_id"] for one in client.get("/portfolio/orders")["orders"]}
    assert found == {"taken"}


def test_a_read_of_an_order_lags_behind_its_cancel_and_the_list_does_not() -> None:
    client = Client(Fault("stale_read", delay_s=0.4))
    _, mine = client.create()
    path = f"/portfolio/orders/{mine['order_id']}"
    assert client.ask("DELETE", f"{ORDERS}/{mine['order_id']}")[0] == 200
    assert client.get(path)["order"]["status"] == "resting"
    assert client.get("/portfolio/orders")["orders"][0]["status"] == "canceled"
    client.clock.pass_by(0.5)
    assert client.get(path)["order"]["status"] == "canceled"


def test_other_faults_of_orders() -> None:
    client = Client(
        Fault("reject", count=1, text="invalid_price"),
        Fault("accept_then_cancel", count=1),
        Fault("wrong_order", count=1),
        Fault("too_many", "read:fills", count=1),
    )
    assert code(client.create())[:2] == (400, "invalid_price")
    _, crossing = client.create("0.90", "1", post_only=True)
    assert (crossing["fill_count"], crossing["remaining_count"]) == ("0.00", "0.00")
    _, mine = client.create()
    _, gone = client.ask("DELETE", f"{ORDERS}/{mine['order_id']}")
    assert gone["order_id"] != mine["order_id"]
    assert client.ask("GET", "/portfolio/fills")[0] == 429


@pytest.mark.parametrize(
    "path", ["/nothing", "/markets/NOWHERE", "/series/KXNO", "/events/E-NO", "/portfolio/orders/x"]
)
def test_what_is_not_there(path: str) -> None:
    assert Client().ask("GET", path)[0] == 404


def test_the_table_of_faults_names_only_places_that_are() -> None:
    for what, default, places in WHERE.values():
        assert what
        assert default.split(":")[0] in places
