"""What would have become of our orders at the venue whose feed this is. Pure: news in, changes of an account out.

Our orders move nothing there: the crowd does not react to them, and what fills one is printed for somebody else, too.
Money is not judged: no margin, no funding; nor is what is held. Post-only, smallest value, grid and lots are, in the
venue's own words.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.market.book import Top
from bot.market.fees import Role
from bot.market.reports import NewOrder, Resting
from bot.market.spec import Spec
from bot.market.units import NO_LOTS, Lots, Ticks, opposite
from bot.venues import rejections
from bot.venues.market_data import Depth, Print
from bot.venues.on_feed.admission import refusal_of
from bot.venues.on_feed.fees import Fees, charges_of
from bot.venues.on_feed.picture import Picture, shown_by_depth, shown_by_top
from bot.venues.on_feed.queue import Waiting, restored
from bot.venues.simulators.exchange import Change, Dealt, Left, Refused, Rested
from bot.venues.simulators.matching import Standing

OURS = "ours"
NO_MATCH = "Order could not immediately match against any resting orders. asset={asset}"


class Judge:
    """One market."""

    def __init__(self, spec: Spec, fees: Fees) -> None:
        self.spec = spec
        self.picture = Picture()
        self._fees = fees
        self._waiting: dict[str, Waiting] = {}

    def arrive(self, oid: int, new: NewOrder) -> list[Change]:
        """Take an order in, at what the feed shows now. Raises Refused."""
        refusal = refusal_of(self.spec, new, self.picture)
        if refusal is not None:
            raise Refused(refusal)
        takes = [] if new.tif == "Alo" else self.picture.take(new.side, new.ticks, new.lots)
        if new.tif == "Ioc" and not takes:
            raise Refused(NO_MATCH.format(asset=self.spec.asset))
        came, changes = self._came(new), list[Change]()
        for quote in takes:
            came.left = Lots(came.left - quote.lots)
            changes.append(self._dealt(came, "taker", quote.ticks, quote.lots))
        if came.left and new.tif != "Ioc":
            self._waiting[new.cloid] = came
            rested = Standing(OURS, new.cloid, oid, new.side, new.ticks, came.left)
            changes.append(Rested(self.spec.market, rested))
        return changes

    def leave(self, cloid: str) -> list[Change]:
        """Take an order off. Raises Refused."""
        if self._waiting.pop(cloid, None) is None:
            raise Refused(rejections.NO_SUCH_ORDER.format(asset=self.spec.asset))
        return [Left(self.spec.market, cloid)]

    def halted(self) -> list[str]:
        """The venue took off what rested; whose orders that were."""
        ended = list(self._waiting)
        self._waiting.clear()
        return ended

    def restore(self, orders: Iterable[Resting], since: int) -> None:
        """Orders that rested while nobody watched, the last news at `since` (the venue's time, ns)."""
        self.picture.at(since)
        for resting in orders:
            self._waiting[resting.cloid] = restored(resting, since)

    def lost(self) -> None:
        """From now on prints are missed."""
        self.picture.forget()
        for order in self._waiting.values():
            order.watched = False

    def topped(self, top: Top, stamp: int) -> list[Change]:
        """New best prices. After a gap they may stand beyond an order of ours: that traded, wherever the print is."""
        self.picture.on_top(top, stamp)
        changes: list[Change] = []
        for order in self._by_priority():
            order.shown(shown_by_top(top, order.side, order.ticks), stamp)
            if not order.watched and order.passed_by(self.picture.best(opposite(order.side))):
                lots, order.left = order.left, NO_LOTS
                changes.append(self._filled(order, lots))
            order.watched = True
        return changes

    def pictured(self, depth: Depth) -> None:
        """All levels as the venue showed them."""
        self.picture.on_depth(depth)
        for order in self._waiting.values():
            order.shown(shown_by_depth(depth, order.side, order.ticks), depth.stamp)

    def printed(self, print_: Print) -> list[Change]:
        """A trade of others; a lot of it fills one order of ours at most."""
        self.picture.at(print_.stamp)
        changes: list[Change] = []
        left = print_.lots
        for order in self._by_priority():
            got = order.printed(print_, left)
            if got:
                left = Lots(left - got)
                changes.append(self._filled(order, got))
        return changes

    def _by_priority(self) -> list[Waiting]:
        """Best prices first, then who came first: the price of a bid is the better the higher."""
        return sorted(self._waiting.values(), key=lambda order: -order.ticks if order.side == "bid" else order.ticks)

    def _came(self, new: NewOrder) -> Waiting:
        picture, stamp = self.picture, self.picture.stamp
        ahead = shown_by_top(picture.top, new.side, new.ticks) if picture.top else None
        return Waiting(new.cloid, new.market, new.side, new.ticks, new.lots, since=stamp, ahead=ahead, known_at=stamp)

    def _filled(self, order: Waiting, lots: Lots) -> Dealt:
        if not order.left:
            del self._waiting[order.cloid]
        return self._dealt(order, "maker", order.ticks, lots)

    def _dealt(self, order: Waiting, role: Role, ticks: Ticks, lots: Lots) -> Dealt:
        """A trade that is counted off `order.left` already."""
        charge = charges_of(self.spec, self._fees).charge(role, order.side, ticks, lots, order.kept)
        order.kept = charge.kept
        return Dealt(self.spec.market, OURS, order.cloid, order.side, ticks, lots, order.left, charge.net)
