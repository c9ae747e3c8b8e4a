"""What a feed shows of one market: the best prices at once, the levels behind them now and then. None of it is ours."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.units import NO_LOTS, Lots, Side, Ticks, opposite
from bot.venues.market_data import Depth, Levels


@dataclass(slots=True)
class Picture:
    """`stamp` is the newest time of the venue's that was heard (ns); it never goes back."""

    top: Top | None = None
    depth: Depth | None = None
    stamp: int = 0
    _eaten: dict[tuple[Side, Ticks], int] = field(default_factory=dict)

    def on_top(self, top: Top, stamp: int) -> None:
        self.top = top
        self.at(stamp)
        self._eaten.clear()

    def on_depth(self, depth: Depth) -> None:
        self.depth = depth
        self.at(depth.stamp)

    def at(self, stamp: int) -> None:
        """Something of this time was heard."""
        self.stamp = max(self.stamp, stamp)

    def forget(self) -> None:
        """The connection is gone, and with it what we know; not what time it was."""
        self.top = self.depth = None

    def best(self, side: Side) -> Ticks | None:
        """None for an empty side, or for a book that is not known."""
        if self.top is None:
            return None
        return self.top.bid if side == "bid" else self.top.ask

    def shown(self, side: Side, ticks: Ticks) -> Lots | None:
        """What stands at a price; None when nobody showed it."""
        found = shown_by_top(self.top, side, ticks) if self.top else None
        return shown_by_depth(self.depth, side, ticks) if found is None and self.depth else found

    def would_match(self, side: Side, ticks: Ticks) -> bool:
        """Whether an order of this side and price would trade at once."""
        best = self.best(opposite(side))
        return best is not None and (ticks >= best if side == "bid" else ticks <= best)

    def take(self, side: Side, limit: Ticks, lots: Lots) -> list[Quote]:
        """What an order gets at once from the levels against it, best first: all that is shown, each lot once."""
        found, other = [], opposite(side)
        for ticks, shown in self._against(other):
            if lots <= 0 or (ticks > limit if side == "bid" else ticks < limit):
                break
            got = Lots(min(lots, max(shown - self._eaten.get((other, ticks), 0), 0)))
            if got:
                self._eaten[other, ticks] = self._eaten.get((other, ticks), 0) + got
                found.append(Quote(ticks, got))
                lots = Lots(lots - got)
        return found

    def _against(self, side: Side) -> Levels:
        """The best price as it is now, then the levels behind it as they were last shown."""
        best = self.best(side)
        if best is None or self.top is None:
            return ()
        first = (best, self.top.bid_lots if side == "bid" else self.top.ask_lots)
        levels = _levels(self.depth, side) if self.depth else ()
        return (first, *(level for level in levels if _behind(side, level[0], best)))


def shown_by_top(top: Top, side: Side, ticks: Ticks) -> Lots | None:
    """What the best prices say of a price: nobody is in front of them, and behind them they say nothing."""
    best = top.bid if side == "bid" else top.ask
    if best is None or _behind(side, best, ticks):
        return NO_LOTS
    if best != ticks:
        return None
    return (top.bid_lots if side == "bid" else top.ask_lots) or None


def shown_by_depth(depth: Depth, side: Side, ticks: Ticks) -> Lots | None:
    """What a snapshot says of a price: between two levels is nobody, beyond the last may be anybody."""
    levels = _levels(depth, side)
    if not levels or _behind(side, ticks, levels[-1][0]):
        return None
    return next((lots for at, lots in levels if at == ticks), NO_LOTS)


def _levels(depth: Depth, side: Side) -> Levels:
    return depth.bids if side == "bid" else depth.asks


def _behind(side: Side, ticks: Ticks, other: Ticks) -> bool:
    """Whether a price is worse than another, for who trades against it."""
    return ticks < other if side == "bid" else ticks > other
