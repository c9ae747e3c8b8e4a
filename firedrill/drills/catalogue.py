"""All drills, in the order in which they are performed: the gentlest first.

First lines in the log alone, all of them at the same time, then faults of the paper venue, then services that are
stopped or killed. A bot that was killed four times could make others wait, so that drill comes after them, and the
store's own last.
"""

from __future__ import annotations

from firedrill.drills import (
    bot_crash_loop,
    bot_silent,
    circuit_breaker_hard,
    circuit_breaker_soft,
    clock_off,
    disk_low,
    etick_error,
    feed_flapping,
    feed_stale,
    internal_errors,
    inventory_near_limit,
    kill_switch_on,
    log_lines_lost,
    loop_lag_high,
    malformed_log_lines,
    memory_low,
    order_latency_high,
    order_reject_rate_high,
    order_unknown_high,
    position_overdue,
    price_gate_breach,
    reconcile_mismatch,
    retry_guard_exhausted,
    rotation_failed,
    shadow_would_cross,
    skew_leak,
    tp_drift,
    watchdog,
)
from firedrill.drills.drill import Drill

LOG_LINES = (
    etick_error,
    retry_guard_exhausted,
    order_latency_high,
    feed_flapping,
    circuit_breaker_soft,
    circuit_breaker_hard,
    reconcile_mismatch,
    tp_drift,
    price_gate_breach,
    skew_leak,
    position_overdue,
    shadow_would_cross,
    rotation_failed,
    malformed_log_lines,
    internal_errors,
    disk_low,
    memory_low,
    clock_off,
    loop_lag_high,
    log_lines_lost,
    inventory_near_limit,
)
VENUE_FAULTS = (kill_switch_on, feed_stale, order_reject_rate_high, order_unknown_high)
SERVICES = (bot_silent, bot_crash_loop, watchdog)

DRILLS: dict[str, Drill] = {fault.DRILL.name: fault.DRILL for fault in (*LOG_LINES, *VENUE_FAULTS, *SERVICES)}
"""By name."""
