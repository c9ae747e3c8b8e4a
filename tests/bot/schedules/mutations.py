"""The bot broken on purpose, one rule at a time: schedules that find nothing then would find nothing at all.

Each takes a monkeypatch and breaks one thing; the name says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.execution.order_manager import OrderManager
from bot.lifecycle import Lifecycle
from bot.market.orders import Input, Order, OrderState
from bot.market.spec import Spec
from bot.market.units import Lots, Ticks
from bot.risk import limits
from bot.session.positions import Positions

Patch = pytest.MonkeyPatch


def an_unknown_order_blocks_nothing(patch: Patch) -> None:
    whole = OrderManager.open
    unknown = OrderState.UNKNOWN
    patch.setattr(OrderManager, "open", lambda *words: iter([o for o in whole(*words) if o.state is not unknown]))


def a_fill_counts_each_time(patch: Patch) -> None:
    patch.setattr(Positions, "_first_time", lambda self, tid, at: True)


def the_limit_is_forgotten(patch: Patch) -> None:
    patch.setattr(limits, "room", lambda side, position, cap: Lots(2 * cap))


def orphans_are_left_alone(patch: Patch) -> None:
    def adopt(self: OrderManager, resting: Any, now: int) -> None:
        return None

    patch.setattr(OrderManager, "adopt", adopt)


def the_end_asks_nobody(patch: Patch) -> None:
    async def clear(self: Lifecycle) -> tuple[int, int]:
        return 0, 0

    async def drained(self: Lifecycle, session: Any) -> None:
        return None

    patch.setattr(Lifecycle, "_clear_venue", clear)
    patch.setattr(Lifecycle, "_drained", drained)


def what_is_not_known_yet_counts_as_never_seen(patch: Patch) -> None:
    def never_seen(self: OrderManager, order: Order, now: int, blind: bool) -> None:
        order.on(Input.NEVER_SEEN)

    patch.setattr(OrderManager, "_never_seen", never_seen)


def prices_are_not_rounded_to_the_grid(patch: Patch) -> None:
    patch.setattr(Spec, "maker_price", lambda self, side, price, opposite: Ticks(int(price)))


MUTATIONS: tuple[Callable[[Patch], None], ...] = (
    an_unknown_order_blocks_nothing,
    a_fill_counts_each_time,
    the_limit_is_forgotten,
    orphans_are_left_alone,
    the_end_asks_nobody,
    what_is_not_known_yet_counts_as_never_seen,
    prices_are_not_rounded_to_the_grid,
)
