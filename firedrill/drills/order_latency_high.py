"""Orders that take seconds to be acknowledged."""

from __future__ import annotations

from bot.events import OrderAck
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        OrderAck(
            market=market,
            side="bid",
            seq=seq,
            cloid=log_lines.cloid(market),
            tif="Alo",
            ro=False,
            oid=str(seq),
            latency_ms=5000.0,
        )
        for seq in range(1, 31)
    ]


DRILL = log_lines.drill(
    "order_latency_high",
    "OrderLatencyHigh",
    "thirty acknowledgements that took 5 s appear in the event log",
    _entries,
    "follow alerts/orders/OrderLatencyHigh.md; its rule needs twenty orders to speak",
)
