"""Pauses of the exchange and the lives of markets: no stream tells of the one, and the other is told in part only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from bot.market.spec import Spec
from bot.venues.kalshi.board import Board
from bot.venues.kalshi.markets import Markets
from bot.venues.kalshi.questions import Questions
from bot.venues.venue import VenueUnreachable

STATUS_S = 5.0


class Life:
    """`board` is read anew; `markets` are told of pauses, `relisted` of markets that have other rules than before."""

    def __init__(self, questions: Questions, board: Board, relisted: Callable[[str], None]) -> None:
        self._questions, self._board, self._relisted = questions, board, relisted
        self._specs: Mapping[str, Spec] = board.specs
        self._changed = asyncio.Event()
        self.markets: Markets | None = None

    def changed(self) -> None:
        """A market's life went on: it is to be read anew, at once."""
        self._changed.set()

    async def look(self) -> None:
        """See whether the exchange trades. Raises VenueUnreachable."""
        status = await self._questions.status()
        if self.markets is not None:
            self.markets.paused = not (status.exchange_active and status.trading_active)
            self.markets.look()

    async def run(self) -> None:
        """Look every few seconds until cancelled; what was not answered is asked again.

        While a market does not trade all are read each time: one that opens by the clock, or pays, says nothing that
        can be relied on.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(STATUS_S):
                    await self._changed.wait()
            with suppress(VenueUnreachable):
                if self._changed.is_set() or (self.markets is not None and self.markets.waiting):
                    self._changed.clear()
                    self._compare(await self._board.read())
                await self.look()

    def _compare(self, specs: Mapping[str, Spec]) -> None:
        before, self._specs = self._specs, specs
        for market, spec in specs.items():
            if before.get(market, spec) != spec:
                self._relisted(market)
