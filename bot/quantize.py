"""The command `mm-bot quantize`: one price and size as a venue's wire wants them."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor

import click

from bot.market.units import Side, Ticks
from bot.venues.hyperliquid.spec import spec_of, wire_of


class Number(click.ParamType[Decimal]):
    """A positive decimal, exactly as it is written."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not number.is_finite() or number <= 0:
            self.fail(f"{value} is not positive", param, ctx)
        return number


DECIMAL = Number()


@click.command()
@click.option("--venue", type=click.Choice(["hyperliquid"]), required=True, help="Whose grid.")
@click.option("--sz-decimals", type=click.IntRange(0, 5), required=True, help="The market's szDecimals.")
@click.option("--side", type=click.Choice(["buy", "sell"]), required=True, help="A buy rounds down, a sell up.")
@click.option("--price", type=DECIMAL, required=True, help="The price wished for.")
@click.option("--size", type=DECIMAL, required=True, help="The size wished for; it rounds down.")
@click.option("--bid", type=DECIMAL, help="Best bid: a sell stays above it.")
@click.option("--ask", type=DECIMAL, help="Best ask: a buy stays below it.")
def quantize(
    venue: str, sz_decimals: int, side: str, price: Decimal, size: Decimal, bid: Decimal | None, ask: Decimal | None
) -> None:
    """Print price and size of an order as the venue's wire wants them.

    \b
    Example, a buy that would cross the best ask of 100:
      mm-bot quantize --venue hyperliquid --sz-decimals 2 --side buy --price 100.004 --size 1.2345 --ask 100
      {"price": "99.999", "size": "1.23"}
    """
    spec, wire = spec_of(venue, 0, sz_decimals), wire_of(sz_decimals)
    ours: Side = "bid" if side == "buy" else "ask"
    best = ask if side == "buy" else bid
    opposite = None if best is None else _toward_us(best / spec.tick, ours)
    ticks = spec.maker_price(ours, Fraction(price) / Fraction(spec.tick), opposite)
    lots = spec.whole_lots(size)
    if not ticks or not lots:
        raise click.ClickException(
            "nothing is left of it: the price or the size is below the finest step of the market"
        )
    click.echo(json.dumps({"price": wire.price(ticks), "size": wire.size(lots)}))
    if not spec.worth_sending(ticks, lots):
        click.echo(f"the venue takes no order under {spec.min_notional} USD", err=True)


def _toward_us(best: Decimal, side: Side) -> Ticks:
    """A best price that lies between two ticks, as the one of them that keeps us further from crossing."""
    return Ticks(floor(best) if side == "bid" else ceil(best))
