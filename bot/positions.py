"""What we hold, and which trades made it so: counts each trade once, by its tid, and settles with the venue.

Returns effects; carries none out. Knows no orders and no quotes.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot import events, messages, narration
from bot.execution.order_manager import seq_of
from bot.execution.reconcile import Compared, Findings
from bot.market.position import Holding
from bot.market.reports import Trade
from bot.market.spec import Spec
from bot.messages import Effect, Emit


class Positions:
    """Holdings by market. `remember` bounds how many tids are kept; the journal has them all.

    What an earlier run opened counts as held since `started` (ns).
    """

    def __init__(self, specs: Mapping[str, Spec], remember: int, started: int) -> None:
        self._specs = specs
        self._remember = remember
        self._started = started
        self._since: dict[str, int] = {}
        self._tids: dict[str, None] = {}
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
        if not self._first_time(trade.tid):
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

    def settle(self, journal: Mapping[str, Holding], known: list[str], found: Findings) -> list[Effect]:
        """Begin with the journal, take in what it missed, then believe the venue."""
        self._held.update(journal)
        for tid in known:
            self._first_time(tid)
        effects = [effect for trade in found.missed for effect in self.take(trade)]
        for compared in found.markets:
            effects += self._believe(compared)
        return effects

    def _believe(self, compared: Compared) -> list[Effect]:
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

    def _first_time(self, tid: str) -> bool:
        if tid in self._tids:
            return False
        self._tids[tid] = None
        if len(self._tids) > self._remember:
            del self._tids[next(iter(self._tids))]
        return True
