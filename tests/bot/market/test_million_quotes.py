"""A million quotes against the venue's own words: read off the wire text in Decimal, knowing nothing of ticks or grids.

A quote is right when its text is legal at the venue, it is on the safe side of the wish, it does not reach the opposite
best, and the next legal price nearer to the market would break one of the two. Where even the smallest price reaches
the best ask there is none.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.spec import Spec
from bot.market.units import SIDES, Side
from bot.venues.hyperliquid.spec import spec_of, wire_of

CASES = 1_000_000
SEED = 11
ONE = Decimal(1)
SPECS = [spec_of("X", 0, sz_decimals) for sz_decimals in range(6)]
WIRES = [wire_of(sz_decimals) for sz_decimals in range(6)]


@dataclass(frozen=True, slots=True)
class Case:
    """A wish in units of the last decimal, and the best price of the other side in the same (0: empty)."""

    sz_decimals: int
    side: Side
    wish: Fraction | int
    best: int

    @property
    def spec(self) -> Spec:
        return SPECS[self.sz_decimals]

    def text(self) -> str:
        """What would go over the wire, empty for nothing."""
        spec = self.spec
        best = None if not self.best else spec.grid.ceil(self.best)
        found = spec.maker_price(self.side, self.wish, best)
        return WIRES[self.sz_decimals].price(found) if found else ""

    def best_price(self) -> Decimal | None:
        return None if not self.best else self.decimal(self.spec.grid.ceil(self.best))

    def decimal(self, count: Fraction | int) -> Decimal:
        exact = Decimal(count) if isinstance(count, int) else Decimal(count.numerator) / Decimal(count.denominator)
        return exact.scaleb(self.sz_decimals - 6)


def legal(text: str, sz_decimals: int) -> bool:
    """At most five significant figures and 6 - szDecimals decimals, or whole; plainly written."""
    whole, _, part = text.partition(".")
    if not whole.isdecimal() or (whole != "0" and whole[0] == "0"):
        return False
    if not part:
        return "." not in text and whole != "0"
    figures = (whole + part).lstrip("0")
    return part.isdecimal() and part[-1] != "0" and len(figures) <= 5 and len(part) <= 6 - sz_decimals


def step(magnitude: int, sz_decimals: int) -> Decimal:
    """Between legal prices from 10**magnitude up to the next power of ten."""
    return min(max(ONE.scaleb(magnitude - 4), ONE.scaleb(sz_decimals - 6)), ONE)


def nearer(price: Decimal, side: Side, sz_decimals: int) -> Decimal:
    """The next legal price toward the market; below a power of ten it is a finer step away."""
    if side == "bid":
        return price + step(price.adjusted(), sz_decimals)
    edge = price == ONE.scaleb(price.adjusted())
    return price - step(price.adjusted() - edge, sz_decimals)


def fault(case: Case) -> str:
    """What is wrong with this quote; empty when nothing is."""
    text, side, sz = case.text(), case.side, case.sz_decimals
    wish, best = case.decimal(case.wish), case.best_price()
    smallest = ONE.scaleb(sz - 6)
    if not text:
        none_left = side == "bid" and (wish < smallest or (best is not None and best <= smallest))
        return "" if none_left else "no price, though one is left"
    if not legal(text, sz):
        return f"{text} is off the grid"
    price = Decimal(text)
    if best is not None and (price >= best if side == "bid" else price <= best):
        return f"{text} reaches {best}"
    if price > wish if side == "bid" else price < wish:
        return f"{text} is on the wrong side of {wish}"
    following = nearer(price, side, sz)
    held_by_wish = following > wish if side == "bid" else following < wish
    held_by_best = best is not None and (following >= best if side == "bid" else following <= best)
    return "" if held_by_wish or held_by_best else f"{text} could be {following}"


def draw(chance: random.Random) -> Case:
    """Prices over eleven decades, a third of them beside a power of ten, with a book close by, far off or crossed."""
    sz = chance.randrange(6)
    wish = int(10 ** chance.uniform(0.3, 12 - sz))
    if chance.random() < 0.33:
        wish = 10 ** chance.randrange(1, 12 - sz) + chance.randrange(-12, 13)
    wish = max(wish, 1)
    best = wish + int(chance.gauss(0, 1) * 10 ** chance.uniform(0, len(str(wish)) - 1))
    exact: Fraction | int = wish if chance.random() < 0.9 else wish + Fraction(chance.randrange(1, 1000), 1000)
    return Case(sz, chance.choice(SIDES), exact, 0 if chance.random() < 0.05 else max(best, 1))


def cases(count: int, seed: int) -> Iterator[Case]:
    chance = random.Random(seed)
    return (draw(chance) for _ in range(count))


def test_a_million_quotes_are_what_the_venue_takes_and_no_worse_than_they_must_be() -> None:
    wrong = ((case, said) for case in cases(CASES, SEED) if (said := fault(case)))
    assert next(wrong, None) is None


@settings(max_examples=5000)
@given(
    st.integers(0, 5),
    st.sampled_from(SIDES),
    st.one_of(st.integers(1, 10**11), st.fractions(Fraction(1, 1000), 10**9, max_denominator=1000)),
    st.integers(0, 10**11),
)
def test_so_is_whatever_else_one_thinks_of(sz_decimals: int, side: Side, wish: Fraction | int, best: int) -> None:
    if isinstance(wish, Fraction) and 1000 % wish.denominator:
        wish = Fraction(round(wish * 1000), 1000)  # a wish that Decimal can say exactly
    assert fault(Case(sz_decimals, side, wish, best)) == ""


@pytest.mark.parametrize(
    ("text", "sz_decimals", "right"),
    [
        ("123456", 0, True),
        ("12345.6", 0, False),
        ("0.00001", 0, True),
        ("0.000001", 1, False),
        ("1.50", 0, False),
        ("0", 0, False),
        ("01", 0, False),
        ("1.", 0, False),
        ("1e5", 0, False),
        ("0.012345", 0, True),
        ("0.0123456", 0, False),
        ("99.999", 2, True),
        ("100.001", 2, False),
    ],
)
def test_the_judge_knows_the_rule(text: str, sz_decimals: int, right: bool) -> None:
    assert legal(text, sz_decimals) is right


@pytest.mark.parametrize(
    ("price", "side", "sz_decimals", "following"),
    [
        ("9999.9", "bid", 4, "10000.0"),
        ("10000", "bid", 4, "10001"),
        ("10000", "ask", 4, "9999.9"),
        ("100000", "ask", 5, "99999"),
        ("0.001", "ask", 0, "0.000999"),
        ("123456", "bid", 5, "123457"),
    ],
)
def test_the_judge_finds_the_next_price(price: str, side: Side, sz_decimals: int, following: str) -> None:
    assert nearer(Decimal(price), side, sz_decimals) == Decimal(following)
