"""Everything that can reach a session, and everything it can answer: the seam, in one file.

Messages and effects are data. Encoded one a line they are a recording, and a recording replayed
gives the same events again. Who carries an effect out is not known here.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from bot.events import Event
from bot.market.book import Top
from bot.market.reports import Account, CancelResult, Lookup, NewOrder, Replaced, SendResult, Trade
from bot.market.spec import Spec
from bot.risk import limits
from bot.strategy import edge_locked, perp_maker


class _Message(msgspec.Struct, frozen=True, tag=True):
    """Base of all messages."""


class BookMoved(_Message, frozen=True, tag=True):
    """The feed gave new best prices."""

    top: Top


class Traded(_Message, frozen=True, tag=True):
    """The venue reported a fill of ours, perhaps not for the first time."""

    trade: Trade


class SendAnswered(_Message, frozen=True, tag=True):
    """A send ended in one of three ways."""

    cloid: str
    result: SendResult


class CancelAnswered(_Message, frozen=True, tag=True):
    """A cancel ended in one of three ways."""

    cloid: str
    result: CancelResult


class ReplaceAnswered(_Message, frozen=True, tag=True):
    """A replacement ended: `old` was to go, `cloid` to come."""

    old: str
    cloid: str
    result: Replaced


class LookupAnswered(_Message, frozen=True, tag=True):
    """The venue said what became of an order."""

    cloid: str
    result: Lookup


class OrderDoubted(_Message, frozen=True, tag=True):
    """The venue says that this order ended or changed without our doing."""

    cloid: str
    reason: str


class ConnectionLost(_Message, frozen=True, tag=True):
    """The venue's streams ended: no book is known any more."""

    reason: str


class ConnectionBack(_Message, frozen=True, tag=True):
    """The streams run again; what they missed must be asked for."""


class Turn(_Message, frozen=True, tag=True):
    """A second has passed; `loop_lag_ms` is how late this came."""

    loop_lag_ms: float = 0.0


class HoldQuotes(_Message, frozen=True, tag=True):
    """A holder (setting, ctl, file) keeps quotes off, or lets go; `source` is named in the event."""

    holder: str
    off: bool
    source: str


class NewParams(_Message, frozen=True, tag=True):
    """Settings that may change while running were read again; which strategy quotes may not."""

    maker: perp_maker.Params
    limits: limits.Params
    edge: edge_locked.Params | None = None


class MarketSettled(_Message, frozen=True, tag=True):
    """The venue says that a market paid out; the account says what."""

    market: str


class RulesChanged(_Message, frozen=True, tag=True):
    """The venue says that a market's rules changed: they are to be read anew, at once."""

    market: str


class ResetBreaker(_Message, frozen=True, tag=True):
    """Whoever looks after the bot clears the breaker of a market, of all with ""."""

    market: str


class JournalPosition(msgspec.Struct, frozen=True):
    """A position as the journal had it; as `market.position.Holding`, with its story as `KeepStory` told it."""

    market: str
    lots: int
    cost: int
    since: int = 0
    peak: int = 0
    worst: int | None = None
    average: Fraction | None = None


class AccountRead(_Message, frozen=True, tag=True):
    """Journal and venue; `known` are tids the journal has. What the journal says counts at start only."""

    reason: str
    journal: list[JournalPosition]
    known: list[str]
    account: Account


class SpecsRead(_Message, frozen=True, tag=True):
    """What the venue lists now, None when it did not say; `took` is how long it took (ns)."""

    reason: str
    specs: dict[str, Spec] | None
    took: int


class Drain(_Message, frozen=True, tag=True):
    """The run ends: quotes off for good, everything of ours off the book."""


Message = (
    BookMoved
    | Traded
    | SendAnswered
    | CancelAnswered
    | ReplaceAnswered
    | LookupAnswered
    | OrderDoubted
    | ConnectionLost
    | ConnectionBack
    | Turn
    | HoldQuotes
    | NewParams
    | MarketSettled
    | RulesChanged
    | ResetBreaker
    | AccountRead
    | SpecsRead
    | Drain
)


class Emit(msgspec.Struct, frozen=True, tag=True):
    """Log this event."""

    event: Event


class Send(msgspec.Struct, frozen=True, tag=True):
    """Send this order; answer with `SendAnswered`."""

    order: NewOrder


class CancelOrder(msgspec.Struct, frozen=True, tag=True):
    """Cancel this order; answer with `CancelAnswered`."""

    market: str
    cloid: str


class Replace(msgspec.Struct, frozen=True, tag=True):
    """Take the order `old` off and send this one in its stead; answer with `ReplaceAnswered`."""

    old: str
    order: NewOrder


class LookUp(msgspec.Struct, frozen=True, tag=True):
    """Ask the venue for this order; answer with `LookupAnswered`."""

    market: str
    cloid: str


class ReadAccount(msgspec.Struct, frozen=True, tag=True):
    """Read account and journal, until it works; answer with `AccountRead`."""

    reason: str


class ReadSpecs(msgspec.Struct, frozen=True, tag=True):
    """Ask the venue once for what it lists; answer with `SpecsRead`."""

    reason: str


class KeepTrade(msgspec.Struct, frozen=True, tag=True):
    """Write a trade and the position after it (as `market.position.Holding`), both or neither."""

    trade: Trade
    lots: int
    cost: int
    average: Fraction | None = None


class KeepPosition(msgspec.Struct, frozen=True, tag=True):
    """Write a position as the venue gave it."""

    market: str
    lots: int
    cost: int


class KeepHold(msgspec.Struct, frozen=True, tag=True):
    """Remember over a restart that quotes are held off by hand, or no more."""

    off: bool


class KeepStory(msgspec.Struct, frozen=True, tag=True):
    """Remember over a restart how a position came about.

    `since` when it was opened (ns), `peak` its largest size in lots, `worst` twice the worst mid seen, in ticks.
    """

    market: str
    since: int
    peak: int
    worst: int | None


class HoldEntries(msgspec.Struct, frozen=True, tag=True):
    """Let the venue itself take entries off and refuse more (`off`), or take them again; until it does."""

    off: bool


Effect = (
    Emit
    | Send
    | CancelOrder
    | Replace
    | LookUp
    | ReadAccount
    | ReadSpecs
    | KeepTrade
    | KeepPosition
    | KeepHold
    | KeepStory
    | HoldEntries
)
