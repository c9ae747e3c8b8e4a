"""The exchange itself: takes orders in, matches them, keeps accounts, and writes down what there is to tell.

It is handed the time in ms and knows no socket, no signature and no fault. `news` is what happened since it was last
taken, in order: who publishes it is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from msgspec import UNSET

from bot.market.orders import Quote
from bot.market.units import Lots, Side
from bot.venues import rejections
from bot.venues.hyperliquid.actions import OrderWire
from bot.venues.hyperliquid.codec import Fill, FilledStatus, OrderUpdate, PublicTrade, RestingStatus, Status
from bot.venues.simulators.hyperliquid import rules
from bot.venues.simulators.hyperliquid.accounts import Account, Order
from bot.venues.simulators.hyperliquid.market import CROWD, Market, letter, told
from bot.venues.simulators.hyperliquid.settlement import settle
from bot.venues.simulators.matching import Match, Standing

CROWD_ADDRESS = "0x" + "c0" * 20
MODIFY_GONE = "Cannot modify canceled or filled order"
MODIFY_INVALID = "Attempted to modify to invalid new order"
MODIFY_FAILED = "Error placing new order during modify: {text}"


@dataclass(frozen=True, slots=True)
class Told:
    """Something for one account."""

    address: str
    what: OrderUpdate | Fill


News = Told | PublicTrade


class Engine:
    """All books and accounts."""

    def __init__(self, markets: dict[str, Market], accounts: Iterable[Account], now: Callable[[], int]) -> None:
        self.markets = markets
        self.accounts = {account.address: account for account in accounts}
        self.post_only = False
        self.now = now
        self._by_asset = list(markets.values())
        self._news: list[News] = []
        self._oid, self._tid = 77_000_000_000, 300_000_000_000_000

    def take_news(self) -> list[News]:
        news, self._news = self._news, []
        return news

    def place(self, account: Account, wire: OrderWire) -> Status:
        """One order: what its status says. A refused one has an id and a story too."""
        if not 0 <= wire.a < len(self._by_asset) or self._by_asset[wire.a].listing.delisted:
            return Status(error=f"Asset is not tradable. asset={wire.a}")
        order = self._order(account, wire)
        try:
            self._admit(account, order, wire)
        except rules.Refused as refusal:
            self._tell(order, refusal.status)
            return Status(error=refusal.text)
        return self._run(order)

    def cancel(self, account: Account, asset: int, oid: int | str) -> str | Status:
        """By the venue's id or ours."""
        order = account.find(oid)
        if order is None or order.market.asset != asset:
            return Status(error=rejections.NO_SUCH_ORDER.format(asset=asset))
        self.end(order, "canceled")
        return "success"

    def modify(self, account: Account, oid: int | str, wire: OrderWire) -> Status:
        """Cancel and replace; what replaces may be refused when the old order is already gone."""
        old = account.find(oid)
        if old is None:
            return Status(error=MODIFY_GONE)
        if old.market.asset != wire.a:
            return Status(error=MODIFY_INVALID)
        try:
            rules.figures(old.market, wire)
        except rules.Refused:
            return Status(error=MODIFY_INVALID)
        self.end(old, "canceled")
        status = self.place(account, wire)
        return status if status.error is None else Status(error=MODIFY_FAILED.format(text=status.error))

    def end(self, order: Order, status: str) -> None:
        """Take an open order off the book."""
        order.market.book.remove(order.standing)
        del self.accounts[order.owner].open[order.standing.oid]
        self._tell(order, status)

    def end_all(self, account: Account, status: str) -> None:
        for order in list(account.open.values()):
            self.end(order, status)

    def blow(self, market: Market) -> None:
        """One step of a market's weather: somebody may take, then the makers follow the price."""
        taker = market.flow.taker()
        if taker is not None:
            self._crowd(market, *taker)
        for standing in market.crowd:
            if standing.lots:
                market.book.remove(standing)
        ladder = [self._crowd(market, side, quote) for side, quote in market.flow.step()]
        market.crowd = [standing for standing in ladder if standing.lots]
        for standing in market.crowd:
            market.book.add(standing)

    def _crowd(self, market: Market, side: Side, quote: Quote) -> Standing:
        standing = Standing(CROWD, "", 0, side, quote.ticks, quote.lots)
        while (match := market.book.take_one(standing)) is not None:
            self._dealt(market, match, None)
        return standing

    def _order(self, account: Account, wire: OrderWire) -> Order:
        market, self._oid = self._by_asset[wire.a], self._oid + 1
        side: Side = "bid" if wire.b else "ask"
        cloid = None if wire.c is UNSET else wire.c.lower()
        standing = Standing(account.address, cloid or "", self._oid, side, market.oracle, Lots(0))
        tif = "Gtc" if wire.t.limit is UNSET else wire.t.limit.tif
        return Order(account.address, market, standing, Lots(0), tif, wire.r, cloid, self.now())

    def _admit(self, account: Account, order: Order, wire: OrderWire) -> None:
        standing = order.standing
        standing.ticks, order.lots = rules.figures(order.market, wire)
        standing.lots = order.lots
        if self.post_only and order.tif != "Alo":
            raise rules.Refused(rules.POST_ONLY_WINDOW)
        if order.ro:
            standing.lots = rules.reduced(order.market, account, order.side, order.lots)
        rules.admit(order, account, self.markets)

    def _run(self, order: Order) -> Status:
        """Trade what trades at once, let the rest rest."""
        self._tell(order, "open")
        standing, account = order.standing, self.accounts[order.owner]
        matches = self._take(order)
        if standing.lots and order.tif in ("Alo", "Gtc"):
            order.market.book.add(standing)
            account.open[standing.oid] = order
        elif matches:
            self._tell(order, "filled")
        else:
            self._tell(order, "iocCancelRejected")
            return Status(error=rules.NO_MATCH.format(asset=order.market.asset))
        self._trim(account, order.market)
        if not matches:
            return Status(resting=RestingStatus(standing.oid, order.cloid))
        return Status(filled=_filled(order, matches))

    def _take(self, order: Order) -> list[Match]:
        matches, book = [], order.market.book
        while (against := book.against(order.standing)) is not None:
            if against.owner == order.owner:
                self.end(self.accounts[order.owner].open[against.oid], "selfTradeCanceled")
                continue
            match = book.take_one(order.standing)
            assert match is not None, "what stands against an order trades with it"
            matches.append(match)
            self._dealt(order.market, match, order)
        return matches

    def _dealt(self, market: Market, match: Match, taker: Order | None) -> None:
        """Both sides' books, the public trade, then what the new positions end."""
        self._tid += 1
        now, tid, maker = self.now(), self._tid, match.standing
        digest = "0x" + sha256(str(tid).encode()).hexdigest()
        owner = self.accounts.get(maker.owner)
        resting = None if owner is None else owner.open[maker.oid]
        for order, crossed in ((resting, False), (taker, True)):
            if order is not None:
                fill = settle(self.accounts[order.owner], order, match.ticks, match.lots, crossed, (now, tid, digest))
                self._news.append(Told(order.owner, fill))
        names = tuple(o.owner if o is not None else CROWD_ADDRESS for o in (taker, resting))
        users = (names[0], names[1]) if match.taker.side == "bid" else (names[1], names[0])
        price, size = market.price(match.ticks), market.size(match.lots)
        trade = PublicTrade(market.coin, letter(match.taker.side), price, size, now, tid, digest, users)
        market.trades.append(trade)
        self._news.append(trade)
        if owner is not None and resting is not None:
            if not maker.lots:
                del owner.open[maker.oid]
                self._tell(resting, "filled")
            self._trim(owner, market)

    def _trim(self, account: Account, market: Market) -> None:
        """Reduce-only orders never exceed the position: the newest keep their place, the older end."""
        held = account.held(market.coin).lots
        room = abs(held)
        for order in reversed([o for o in account.open.values() if o.ro and o.market is market]):
            reduces = held < 0 if order.side == "bid" else held > 0
            if not reduces or room <= 0:
                self.end(order, "reduceOnlyCanceled")
                continue
            order.standing.lots = Lots(min(order.standing.lots, room))
            room -= order.standing.lots

    def _tell(self, order: Order, status: str) -> None:
        update = OrderUpdate(order.told(), status, self.now())
        self.accounts[order.owner].remember(order, update)
        self._news.append(Told(order.owner, update))


def _filled(order: Order, matches: list[Match]) -> FilledStatus:
    lots = sum(match.lots for match in matches)
    paid = sum(match.ticks * match.lots for match in matches)
    spec = order.market.spec
    average = (paid * spec.tick / lots).quantize(spec.tick).normalize()
    return FilledStatus(order.market.size(lots), told(f"{average:f}"), order.standing.oid, order.cloid)
