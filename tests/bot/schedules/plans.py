"""What happens to a bot in one schedule, drawn from a seed: faults, a bad network, kills, an operator's hand.

The same number always draws the same schedule. Times in seconds of virtual time; after `storm_s` all is well again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from bot.venues.simulators.hyperliquid.faults import Fault
from tests.bot.venues.hyperliquid.in_memory import Weather

MARKETS = ("SOL", "BTC", "ETH", "DOGE", "kPEPE")
ACTIONS = ("exchange", "exchange:order", "exchange:cancelByCloid", "exchange:batchModify")
QUESTIONS = ("info", "info:orderStatus", "info:openOrders", "info:userFillsByTime", "info:clearinghouseState")
PRIVATE = ("ws:userFills", "ws:orderUpdates")
PUBLIC = ("ws:bbo", "ws:l2Book", "ws:trades")
TORN = (0.0, 0.0, 0.01, 0.05)
SLOW = ("/", "/exchange", "/ws")
REFUSALS = (
    "Insufficient margin to place order. asset={asset}",
    "Price must be divisible by tick size. asset={asset}",
    "Post only order would have immediately matched, bbo was 1@2. asset={asset}",
    "Too many cumulative requests sent (9 > 8) for cumulative volume traded $1.00.",
    "Something that nobody has ever read. asset={asset}",
)
PLACES: dict[str, tuple[str, ...]] = {
    "drop": (*ACTIONS, *QUESTIONS, *PRIVATE, *PUBLIC, "ws"),
    "delay": (*ACTIONS, *QUESTIONS, *PRIVATE, *PUBLIC),
    "duplicate": (*PRIVATE, *PUBLIC, "ws"),
    "reorder": (*PRIVATE, *PUBLIC, "ws"),
    "reverse": PRIVATE,
    "reject": ("exchange:order", "exchange:batchModify"),
    "unknown": ACTIONS,
    "frozen_feed": ("ws", *PUBLIC),
    "too_many": (*ACTIONS, *QUESTIONS),
    "post_only": ("exchange:order",),
    "collapsed": ("exchange:order", "exchange:batchModify"),
    "disconnect": ("ws", *PRIVATE, *PUBLIC),
}
"""Fault -> where it may strike here."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`rough`: the price's moves (bps a step), how often somebody takes, and how much (USD). `kills`: when the bot
    dies, and for how long; `switches`: when an operator turns quotes off or on,
    `looks`: when one asks the running bot for its positions.
    """

    seed: int
    markets: tuple[str, ...]
    account: int
    storm_s: float
    faults: tuple[Fault, ...]
    network: Weather
    rough: tuple[float, float, float]
    kills: tuple[tuple[float, float], ...]
    switches: tuple[tuple[float, bool], ...]
    looks: tuple[float, ...]
    stop_in_storm: bool
    starved: bool

    def told(self) -> list[str]:
        """In words, a line each."""
        lines = [f"markets {', '.join(self.markets)}; account {self.account}; storm of {self.storm_s:.0f} s"]
        lines += [f"the price moves {self.rough[0]} bps a step, {self.rough[1]:.0%} take {self.rough[2]:.0f} USD"]
        lines += [f"fault {_words(fault)}" for fault in self.faults]
        way = self.network
        lines += [f"{way.slow_chance:.0%} of messages to {way.slow_path} slow {way.slow_s}, {way.torn_chance:.0%} torn"]
        lines += [f"killed at {at:.2f} s for {away:.2f} s" for at, away in self.kills]
        lines += [f"quotes {'off' if off else 'on'} at {at:.2f} s" for at, off in self.switches]
        lines += [f"asked for positions at {', '.join(f'{at:.2f}' for at in self.looks)} s"] * bool(self.looks)
        return [*lines, *(["told to stop in the storm"] * self.stop_in_storm), *(["few requests left"] * self.starved)]


def draw(seed: int) -> Schedule:
    """The schedule of this number."""
    chance = random.Random(f"schedule {seed}")
    storm = chance.uniform(25, 60)
    off_at = chance.uniform(5, storm)
    return Schedule(
        seed=seed,
        markets=tuple(chance.sample(MARKETS, chance.choice((1, 2, 2, 3)))),
        account=chance.choice((0, 1)),
        storm_s=storm,
        faults=tuple(_fault(chance, storm) for _ in range(chance.randint(1, 7))),
        network=_network(chance, random.Random(f"torn {seed}").choice(TORN)),
        rough=(chance.choice((0.3, 1.0, 2.0)), chance.choice((0.05, 0.2, 0.5)), chance.choice((5_000.0, 25_000.0))),
        kills=tuple(
            (chance.uniform(1, storm), chance.choice((0.1, 0.5, 2.0, 6.0)))
            for _ in range(chance.choice((0, 0, 1, 2, 3)))
        ),
        switches=((off_at, True), (off_at + chance.uniform(1, 15), False)) if chance.random() < 0.2 else (),
        looks=tuple(sorted(chance.uniform(1, storm) for _ in range(8))) if chance.random() < 0.3 else (),
        stop_in_storm=chance.random() < 0.2,
        starved=chance.random() < 0.1,
    )


def _kill(chance: random.Random, storm: float) -> tuple[float, float]:
    return chance.uniform(1, storm), chance.choice((0.1, 0.5, 2.0, 6.0))


def _network(chance: random.Random, torn: float) -> Weather:
    slow = chance.choice((0.0, 0.0, 0.02, 0.1, 0.2))
    fast, slowest = chance.choice((0.02, 0.06, 0.25)), chance.choice((1.0, 3.0, 8.0))
    return Weather((0.002, fast), (0.3, slowest), slow, chance.choice(SLOW), torn)


def _fault(chance: random.Random, storm: float) -> Fault:
    name = chance.choice(list(PLACES))
    start = chance.uniform(0, storm - 1)
    counted = chance.random() < 0.5
    return Fault(
        fault=name,
        where=chance.choice(PLACES[name]),
        after=chance.choice((0, 0, 1, 3)),
        count=chance.randint(1, 4) if counted else 0,
        chance=1.0 if counted else chance.choice((0.05, 0.2, 0.5, 1.0)),
        start_s=start,
        seconds=storm - start if counted else min(chance.uniform(1, 20), storm - start),
        delay_s=chance.choice((0.1, 1.0, 2.5, 4.0, 6.0, 12.0)),
        text=chance.choice(REFUSALS),
    )


def _words(fault: Fault) -> str:
    often = f"{fault.count} times" if fault.count else f"by {fault.chance:.0%}"
    when = f"from {fault.start_s:.2f} s for {fault.seconds:.2f} s"
    late = f", {fault.delay_s} s late" if fault.fault == "delay" else ""
    text = f": {fault.text}" if fault.fault == "reject" else ""
    return f"{fault.fault} at {fault.where} {often} after {fault.after} {when}{late}{text}"
