"""The only list of events the bot can log: action, level, fields and their units.

Alert rules, drills, queries and dashboards are checked against this package, so a field that is not here does not
exist. It knows nothing of files, clocks or sockets: `bot.runtime.telemetry` adds the columns every line starts with
(`LINE_PREFIX`) and writes the line. The events stand in `run`, `orders`, `positions` and `markets`.

An event is a frozen struct; its JSON form carries the action under the key ``action``:

>>> msgspec.json.encode(KillSwitch(on=True, source="ctl"))
b'{"action":"kill_switch","on":true,"source":"ctl"}'
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import get_type_hints

import msgspec

from bot.events import markets, orders, positions, run
from bot.events.event import Event, Level, Mode, Side, State, Strategy
from bot.events.markets import (
    Discovery,
    Drain,
    FeedConnect,
    FeedDisconnect,
    FeedGap,
    FeedStale,
    NansenSignal,
    RotationEvt,
    SpecOverride,
    SpecRefresh,
)
from bot.events.orders import (
    Fill,
    OrderAck,
    OrderMoot,
    OrderReject,
    OrderUnknown,
    QuoteCancel,
    QuotePlace,
    RetryAttempt,
    RetryExhausted,
    ShadowQuote,
)
from bot.events.positions import (
    BreakerReset,
    CbHard,
    CbSoft,
    HardCapExit,
    Inventory,
    MaeTrim,
    Position,
    Reconcile,
    ReconcileMismatch,
    Settlement,
    StateChange,
    SweetSpotExit,
    TpExit,
)
from bot.events.run import (
    FaultInjected,
    Heartbeat,
    Host,
    InternalError,
    KillSwitch,
    Reload,
    Shutdown,
    Startup,
    StartupSanity,
)

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

ALL: dict[str, type[Event]] = {
    str(cls.__struct_config__.tag): cls
    for family in (run.FAMILY, orders.FAMILY, positions.FAMILY, markets.FAMILY)
    for cls in family
}
"""Every event class by its action."""


@cache
def fields(action: str) -> Mapping[str, str]:
    """Names and units of the fields of one event; the unit is "" where a field has none.

    Raises KeyError for an action that is not in `ALL`. Worked out once: tests of rules ask for every line.
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


__all__ = [
    "ALL",
    "LINE_PREFIX",
    "STREAM_LABELS",
    "BreakerReset",
    "CbHard",
    "CbSoft",
    "Discovery",
    "Drain",
    "Event",
    "FaultInjected",
    "FeedConnect",
    "FeedDisconnect",
    "FeedGap",
    "FeedStale",
    "Fill",
    "HardCapExit",
    "Heartbeat",
    "Host",
    "InternalError",
    "Inventory",
    "KillSwitch",
    "Level",
    "MaeTrim",
    "Mode",
    "NansenSignal",
    "OrderAck",
    "OrderMoot",
    "OrderReject",
    "OrderUnknown",
    "Position",
    "QuoteCancel",
    "QuotePlace",
    "Reconcile",
    "ReconcileMismatch",
    "Reload",
    "RetryAttempt",
    "RetryExhausted",
    "RotationEvt",
    "Settlement",
    "ShadowQuote",
    "Shutdown",
    "Side",
    "SpecOverride",
    "SpecRefresh",
    "Startup",
    "StartupSanity",
    "State",
    "StateChange",
    "Strategy",
    "SweetSpotExit",
    "TpExit",
    "fields",
]
