"""Schedules at Kalshi: where its faults may strike, the games, and what the desk has set."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

from bot.risk import circuit_breaker
from bot.strategy import edge_locked
from bot.venues.simulators.kalshi.script import Script
from tests.bot.schedules import plans
from tests.bot.schedules.kalshi.games import TICKERS, script
from tests.bot.schedules.plans import TORN, Places
from tests.bot.venues.kalshi.in_memory import ACTS, ASKS

SENDS = ("orders:create", "orders:batch_create")
ACTIONS = ("orders", *SENDS, "orders:cancel", "orders:batch_cancel", "orders:amend", "orders:groups")
QUESTIONS = ("read", "read:orders", "read:fills", "read:positions", "read:settlements", "read:markets", "read:status")
PRIVATE = ("ws:fill", "ws:user_order")
BOOKS = ("ws:orderbook_delta", "ws:orderbook_snapshot")
PUBLIC = (*BOOKS, "ws:trade", "ws:market_lifecycle_v2")
SLOW = ("/", ACTS, ASKS, "/ws")
REFUSALS = (
    "insufficient_balance",
    "invalid_price",
    "market_inactive",
    "trading_is_paused",
    "something_that_nobody_has_ever_read",
)
PLACES: Places = {
    "drop": (*ACTIONS, *QUESTIONS, *PRIVATE, *PUBLIC, "ws"),
    "unknown": ACTIONS,
    "server_error": (*ACTIONS, *QUESTIONS),
    "unavailable": (*ACTIONS, *QUESTIONS),
    "too_many": (*ACTIONS, *QUESTIONS),
    "delay": (*ACTIONS, *QUESTIONS, *PRIVATE, *PUBLIC),
    "reject": SENDS,
    "accept_then_cancel": ("orders:create",),
    "wrong_order": ("orders:cancel", "orders:amend"),
    "stale_read": ("orders:cancel",),
    "seq_gap": BOOKS,
    "overflow": BOOKS,
    "duplicate": (*PRIVATE, *PUBLIC, "ws"),
    "reorder": (*PRIVATE, *PUBLIC, "ws"),
    "frozen_feed": ("ws", *PUBLIC),
    "disconnect": ("ws", *PRIVATE, *PUBLIC),
}
LEGACY_EVERY = 8
"""One schedule in so many quotes by the old logic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(plans.Schedule):
    """Limits in contracts; `group` is how many may match in 15 s. `legacy`: not edge-locked. `cash` in dollars."""

    games: Script
    cap: Decimal = Decimal(20)
    event_cap: Decimal | None = None
    group: int = 1_000
    cash: int = 10_000
    legacy: bool = False
    edge: edge_locked.Params = field(default_factory=edge_locked.Params)
    breaker: circuit_breaker.Params = field(default_factory=circuit_breaker.Params)

    @property
    def over_s(self) -> float:
        return max(self.storm_s, *(one.settles_s + 1 for one in self.games.markets if one.settles_s is not None), 0.0)

    def more(self) -> list[str]:
        edge, most = self.edge, "" if self.event_cap is None else f", {self.event_cap} an event"
        lines = [f"{self.cap} contracts a market{most}, {self.group} in 15 s; {self.cash} dollars"]
        if self.legacy:
            lines.append("legacy quotes")
        else:
            exits = f"{edge.sweet_from_s}, {edge.sweet_to_s}, {edge.hard_cap_s} s, quiet {edge.quiet_s} s"
            lines.append(f"breaker: {self.breaker.soft_errors} errors, {self.breaker.soft_pause_s} s")
            lines.append(f"edge-locked: {edge.size} an entry, exits at {exits}, cooldown {edge.cooldown_s} s")
        lines += [f"{one.at_s:.2f} s: {one.what}" for one in self.games.happenings]
        for market in self.games.markets:
            times = (market.opens_s, market.starts_s, market.closes_s, market.determined_s, market.settles_s)
            told = ", ".join("-" if second is None else f"{second:.2f}" for second in times)
            lines.append(f"{market.ticker} {market.structure}: opens, starts, closes, determined, settles at {told}")
            lines += [f"  {one.at_s:.2f} s: {one.what} {one.structure}" for one in market.happenings]
        return lines


def draw(seed: int) -> Schedule:
    """The schedule of this number."""
    chance = random.Random(f"kalshi schedule {seed}")
    storm = chance.uniform(30, 75)
    tickers = _tickers(chance)
    off_at, size = chance.uniform(5, storm), chance.choice((3, 5, 10))
    return Schedule(
        seed=seed,
        markets=tickers,
        storm_s=storm,
        faults=tuple(plans.fault(chance, storm, PLACES, REFUSALS) for _ in range(chance.randint(1, 7))),
        network=plans.network(chance, chance.choice(TORN), SLOW),
        kills=plans.kills(chance, storm),
        switches=((off_at, True), (off_at + chance.uniform(1, 15), False)) if chance.random() < 0.2 else (),
        looks=plans.looks(chance, storm),
        stop_in_storm=chance.random() < 0.2,
        games=script(chance, tickers, storm),
        cap=Decimal(chance.choice((size, 2 * size, 30))),
        event_cap=Decimal(chance.choice((size, 15))) if chance.random() < 0.5 else None,
        group=chance.choice((size, 2 * size, 1_000, 1_000)),
        cash=chance.choice((15, 10_000, 10_000, 10_000, 10_000)),
        legacy=seed % LEGACY_EVERY == 0,
        edge=_edge(chance, Decimal(size)),
        breaker=_breaker(chance),
    )


def _tickers(chance: random.Random) -> tuple[str, ...]:
    """Often the two of one game, in any order, with others or without."""
    found = chance.sample(TICKERS, chance.choice((1, 2, 3, 3)))
    if chance.random() < 0.4:
        first = chance.choice(range(0, len(TICKERS), 2))
        pair = list(TICKERS[first : first + 2])
        found = [*pair, *(name for name in found[:1] if name not in pair)]
        chance.shuffle(found)
    return tuple(found)


def _breaker(chance: random.Random) -> circuit_breaker.Params:
    """As it is by default, or one that lets a storm rage and recovers in its time."""
    if chance.random() < 0.3:
        return circuit_breaker.Params()
    errors = chance.choice((3, 10, 30))
    return circuit_breaker.Params(
        soft_errors=errors, hard_errors=2 * errors, soft_pause_s=chance.choice((3, 10)), hard_pause_s=20
    )


def _edge(chance: random.Random, size: Decimal) -> edge_locked.Params:
    """What takes minutes in an evening takes seconds in a storm."""
    sweet = chance.choice((2, 5, 15))
    return edge_locked.Params(
        size=size,
        sweet_from_s=sweet,
        sweet_to_s=sweet + chance.choice((2, 6)),
        hard_cap_s=sweet + chance.choice((7, 12)),
        cooldown_s=Decimal(chance.choice(("0.5", "1", "2"))),
        quiet_s=chance.choice((2, 5)),
        trim_from=Decimal(chance.choice(("0.02", "0.05"))),
    )
