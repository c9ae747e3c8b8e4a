"""A market that could be quoted, as its venue tells of it once: its rules and its best prices. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.market.book import Top
from bot.market.spec import Spec
from bot.market.units import Side


@dataclass(frozen=True, slots=True)
class Candidate:
    """`trades`: orders are taken now. `settled`: it has paid out, and nothing can be held of it any more.

    `spec.contract` is None where its fees or its event are not known.
    """

    spec: Spec
    top: Top
    trades: bool = True
    settled: bool = False

    @property
    def market(self) -> str:
        return self.spec.market

    @property
    def event(self) -> str:
        """What it is a bet on; the market alone where nothing else is known."""
        return self.spec.contract.event if self.spec.contract is not None else self.spec.market

    def best(self, side: Side) -> Decimal | None:
        """The best price of a side in quote currency."""
        ticks = self.top.bid if side == "bid" else self.top.ask
        return None if ticks is None else ticks * self.spec.tick

    @property
    def spread(self) -> Decimal | None:
        """Between the best prices, in quote currency; below zero when they cross."""
        bid, ask = self.best("bid"), self.best("ask")
        return None if bid is None or ask is None else ask - bid

    @property
    def depth(self) -> Decimal:
        """Base units that stand at the best prices, of the side where there are fewer."""
        return min(self.top.bid_lots, self.top.ask_lots) * self.spec.lot
