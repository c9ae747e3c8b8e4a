"""An entry that traded between the price gates."""

from __future__ import annotations

from bot.events import Fill
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        Fill(
            market=market,
            state="SKEW_LONG",
            side="bid",
            price=0.55,
            size=1.0,
            position=1.0,
            fee=0.0,
            seq=1,
            cloid=log_lines.cloid(market),
            tid=market,
            gate_err=0.07,
            strategy="edge_locked",
        )
    ]


DRILL = log_lines.drill(
    "price_gate_breach",
    "PriceGateBreach",
    "an entry inside the gates appears in the event log",
    _entries,
    "follow alerts/strategy/PriceGateBreach.md",
)
