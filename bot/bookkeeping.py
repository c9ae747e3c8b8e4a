"""Between the journal's decimal text and the core's integers, and the reading of journal and venue together.

Decides nothing: what follows from a reading is the session's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from msgspec import structs

from bot import messages
from bot.clock import NANOS, Clock
from bot.market.position import Holding
from bot.market.spec import Spec
from bot.market.units import Lots
from bot.runtime.journal import Fill, Journal, Position, Story
from bot.venues.venue import Venue

OVERLAP = 60 * NANOS
FIRST_LOOK_BACK = 86_400 * NANOS
FINE = Fraction(1, 1_000_000)
"""Ticks: nearer than that an average that was written down says nothing that the cost does not."""
KEEP_FILLS = 30 * FIRST_LOOK_BACK


@dataclass(slots=True)
class Books:
    """The journal beside the venue's account. `say` writes one line for people."""

    venue: Venue
    journal: Journal
    clock: Clock
    specs: Mapping[str, Spec]
    say: Callable[[str], None]
    _read_at: int | None = field(default=None, init=False)

    async def read(self, reason: str) -> messages.AccountRead:
        """The account with all trades the journal might not have, and what the journal has by then.

        Raises VenueUnreachable.
        """
        began, since = self.clock.now(), self._since()
        account = await self.venue.account(since)
        self._read_at = began
        return messages.AccountRead(reason, self._believed(reason), self.journal.tids_since(since), account)

    def tidy(self) -> None:
        """Forget fills nobody asks for any more."""
        self.journal.drop_fills_before(self.clock.now() - KEEP_FILLS)

    def keep_trade(self, told: messages.KeepTrade) -> None:
        """A trade and the position after it. Raises JournalFailed."""
        trade, held = told.trade, Holding(Lots(told.lots), told.cost, told.average)
        spec = self.specs[trade.market]
        price, size = str(trade.ticks * spec.tick), str(trade.lots * spec.lot)
        fill = Fill(trade.tid, trade.market, trade.side, price, size, trade.cloid, trade.fee, trade.at)
        self.journal.keep_fill(fill, self._position(trade.market, held))

    def keep_position(self, market: str, lots: int, cost: int) -> None:
        """A position as the venue gave it. Raises JournalFailed."""
        self.journal.keep_position(self._position(market, Holding(Lots(lots), cost)))

    def keep_story(self, told: messages.KeepStory) -> None:
        """How a position came about. Raises JournalFailed."""
        spec = self.specs[told.market]
        worst = None if told.worst is None else str(told.worst * spec.tick / 2)
        self.journal.keep_story(Story(told.market, told.since, str(told.peak * spec.lot), worst))

    def _since(self) -> int:
        """From when on (venue time, ns) a trade might be missing: one that a gap swallowed may be older than the last.

        All that happened before the last reading is known.
        """
        last = self.journal.last_fill_at()
        if last is None:
            return self.clock.now() - FIRST_LOOK_BACK
        return (last if self._read_at is None else min(last, self._read_at)) - OVERLAP

    def _believed(self, reason: str) -> list[messages.JournalPosition]:
        kept, stories = [], self.journal.stories()
        for held in self.journal.positions():
            if held.market in self.specs:
                counted = self._counted(held, self.specs[held.market])
                kept.append(self._with_story(counted, stories.get(held.market)))
            elif reason == "start" and Decimal(held.size):
                self.say(f"mm-bot: the journal holds {held.size} {held.market}, not listed here: left alone")
        return kept

    def _position(self, market: str, held: Holding) -> Position:
        spec = self.specs[market]
        vwap = None if held.vwap is None else _text(held.vwap * Fraction(spec.tick))
        return Position(market, str(held.lots * spec.lot), str(held.cost * spec.unit_value), vwap)

    def _counted(self, position: Position, spec: Spec) -> messages.JournalPosition:
        """What does not divide into the lots of now is rounded toward nothing: the venue says what is held."""
        lots, rest = divmod(abs(Decimal(position.size)), spec.lot)
        if rest:
            self.say(f"mm-bot: the journal holds {position.size} {position.market}, no multiple of {spec.lot}: rounded")
        signed = int(lots) if Decimal(position.size) >= 0 else -int(lots)
        cost = round(Decimal(position.cost) / spec.unit_value)
        average = None if rest else _average(position, spec, Holding(Lots(signed), cost))
        return messages.JournalPosition(position.market, signed, cost, average=average)

    def _with_story(self, held: messages.JournalPosition, story: Story | None) -> messages.JournalPosition:
        """What does not divide into the units of now is rounded: it is a memory, and nothing is paid by it."""
        if story is None or not held.lots:
            return held
        spec = self.specs[held.market]
        worst = None if story.worst is None else round(Decimal(story.worst) / spec.tick * 2)
        peak = max(int(Decimal(story.peak) // spec.lot), abs(held.lots))
        return structs.replace(held, since=story.since, peak=peak, worst=worst)


def _average(position: Position, spec: Spec, held: Holding) -> Fraction | None:
    """The exact average price in ticks where the cost was rounded; None where the cost says it, or contradicts."""
    if position.vwap is None or held.vwap is None:
        return None
    average = Fraction(position.vwap) / Fraction(spec.tick)
    rounded = abs(average - held.vwap) > FINE and round(average * held.lots) == held.cost
    return average if rounded else None


def _text(value: Fraction) -> str:
    """Twelve decimals are finer than any tick."""
    return f"{round(Decimal(value.numerator) / Decimal(value.denominator), 12):f}"
