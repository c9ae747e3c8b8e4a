"""A take-profit that moved without its VWAP."""

from __future__ import annotations

from bot.events import QuotePlace
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        QuotePlace(
            market=market,
            side="ask",
            seq=1,
            cloid=log_lines.cloid(market),
            tif="Alo",
            ro=False,
            state="SKEW_LONG",
            price=0.65,
            size=1.0,
            cancels_30=0,
            vwap=0.60,
            tp=0.65,
            tp_err=0.02,
            strategy="edge_locked",
        )
    ]


DRILL = log_lines.drill(
    "tp_drift",
    "TpDrift",
    "a take-profit 2 cents off its place appears in the event log",
    _entries,
    "follow alerts/strategy/TpDrift.md",
)
