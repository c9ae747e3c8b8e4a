"""Price and size made legal, and written as the venue's wire wants them, beside the rules others use.

The others: the official SDK's (round to five significant figures, then to the decimals; Decimal for the text), written
here as its documentation and source have it, and plain Decimal quantisation. Both round to nearest, which moves half
of all quotes toward the market; ours has a side. One core's own time, the fastest of many short rounds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from decimal import ROUND_DOWN, Decimal

from bot.venues.hyperliquid.spec import spec_of, wire_of
from tests.bench.measure import BUDGET, Row

SZ_DECIMALS = 4
COUNT = 1000
ROUNDS = 40
_LUCK = random.Random(7)
PRICES = [_LUCK.uniform(0.5, 99_999) for _ in range(COUNT)]
SIZES = [_LUCK.uniform(0.01, 50) for _ in range(COUNT)]
SPEC, WIRE = spec_of("ETH", 1, SZ_DECIMALS), wire_of(SZ_DECIMALS)
TICKS = [int(price * 10 ** (6 - SZ_DECIMALS)) for price in PRICES]
LOTS = [int(size * 10**SZ_DECIMALS) for size in SIZES]
STEP = 10
"""Lots; a size of the desk's is a multiple of so many."""


def rows() -> Iterator[Row]:
    """Nanoseconds for one order's price and size."""
    ours, sdk, plain = _each(_ours, _sdk, _decimal)
    yield Row("price and size quantised", ours, sdk, "the SDK's rounding rule", "ns")
    yield Row("price and size quantised", ours, plain, "Decimal.quantize", "ns")
    yield Row("price and size quantised", ours, 1e9 / 3_000_000, BUDGET, "ns")
    ours, sdk = _each(_our_wire, _sdk_wire)
    yield Row("quantised, as wire strings", ours, sdk, "the SDK's float_to_wire", "ns")


def _ours() -> None:
    floor = SPEC.grid.floor
    for ticks, lots in zip(TICKS, LOTS, strict=True):
        floor(ticks)
        lots - lots % STEP


def _sdk() -> None:
    for price, size in zip(PRICES, SIZES, strict=True):
        round(float(f"{price:.5g}"), 6 - SZ_DECIMALS)
        round(size, SZ_DECIMALS)


def _decimal() -> None:
    price_step, size_step = Decimal("0.01"), Decimal("0.001")
    for price, size in zip(PRICES, SIZES, strict=True):
        Decimal(repr(price)).quantize(price_step, ROUND_DOWN)
        Decimal(repr(size)).quantize(size_step, ROUND_DOWN)


def _our_wire() -> None:
    floor, price_text, size_text = SPEC.grid.floor, WIRE.price, WIRE.size
    for ticks, lots in zip(TICKS, LOTS, strict=True):
        price_text(floor(ticks))
        size_text(lots - lots % STEP)


def _sdk_wire() -> None:
    for price, size in zip(PRICES, SIZES, strict=True):
        _float_to_wire(round(float(f"{price:.5g}"), 6 - SZ_DECIMALS))
        _float_to_wire(round(size, SZ_DECIMALS))


def _float_to_wire(value: float) -> str:
    """As the SDK does it: eight decimals, a check, and Decimal for the zeros."""
    rounded = f"{value:.8f}"
    if abs(float(rounded) - value) >= 1e-12:
        raise ValueError("would round", value)
    return f"{Decimal(rounded).normalize():f}"


def _each(*works: Callable[[], None]) -> list[float]:
    """Nanoseconds of CPU for one of COUNT; the works take turns, so that what disturbs one disturbs all."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            begun = time.process_time_ns()
            for _ in range(10):
                work()
            best[index] = min(best[index], (time.process_time_ns() - begun) / 10 / COUNT)
    return best
