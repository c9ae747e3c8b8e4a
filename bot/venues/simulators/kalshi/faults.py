"""What can go wrong at the simulated Kalshi; `plan` says how a file asks for it.

    faults:
      - {fault: unknown, where: "orders:create", after: 3, count: 1}
      - {fault: seq_gap, start_s: 10, count: 1}
      - {fault: stale_read, delay_s: 0.5}

Places: `orders` (create, cancel, cancel_all, amend, decrease, batch_create, batch_cancel, groups), `read` (by the last
word of the path, such as read:fills), `ws` (by the type of the frame).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.venues.simulators import plan
from bot.venues.simulators.plan import Fault, Plan

__all__ = ["REJECT", "WHERE", "Fault", "Faults", "Plan", "read"]

REJECT = "insufficient_balance"
"""The code of a refusal unless the plan has another `text`."""

WHERE = {
    "drop": ("the request or frame is lost; a request has no effect", "orders", ("orders", "read", "ws")),
    "unknown": ("the request is taken, then the connection is cut without an answer", "orders", ("orders",)),
    "server_error": ("the request is taken, then answered with HTTP 500", "orders", ("orders", "read")),
    "unavailable": ("HTTP 503; a request has no effect", "orders", ("orders", "read")),
    "too_many": ("HTTP 429", "orders", ("orders", "read")),
    "delay": ("the answer or frame comes delay_s late", "orders", ("orders", "read", "ws")),
    "reject": ("the order is refused with the code in `text`", "orders:create", ("orders",)),
    "accept_then_cancel": (
        "a post-only order that crosses is taken and cancelled, as it used to be",
        "orders:create",
        ("orders",),
    ),
    "wrong_order": ("the answer to a cancel or amend names another order", "orders:cancel", ("orders",)),
    "stale_read": ("for delay_s a read of the order alone says that it rests", "orders:cancel", ("orders",)),
    "seq_gap": ("a sequence number is skipped with its frame", "ws:orderbook_delta", ("ws",)),
    "overflow": ("error 25 instead of the frame; the subscription ends", "ws:orderbook_delta", ("ws",)),
    "duplicate": ("the frame comes twice", "ws", ("ws",)),
    "reorder": ("the frame comes after the next one", "ws", ("ws",)),
    "frozen_feed": ("no frames, though the socket lives and its heartbeat beats", "ws", ("ws",)),
    "disconnect": ("the socket is closed without a word instead of sending the frame", "ws", ("ws",)),
}
"""Fault -> what it does, where it strikes unless told, and the places where it can."""


class Faults(plan.Faults):
    """Ask `strikes` at every place where something may go wrong."""

    def __init__(self, plan: Plan, seed: int, since: Callable[[], float]) -> None:
        super().__init__(plan, WHERE, seed, since)


def read(path: Path) -> Plan:
    """Raises FixSettings with every reason."""
    return plan.read(path, WHERE, "kalshi")
