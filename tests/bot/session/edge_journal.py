"""What a run of a test leaves to the next, as the journal would: whatever was kept, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from bot import messages
from bot.messages import Effect, JournalPosition
from tests.bot.session.edge_venue import SECOND


@dataclass(slots=True)
class Journal:
    """What a run leaves to the next."""

    positions: dict[str, tuple[int, int, Fraction | None]] = field(default_factory=dict)
    stories: dict[str, messages.KeepStory] = field(default_factory=dict)
    tids: dict[str, int] = field(default_factory=dict)
    off: bool = False
    read_at: int | None = None
    """When this run read the account last; as Books has it."""

    def keep(self, effect: Effect) -> None:
        match effect:
            case messages.KeepTrade(trade, lots, cost, average):
                self.tids[trade.tid] = trade.at
                self.positions[trade.market] = lots, cost, average
            case messages.KeepPosition(market, lots, cost):
                self.positions[market] = lots, cost, None
            case messages.KeepStory():
                self.stories[effect.market] = effect
            case messages.KeepHold(off):
                self.off = off

    def since(self, now: int) -> int:
        if not self.tids:
            return now - 86_400 * SECOND
        last = max(self.tids.values())
        return (last if self.read_at is None else min(last, self.read_at)) - 60 * SECOND

    def read(self) -> list[JournalPosition]:
        return [self._position(market, *held) for market, held in sorted(self.positions.items())]

    def _position(self, market: str, lots: int, cost: int, average: Fraction | None) -> JournalPosition:
        story = self.stories.get(market)
        if story is None or not lots:
            return JournalPosition(market, lots, cost, average=average)
        return JournalPosition(market, lots, cost, story.since, max(story.peak, abs(lots)), story.worst, average)
