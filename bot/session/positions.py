"""What we hold, how it came about, and which trades made it so: counts each trade once, by its tid.

Says what changed; what follows from it, and how it is told, is somebody else's. Knows no orders and no quotes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from bot import events, messages
from bot.execution.reconcile import Compared
from bot.market.position import Holding
from bot.market.reports import Trade
from bot.market.spec import Spec
from bot.market.units import Lots
from bot.messages import Effect, Emit, JournalPosition
from bot.session import narration
from bot.strategy.edge_locked.held import Held

BEFORE = -1
"""When a trade happened that only the journal tells of."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A trade that was not counted before, and what was held before it and after."""

    trade: Trade
    before: Held
    after: Held


class Positions:
    """Holdings by market. `remember` bounds how many tids are kept; the journal has them all.

    What an earlier run opened counts as held since `started` (ns), unless the journal tells its story; `stories`:
    this run leaves the next one a story.
    """

    def __init__(self, specs: Mapping[str, Spec], remember: int, started: int, stories: bool = False) -> None:
        self._specs = specs
        self._remember = remember
        self._started = started
        self._stories = stories
        self._tids: dict[str, int] = {}
        self._held: dict[str, Held] = {}

    def __getitem__(self, market: str) -> Holding:
        return self.story(market).holding

    def story(self, market: str) -> Held:
        """What is held, and how it came about."""
        return self._held.get(market, NOTHING)

    def markets(self) -> list[str]:
        """Markets ever held, in order."""
        return sorted(self._held)

    def held_since(self, market: str) -> int:
        """When the position was opened, in ns."""
        return self._held[market].since if market in self._held else self._started

    def take(self, trade: Trade) -> Counted | None:
        """Count a trade; None when it was counted before."""
        if not self._first_time(trade.tid, trade.at):
            return None
        before = self.story(trade.market)
        after = before.after(trade.side, trade.ticks, trade.lots, trade.at)
        self._held[trade.market] = after
        return Counted(trade, before, after)

    def mark(self, market: str, mid: Fraction | None) -> list[Effect]:
        """Look at the market: how far it went against us is remembered."""
        before = self.story(market)
        after = before.marked(mid)
        if after is before:
            return []
        self._held[market] = after
        return self.remembered(market, before)

    def remembered(self, market: str, before: Held) -> list[Effect]:
        """What must be kept of a story that was like this before; nothing of a position that is over."""
        now = self.story(market)
        told = (now.since, now.peak, now.worst) != (before.since, before.peak, before.worst)
        if not self._stories or not told or not now.lots:
            return []
        return [messages.KeepStory(market, now.since, now.peak, now.worst)]

    def settle(self, market: str) -> Held:
        """The market paid out: nothing is held there any more; returns what was."""
        before = self.story(market)
        self._held[market] = before.settled()
        return before

    def held(self) -> dict[str, Holding]:
        """All of it."""
        return {market: held.holding for market, held in self._held.items()}

    def tids(self) -> Collection[str]:
        """Trades that were counted, as far back as is remembered."""
        return self._tids.keys()

    def counted_since(self, at: int) -> set[str]:
        """Trades that this run counted and that happened at or after `at` (venue time, ns)."""
        return {tid for tid, traded in self._tids.items() if traded >= at}

    def begin(self, markets: Sequence[Compared], journal: Sequence[JournalPosition], known: Sequence[str]) -> None:
        """Start with what the journal says; trades it knows are never counted again."""
        for compared in markets:
            self._held[compared.market] = self._from_now(compared.journal, self._started)
        for kept in journal:
            if kept.since and kept.lots:
                held = self._held[kept.market]
                self._held[kept.market] = replace(held, since=kept.since, peak=Lots(kept.peak), worst=kept.worst)
        for tid in known:
            self._first_time(tid, BEFORE)

    def believe(self, compared: Compared, now: int) -> list[Effect]:
        """Hold what the comparison came to, and say so."""
        spec, before = self._specs[compared.market], self.story(compared.market)
        holding, held = compared.holding, self._from_now(compared.holding, now)
        if holding.state == before.state:
            held = replace(before, holding=holding, peak=max(before.peak, held.peak))
        self._held[compared.market] = held
        effects: list[Effect] = []
        if compared.differs:
            mismatch = events.ReconcileMismatch(
                market=compared.market,
                journal=spec.size(compared.expected.lots),
                position=spec.size(compared.venue.lots),
            )
            kept = messages.KeepPosition(compared.market, holding.lots, holding.cost)
            effects = [Emit(mismatch), *self.remembered(compared.market, before), kept]
        position = events.Position(
            market=compared.market,
            journal=spec.size(compared.journal.lots),
            position=spec.size(holding.lots),
            vwap=narration.vwap(spec, holding),
        )
        return [*effects, Emit(position)]

    def _from_now(self, holding: Holding, now: int) -> Held:
        return Held(holding, now, Lots(abs(holding.lots))) if holding.lots else Held()

    def _first_time(self, tid: str, at: int) -> bool:
        if tid in self._tids:
            return False
        self._tids[tid] = at
        if len(self._tids) > self._remember:
            del self._tids[next(iter(self._tids))]
        return True


NOTHING = Held()
