"""The account as of one moment: positions, trades, orders and payouts are separate questions, so positions are asked
twice.

Orders that no bot sent are left out; their trades count. What was paid out is held no more, even if it is still listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.clock import NANOS
from bot.market.reports import Account, NewOrder, Resting, Settlement, VenuePosition
from bot.venues.kalshi import codec, listings, numbers
from bot.venues.kalshi.expiry import Expiry
from bot.venues.kalshi.fates import Fates
from bot.venues.kalshi.listings import Listing
from bot.venues.kalshi.ours import Ours
from bot.venues.kalshi.questions import Questions
from bot.venues.venue import VenueUnreachable

READINGS = 5


class AccountReader:
    """Of the listed markets. Orders found resting are kept alive from then on."""

    def __init__(
        self, listed: Mapping[str, Listing], ours: Ours, questions: Questions, fates: Fates, expiry: Expiry
    ) -> None:
        self._listed, self._ours, self._questions = listed, ours, questions
        self._fates, self._expiry = fates, expiry

    async def resting(self) -> list[Resting]:
        """Raises VenueUnreachable."""
        return [listings.resting(told) for told in await self._orders()]

    async def positions(self) -> list[VenuePosition]:
        """Without those of markets that paid out. Raises VenueUnreachable."""
        return [one for one in await self._positions() if self._listed[one.market].payout is None]

    async def read(self, since: int) -> Account:
        """Trades at or after `since` (ns). Raises VenueUnreachable, also when the account never stands still."""
        before = await self._positions()
        for _ in range(READINGS):
            fills = await self._questions.fills(since)
            orders = await self._orders()
            paid = await self._paid(since)
            after = await self._positions()
            if before == after:
                await self._fates.learn_names(fills)
                return self._account(since, after, fills, orders, paid)
            before = after
        raise VenueUnreachable(f"positions changed during each of {READINGS} readings of the account")

    async def _orders(self) -> list[codec.Order]:
        told = await self._questions.orders(status="resting")
        found = [order for order in told if order.ticker in self._listed and listings.own(order.client_order_id)]
        return sorted(found, key=lambda order: order.created_time or "")

    async def _positions(self) -> list[VenuePosition]:
        return self._held(await self._questions.positions())

    async def _paid(self, since: int) -> list[Settlement]:
        told = [one for one in await self._questions.settlements(since) if one.ticker in self._listed]
        paid = (listings.settlement(one, self._listed[one.ticker]) for one in told)
        return sorted((one for one in paid if one is not None), key=lambda one: one.at)

    def _account(
        self,
        since: int,
        positions: list[VenuePosition],
        fills: list[codec.Fill],
        orders: list[codec.Order],
        paid: list[Settlement],
    ) -> Account:
        over = {one.market for one in paid}
        held = [one for one in positions if one.market not in over]
        found = [trade for fill in fills if (trade := self._ours.trade(fill)) is not None and trade.at >= since]
        found.sort(key=lambda trade: (trade.at, trade.tid))
        for trade in found:
            self._ours.records.know(trade)
        for order in orders:
            self._adopt(order)
        self._ours.floor = min(self._ours.floor, since)  # whoever asks from later on has not read the rest
        return Account(held, found, [listings.resting(order) for order in orders], since, settlements=paid)

    def _held(self, told: list[codec.Position]) -> list[VenuePosition]:
        held = [listings.position(one) for one in told if one.ticker in self._listed]
        return [one for one in held if one.lots]

    def _adopt(self, told: codec.Order) -> None:
        total, filled = numbers.lots(told.initial_count_fp), numbers.lots(told.fill_count_fp)
        made = numbers.nanos(told.created_time) if told.created_time else 0
        self._ours.records.found(told.client_order_id, total, filled, told.order_id, made)
        self._ours.name(told.order_id, told.client_order_id)
        if told.expiration_time:
            ticks = numbers.ticks(told.yes_price_dollars)
            order = NewOrder(told.ticker, told.book_side, ticks, total, told.client_order_id)
            self._expiry.rests(order, told.order_id, numbers.nanos(told.expiration_time) // NANOS)
