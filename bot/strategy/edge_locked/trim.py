"""How much of a position leaves when it goes against us: 1 - exp(-rate x cents) of the largest it was.

Exponentials are worked out to 50 digits by correctly rounded decimals, alike on every machine; a power of e is never a
whole number of lots, so which side of one it lies on is certain.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from bot.market.units import NO_LOTS, Lots

_EXACT = Context(prec=50)


@lru_cache(maxsize=1_024)
def _kept(cents: Fraction, rate: Decimal) -> Decimal:
    against = _EXACT.divide(Decimal(cents.numerator), Decimal(cents.denominator))
    return _EXACT.exp(_EXACT.multiply(-rate, against))


def fraction(cents: Fraction, rate: Decimal) -> Decimal:
    """The part of the largest size that should be gone at `cents` against us: 0.281 at 11 and a rate of 0.03."""
    return _EXACT.subtract(Decimal(1), _kept(cents, rate))


def surplus(held: Lots, peak: Lots, cents: Fraction, rate: Decimal) -> Lots:
    """Lots held beyond what may still be held. What was trimmed before counts, so that no depth is trimmed twice."""
    keep = _EXACT.multiply(Decimal(peak), _kept(cents, rate)).to_integral_value(ROUND_CEILING)
    return max(Lots(held - int(keep)), NO_LOTS)
