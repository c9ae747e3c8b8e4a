"""Small makers of what tests need; each says only what the test cares about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.events import Event
from bot.market.book import Top
from bot.market.grid import UniformGrid
from bot.market.reports import Account, NewOrder, Resting, Trade, VenuePosition
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.messages import Effect, Emit
from bot.risk import limits
from bot.session import Params

SECOND = 1_000_000_000
RUN = "00c0ffee"
SOL = Spec("SOL", 5, tick=Decimal("0.01"), lot=Decimal("0.01"))
COARSE = Spec("COARSE", 9, tick=Decimal("0.01"), lot=Decimal(1), grid=UniformGrid(step=25))
SPECS = {"SOL": SOL, "COARSE": COARSE}


def top(bid: int | None, ask: int | None, market: str = "SOL", at: int = 0) -> Top:
    return Top(market, None if bid is None else Ticks(bid), None if ask is None else Ticks(ask), at)


def trade(tid: str, side: Side, ticks: int, lots: int, cloid: str = "0xold", market: str = "SOL", at: int = 0) -> Trade:
    return Trade(tid, market, side, Ticks(ticks), Lots(lots), cloid, 1_000, at)


def order(side: Side, ticks: int, lots: int, cloid: str = "0x1", market: str = "SOL", tif: str = "Alo") -> NewOrder:
    return NewOrder(market, side, Ticks(ticks), Lots(lots), cloid, tif)


def account(
    positions: Sequence[VenuePosition] = (),
    trades: Sequence[Trade] = (),
    resting: Sequence[Resting] = (),
    since: int = 0,
) -> Account:
    return Account(list(positions), list(trades), list(resting), since)


def params(**changes: Any) -> Params:
    """A run on SOL alone, cap 30 SOL."""
    given = Params(
        run=RUN,
        venue="test",
        specs=SPECS,
        markets=("SOL",),
        limits=limits.Params(max_inventory={"SOL": Decimal(30)}),
    )
    return replace(given, **changes)


def emitted(effects: list[Effect]) -> list[Event]:
    return [effect.event for effect in effects if isinstance(effect, Emit)]


def actions(effects: list[Effect]) -> list[str]:
    return [str(event.__struct_config__.tag) for event in emitted(effects)]
