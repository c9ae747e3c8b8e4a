"""Where orders are handed in: created, amended, decreased, cancelled, expired; and their groups.

It answers with the venue's own structs, or raises `rules.Refused`. A client order id is used up by any order that was
taken, for good; a refused one leaves it free.
"""

from __future__ import annotations

from bot.market.units import Lots, Ticks
from bot.venues.kalshi import numbers
from bot.venues.kalshi.orders import Amend, Amended, Cancelled, Create, Created, Decrease, Decreased
from bot.venues.simulators.kalshi import rules
from bot.venues.simulators.kalshi.accounts import Account, Group, Order
from bot.venues.simulators.kalshi.engine import Engine, GroupChanged
from bot.venues.simulators.kalshi.market import Market
from bot.venues.simulators.matching import Standing

POST_ONLY_CROSS = "post only cross"


class Desk:
    """All that accounts ask of the exchange. `later` makes it take post-only orders that cross, and cancel them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.later = False

    def create(self, account: Account, wish: Create) -> Created:
        """Raises Refused."""
        engine, market = self._engine, self._market(wish.ticker)
        order = self._admitted(account, market, wish)
        crosses = market.book.would_match(order.side, order.standing.ticks)
        if wish.post_only is True and crosses:
            if not self.later:
                raise rules.nested(400, "invalid_order", "invalid order", POST_ONLY_CROSS)
            self._enter(account, order)
            engine.close(order)
            return _created(order, engine.now())
        if wish.time_in_force == "fill_or_kill" and not rules.fillable(
            market, order.side, order.standing.ticks, order.total
        ):
            raise rules.nested(409, "fill_or_kill", "insufficient resting volume")
        self._enter(account, order)
        self._match(account, order, rests=wish.time_in_force == "good_till_canceled")
        return _created(order, engine.now())

    def amend(self, account: Account, oid: str, wish: Amend) -> Amended:
        """Price and total anew; the place in the queue is lost by a new price or more size. Raises Refused."""
        order, engine = self._resting(account, oid), self._engine
        market = self._market(order.ticker)
        rules.open_for(market, engine.exchange_active, engine.trading_active)
        if wish.ticker != order.ticker or wish.side != order.side:
            raise rules.nested(400, "invalid_order", "invalid order", "ticker and side cannot be amended")
        ticks, total = rules.price(market, wish.price), rules.count(market, wish.count)
        left = Lots(total - order.filled)
        if left <= 0:
            raise rules.nested(400, "invalid_order", "invalid order", "count is not above what is filled")
        if order.post_only and market.book.would_match(order.side, ticks):
            raise rules.nested(400, "invalid_order", "invalid order", POST_ONLY_CROSS)
        rules.affordable_change(account, market, order, ticks, left)
        self._rename(account, order, wish)
        if isinstance(wish.expiration_time, int):
            order.expires = wish.expiration_time
        self._replace(account, order, ticks, left)
        return Amended(
            order_id=oid,
            client_order_id=order.cloid,
            remaining_count=numbers.contracts(order.left),
            fill_count=numbers.contracts(order.filled),
            ts_ms=engine.now(),
        )

    def decrease(self, account: Account, oid: str, wish: Decrease) -> Decreased:
        """Less of an order, which keeps its place. Raises Refused."""
        order, engine = self._resting(account, oid), self._engine
        market = self._market(order.ticker)
        rules.open_for(market, engine.exchange_active, engine.trading_active, cancel=True)
        given = [text for text in (wish.reduce_by, wish.reduce_to) if isinstance(text, str)]
        if len(given) != 1:
            raise rules.nested(400, "bad_request", "bad request", "exactly one of reduce_by and reduce_to")
        lots = rules.whole(given[0])
        left = Lots(max(order.left - lots, 0) if isinstance(wish.reduce_by, str) else min(lots, order.left))
        if left > 0:
            self._shrink(order, left)
            engine.changed(order)
        else:
            engine.end(order)
        engine.flush(order.ticker, order.cloid)
        return Decreased(oid, numbers.contracts(order.left), engine.now(), client_order_id=order.cloid)

    def cancel(self, account: Account, oid: str) -> Cancelled:
        """Raises Refused."""
        order, engine = self._resting(account, oid), self._engine
        rules.open_for(self._market(order.ticker), engine.exchange_active, engine.trading_active, cancel=True)
        left = order.left
        engine.end(order)
        engine.flush(order.ticker, order.cloid)
        return Cancelled(oid, numbers.contracts(left), engine.now(), client_order_id=order.cloid)

    def cancel_all(self, account: Account) -> None:
        """Whatever rests and may be cancelled."""
        for order in account.resting():
            if self._engine.markets[order.ticker].status in ("active", "inactive"):
                self._engine.end(order)
                self._engine.flush(order.ticker, order.cloid)

    def sweep(self) -> None:
        """End what expired by now."""
        second = self._engine.now() / 1_000
        for account in self._engine.accounts.values():
            for order in account.resting():
                if order.expires and order.expires <= second:
                    self._engine.end(order)
                    self._engine.flush(order.ticker, order.cloid)

    def group(self, account: Account, gid: str) -> Group:
        """Raises Refused."""
        if gid not in account.groups:
            raise rules.not_found()
        return account.groups[gid]

    def new_group(self, account: Account, limit: Lots) -> Group:
        """A group whose orders end when so much of them matches within 15 s."""
        group = Group(self._engine.next_id(), limit)
        account.groups[group.gid] = group
        self._engine.tell(GroupChanged(account.name, group.gid, "created"))
        return group

    def trigger(self, account: Account, gid: str) -> None:
        """Cancel a group now. Raises Refused."""
        self.group(account, gid)
        tickers = {order.ticker for order in account.resting() if order.group == gid}
        self._engine.trigger(account, gid)
        for ticker in tickers:
            self._engine.flush(ticker)

    def _admitted(self, account: Account, market: Market, wish: Create) -> Order:
        engine = self._engine
        cloid = wish.client_order_id if isinstance(wish.client_order_id, str) else ""
        rules.shape(wish)
        ticks, lots = rules.price(market, wish.price), rules.count(market, wish.count)
        rules.open_for(market, engine.exchange_active, engine.trading_active)
        if cloid and cloid in account.used:
            raise rules.nested(409, "order_already_exists", "order already exists")
        expires = wish.expiration_time if isinstance(wish.expiration_time, int) else 0
        if expires and expires <= engine.now() / 1_000:
            raise rules.nested(400, "invalid_order", "invalid order", "expiration_time is in the past")
        gid = wish.order_group_id if isinstance(wish.order_group_id, str) else ""
        if gid and self.group(account, gid).triggered:
            raise rules.nested(400, "invalid_order", "invalid order", "order group is triggered")
        if wish.reduce_only is True:
            lots = rules.reduced(account, market, wish.side, lots)
        rules.affordable(account, market, wish.side, ticks, lots)
        oid = engine.next_id()
        standing = Standing(account.name, oid, 0, wish.side, ticks, lots)
        now, stp = engine.now(), wish.self_trade_prevention_type
        order = Order(oid, account.name, market.ticker, standing, lots, cloid or oid, stp, now, now)
        order.expires, order.group, order.on_pause = expires, gid, wish.cancel_order_on_pause is True
        order.post_only = wish.post_only is True
        return order

    def _enter(self, account: Account, order: Order) -> None:
        account.orders[order.oid] = order
        account.used.add(order.cloid)

    def _match(self, account: Account, order: Order, rests: bool) -> None:
        """Trade what can be traded at once; the rest rests, or the order is over."""
        engine = self._engine
        stopped = engine.run(order)
        group = account.groups.get(order.group)
        stopped = stopped or (group is not None and group.triggered)
        if order.standing.lots and rests and not stopped:
            engine.rest(order)
        elif order.status == "resting":
            engine.close(order)
        engine.flush(order.ticker, order.cloid)

    def _replace(self, account: Account, order: Order, ticks: Ticks, left: Lots) -> None:
        engine, standing = self._engine, order.standing
        order.total, order.updated = Lots(order.filled + left), engine.now()
        if ticks == standing.ticks and left <= standing.lots:
            self._shrink(order, left)
            engine.changed(order)
            engine.flush(order.ticker, order.cloid)
            return
        engine.markets[order.ticker].book.remove(standing)
        order.booked = False
        del account.open[order.oid]
        order.standing = Standing(account.name, order.oid, 0, standing.side, ticks, left)
        self._match(account, order, rests=True)

    def _shrink(self, order: Order, left: Lots) -> None:
        order.standing.lots = left
        order.total, order.updated = Lots(order.filled + left), self._engine.now()

    def _rename(self, account: Account, order: Order, wish: Amend) -> None:
        if isinstance(wish.updated_client_order_id, str):
            if wish.updated_client_order_id in account.used:
                raise rules.nested(409, "order_already_exists", "order already exists")
            order.cloid = wish.updated_client_order_id
            account.used.add(order.cloid)

    def _market(self, ticker: str) -> Market:
        if ticker not in self._engine.markets:
            raise rules.nested(404, "market_not_found", "market not found")
        return self._engine.markets[ticker]

    def _resting(self, account: Account, oid: str) -> Order:
        order = account.orders.get(oid)
        if order is None or order.status != "resting":
            market = None if order is None else self._engine.markets[order.ticker]
            if market is not None and market.status not in ("active", "inactive"):
                raise rules.nested(400, "MARKET_INACTIVE", "market inactive")
            raise rules.not_found()
        return order


def _created(order: Order, now: int) -> Created:
    """What a create is answered with: nothing left and nothing filled is an order that ended at once."""
    said = Created(
        order_id=order.oid,
        client_order_id=order.cloid,
        fill_count=numbers.contracts(order.filled),
        remaining_count=numbers.contracts(order.left),
        ts_ms=now,
    )
    if not order.filled:
        return said
    paid, fees = sum(order.cost.values()), sum(order.fees.values())
    return Created(
        order_id=said.order_id,
        client_order_id=said.client_order_id,
        fill_count=said.fill_count,
        remaining_count=said.remaining_count,
        ts_ms=now,
        average_fill_price=numbers.price(round(paid / order.filled)),
        average_fee_paid=numbers.money(round(fees * 100 / order.filled)),
    )
