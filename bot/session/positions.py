"""What we hold, and which trades made it so: counts each trade once, by its tid, and settles with the venue.

Returns effects; carries none out. Knows no orders and no quotes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot import events, messages
from bot.execution.own_orders import seq_of
from bot.execution.reconcile import Compared
from bot.market.position import Holding
from bot.market.reports import Trade
from bot.market.spec import Spec
from bot.messages import Effect, Emit
from bot.session import narration

BEFORE = -1
"""When a trade happened that only the journal tells of."""


class Positions:
    """Holdings by market. `remember` bounds how many tids are kept; the journal has them all.

    What an earlier run opened counts as held since `started` (ns).
    """

    def __init__(self, specs: Mapping[str, Spec], remember: int, started: int) -> None:
        self._specs = specs
        self._remember = remember
        self._started = started
        self._since: dict[str, int] = {}
        self._tids: dict[str, int] = {}
        self._held: dict[str, Holding] = {}

    def __getitem__(self, market: str) -> Holding:
        return self._held.get(market, Holding())

    def markets(self) -> list[str]:
        """Markets ever held, in order."""
        return sorted(self._held)

    def held_since(self, market: str) -> int:
        """When the position was opened, in ns."""
        return self._since.get(market, self._started)

    def take(self, trade: Trade) -> list[Effect]:
        """Count a trade; no effects when it was counted before."""
        if not self._first_time(trade.tid, trade.at):
            return []
        spec, before = self._specs[trade.market], self[trade.market]
        after = before.after(trade.side, trade.ticks, trade.lots)
        self._held[trade.market] = after
        effects: list[Effect] = [
            messages.KeepTrade(trade, after.lots, after.cost),
            Emit(narration.filled(spec, trade, after, seq_of(trade.cloid))),
        ]
        if after.state != before.state:
            self._since[trade.market] = trade.at
            turned = events.StateChange(
                market=trade.market, state=after.state, previous=before.state, position=spec.size(after.lots)
            )
            effects.append(Emit(turned))
        return effects

    def held(self) -> dict[str, Holding]:
        """All of it."""
        return dict(self._held)

    def tids(self) -> Collection[str]:
        """Trades that were counted, as far back as is remembered."""
        return self._tids.keys()

    def counted_since(self, at: int) -> set[str]:
        """Trades that this run counted and that happened at or after `at` (venue time, ns)."""
        return {tid for tid, traded in self._tids.items() if traded >= at}

    def begin(self, markets: Sequence[Compared], known: Sequence[str]) -> None:
        """Start with what the journal says; trades it knows are never counted again."""
        self._held.update({compared.market: compared.journal for compared in markets})
        for tid in known:
            self._first_time(tid, BEFORE)

    def believe(self, compared: Compared) -> list[Effect]:
        """Hold what the comparison came to, and say so."""
        spec, holding = self._specs[compared.market], compared.holding
        self._held[compared.market] = holding
        effects: list[Effect] = []
        if compared.differs:
            mismatch = events.ReconcileMismatch(
                market=compared.market,
                journal=spec.size(compared.expected.lots),
                position=spec.size(compared.venue.lots),
            )
            effects = [Emit(mismatch), messages.KeepPosition(compared.market, holding.lots, holding.cost)]
        position = events.Position(
            market=compared.market,
            journal=spec.size(compared.journal.lots),
            position=spec.size(holding.lots),
            vwap=narration.vwap(spec, holding),
        )
        return [*effects, Emit(position)]

    def _first_time(self, tid: str, at: int) -> bool:
        if tid in self._tids:
            return False
        self._tids[tid] = at
        if len(self._tids) > self._remember:
            del self._tids[next(iter(self._tids))]
        return True
