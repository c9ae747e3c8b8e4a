"""A day on which every panel has something to show: with all strategies' events, good or with many troubles.

`tests.day` makes the bot's own day; here stand the rotations, signals and results beside it, and what goes wrong.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bot import events
from tests.alerts import faults
from tests.day import Day, Fault

HOUR = 3600
DAY = 24 * HOUR
CANDIDATES = ("BTC", "ETH", "SOL", "NHL-LEAFS-WIN-B45", "NFL-BILLS-WIN", "DOGE")
WEIGHTS = {"vol": 1.0, "spread": -0.5, "depth": 0.6, "fees": -0.4, "nansen": 0.8}
EXIT: dict[str, Any] = {"market": faults.GAME, "state": "SKEW_LONG", "side": "ask", "price": 0.5, "size": 1.0}
Added = tuple[float, events.Event | str]


def good_day(seconds: int = DAY) -> Day:
    """A day as it should be."""
    told = tuple(one for one in sorted(_strategies(), key=lambda one: one[0]) if one[0] < seconds)
    return Day(seconds=seconds, fault=Fault("", seconds, told, changes=_Results()))


def bad_day(seconds: int = DAY) -> Day:
    """The same day with a fault of every kind, most of them in the afternoon."""
    clock = _Troubles()
    told = sorted([*_strategies(), *_troubles()], key=lambda one: one[0])
    adds = tuple(one for one in told if one[0] < seconds)
    return Day(seconds=seconds, fault=Fault("", seconds, adds, changes=clock, loses=clock.loses))


@dataclass
class _Results:
    """What positions and exits come to, which the day's bot leaves open."""

    second: int = 0

    def __call__(self, event: events.Event) -> events.Event | None:
        if isinstance(event, events.Heartbeat):
            self.second += 1
        if isinstance(event, events.RotationEvt) and event.status == "ok" and event.capital_usd is None:
            return None
        if isinstance(event, events.Fill) and not event.position:
            return msgspec.structs.replace(event, pnl=-0.02 if event.seq % 5 == 0 else 0.03)
        if isinstance(event, events.Inventory):
            tide = math.sin(self.second / 4000 + len(event.market))
            return msgspec.structs.replace(event, upnl=round(0.04 * tide, 3), mae_c=round(3 - 2 * tide, 1))
        return event


@dataclass
class _Troubles(_Results):
    """Slow acknowledgements, a stale feed, a full book, silence; by the hour of the day."""

    lost: list[int] = field(default_factory=list)

    def __call__(self, event: events.Event) -> events.Event | None:
        told = super().__call__(event)
        hour = self.second / HOUR
        if 18 <= hour < 18.2 and not isinstance(event, events.Heartbeat):
            return None
        match told:
            case events.Heartbeat() if 18 <= hour < 18.2:
                return None
            case events.OrderAck() if 14 <= hour < 14.6:
                return msgspec.structs.replace(told, latency_ms=told.latency_ms * 18)
            case events.Heartbeat() if 16 <= hour < 16.2:
                return msgspec.structs.replace(told, md_age_ms=20_000.0, loop_lag_ms=450.0)
            case events.Heartbeat() if hour >= 23.9:
                return msgspec.structs.replace(told, kill=1)
            case events.Host():
                left = round(61.5 - 2.2 * hour, 2)
                return msgspec.structs.replace(told, disk_free_pct=left, clock_offset_ms=4.0 + (hour > 20) * 900.0)
            case events.Fill() | events.Inventory() if hour > 21:
                return msgspec.structs.replace(told, pos_frac=0.97)
        return told

    def loses(self, line: bytes) -> bool:
        return 10 * HOUR <= self.second < 10 * HOUR + 30 and b"quote_" in line


def _strategies() -> Iterator[Added]:
    chance = random.Random(11)
    for rotation in range(6):
        yield from _rotation(chance, rotation, rotation * 4 * HOUR + 600)
    for minute in range(5, DAY // 60, 10):
        for market in ("BTC", "ETH", "SOL"):
            composite = round(max(-1.0, min(1.0, chance.gauss(0.3, 0.25))), 3)
            age = round(20 + chance.random() * 200, 1)
            yield minute * 60.0, events.NansenSignal(market=market, signal_age_s=age, composite=composite)
    for at in (5 * HOUR, 13 * HOUR):
        yield at, events.Drain(market="SOL", phase="begin", position=2.0, took_s=0.0)
        yield at + 340.5, events.Drain(market="SOL", phase="done", position=0.0, took_s=340.5)
    yield 9.0 * HOUR, events.MaeTrim(**EXIT, vwap=0.48, age_s=310.0, mae_c=6.0, fraction=0.165)


def _rotation(chance: random.Random, number: int, at: float) -> Iterator[Added]:
    scored = []
    for market in CANDIDATES:
        terms = {f"z_{name}": round(chance.gauss(0, 1), 3) for name in WEIGHTS}
        score = round(sum(weight * terms[f"z_{name}"] for name, weight in WEIGHTS.items()), 3)
        scored.append((score, market, terms))
    for rank, (score, market, terms) in enumerate(sorted(scored, reverse=True), 1):
        chosen = rank <= 3
        yield (
            at + rank / 1000,
            events.RotationEvt(
                status="ok", rotation=number, market=market, rank=rank, score=score,
                decision=("enter" if chance.random() < 0.3 else "stay") if chosen else "out",
                capital_usd=10_000.0 / rank if chosen else 0.0, spread_bps=round(2 + chance.random() * 6, 2),
                depth_usd=round(4e4 + chance.random() * 9e4), fee_bps=1.5, **terms,
                **{f"w_{name}": weight for name, weight in WEIGHTS.items()},
            ),
        )  # fmt: skip


def _troubles() -> Iterator[Added]:
    """The faults that the alerts are tested with, and those that only a panel shows, each at its own time."""
    at = 8.6 * HOUR
    for fault in faults.FAULTS.values():
        yield from ((at + offset, said) for offset, said in fault.adds)
        at += 1200
    refused = faults.ORDER | {"market": faults.PERP, "code": "E_TICK"}
    for place in range(24):
        when = 14.1 * HOUR + place * 40
        yield when, events.OrderReject(**refused, price=97_000.5, size=0.005, reason="off the grid", latency_ms=31.0)
        yield (
            when + 0.2,
            events.RetryAttempt(**refused, retry_of="0x01", attempt=1, price_before=97_000.5, price=97_001.0),
        )
        if place % 3 == 0:
            yield when + 0.4, events.RetryExhausted(**refused, attempts=1, reason="off the grid")
    for place in range(12):
        yield 16 * HOUR + place * 60, events.FeedGap(market="ETH", expected=10, received=12)
        yield 16 * HOUR + place * 60 + 5, events.FeedStale(market="BTC", md_age_ms=20_000.0)
    for hour in (12.5, 13.0, 19.0):
        yield hour * HOUR, events.HardCapExit(**EXIT, vwap=0.48, age_s=1290.0)
        yield hour * HOUR + 60, events.BreakerReset(market="BTC", after_s=30.0, cancels_30=4)
