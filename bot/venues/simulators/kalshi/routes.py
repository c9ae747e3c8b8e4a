"""Every path there is, whether it wants a signature, and what answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.venues.simulators.kalshi.accounts import Account
from bot.venues.simulators.kalshi.limits import V2
from bot.venues.simulators.kalshi.reads import AccountReads, PublicReads
from bot.venues.simulators.kalshi.writes import Answer, Writes

NOBODY = Account("nobody", cash=0)
GROUPS = "/portfolio/order_groups"


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a route; `names` are what its path holds, `all` a query's values where they repeat."""

    account: Account
    names: Mapping[str, str]
    query: Mapping[str, str]
    all: Mapping[str, list[str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Route:
    """`place` is where faults strike."""

    method: str
    path: str
    place: str
    answer: Callable[[Call], Answer]
    public: bool = False

    def match(self, method: str, parts: list[str]) -> dict[str, str] | None:
        """The names in a path of this route; None for another's."""
        mine = self.path.strip("/").split("/")
        if method != self.method or len(mine) != len(parts):
            return None
        names = {}
        for wanted, given in zip(mine, parts, strict=True):
            if wanted.startswith("{"):
                names[wanted.strip("{}")] = given
            elif wanted != given:
                return None
        return names


def routes(public: PublicReads, reads: AccountReads, writes: Writes) -> list[Route]:
    """The first that matches counts: a fixed word stands before a name."""
    return [*_public(public), *_account(reads), *_orders(writes), *_groups(writes)]


def find(table: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a path below /trade-api/v2, and the names in it."""
    parts = path.strip("/").split("/")
    return next(((route, names) for route in table if (names := route.match(method, parts)) is not None), None)


def orders_in(body: bytes) -> int:
    """How many orders a batch is about."""
    try:
        return len(msgspec.json.decode(body)["orders"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return 1


def _get(path: str, answer: Callable[[Call], Any], public: bool = False) -> Route:
    words = [word for word in path.split("/") if word and not word.startswith("{")]
    return Route("GET", path, f"read:{words[-1]}", lambda call: (200, answer(call)), public)


def _public(reads: PublicReads) -> list[Route]:
    return [
        _get("/exchange/status", lambda c: reads.status(), True),
        _get("/exchange/schedule", lambda c: reads.schedule(), True),
        _get("/markets", lambda c: reads.markets(c.query), True),
        _get("/markets/trades", lambda c: reads.trades(c.query), True),
        _get("/markets/orderbooks", lambda c: reads.books(c.all.get("tickers", [])), True),
        _get("/markets/{ticker}", lambda c: reads.market(c.names["ticker"]), True),
        _get("/markets/{ticker}/orderbook", lambda c: reads.book(c.names["ticker"], c.query), True),
        _get("/events", lambda c: reads.events(c.query), True),
        _get("/events/fee_changes", lambda c: {"event_fee_changes": [], "cursor": ""}, True),
        _get("/events/{ticker}", lambda c: reads.event(c.names["ticker"], c.query), True),
        _get("/series", lambda c: reads.all_series(), True),
        _get("/series/fee_changes", lambda c: {"series_fee_change_arr": []}, True),
        _get("/series/{ticker}", lambda c: reads.series(c.names["ticker"]), True),
    ]


def _account(reads: AccountReads) -> list[Route]:
    return [
        _get("/exchange/user_data_timestamp", lambda c: reads.freshness(), True),
        _get("/account/limits", lambda c: reads.limits()),
        _get("/account/endpoint_costs", lambda c: reads.costs()),
        _get("/portfolio/balance", lambda c: reads.balance(c.account)),
        _get("/portfolio/positions", lambda c: reads.positions(c.account, c.query)),
        _get("/portfolio/fills", lambda c: reads.fills(c.account, c.query)),
        _get("/portfolio/settlements", lambda c: reads.settlements(c.account, c.query)),
        _get("/portfolio/summary/total_resting_order_value", lambda c: reads.resting_value(c.account)),
        _get("/portfolio/orders", lambda c: reads.orders(c.account, c.query)),
        _get("/portfolio/orders/queue_positions", lambda c: reads.queues(c.account, c.query)),
        _get("/portfolio/orders/{order_id}/queue_position", lambda c: reads.queue(c.account, c.names["order_id"])),
        _get("/portfolio/orders/{order_id}", lambda c: reads.order(c.account, c.names["order_id"])),
    ]


def _orders(writes: Writes) -> list[Route]:
    one = f"{V2}/{{order_id}}"
    return [
        Route("POST", V2, "orders:create", lambda c: writes.create(c.account, c.body)),
        Route("DELETE", V2, "orders:cancel_all", lambda c: writes.cancel_all(c.account)),
        Route("POST", f"{V2}/batched", "orders:batch_create", lambda c: writes.batch_create(c.account, c.body)),
        Route("DELETE", f"{V2}/batched", "orders:batch_cancel", lambda c: writes.batch_cancel(c.account, c.body)),
        Route("DELETE", one, "orders:cancel", lambda c: writes.cancel(c.account, c.names["order_id"])),
        Route("POST", f"{one}/amend", "orders:amend", lambda c: writes.amend(c.account, c.names["order_id"], c.body)),
        Route(
            "POST",
            f"{one}/decrease",
            "orders:decrease",
            lambda c: writes.decrease(c.account, c.names["order_id"], c.body),
        ),
    ]


def _groups(writes: Writes) -> list[Route]:
    one = f"{GROUPS}/{{gid}}"

    def change(method: str, path: str, what: str) -> Route:
        return Route(
            method, path, "orders:groups", lambda c: writes.change_group(c.account, c.names["gid"], what, c.body)
        )

    return [
        Route("POST", f"{GROUPS}/create", "orders:groups", lambda c: writes.new_group(c.account, c.body)),
        Route("GET", GROUPS, "read:order_groups", lambda c: writes.groups(c.account)),
        Route("GET", one, "read:order_groups", lambda c: writes.group(c.account, c.names["gid"])),
        change("DELETE", one, "delete"),
        *(change("PUT", f"{one}/{what}", what) for what in ("reset", "trigger", "limit")),
    ]
