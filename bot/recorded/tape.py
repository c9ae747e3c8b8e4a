"""A recording as the tapes that a simulated venue plays: the best prices of each market, run after run without gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from bot import messages
from bot.market.book import Top
from bot.market.spec import Spec
from bot.recorded import recording
from bot.recorded.recording import Entry, Header, NoRecording
from bot.venues.simulators.tape import Best, Moment


class Tapes:
    """Reads one file; `markets` holds what was found, `damaged` counts lines that could not be read."""

    def __init__(self, path: Path) -> None:
        """Raises NoRecording, also when the file holds no prices."""
        self.markets: dict[str, list[Moment]] = defaultdict(list)
        self.damaged = 0
        self.length = 0
        self._specs: Mapping[str, Spec] = {}
        self._zero: int | None = None
        for found in recording.read(path):
            match found:
                case Header():
                    self._specs, self._zero = found.params.specs, None
                case Entry(at, messages.BookMoved(top)):
                    self._take(top, at)
                case recording.Damaged():
                    self.damaged += 1
        if not self.markets:
            raise NoRecording(f"{path} holds no prices: `mm-bot run --record` writes a recording")

    def _take(self, top: Top, at: int) -> None:
        spec = self._specs.get(top.market)
        if spec is None or top.bid is None or top.ask is None or top.bid >= top.ask:
            return
        if self._zero is None:  # a run goes on where the one before it ended
            self._zero = at - self.length
        self.length = max(self.length, at - self._zero)
        tick, lot = Fraction(spec.tick), Fraction(spec.lot)
        bid, ask = Best(top.bid * tick, top.bid_lots * lot), Best(top.ask * tick, top.ask_lots * lot)
        self.markets[top.market].append(Moment(self.length, bid, ask))
