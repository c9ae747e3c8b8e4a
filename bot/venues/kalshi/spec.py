"""What a market on Kalshi accepts and charges, from what the venue says of it and of its series."""

from __future__ import annotations

from decimal import Decimal

from bot.market import fees
from bot.market.price_ranges import PriceRanges, Range
from bot.market.spec import Spec
from bot.venues.kalshi import numbers
from bot.venues.kalshi.codec import Market, Series

TICK, LOT = Decimal("0.0001"), Decimal("0.01")
CONTRACT = 100
"""Lots of a whole contract: most markets take no fraction of one."""


def grid_of(market: Market) -> PriceRanges:
    """Its prices, whatever the name of its structure. Raises BadNumber or ImpossibleRanges."""
    rows = ((numbers.ticks(one.start), numbers.ticks(one.end), numbers.ticks(one.step)) for one in market.price_ranges)
    return PriceRanges(tuple(Range(*row) for row in rows))


def spec_of(market: Market, asset: int = 0) -> Spec:
    """Its spec; the venue has no number for a market and no smallest value. Raises BadNumber or ImpossibleRanges."""
    step = 1 if market.fractional_trading_enabled else CONTRACT
    return Spec(market.ticker, asset, tick=TICK, lot=LOT, min_notional=Decimal(0), grid=grid_of(market), lot_step=step)


def fees_of(series: Series) -> fees.FeeSchedule:
    """What its series charges. Raises UnknownFees."""
    return fees.schedule(series.fee_type, Decimal(str(series.fee_multiplier)))
