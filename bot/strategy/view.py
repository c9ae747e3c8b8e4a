"""What a strategy sees of one market, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import Lots


@dataclass(frozen=True, slots=True)
class View:
    """`position` is signed, `cap` the largest position either way, `room` the lots that risk would allow a side.

    A working quote is what still rests of ours. `others` are the best prices without ours, as far as they are known,
    None where `top` has none of ours. `maker_fee_ppm` is in parts per million of an order's value, negative
    for a rebate; `equity` in millionths of quote currency, None where the venue does not say.
    """

    spec: Spec
    top: Top
    position: Lots
    cap: Lots
    room_bid: Lots
    room_ask: Lots
    working_bid: Quote | None
    working_ask: Quote | None
    maker_fee_ppm: int = 0
    equity: int | None = None
    others: Top | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a strategy wants to rest; None for a side means nothing there."""

    bid: Quote | None = None
    ask: Quote | None = None


NOTHING = Wanted()
