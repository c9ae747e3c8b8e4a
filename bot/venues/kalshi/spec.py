"""What a market on Kalshi accepts and charges, from what the venue says of it, of its event and of its series."""

from __future__ import annotations

from decimal import Decimal

from bot.market import fees
from bot.market.contract import Contract
from bot.market.price_ranges import PriceRanges, Range
from bot.market.spec import Spec
from bot.venues.kalshi import numbers
from bot.venues.kalshi.codec import Event, Market, Series

TICK, LOT = Decimal("0.0001"), Decimal("0.01")
CONTRACT = 100
"""Lots of a whole contract: most markets take no fraction of one."""


def grid_of(market: Market) -> PriceRanges:
    """Its prices, whatever the name of its structure. Raises BadNumber or ImpossibleRanges."""
    rows = ((numbers.ticks(one.start), numbers.ticks(one.end), numbers.ticks(one.step)) for one in market.price_ranges)
    return PriceRanges(tuple(Range(*row) for row in rows))


def spec_of(market: Market, contract: Contract | None = None) -> Spec:
    """Its spec; the venue has no number for a market and no smallest value. Raises BadNumber or ImpossibleRanges."""
    step, grid = 1 if market.fractional_trading_enabled else CONTRACT, grid_of(market)
    return Spec(market.ticker, 0, TICK, LOT, min_notional=Decimal(0), grid=grid, lot_step=step, contract=contract)


def contract_of(market: Market, series: str, charged: fees.FeeSchedule) -> Contract:
    """What it is beside its prices; nobody knows when a game starts where the venue does not say. Raises BadNumber."""
    starts = numbers.nanos(market.occurrence_datetime) if market.occurrence_datetime else None
    return Contract(market.event_ticker, series, charged, starts, numbers.nanos(market.close_time))


def fees_of(series: Series, event: Event | None = None) -> fees.FeeSchedule:
    """What a series charges, unless the event has its own fees. Raises UnknownFees."""
    fee_type, multiplier = series.fee_type, series.fee_multiplier
    if event is not None:
        fee_type = event.fee_type_override or fee_type
        multiplier = multiplier if event.fee_multiplier_override is None else event.fee_multiplier_override
    return fees.schedule(fee_type, Decimal(str(multiplier)))
