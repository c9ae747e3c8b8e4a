"""An order refused because its price was off the tick grid."""

from __future__ import annotations

from bot.events import OrderReject
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        OrderReject(
            market=market,
            side="bid",
            price=1.005,
            size=1.0,
            seq=1,
            cloid=log_lines.cloid(market),
            tif="Alo",
            ro=False,
            code="E_TICK",
            reason="Price must be divisible by tick size. asset=0",
            latency_ms=1.0,
        )
    ]


DRILL = log_lines.drill(
    "etick_error",
    "ETickError",
    "an order rejected with E_TICK appears in the event log",
    _entries,
    "follow alerts/orders/ETickError.md from the log to the webhook: store, rule, Alertmanager, route",
)
