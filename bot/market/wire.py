"""Whole numbers of ticks and lots as a venue wants to read them: decimal text, no exponent, no zero at the end."""

from __future__ import annotations


def text(count: int, decimals: int) -> str:
    """`count` units of 10^-decimals, exactly: 12340 with 4 decimals is "1.234", 50000 is "5"."""
    if decimals == 0 or count == 0:
        return str(count)
    digits = str(abs(count)).rjust(decimals + 1, "0")
    fraction = digits[-decimals:].rstrip("0")
    sign = "-" if count < 0 else ""
    return f"{sign}{digits[:-decimals]}.{fraction}" if fraction else f"{sign}{digits[:-decimals]}"
