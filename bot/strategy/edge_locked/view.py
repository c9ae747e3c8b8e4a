"""What edge-locked quoting sees of one market, and what it wants there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.market.book import Top
from bot.market.fees import FeeSchedule
from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.strategy.edge_locked.held import Held

ExitKind = Literal["tp_exit", "sweet_spot_exit", "hard_cap_exit", "mae_trim"]


@dataclass(frozen=True, slots=True)
class View:
    """`now` and `quoted_at` (when an entry was last sent, ns) make the cooldown; `room` is what risk allows a side.

    `entries` is off while a switch, a breaker, a pause or the start of the game forbids new risk; exits go on. While
    `still` what rests stays and no entry is sent or moved. `started`: the game runs, and a position may get no older.
    """

    spec: Spec
    top: Top
    held: Held
    fees: FeeSchedule
    league: str
    now: int
    room_bid: Lots
    room_ask: Lots
    working_bid: Quote | None = None
    working_ask: Quote | None = None
    quoted_at: int = 0
    entries: bool = True
    still: bool = False
    started: bool = False

    def best(self, side: Side) -> Ticks | None:
        return self.top.bid if side == "bid" else self.top.ask

    def working(self, side: Side) -> Quote | None:
        return self.working_bid if side == "bid" else self.working_ask

    def room(self, side: Side) -> Lots:
        return self.room_bid if side == "bid" else self.room_ask


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave with this much, now: "Ioc" takes what stands at the price or better, "Alo" rests and never crosses.

    It is wanted again at every look until it is done, so only one exit of a market may be on its way at a time.
    """

    kind: ExitKind
    side: Side
    quote: Quote
    tif: Literal["Ioc", "Alo"]


@dataclass(frozen=True, slots=True)
class Decision:
    """`bid` and `ask` are to rest (None: nothing there); `tp` is where the position takes its profit.

    While something is held the one quote that rests is the take-profit, of whatever `exit` does not cover; exits and
    the take-profit are due at once, whenever a quote was sent last.
    """

    bid: Quote | None = None
    ask: Quote | None = None
    exit: Exit | None = None
    tp: Ticks | None = None
