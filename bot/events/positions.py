"""Events of what is held: states, inventory, exits, breakers, and whether journal and venue agree.

The words exit, trim and cb_ in an action are what people filter by, so no other event may contain them; `age_s` of an
exit or a trim is how long the position was held, and no other event may have that field: people average it over all.
"""

from __future__ import annotations

from bot.events.event import Cents, Count, Event, Market, Money, Price, Ratio, Seconds, Side, Size, State, Strategy


class StateChange(Event, tag="state_change", frozen=True, kw_only=True):
    """The position of a market changed sign or went flat."""

    market: Market
    state: State
    previous: State
    position: Size
    vwap: Price | None = None
    tp: Price | None = None


class Position(Event, tag="position", frozen=True, kw_only=True):
    """What is held, as we knew it and as the venue says (the venue wins): at start, and where they differ later."""

    market: Market
    journal: Size
    position: Size
    vwap: Price | None = None


class Inventory(Event, tag="inventory", frozen=True, kw_only=True):
    """Once a minute for each market held: how much, for how long, and what it is worth.

    `pos_frac` is the size over the limit (1 = full), `mae_c` the worst it has been against us per contract.
    """

    market: Market
    state: State
    strategy: Strategy
    position: Size
    limit: Size
    pos_frac: Ratio
    held_s: Seconds
    mark: Price
    upnl: Money
    vwap: Price | None = None
    tp: Price | None = None
    mae_c: Cents | None = None


class _Leaving(Event, frozen=True, kw_only=True):
    """A position leaves, all or in part; the order for it follows as a quote_place with `ro`.

    Of a take-profit it is told once it closed the position, with what leaving realised in all as `pnl`.
    """

    market: Market
    state: State
    side: Side
    price: Price
    size: Size
    vwap: Price
    age_s: Seconds
    tp: Price | None = None
    pnl: Money | None = None


class TpExit(_Leaving, tag="tp_exit", frozen=True, kw_only=True):
    """The take-profit was reached."""


class SweetSpotExit(_Leaving, tag="sweet_spot_exit", frozen=True, kw_only=True):
    """The position is as old as it should get, and leaves at a fair price."""


class HardCapExit(_Leaving, tag="hard_cap_exit", frozen=True, kw_only=True):
    """The position is as old as it may get, and leaves at any price."""

    level = "warn"


class MaeTrim(_Leaving, tag="mae_trim", frozen=True, kw_only=True):
    """The position went against us by `mae_c`, so `fraction` of it leaves."""

    level = "warn"
    mae_c: Cents
    fraction: Ratio


class Settlement(Event, tag="settlement", frozen=True, kw_only=True):
    """A market paid `price` for each contract, and what was held there is gone without an order.

    `state` and `position` are those before it, `pnl` is what it realised; settling costs nothing.
    """

    market: Market
    state: State
    position: Size
    price: Price
    vwap: Price
    pnl: Money


class CbSoft(Event, tag="cb_soft", frozen=True, kw_only=True):
    """The circuit breaker slowed a market down for `pause_s`; `limit` is what `cancels_30` or `errors_30` passed."""

    level = "warn"
    market: Market
    cancels_30: Count
    errors_30: Count
    limit: Count
    pause_s: Seconds
    reason: str


class CbHard(Event, tag="cb_hard", frozen=True, kw_only=True):
    """The circuit breaker stopped new quotes in a market for `pause_s`; exits go on."""

    level = "error"
    market: Market
    cancels_30: Count
    errors_30: Count
    limit: Count
    pause_s: Seconds
    reason: str


class BreakerReset(Event, tag="breaker_reset", frozen=True, kw_only=True):
    """A tripped breaker lets quotes through again."""

    market: Market
    after_s: Seconds
    cancels_30: Count


class Reconcile(Event, tag="reconcile", frozen=True, kw_only=True):
    """Journal and venue were compared. `orphans`: resting orders this run did not place, now cancelled."""

    reason: str
    markets: Count
    orphans: Count
    adopted_fills: Count


class ReconcileMismatch(Event, tag="reconcile_mismatch", frozen=True, kw_only=True):
    """Journal and venue disagree on a position after all fills were taken in."""

    level = "error"
    market: Market
    journal: Size
    position: Size


FAMILY = (
    StateChange,
    Position,
    Inventory,
    TpExit,
    SweetSpotExit,
    HardCapExit,
    MaeTrim,
    Settlement,
    CbSoft,
    CbHard,
    BreakerReset,
    Reconcile,
    ReconcileMismatch,
)
