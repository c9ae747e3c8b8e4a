"""Whole numbers of ticks and lots as a venue writes them: decimal text, no exponent, no zero at the end."""

from __future__ import annotations

_TENS: tuple[int, ...] = tuple(10**power for power in range(32))


def text(count: int, decimals: int) -> str:
    """`count` units of 10^-decimals, exactly: 12340 with 4 decimals is "1.234", 50000 is "5"."""
    if decimals == 0 or count == 0:
        return str(count)
    digits = str(abs(count)).rjust(decimals + 1, "0")
    fraction = digits[-decimals:].rstrip("0")
    sign = "-" if count < 0 else ""
    return f"{sign}{digits[:-decimals]}.{fraction}" if fraction else f"{sign}{digits[:-decimals]}"


def count(written: str, decimals: int) -> int:
    """Units of 10^-decimals that a decimal text says, exactly. Raises ValueError for what is no such number."""
    whole, _, fraction = written.partition(".")
    if len(fraction) > decimals:
        fraction = fraction.rstrip("0")
        if len(fraction) > decimals:
            raise ValueError(f"{written} has more than {decimals} decimals")
    return int(f"{whole}{fraction}") * _TENS[decimals - len(fraction)]
