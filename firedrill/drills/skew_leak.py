"""A bid while long: the one quote the edge-locked strategy must never send."""

from __future__ import annotations

from bot.events import QuotePlace
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        QuotePlace(
            market=market,
            side="bid",
            seq=1,
            cloid=log_lines.cloid(market),
            tif="Alo",
            ro=False,
            state="SKEW_LONG",
            price=0.47,
            size=1.0,
            cancels_30=0,
            vwap=0.60,
            tp=0.67,
            tp_err=0.0,
            strategy="edge_locked",
        )
    ]


DRILL = log_lines.drill(
    "skew_leak",
    "SkewLeak",
    "a bid while SKEW_LONG appears in the event log",
    _entries,
    "follow alerts/strategy/SkewLeak.md",
)
