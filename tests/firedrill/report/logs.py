"""A day with something of everything, as files and as a real Loki holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bot import events
from bot.events import STREAM_LABELS
from tests.alerts.faults import CROSSING, EXHAUSTED, INSIDE, ORDER, TRIP
from tests.day import Fault
from tests.real_loki import RealLoki

GAME, PERP = "NHL-LEAFS-WIN-B45", "BTC"
LEAVING: dict[str, Any] = {"market": GAME, "state": "SKEW_LONG", "side": "ask", "price": 0.4, "size": 1.0, "vwap": 0.48}


def reject(market: str, code: str) -> events.OrderReject:
    return events.OrderReject(market=market, **ORDER, price=1.005, size=1.0, code=code, reason="no", latency_ms=9.0)


EVENTFUL = Fault(
    "",
    adds=(
        *((n / 10, reject(GAME, "E_TICK")) for n in range(3)),
        (0.5, reject(PERP, "E_TICK")),
        (0.6, EXHAUSTED),
        (1.0, INSIDE),
        (1.5, CROSSING),
        (2.0, events.MaeTrim(**LEAVING, age_s=123.4567, mae_c=11.0, fraction=0.281)),
        (3.0, events.HardCapExit(**LEAVING, age_s=1200.125)),
        (4.0, events.CbSoft(market=PERP, **TRIP)),
        (4.1, events.CbSoft(market=GAME, **TRIP)),
        (4.2, events.CbHard(market=GAME, **TRIP)),
    ),
)
"""Refusals, an entry inside the gates, a trim, a late exit and trips of the breaker."""


def streams(lines: Iterable[bytes], host: str = "desk-1") -> list[tuple[dict[str, str], list[tuple[int, str]]]]:
    """What the shipper would push: the lines by their stream labels; a line that is no event has the time before."""
    found: dict[tuple[tuple[str, str], ...], list[tuple[int, str]]] = {}
    at = 0
    for line in lines:
        labels = {"job": "bot", "host": host}
        try:
            event = json.loads(line)
        except ValueError:
            event = {}
        labels |= {name: event[name] for name in STREAM_LABELS if name in event}
        at = round(event["ts"] * 1_000_000) * 1000 if "ts" in event else at
        found.setdefault(tuple(sorted(labels.items())), []).append((at, line.decode()))
    return [(dict(labels), kept) for labels, kept in found.items()]


def push(loki: RealLoki, tenant: str, lines: Iterable[bytes]) -> None:
    loki.push(tenant, streams(lines))
