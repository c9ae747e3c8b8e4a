"""How much may be held, and in how many markets. Knows no prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.market.spec import Spec
from bot.market.units import Lots, Side, sign


@dataclass(frozen=True, slots=True)
class Params:
    """`max_inventory` in base units by market, long or short alike; `max_per_event` over all markets of one event."""

    max_markets: int = 3
    max_inventory: Mapping[str, Decimal] = field(default_factory=dict)
    max_per_event: Decimal | None = None


def traded(markets: Sequence[str], params: Params) -> tuple[str, ...]:
    """The markets that may be quoted: the first `max_markets` of those asked for."""
    return tuple(markets[: params.max_markets])


def cap(spec: Spec, params: Params) -> Lots:
    """The largest position in lots; a market without a limit may hold nothing."""
    return spec.whole_lots(params.max_inventory.get(spec.market, Decimal(0)))


def room(side: Side, position: Lots, cap: Lots) -> Lots:
    """Lots that may rest on this side, so that the cap holds even if all of them fill.

    The way back towards flat is always open, up to the cap on the other side.
    """
    return Lots(max(cap - sign(side) * position, 0))


def reach(position: Lots, bids: Lots, asks: Lots) -> int:
    """The largest position, either way, while so much may still be bought and sold."""
    return max(abs(position + bids), abs(position - asks))
