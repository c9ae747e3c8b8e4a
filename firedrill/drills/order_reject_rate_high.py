"""The venue refuses order after order: pushed at the real end, by the paper venue's own fault."""

from __future__ import annotations

from firedrill.drills import bot_fault

REJECTS = 40

DRILL = bot_fault.drill(
    "order_reject_rate_high",
    "OrderRejectRateHigh",
    f"the paper venue refuses the next {REJECTS} orders",
    f"fault reject {REJECTS}",
    "fault reject 0",
    "follow alerts/orders/OrderRejectRateHigh.md; the bot must be in paper mode for this drill",
    alarm_within_s=120,
    recover_within_s=240,
)
