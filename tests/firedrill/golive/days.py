"""For each phase a day on which all is as it should be, and the same day with a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bot import events
from tests.day import Day, Fault

SECONDS = {"paper": 2700, "shadow": 1200, "live-1": 4500, "scale": 86_400}
TESTED = (
    (600.0, events.KillSwitch(on=True, source="ctl")),
    (660.0, events.KillSwitch(on=False, source="ctl")),
)
"""The kill switch, tried on paper."""
Change = Callable[[events.Event], events.Event | None]


def good(phase: str) -> Day:
    return with_fault(phase, Fault(""))


def with_fault(phase: str, fault: Fault) -> Day:
    """The fault changes and loses for as long as the day is; what it adds comes at its end."""
    seconds = SECONDS[phase]
    own = _CHANGES[phase]

    def changes(event: events.Event) -> events.Event | None:
        told = own(event)
        return None if told is None else fault.changes(told)

    late = ((seconds - 300 + offset, said) for offset, said in fault.adds)
    adds = (*(TESTED if phase == "paper" else ()), *late)
    return Day(seconds=seconds, fault=Fault(fault.alert, seconds, tuple(adds), changes, fault.loses))


def _paper(event: events.Event) -> events.Event | None:
    return event


def _live(event: events.Event) -> events.Event | None:
    if isinstance(event, events.Startup):
        return msgspec.structs.replace(event, mode="live")
    if isinstance(event, events.StartupSanity):
        return msgspec.structs.replace(event, mode="live", max_markets=1)
    return event


def _shadow(event: events.Event) -> events.Event | None:
    if isinstance(event, events.Startup | events.StartupSanity):
        return msgspec.structs.replace(event, mode="shadow")
    if isinstance(event, events.QuotePlace):
        return _kept_back(event)
    if isinstance(event, events.ShadowQuote):
        return event
    return None if "seq" in event.__struct_fields__ or "age_s" in event.__struct_fields__ else event


def _kept_back(quote: events.QuotePlace) -> events.ShadowQuote:
    shared = {name: getattr(quote, name) for name in events.fields("shadow_quote") if hasattr(quote, name)}
    flat: dict[str, Any] = {**shared, "state": "FLAT", "vwap": None, "tp": None, "tp_err": None}
    return events.ShadowQuote(**flat, would_cross=False)


_CHANGES: dict[str, Change] = {"paper": _paper, "shadow": _shadow, "live-1": _live, "scale": _live}
