"""The venues that schedules are played at: how a schedule is drawn, and the exchange that it happens to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bot.schedules import plans
from tests.bot.schedules.eyes import Exchange
from tests.bot.schedules.hyperliquid import exchange as hyperliquid
from tests.bot.schedules.hyperliquid import plans as hyperliquid_plans
from tests.bot.schedules.kalshi import exchange as kalshi
from tests.bot.schedules.kalshi import plans as kalshi_plans
from tests.bot.virtual_time import VirtualClock


@dataclass(frozen=True, slots=True)
class Ground:
    """`exchange` takes what its own `draw` made."""

    draw: Callable[[int], plans.Schedule]
    exchange: Callable[[VirtualClock, Any], Exchange]


GROUNDS = {
    "hyperliquid": Ground(hyperliquid_plans.draw, hyperliquid.Watched),
    "kalshi": Ground(kalshi_plans.draw, kalshi.Watched),
}
