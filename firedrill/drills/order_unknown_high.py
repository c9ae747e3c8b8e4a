"""The venue takes orders and its answers are lost: pushed at the real end, by the paper venue's own fault."""

from __future__ import annotations

from firedrill.drills import bot_fault

LOST = 60
"""Enough for five in each of three markets, whichever quotes first."""

DRILL = bot_fault.drill(
    "order_unknown_high",
    "OrderUnknownHigh",
    f"the answers to the next {LOST} orders are lost at the paper venue",
    f"fault no_answer {LOST}",
    "fault no_answer 0",
    "follow alerts/orders/OrderUnknownHigh.md; the bot must be in paper mode for this drill",
    alarm_within_s=120,
    recover_within_s=240,
)
