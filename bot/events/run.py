"""Events of the process and its machine: how a run begins, lives and ends, and what it runs on."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bot.events.event import (
    Cents,
    Count,
    Event,
    Market,
    Mebibytes,
    Millis,
    Mode,
    Percent,
    Price,
    Ratio,
    Seconds,
    Size,
    Strategy,
)


class Startup(Event, tag="startup", frozen=True, kw_only=True):
    """A run begins: what runs, in which mode, on which markets."""

    mode: Mode
    venue: str
    commit: str
    markets: list[str]
    quotes_enabled: bool


class StartupSanity(Event, tag="startup_sanity", frozen=True, kw_only=True):
    """What the settings come to in one market, computed and not copied: the seed's start-up checks.

    `example_tp` is the take-profit that a long position with `example_vwap` would get.
    """

    market: Market
    mode: Mode
    strategy: Strategy
    tick: Price
    lot: Size
    max_markets: Count
    limit: Size | None = None
    fee_entry_c: Cents | None = None
    fee_exit_c: Cents | None = None
    tp_offset_c: Cents | None = None
    example_vwap: Price | None = None
    example_tp: Price | None = None
    gate_low: Price | None = None
    gate_high: Price | None = None


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
    kill: Annotated[int, msgspec.Meta(extra={"unit": "1 while new quotes are off, else 0"})]
    loop_lag_ms: Millis


class Host(Event, tag="host", frozen=True, kw_only=True):
    """Once a minute: what the machine has left. `disk_free_pct` is of the file system of the event log.

    `clock_offset_ms` is this clock minus the true time, as the time service says; null where it does not say.
    """

    disk_free_pct: Percent
    disk_free_mb: Mebibytes
    mem_available_pct: Percent
    rss_mb: Mebibytes
    load_1: Ratio
    clock_offset_ms: Millis | None = None


class KillSwitch(Event, tag="kill_switch", frozen=True, kw_only=True):
    """New quotes were switched off or on again, and by what: start, ctl, reload, file, venue (refused for good)."""

    level = "warn"
    on: bool
    source: str


class Reload(Event, tag="reload", frozen=True, kw_only=True):
    """Settings were read again. `refused` names those that need a restart or are invalid, with the reason."""

    changed: list[str]
    refused: list[str]


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


FAMILY = (Startup, StartupSanity, Shutdown, Heartbeat, Host, KillSwitch, Reload, FaultInjected, InternalError)
