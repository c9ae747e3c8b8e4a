"""A quote of shadow mode that would have traded at once."""

from __future__ import annotations

from bot.events import ShadowQuote
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        ShadowQuote(
            market=market,
            state="FLAT",
            side="bid",
            price=0.48,
            size=1.0,
            seq=1,
            tif="Alo",
            ro=False,
            would_cross=True,
            cancels_30=0,
            best=0.47,
            strategy="edge_locked",
        )
    ]


DRILL = log_lines.drill(
    "shadow_would_cross",
    "ShadowWouldCross",
    "a shadow quote that would cross appears in the event log",
    _entries,
    "follow alerts/strategy/ShadowWouldCross.md",
)
