"""What happens to a bot in one schedule, drawn from a seed: faults, a bad network, kills, an operator's hand.

The same number always draws the same schedule. Times in seconds of virtual time; after `storm_s` all is well again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.venues.simulators.plan import Fault
from tests.bot.venues.in_memory import Weather

Places = Mapping[str, tuple[str, ...]]
"""Fault -> where it may strike."""
TORN = (0.0, 0.0, 0.01, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What all venues' have. `kills`: when the bot dies, and for how long; `switches`: when an operator turns quotes
    off or on, `looks`: when one asks the running bot for its positions.
    """

    seed: int
    markets: tuple[str, ...]
    storm_s: float
    faults: tuple[Fault, ...] = ()
    network: Weather = field(default_factory=Weather)
    kills: tuple[tuple[float, float], ...] = ()
    switches: tuple[tuple[float, bool], ...] = ()
    looks: tuple[float, ...] = ()
    stop_in_storm: bool = False

    @property
    def over_s(self) -> float:
        """When the last thing of all happens."""
        return self.storm_s

    def told(self) -> list[str]:
        """In words, a line each."""
        lines = [f"markets {', '.join(self.markets)}; storm of {self.storm_s:.0f} s", *self.more()]
        lines += [f"fault {_words(fault)}" for fault in self.faults]
        way = self.network
        lines += [f"{way.slow_chance:.0%} of messages to {way.slow_path} slow {way.slow_s}, {way.torn_chance:.0%} torn"]
        lines += [f"killed at {at:.2f} s for {away:.2f} s" for at, away in self.kills]
        lines += [f"quotes {'off' if off else 'on'} at {at:.2f} s" for at, off in self.switches]
        lines += [f"asked for positions at {', '.join(f'{at:.2f}' for at in self.looks)} s"] * bool(self.looks)
        return [*lines, *(["told to stop in the storm"] * self.stop_in_storm)]

    def more(self) -> list[str]:
        """What only this venue's have."""
        return []


def kills(chance: random.Random, storm: float) -> tuple[tuple[float, float], ...]:
    number = chance.choice((0, 0, 1, 2, 3))
    return tuple((chance.uniform(1, storm), chance.choice((0.1, 0.5, 2.0, 6.0))) for _ in range(number))


def looks(chance: random.Random, storm: float) -> tuple[float, ...]:
    return tuple(sorted(chance.uniform(1, storm) for _ in range(8))) if chance.random() < 0.3 else ()


def network(chance: random.Random, torn: float, paths: Sequence[str]) -> Weather:
    """`paths` are those of which one alone may be slow."""
    slow = chance.choice((0.0, 0.0, 0.02, 0.1, 0.2))
    fast, slowest = chance.choice((0.02, 0.06, 0.25)), chance.choice((1.0, 3.0, 8.0))
    return Weather((0.002, fast), (0.3, slowest), slow, chance.choice(paths), torn)


def fault(chance: random.Random, storm: float, places: Places, refusals: Sequence[str]) -> Fault:
    name = chance.choice(list(places))
    start = chance.uniform(0, storm - 1)
    counted = chance.random() < 0.5
    return Fault(
        fault=name,
        where=chance.choice(places[name]),
        after=chance.choice((0, 0, 1, 3)),
        count=chance.randint(1, 4) if counted else 0,
        chance=1.0 if counted else chance.choice((0.05, 0.2, 0.5, 1.0)),
        start_s=start,
        seconds=storm - start if counted else min(chance.uniform(1, 20), storm - start),
        delay_s=chance.choice((0.1, 1.0, 2.5, 4.0, 6.0, 12.0)),
        text=chance.choice(refusals),
    )


def _words(given: Fault) -> str:
    often = f"{given.count} times" if given.count else f"by {given.chance:.0%}"
    when = f"from {given.start_s:.2f} s for {given.seconds:.2f} s"
    late = f", {given.delay_s} s late" if given.fault in ("delay", "stale_read") else ""
    text = f": {given.text}" if given.fault == "reject" else ""
    return f"{given.fault} at {given.where} {often} after {given.after} {when}{late}{text}"
