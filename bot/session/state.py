"""What a session believes: books, positions, orders, rules, and who keeps quotes off. Changes nothing by itself."""

from __future__ import annotations

from bot import events
from bot.execution.order_manager import OrderManager
from bot.execution.retry_guard import RetryGuard
from bot.execution.spec_cache import SpecCache
from bot.market.book import Top
from bot.market.reports import Rejected
from bot.market.units import Lots
from bot.messages import Effect, Emit, HoldEntries
from bot.risk import limits
from bot.session.params import Params
from bot.session.positions import Positions

VENUE = "venue"
"""Who holds quotes off when the venue refuses an order for a reason that trying again does not mend."""


class State:
    """Reading is free to everyone; only the parts of a session write.

    `reconciled`: the account was read once. `in_doubt`: the streams had a gap and it was not read since.
    `alone`: no order of a killed run can arrive any more. `over`: markets that the venue settled.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        self.markets = limits.traded(params.markets, params.limits)
        self.maker, self.limits, self.edge = params.maker, params.limits, params.edge
        self.specs = SpecCache(params.specs, params.overrides, params.started)
        self.orders = OrderManager(params.run, params.send)
        self.positions = Positions(self.specs, params.known_tids, params.started, stories=params.edge is not None)
        self.guard = RetryGuard(params.guard)
        self.tops: dict[str, Top] = {}
        self.heard: dict[str, int] = {}
        self.holders: set[str] = set()
        self.quoted_at: dict[str, int] = {}
        self.last_reject: dict[str, Rejected] = {}
        self.maker_fee_ppm = 0
        self.equity: int | None = None
        self.cancels = 0
        self.cancelled_in_drain = 0
        self.reconciled = False
        self.in_doubt = False
        self.draining = False
        self.over: set[str] = set()
        self.alone = params.others_until <= params.started

    @property
    def quotes_enabled(self) -> bool:
        return not self.holders and not self.draining

    @property
    def strategy(self) -> events.Strategy:
        return self.maker.name if self.edge is None else "edge_locked"

    def cap(self, market: str) -> Lots:
        """The largest position of a market by itself."""
        return limits.cap(self.specs[market], self.limits)

    def closed(self, market: str, now: int) -> bool:
        """Whether the market trades no more for good, so that no price is missed."""
        contract = self.specs[market].contract if market in self.specs else None
        return market in self.over or (contract is not None and now >= contract.closes)

    def md_age(self, now: int) -> int:
        """Nanoseconds since the stalest traded market was heard of; since the start for one never heard of."""
        started = self.params.started
        live = (market for market in self.markets if not self.closed(market, now))
        return max((max(now - self.heard.get(market, started), 0) for market in live), default=0)

    def hold(self, holder: str, off: bool, source: str) -> list[Effect]:
        """Let a holder keep quotes off, or let go; told when that changes whether any does."""
        before = bool(self.holders)
        (self.holders.add if off else self.holders.discard)(holder)
        if bool(self.holders) == before:
            return []
        return [Emit(events.KillSwitch(on=off, source=source)), HoldEntries(off)]
