"""One simulator a module for the official client, and a trader who leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.bot.venues.simulators.hyperliquid.simulator_process import simulator

if TYPE_CHECKING:
    from tests.bot.venues.simulators.hyperliquid.official import Exchange


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    with simulator("--seed", "11") as line:
        yield line


@pytest.fixture(scope="module")
def exchange(ready: dict[str, Any]) -> Exchange:
    from tests.bot.venues.simulators.hyperliquid.official import trader  # it is slow, and few tests need it

    return trader(ready)


@pytest.fixture
def swept(exchange: Exchange) -> Iterator[None]:
    """No test leaves an order or a position to the next."""
    yield
    if orders := exchange.info.open_orders(exchange.account_address):
        exchange.bulk_cancel([{"coin": order["coin"], "oid": order["oid"]} for order in orders])
    for held in exchange.info.user_state(exchange.account_address)["assetPositions"]:
        exchange.market_close(held["position"]["coin"])
