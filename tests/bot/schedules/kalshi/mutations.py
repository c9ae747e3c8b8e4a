"""What only a bot on Kalshi can do wrong, one rule at a time; see `schedules.mutations`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count
from typing import Any

import pytest

from bot.market.reports import Cure, NoAnswer, Rejected
from bot.market.units import Lots, Ticks
from bot.risk import limits
from bot.session import terms
from bot.session.trades import Trades
from bot.strategy.edge_locked import quoting
from bot.venues.kalshi.fates import Fates
from bot.venues.kalshi.orders import Create
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.kalshi.wire import Said, Wire

Patch = pytest.MonkeyPatch


def entries_are_made_inside_the_gates(patch: Patch) -> None:
    patch.setattr(quoting, "_in_ticks", lambda price, tick: Fraction(5_500))


def a_position_is_no_reason_to_stop_entering(patch: Patch) -> None:
    patch.setattr(quoting, "take_profit", lambda *words: None)


def the_take_profit_wanders(patch: Patch) -> None:
    calls = count()
    patch.setattr(quoting, "offset", lambda *words: Ticks(700 + 100 * (next(calls) % 7)))


def the_start_of_a_game_is_overlooked(patch: Patch) -> None:
    patch.setattr(terms, "quiet", lambda *words: False)


def two_teams_are_two_bets(patch: Patch) -> None:
    patch.setattr(limits, "reach", lambda *words: Lots(0))


def a_lost_answer_is_a_refusal(patch: Patch) -> None:
    whole = Wire.create

    async def create(self: Wire, wishes: Sequence[Create]) -> list[Said]:
        said = await whole(self, wishes)
        return [Rejected("E_BUDGET", one.reason, Cure.WAIT) if isinstance(one, NoAnswer) else one for one in said]

    patch.setattr(Wire, "create", create)


def trades_come_by_the_stream_or_never(patch: Patch) -> None:
    async def told(self: Fates, cloid: str, filled: Lots) -> bool:
        return True

    patch.setattr(Fates, "told", told)


def what_a_market_paid_is_not_asked(patch: Patch) -> None:
    def settle(self: Trades, settlement: Any) -> list[Any]:
        return []

    patch.setattr(Trades, "settle", settle)


def the_group_is_never_opened_again(patch: Patch) -> None:
    async def hold_entries(self: KalshiVenue, off: bool) -> None:
        return None

    patch.setattr(KalshiVenue, "hold_entries", hold_entries)


MUTATIONS: tuple[Callable[[Patch], None], ...] = (
    entries_are_made_inside_the_gates,
    a_position_is_no_reason_to_stop_entering,
    the_take_profit_wanders,
    the_start_of_a_game_is_overlooked,
    two_teams_are_two_bets,
    a_lost_answer_is_a_refusal,
    trades_come_by_the_stream_or_never,
    what_a_market_paid_is_not_asked,
    the_group_is_never_opened_again,
)
