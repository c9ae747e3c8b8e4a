"""The venue refuses order after order: pushed at the real end, by the paper venue's own fault."""

from __future__ import annotations

from firedrill.checks import places
from firedrill.drills.drill import Drill, Scene

REJECTS = 40
CTL = f"{places.VENV}/bin/mm-bot ctl --socket {places.CONTROL_SOCKET}"


def _inject(_scene: Scene) -> str:
    return f"{CTL} fault reject {REJECTS}"


def _restore(_scene: Scene) -> str:
    """Without a bot there is no fault left to take back: its venue forgets it when the bot ends."""
    return f"! systemctl --quiet is-active {places.BOT} || {CTL} fault reject 0"


DRILL = Drill(
    name="order_reject_rate_high",
    alert="OrderRejectRateHigh",
    summary=f"the paper venue refuses the next {REJECTS} orders",
    inject=_inject,
    restore=_restore,
    alarm_within_s=120,
    recover_within_s=240,
    remedy="follow alerts/orders/OrderRejectRateHigh.md; the bot must be in paper mode for this drill",
)
