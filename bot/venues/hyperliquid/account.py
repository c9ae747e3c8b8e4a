"""The account as of one moment: positions, trades and orders are separate questions, so positions are asked twice.

Orders without a client order id were sent by hand and are left out; their trades count.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bot.market.reports import Account, Resting, VenuePosition
from bot.market.units import NO_LOTS
from bot.venues.hyperliquid import codec
from bot.venues.hyperliquid.client import Questions
from bot.venues.hyperliquid.listings import MICROS, MILLI, Listing, micros
from bot.venues.hyperliquid.ours import Ours, unclear
from bot.venues.venue import VenueUnreachable

READINGS = 5


class AccountReader:
    """`maker_fee_ppm` is what `read_fees` read last."""

    def __init__(self, listed: Mapping[str, Listing], ours: Ours, questions: Questions) -> None:
        self._listed, self._ours, self._questions = listed, ours, questions
        self.maker_fee_ppm = 0

    async def read_fees(self) -> None:
        """Raises VenueUnreachable."""
        fees = await self._questions.fees()
        self.maker_fee_ppm = round(Decimal(fees.userAddRate) * MICROS)

    async def resting(self) -> list[Resting]:
        """Raises VenueUnreachable."""
        return [self._listed[told.coin].resting(told) for told in await self._orders()]

    async def positions(self) -> list[VenuePosition]:
        """Raises VenueUnreachable."""
        return self._positions(await self._questions.state())

    async def read(self, since: int) -> Account:
        """Trades at or after `since` (ns). Raises VenueUnreachable, also when the account never stands still."""
        before = await self._questions.state()
        for _ in range(READINGS):
            fills = await self._questions.fills(since // MILLI)
            orders = await self._orders()
            after = await self._questions.state()
            if _held(before) == _held(after):
                return self._account(since, after, fills, orders)
            before = after
        raise VenueUnreachable(f"positions changed during each of {READINGS} readings of the account")

    async def _orders(self) -> list[codec.OpenOrder]:
        told = await self._questions.open_orders()
        return [order for order in told if order.cloid is not None and order.coin in self._listed]

    def _account(
        self, since: int, state: codec.ClearinghouseState, fills: list[codec.Fill], orders: list[codec.OpenOrder]
    ) -> Account:
        found = [trade for fill in fills if (trade := self._ours.trade(fill)) is not None and trade.at >= since]
        for trade in found:
            self._ours.records.know(trade)
        for order in orders:
            self._know(order)
        self._ours.floor = min(self._ours.floor, since)  # whoever asks from later on has not read the rest
        return Account(
            positions=self._positions(state),
            trades=found,
            resting=[self._listed[order.coin].resting(order) for order in orders],
            since=since,
            maker_fee_ppm=self.maker_fee_ppm,
            equity=micros(state.marginSummary.accountValue),
        )

    def _positions(self, state: codec.ClearinghouseState) -> list[VenuePosition]:
        held = [one.position for one in state.assetPositions if one.position.coin in self._listed]
        return [self._listed[position.coin].position(position) for position in held]

    def _know(self, order: codec.OpenOrder) -> None:
        listing, cloid = self._listed[order.coin], order.cloid or ""
        lots = listing.wire.lots(order.origSz)
        filled = NO_LOTS if unclear(order) else listing.filled(order)
        self._ours.records.found(cloid, lots, filled, order.oid, order.timestamp * MILLI)


def _held(state: codec.ClearinghouseState) -> dict[str, str]:
    return {one.position.coin: one.position.szi for one in state.assetPositions}
