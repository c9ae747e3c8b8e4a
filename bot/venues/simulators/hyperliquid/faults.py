"""What can go wrong at the simulated Hyperliquid; `plan` says how a file asks for it.

faults:
  - {fault: unknown, where: "exchange:order", after: 3, count: 1}
  - {fault: frozen_feed, start_s: 10, seconds: 5}
  - {fault: delay, where: "ws:userFills", delay_s: 2, chance: 0.2}
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.venues import rejections
from bot.venues.simulators import plan
from bot.venues.simulators.plan import Fault, Plan

__all__ = ["REJECT", "WHERE", "Fault", "Faults", "Plan", "read"]

REJECT = rejections.MARGIN
"""What a refusal says unless the plan does."""

WHERE = {
    "drop": ("the request or frame is lost; a request has no effect", "exchange", ("exchange", "info", "ws")),
    "delay": ("the answer or frame comes delay_s late", "exchange", ("exchange", "info", "ws")),
    "duplicate": ("the frame comes twice", "ws", ("ws",)),
    "reorder": ("the frame comes after the next one", "ws", ("ws",)),
    "reverse": ("the parts of the frame come in reverse order, as those of a modify may", "ws:orderUpdates", ("ws",)),
    "reject": (
        "each order of the request is refused with `text`; a modified one is gone then",
        "exchange:order",
        ("exchange",),
    ),
    "unknown": ("the action is taken, then the connection is cut without an answer", "exchange", ("exchange",)),
    "frozen_feed": ("no market data, though the socket lives", "ws", ("ws",)),
    "too_many": ("HTTP 429", "exchange", ("exchange", "info")),
    "post_only": ("only post-only orders are taken, as after an upgrade", "exchange:order", ("exchange",)),
    "collapsed": ("one status for the whole batch", "exchange:order", ("exchange",)),
    "disconnect": ("the socket is closed without a word instead of sending the frame", "ws", ("ws",)),
}
"""Fault -> what it does, where it strikes unless told, and the places where it can."""


class Faults(plan.Faults):
    """Ask `strikes` at every place where something may go wrong."""

    def __init__(self, plan: Plan, seed: int, since: Callable[[], float]) -> None:
        super().__init__(plan, WHERE, seed, since)


def read(path: Path) -> Plan:
    """Raises FixSettings with every reason."""
    return plan.read(path, WHERE, "hyperliquid")
