"""A bot that does its day's work on two perps and two event contracts, as events: nothing goes wrong here.

Prices wander and chance decides what trades; the strategies are told, not run. Knows no lines and no faults.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot import events

PERPS = {"BTC": (97_000.0, 1.0, 0.005), "ETH": (3_600.0, 0.1, 0.14)}
"""Price, tick and size of a quote."""
GAMES = {"NHL-LEAFS-WIN-B45": (0.48, 0.65), "NFL-BILLS-WIN": (0.44, 0.72)}
"""Price gates."""
TP_OFFSET, LIMIT = 0.07, 20.0
PAPER: dict[str, Any] = {"mode": "paper", "max_markets": 4, "limit": LIMIT}
FEES = {"fee_entry_c": 1.75, "fee_exit_c": 1.75, "tp_offset_c": 7.0, "example_vwap": 0.6, "example_tp": 0.67}

Timed = tuple[int, events.Event | str]
"""Microseconds since the beginning of the day, and what is logged then: an event, or a line as it stands."""


@dataclass(slots=True)
class Bot:
    """The whole bot: it restarts once, at noon, and turns every second."""

    chance: random.Random
    seq: int = 0
    since: int = 0
    cancels: int = 0
    desks: list[_Desk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desks = [*(_Perp(self, market) for market in PERPS), *(_Game(self, market) for market in GAMES)]

    def second(self, now: int) -> Iterator[Timed]:
        base = now * 1_000_000
        if now % 43_200 == 0:
            self.since = now
            yield from ((base + n, event) for n, event in enumerate(self._beginning(now)))
        yield base + 20_000 + int(self.chance.random() * 2000), self._heartbeat(now)
        if now % 60 == 30:
            yield base + 30_000, self._host()
            yield from ((base + 31_000 + n, line) for n, line in enumerate(self._held(now)))
        if now % 14_400 == 600:
            yield from ((base + 40_000 + n, line) for n, line in enumerate(self._rotation(now)))
        for desk in self.desks:
            yield from desk.second(now, base)

    def order(self, at: int, place: events.QuotePlace) -> Iterator[Timed]:
        """An order and its answer: nearly always an acknowledgement within 200 ms."""
        yield at, place
        latency = 15 + min(self.chance.expovariate(1 / 20), 160)
        common = {"market": place.market, "side": place.side, "seq": place.seq, "cloid": place.cloid, "ro": place.ro}
        answered = at + int(latency * 1000)
        if self.chance.random() < 0.005:
            reason = "Post only order would have immediately matched"
            code = {"code": "E_POST_ONLY", "reason": reason, "price": place.price, "size": place.size}
            yield answered, events.OrderReject(**common, **code, tif=place.tif, latency_ms=round(latency, 3))
        else:
            oid = str(900_000 + place.seq)
            yield answered, events.OrderAck(**common, tif=place.tif, oid=oid, latency_ms=round(latency, 3))

    def ids(self) -> tuple[int, str]:
        self.seq += 1
        return self.seq, f"0x{self.seq:032x}"

    def _beginning(self, now: int) -> Iterator[events.Event]:
        if now:
            yield events.Shutdown(reason="SIGTERM", cancelled=6, resting=0, took_ms=80.0)
        markets = [desk.market for desk in self.desks]
        commit = "abc1234" * 5
        yield events.Startup(mode="paper", venue="paper", commit=commit, markets=markets, quotes_enabled=True)
        yield from (desk.sanity() for desk in self.desks)
        yield events.FeedConnect(venue="paper", markets=len(markets), down_s=0.0)
        yield events.Reconcile(reason="start", markets=len(markets), orphans=0, adopted_fills=0)

    def _heartbeat(self, now: int) -> events.Heartbeat:
        age, lag = round(100 + self.chance.random() * 300, 1), round(self.chance.random() * 3, 3)
        return events.Heartbeat(
            uptime_s=float(now - self.since), md_age_ms=age, open_orders=len(self.desks) * 2, kill=0, loop_lag_ms=lag
        )

    def _host(self) -> events.Host:
        offset, load = round(self.chance.gauss(0, 3), 2), round(self.chance.random(), 2)
        return events.Host(
            disk_free_pct=61.5,
            disk_free_mb=20_000.0,
            mem_available_pct=70.0,
            rss_mb=90.0,
            load_1=load,
            clock_offset_ms=offset,
        )

    def _held(self, now: int) -> Iterator[events.Event]:
        return (desk.inventory(now) for desk in self.desks if desk.position)

    def _rotation(self, now: int) -> Iterator[events.Event]:
        for rank, desk in enumerate(self.desks, 1):
            score = round(2.0 - rank + self.chance.random(), 3)
            yield events.RotationEvt(
                status="ok", rotation=now // 14_400, market=desk.market, decision="stay", rank=rank, score=score
            )


@dataclass(slots=True)
class _Desk:
    """One market: what is held since when."""

    bot: Bot
    market: str
    strategy: events.Strategy = "perp_maker"
    position: float = 0.0
    vwap: float | None = None
    since: int = 0
    last: events.QuotePlace | None = None

    def second(self, now: int, base: int) -> Iterable[Timed]:
        raise NotImplementedError

    @property
    def state(self) -> events.State:
        return "FLAT" if not self.position else "SKEW_LONG" if self.position > 0 else "SKEW_SHORT"

    @property
    def tp(self) -> float | None:
        return None

    def sanity(self) -> events.StartupSanity:
        """What the settings come to in this market."""
        raise NotImplementedError

    def inventory(self, now: int) -> events.Inventory:
        size = abs(self.position)
        held = {"position": self.position, "limit": LIMIT, "pos_frac": round(size / LIMIT, 4)}
        age = {"held_s": float(now - self.since), "mark": self.vwap or 0.0, "upnl": 0.0}
        return events.Inventory(
            market=self.market, state=self.state, strategy=self.strategy, vwap=self.vwap, tp=self.tp, **held, **age
        )

    def quote(self, at: int, side: events.Side, price: float, size: float, ro: bool = False) -> Iterator[Timed]:
        """The order that rests is cancelled, another is sent."""
        self.bot.cancels = (self.bot.cancels + 1) % 9
        if (old := self.last) is not None:
            rested = round(2 + self.bot.chance.random() * 9, 3)
            yield (
                at - 20_000,
                events.QuoteCancel(
                    market=self.market,
                    side=old.side,
                    seq=old.seq,
                    cloid=old.cloid,
                    reason="requote",
                    rested_s=rested,
                    cancels_30=self.bot.cancels,
                ),
            )
        seq, cloid = self.bot.ids()
        self.last = events.QuotePlace(
            market=self.market,
            state=self.state,
            side=side,
            price=price,
            size=size,
            seq=seq,
            cloid=cloid,
            tif="Alo",
            ro=ro,
            cancels_30=self.bot.cancels,
            vwap=self.vwap,
            tp=self.tp,
            tp_err=None if self.tp is None else 0.0,
            strategy=self.strategy,
        )
        yield from self.bot.order(at, self.last)

    def fill(self, at: int, now: int, gate_err: float | None = None) -> Iterator[Timed]:
        """The order that rests trades whole."""
        order, before = self.last, self.state
        assert order is not None
        moved = order.size if order.side == "bid" else -order.size
        self.last = None
        self.position = round(self.position + moved, 6)
        self.vwap = order.price if self.position else None
        if self.state != before:
            self.since = now
        yield (
            at,
            events.Fill(
                market=self.market,
                state=self.state,
                side=order.side,
                price=order.price,
                size=order.size,
                position=self.position,
                fee=0.01,
                seq=order.seq,
                cloid=order.cloid,
                tid=str(order.seq),
                vwap=self.vwap,
                tp=self.tp,
                pos_frac=round(abs(self.position) / LIMIT, 4),
                gate_err=gate_err,
                strategy=self.strategy,
            ),
        )
        if self.state != before:
            yield (
                at + 1,
                events.StateChange(market=self.market, state=self.state, previous=before, position=self.position),
            )


@dataclass(slots=True)
class _Perp(_Desk):
    """Quotes around a price that wanders, on both sides in any state; what it holds is brought back by its fills."""

    mid: float = 0.0

    def sanity(self) -> events.StartupSanity:
        _, tick, size = PERPS[self.market]
        return events.StartupSanity(market=self.market, strategy=self.strategy, tick=tick, lot=size, **PAPER)

    def second(self, now: int, base: int) -> Iterator[Timed]:
        start, tick, size = PERPS[self.market]
        chance = self.bot.chance
        self.mid = (self.mid or start) * (1 + chance.gauss(0, 0.0001))
        if chance.random() < 0.12:
            side: events.Side = "ask" if self.position > 3 * size or (now % 2 and self.position > -3 * size) else "bid"
            wanted = self.mid * (1.0004 if side == "ask" else 0.9996)
            price = round(round(wanted / tick) * tick, 1)
            yield from self.quote(base + 200_000 + int(chance.random() * 300_000), side, price, size)
            if chance.random() < 0.2:
                yield from self.fill(base + 900_000, now)


@dataclass(slots=True)
class _Game(_Desk):
    """Enters at the gates, holds for 8 to 12 minutes, and leaves with one reduce-only order."""

    strategy: events.Strategy = "edge_locked"
    leave_at: int = 0

    def sanity(self) -> events.StartupSanity:
        low, high = GAMES[self.market]
        grid = {"tick": 0.01, "lot": 1.0, "gate_low": low, "gate_high": high}
        return events.StartupSanity(market=self.market, strategy=self.strategy, **grid, **FEES, **PAPER)

    @property
    def tp(self) -> float | None:
        if self.vwap is None:
            return None
        return round(self.vwap + (TP_OFFSET if self.position > 0 else -TP_OFFSET), 2)

    def second(self, now: int, base: int) -> Iterator[Timed]:
        low, high = GAMES[self.market]
        chance, at = self.bot.chance, base + 500_000
        if self.position and now >= self.leave_at:
            yield from self._leave(at, now)
        elif not self.position and chance.random() < 0.05:
            bid = chance.random() < 0.5
            yield from self.quote(at, "bid" if bid else "ask", low if bid else high, 1.0)
            if chance.random() < 0.05:
                self.leave_at = now + 480 + int(chance.random() * 240)
                yield from self.fill(base + 900_000, now, gate_err=0.0)

    def _leave(self, at: int, now: int) -> Iterator[Timed]:
        assert self.vwap is not None
        assert self.tp is not None
        side: events.Side = "ask" if self.position > 0 else "bid"
        hit = self.bot.chance.random() < 0.4
        price = self.tp if hit else round((self.vwap + self.tp) / 2, 2)
        exit_ = events.TpExit if hit else events.SweetSpotExit
        yield (
            at - 50_000,
            exit_(
                market=self.market,
                state=self.state,
                side=side,
                price=price,
                size=1.0,
                vwap=self.vwap,
                age_s=float(now - self.since),
                tp=self.tp,
                pnl=0.03,
            ),
        )
        yield from self.quote(at, side, price, 1.0, ro=True)
        yield from self.fill(at + 400_000, now)
