"""The markets of a run as the venue lists them, with what they charge, and what became of them.

A market that is gone, or of which the venue says what makes no sense, is no reason to stop: the others go on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.errors import CannotStart
from bot.market.contract import Contract
from bot.market.fees import FREE, UnknownFees
from bot.market.price_ranges import ImpossibleRanges
from bot.market.spec import Spec
from bot.venues.kalshi import codec, listings, numbers
from bot.venues.kalshi.charges import Charges
from bot.venues.kalshi.listings import Listing
from bot.venues.kalshi.numbers import BadNumber
from bot.venues.kalshi.questions import Questions


class Board:
    """`listed` changes in place. `charges` are those of its events."""

    def __init__(self, questions: Questions, tickers: Sequence[str], clock: Clock) -> None:
        self.listed: dict[str, Listing] = {}
        self.charges = Charges(questions, clock)
        self._questions, self._tickers = questions, list(tickers)
        self._unpriced: dict[str, str] = {}

    @property
    def specs(self) -> dict[str, Spec]:
        """What the core knows of them."""
        return {market: listing.spec for market, listing in self.listed.items()}

    def add(self, markets: Sequence[str]) -> None:
        """Markets to be read as well."""
        self._tickers += [market for market in markets if market not in self._tickers]

    def narrow(self, markets: Sequence[str]) -> None:
        """Only these are to be read from now on."""
        self._tickers = list(markets)

    async def read(self) -> Mapping[str, Spec]:
        """Those that the venue lists now. Raises VenueUnreachable."""
        told = await self._questions.markets(self._tickers)
        await self.charges.learn(one.event_ticker for one in told if one.status not in listings.SETTLED)
        found = {one.ticker: listing for one in told if (listing := self._listing(one)) is not None}
        gone = {market: listings.gone(listing) for market, listing in self.listed.items() if market not in found}
        self.listed.update(found | gone)
        return {market: listing.spec for market, listing in found.items()}

    def check(self, markets: Collection[str]) -> None:
        """Raises CannotStart for markets that are not listed, or whose prices or fees nobody knows."""
        missing = [market for market in markets if market not in self.listed]
        unlisted = [market for market in missing if market not in self._unpriced]
        wrong = [f"{market}: {self._unpriced[market]}" for market in missing if market in self._unpriced]
        if unlisted:
            wrong.append(f"{', '.join(unlisted)}: not listed on Kalshi, name tickers of markets, not of events")
        if wrong:
            raise CannotStart("; ".join(wrong))

    def _listing(self, told: codec.Market) -> Listing | None:
        """What was known of a market counts on where the venue says nothing that makes sense; None for a new one."""
        known = self.listed.get(told.ticker)
        try:
            return listings.read(told, self._contract(told, known))
        except (UnknownFees, BadNumber, ImpossibleRanges) as error:
            self._unpriced[told.ticker] = str(error)
            return None if known is None else replace(known, trades=told.status in listings.OPEN)

    def _contract(self, told: codec.Market, known: Listing | None) -> Contract:
        """Nobody asks any more what a market charged that is over. Raises UnknownFees or BadNumber."""
        if told.status not in listings.SETTLED:
            return self.charges.of(told)
        before = None if known is None else known.spec.contract
        return before or Contract(told.event_ticker, "", FREE, None, numbers.nanos(told.close_time))
