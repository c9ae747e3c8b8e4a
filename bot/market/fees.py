"""Kalshi's fees, exact: what a fill costs, and what rounding to whole cents adds to it and gives back.

Prices are ticks of 1/10000 dollar, sizes lots of 1/100 contract, and money is whole millionths of a dollar, which is
exactly a tick times a lot. Rates come from the series; which series a market belongs to is not known here. Settlement
costs nothing. Source: the venue's fee schedule and its page on fee rounding, June 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from bot.errors import BotError
from bot.market.units import Lots, Ticks

Role = Literal["maker", "taker"]

DOLLAR = 10_000
"""Ticks of what a winning contract pays."""
CONTRACT = 100
"""Lots of one contract."""
CENT = 10_000
"""Millionths: balances of most accounts are whole cents."""
CENTICENT = 100
"""Millionths: trade fees, and the balances of direct members, are whole ten-thousandths of a dollar."""

_TAKER = Fraction(7, 100)
_MAKER = {
    "quadratic": Fraction(0),
    "quadratic_with_maker_fees": Fraction(175, 10_000),
    "quadratic_with_combo_maker_fees": Fraction(35, 1_000),
}


class UnknownFees(BotError):
    """A series charges in a way that is not known here; its markets cannot be priced."""


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Rates that multiply contracts x P x (1 - P)."""

    taker: Fraction
    maker: Fraction

    def rate(self, role: Role) -> Fraction:
        return self.taker if role == "taker" else self.maker

    def trade_fee(self, role: Role, ticks: Ticks, lots: Lots) -> int:
        """The fee of one fill in millionths, rounded up to the next ten-thousandth of a dollar."""
        rate = self.rate(role)
        numerator = rate.numerator * lots * ticks * (DOLLAR - ticks)
        return -(-numerator // (rate.denominator * DOLLAR * CENTICENT)) * CENTICENT

    def dearest(self, role: Role) -> Fraction:
        """The most that one contract can cost, in ticks before rounding: its fee at a price of 0.50."""
        return self.rate(role) * DOLLAR / 4


FREE = FeeSchedule(Fraction(0), Fraction(0))
"""What a waiver makes of every schedule while it lasts."""


def schedule(fee_type: str, multiplier: Decimal) -> FeeSchedule:
    """A series' schedule from its `fee_type` and `fee_multiplier`. Raises UnknownFees."""
    if fee_type not in _MAKER:
        known = ", ".join(_MAKER)
        raise UnknownFees(f"fee type {fee_type!r} has no formula here (known: {known}): leave the series out")
    if multiplier < 0:
        raise UnknownFees(f"fee multiplier {multiplier} is below zero: leave the series out")
    return FeeSchedule(_TAKER * Fraction(multiplier), _MAKER[fee_type] * Fraction(multiplier))


@dataclass(frozen=True, slots=True)
class Charge:
    """What one fill costs, in millionths. `kept` is what the order's rounding fees add up to afterwards."""

    trade: int
    rounding: int
    rebate: int
    kept: int

    @property
    def net(self) -> int:
        return self.trade + self.rounding - self.rebate


def charge(revenue: int, trade_fee: int, kept: int = 0, step: int = CENT) -> Charge:
    """Charge a fill that moves `revenue` (below zero for a buy) of an order whose earlier fills left `kept`.

    The balance changes by whole `step`s, rounded down; what that takes is kept per order, and a cent of it comes back
    once it is more than a cent. The venue's net fee is never negative: a cent that the fill does not pay for waits.
    """
    rounding = (revenue - trade_fee) % step
    total = kept + rounding
    rebate = CENT if total > CENT and trade_fee + rounding >= CENT else 0
    return Charge(trade_fee, rounding, rebate, total - rebate)
