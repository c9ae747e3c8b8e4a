"""One fault for each alert, as a day's log shows it; named as its drill."""

from __future__ import annotations

from typing import Any

import msgspec

from bot import events
from tests.day import GOOD, Fault

PERP, GAME = "BTC", "NHL-LEAFS-WIN-B45"
ORDER: dict[str, Any] = {"side": "bid", "seq": 1, "cloid": "0x01", "tif": "Alo", "ro": False}
SENT: dict[str, Any] = {**ORDER, "price": 0.47, "size": 1.0, "cancels_30": 0, "strategy": "edge_locked"}
TRIP: dict[str, Any] = {"cancels_30": 40, "errors_30": 0, "limit": 20, "pause_s": 30.0, "reason": "cancels"}


def _with(kind: type[events.Event], **fields: Any) -> Any:
    """A change: events of the kind get other fields, all others stay."""
    return lambda event: msgspec.structs.replace(event, **fields) if isinstance(event, kind) else event


def _without(*kinds: type[events.Event]) -> Any:
    """A change: events of the kinds are not said; of none, nothing is."""
    return lambda event: None if not kinds or isinstance(event, kinds) else event


def _times(count: int, event: events.Event | str, apart: float = 1.0) -> Any:
    return tuple((number * apart, event) for number in range(count))


def _reject(code: str) -> events.OrderReject:
    return events.OrderReject(market=PERP, **ORDER, price=1.005, size=1.0, code=code, reason="refused", latency_ms=9.0)


EXHAUSTED = events.RetryExhausted(market=PERP, **ORDER, attempts=1, code="E_TICK", reason="refused")
ADDING = events.QuotePlace(market=GAME, state="SKEW_LONG", vwap=0.48, tp=0.55, tp_err=0.0, **SENT)
DRIFTED = events.QuotePlace(market=GAME, state="SKEW_LONG", vwap=0.48, tp=0.53, tp_err=0.02, **{**SENT, "side": "ask"})
CROSSING = events.ShadowQuote(
    market=GAME, state="FLAT", side="bid", price=0.48, size=1.0, seq=1, tif="Alo", ro=False, would_cross=True,
    cancels_30=0, best=0.47, strategy="edge_locked",
)  # fmt: skip
OLD = events.Inventory(
    market=GAME, state="SKEW_LONG", strategy="edge_locked", position=1.0, limit=20.0, pos_frac=0.05, held_s=2400.0,
    mark=0.5, upnl=0.0, vwap=0.48, tp=0.55,
)  # fmt: skip
INSIDE = events.Fill(
    market=GAME, state="SKEW_LONG", side="bid", price=0.55, size=1.0, position=1.0, fee=0.01, seq=1, cloid="0x01",
    tid="1", vwap=0.55, tp=0.62, pos_frac=0.05, gate_err=0.07, strategy="edge_locked",
)  # fmt: skip
FULL = _with(events.Inventory, pos_frac=0.97)
STARTED = events.Startup(mode="paper", venue="paper", commit="abc1234", markets=[PERP], quotes_enabled=True)
BROKEN = events.InternalError(where="session", reason="KeyError('XYZ')")

FAULTS: dict[str, Fault] = {
    "etick_error": Fault("ETickError", adds=_times(1, _reject("E_TICK"))),
    "order_reject_rate_high": Fault("OrderRejectRateHigh", 60, adds=_times(30, _reject("E_MARGIN"), 2.0)),
    "order_latency_high": Fault("OrderLatencyHigh", 300, changes=_with(events.OrderAck, latency_ms=2500.0)),
    "order_unknown_high": Fault(
        "OrderUnknownHigh", 20, adds=_times(6, events.OrderUnknown(market=PERP, **ORDER, reason="timeout"), 3.0)
    ),
    "retry_guard_exhausted": Fault(
        "RetryGuardExhausted", adds=((0.0, _reject("E_TICK")), (0.2, EXHAUSTED)), also=frozenset({"ETickError"})
    ),
    "feed_stale": Fault("FeedStale", 60, changes=_with(events.Heartbeat, md_age_ms=20_000.0)),
    "feed_flapping": Fault(
        "FeedFlapping", 60, adds=_times(5, events.FeedDisconnect(venue="paper", reason="closed"), 15.0)
    ),
    "circuit_breaker_hard": Fault(
        "CircuitBreakerHard",
        adds=(*_times(3, events.CbSoft(market=PERP, **TRIP), 0.1), (0.5, events.CbHard(market=PERP, **TRIP))),
    ),
    "circuit_breaker_soft": Fault("CircuitBreakerSoft", 60, adds=_times(3, events.CbSoft(market=PERP, **TRIP), 20.0)),
    "inventory_near_limit": Fault(
        "InventoryNearLimit",
        300,
        changes=lambda event: FULL(_with(events.Fill, pos_frac=0.97)(event)),
        adds=_times(1, msgspec.structs.replace(OLD, market=PERP, strategy="perp_maker")),
    ),
    "kill_switch_on": Fault("KillSwitchOn", 120, changes=_with(events.Heartbeat, kill=1)),
    "reconcile_mismatch": Fault(
        "ReconcileMismatch", adds=_times(1, events.ReconcileMismatch(market=PERP, journal=1.0, position=0.5))
    ),
    "tp_drift": Fault("TpDrift", adds=_times(1, DRIFTED)),
    "price_gate_breach": Fault("PriceGateBreach", adds=_times(1, INSIDE)),
    "skew_leak": Fault("SkewLeak", adds=_times(1, ADDING)),
    "position_overdue": Fault(
        "PositionOverdue", 120, adds=_times(2, msgspec.structs.replace(OLD, market="NHL-X"), 60.0)
    ),
    "shadow_would_cross": Fault("ShadowWouldCross", adds=_times(1, CROSSING)),
    "rotation_failed": Fault(
        "RotationFailed", adds=_times(1, events.RotationEvt(status="failed", rotation=1, reason="no statistics"))
    ),
    "bot_silent": Fault("BotSilent", 120, changes=_without()),
    "malformed_log_lines": Fault("MalformedLogLines", adds=_times(1, "Traceback (most recent call last):")),
    "log_lines_lost": Fault("LogLinesLost", 20, loses=lambda line: b'"n":' in line and b"quote_" in line),
    "bot_crash_loop": Fault("BotCrashLoop", 40, adds=_times(4, STARTED, 10.0)),
    "internal_errors": Fault("InternalErrors", adds=_times(1, BROKEN)),
    "loop_lag_high": Fault("LoopLagHigh", 60, changes=_with(events.Heartbeat, loop_lag_ms=450.0)),
    "disk_low": Fault("DiskLow", 120, changes=_with(events.Host, disk_free_pct=4.0)),
    "memory_low": Fault("MemoryLow", 120, changes=_with(events.Host, mem_available_pct=2.0)),
    "clock_off": Fault("ClockOff", 120, changes=_with(events.Host, clock_offset_ms=-1800.0)),
}
"""By the name of the drill. Watchdog has none: it always fires."""

__all__ = ["FAULTS", "GOOD"]
