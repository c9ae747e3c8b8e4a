"""Kalshi's numbers, which are texts: dollars with 2 to 6 decimals, contracts with up to 2, times. Exact both ways.

A tick is 1/10000 dollar and a lot 1/100 contract, in every market, so that a tick times a lot is a millionth of a
dollar; which of them a market takes is its spec's business.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.errors import BotError
from bot.market.units import Lots, Ticks

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadNumber(BotError):
    """A text that is no number or no time, or one too fine to be held."""


def ticks(text: str) -> Ticks:
    """A price in dollars, such as "0.56" or "0.560000". Raises BadNumber."""
    return Ticks(_units(text, 4))


def lots(text: str) -> Lots:
    """A count of contracts, such as "10" or "-2.50". Raises BadNumber."""
    return Lots(_units(text, 2))


def micros(text: str) -> int:
    """Money in dollars as millionths. Raises BadNumber."""
    return _units(text, 6)


def nanos(text: str) -> int:
    """An RFC 3339 time, to the microsecond. Raises BadNumber."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1) * 1_000
    except (ValueError, TypeError):
        raise BadNumber(f"{text!r} is no time with its zone") from None


def price(count: int) -> str:
    """Ticks as the venue writes a price: "0.5600"."""
    return _text(count, 4)


def contracts(count: int) -> str:
    """Lots as the venue writes a count: "10.00"."""
    return _text(count, 2)


def money(count: int) -> str:
    """Millionths as the venue writes money: "1.750000"."""
    return _text(count, 6)


def _units(text: str, decimals: int) -> int:
    negative = text.startswith("-")
    whole, _, fraction = text.removeprefix("-").partition(".")
    digits = fraction.ljust(decimals, "0")
    if not (text.isascii() and whole.isdigit() and digits.isdigit()) or digits[decimals:].strip("0"):
        raise BadNumber(f"{text!r} is no number of at most {decimals} decimals")
    count = int(whole + digits[:decimals])
    return -count if negative else count


def _text(count: int, decimals: int) -> str:
    whole, fraction = divmod(abs(count), 10**decimals)
    return f"{'-' if count < 0 else ''}{whole}.{fraction:0{decimals}}"
