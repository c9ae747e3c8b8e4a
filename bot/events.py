"""The only list of events the bot can log: action, level, fields and their units.

Alert rules, drills, queries and dashboards are checked against this file, so a field that is
not here does not exist. It knows nothing of files, clocks or sockets: `bot.runtime.telemetry`
adds the columns every line starts with (`LINE_PREFIX`) and writes the line.

An event is a frozen struct; its JSON form carries the action under the key ``action``:

>>> msgspec.json.encode(KillSwitch(on=True, source="ctl"))
b'{"action":"kill_switch","on":true,"source":"ctl"}'
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_type_hints

import msgspec

Level = Literal["info", "warn", "error"]
Side = Literal["bid", "ask"]
State = Literal["FLAT", "SKEW_LONG", "SKEW_SHORT"]


def _unit(unit: str) -> msgspec.Meta:
    return msgspec.Meta(extra={"unit": unit})


Market = Annotated[str, _unit("instrument")]
Price = Annotated[float, _unit("quote currency")]
Size = Annotated[float, _unit("base units or contracts")]
Seconds = Annotated[float, _unit("s")]
Millis = Annotated[float, _unit("ms")]
Count = Annotated[int, _unit("1")]
OrderSeq = Annotated[int, _unit("order number within a run")]

LINE_PREFIX = {
    "ts": "unix seconds, microsecond resolution",
    "level": "info | warn | error",
    "run": "id of the process run, 8 hex digits",
    "n": "line number within the run, from 1, no gaps",
    "release": "<version>+<commit>, see bot.release",
}
"""Columns in front of every line, in order, with their units. `n` is the line's number; an order's is `seq`."""

STREAM_LABELS = ("job", "host", "level", "action")
"""What the shipper and the embedded store turn into labels: few values each, so cheap to index."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="action"):
    """Base of all events. `level` is the severity every instance of the class is logged with."""

    level: ClassVar[Level] = "info"


class Startup(Event, tag="startup", frozen=True, kw_only=True):
    """A run begins: what runs, in which mode, on which markets."""

    mode: Literal["paper", "shadow", "live"]
    venue: str
    commit: str
    markets: list[str]
    quotes_enabled: bool


class Shutdown(Event, tag="shutdown", frozen=True, kw_only=True):
    """A run ended in order. `resting` is what the venue still showed at the last look, -1 if it did not say."""

    reason: str
    cancelled: Count
    resting: Count
    took_ms: Millis


class Heartbeat(Event, tag="heartbeat", frozen=True, kw_only=True):
    """Once a second: alive, how stale the market data is, what rests, whether quotes are allowed."""

    uptime_s: Seconds
    md_age_ms: Millis
    open_orders: Count
    kill: Annotated[int, _unit("1 while new quotes are off, else 0")]
    loop_lag_ms: Millis


class QuotePlace(Event, tag="quote_place", frozen=True, kw_only=True):
    """An order was sent. `vwap` and `tp` are those of the position held, null when flat."""

    market: Market
    state: State
    side: Side
    price: Price
    size: Size
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    cancels_30: Count
    vwap: Price | None = None
    tp: Price | None = None


class OrderAck(Event, tag="order_ack", frozen=True, kw_only=True):
    """The venue accepted an order; `latency_ms` runs from send to acknowledgement."""

    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    oid: str
    latency_ms: Millis


class OrderReject(Event, tag="order_reject", frozen=True, kw_only=True):
    """The venue refused an order. `code` is ours (`E_TICK`, `E_POST_ONLY` ...), `reason` is the venue's text.

    `E_LOST` is the one refusal without a text: no answer came, and asked for the order the venue knew none.
    """

    level = "error"
    market: Market
    side: Side
    price: Price
    size: Size
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    code: str
    reason: str
    latency_ms: Millis


class OrderUnknown(Event, tag="order_unknown", frozen=True, kw_only=True):
    """A send or cancel ended without an answer; the venue is asked under the same `cloid`, never sent again."""

    level = "warn"
    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    reason: str


class QuoteCancel(Event, tag="quote_cancel", frozen=True, kw_only=True):
    """A working order was asked to leave the book. `reason`: requote, kill, risk, stale, orphan, shutdown."""

    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    reason: str
    age_s: Seconds
    cancels_30: Count


class Fill(Event, tag="FILL", frozen=True, kw_only=True):
    """A trade of ours. `position` is signed and already includes it."""

    market: Market
    state: State
    side: Side
    price: Price
    size: Size
    position: Size
    fee: Price
    seq: OrderSeq
    cloid: str
    tid: str
    vwap: Price | None = None


class StateChange(Event, tag="state_change", frozen=True, kw_only=True):
    """The position of a market changed sign or went flat."""

    market: Market
    state: State
    previous: State
    position: Size


class Position(Event, tag="position", frozen=True, kw_only=True):
    """What is held at start, as the journal knew it and as the venue says (the venue wins)."""

    market: Market
    journal: Size
    position: Size
    vwap: Price | None = None


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


class KillSwitch(Event, tag="kill_switch", frozen=True, kw_only=True):
    """New quotes were switched off or on again, and by what: start, ctl, reload, file."""

    level = "warn"
    on: bool
    source: str


class Reload(Event, tag="reload", frozen=True, kw_only=True):
    """Settings were read again. `refused` names those that need a restart or are invalid, with the reason."""

    changed: list[str]
    refused: list[str]


class FeedDisconnect(Event, tag="feed_disconnect", frozen=True, kw_only=True):
    """The market-data connection was lost."""

    level = "warn"
    venue: str
    reason: str


class FaultInjected(Event, tag="fault_injected", frozen=True, kw_only=True):
    """A drill asked the paper venue to misbehave; never in live mode."""

    level = "warn"
    fault: str
    count: Count


class InternalError(Event, tag="internal_error", frozen=True, kw_only=True):
    """A defect of ours surfaced; `where` names the task, `reason` the exception."""

    level = "error"
    where: str
    reason: str


ALL: dict[str, type[Event]] = {
    str(cls.__struct_config__.tag): cls
    for cls in (
        Startup,
        Shutdown,
        Heartbeat,
        QuotePlace,
        OrderAck,
        OrderReject,
        OrderUnknown,
        QuoteCancel,
        Fill,
        StateChange,
        Position,
        Reconcile,
        ReconcileMismatch,
        KillSwitch,
        Reload,
        FeedDisconnect,
        FaultInjected,
        InternalError,
    )
}
"""Every event class by its action."""


def fields(action: str) -> dict[str, str]:
    """Names and units of the fields of one event; the unit is "" where a field has none.

    Raises KeyError for an action that is not in `ALL`.
    """
    hints = get_type_hints(ALL[action], include_extras=True)
    return {name: _unit_of(hints[name]) for name in ALL[action].__struct_fields__}


def _unit_of(hint: object) -> str:
    metas = [hint, *getattr(hint, "__args__", ())]
    for part in metas:
        for meta in getattr(part, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta) and meta.extra:
                return str(meta.extra["unit"])
    return ""
