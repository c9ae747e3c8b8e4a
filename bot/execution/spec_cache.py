"""What each market accepts, as the venue last said: how old that is, and what a fresh reading changed.

A changed grid is taken in place. Changed units are not: everything that is counted in them (positions, orders, the
journal's last state) belongs to the old ones, so whoever asks is told and must start afresh. The desk's overrides are
applied to every reading. Asks no venue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.market.overrides import Applied, Override, apply
from bot.market.spec import Spec


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of markets: with other rules than before, counted in other units, listed no more."""

    rules: frozenset[str]
    units: tuple[str, ...]
    unlisted: tuple[str, ...]


class SpecCache(Mapping[str, Spec]):
    """Specs in effect by market; `read_at` in ns. A market that is listed no more keeps its last spec."""

    def __init__(self, specs: Mapping[str, Spec], overrides: Mapping[str, Override], read_at: int) -> None:
        self._overrides = overrides
        self._specs: dict[str, Spec] = {}
        self.applied: dict[str, Applied] = {}
        self.unlisted: frozenset[str] = frozenset()
        self.read_at = read_at
        self._take(specs)

    def __getitem__(self, market: str) -> Spec:
        return self._specs[market]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def take(self, specs: Mapping[str, Spec], now: int) -> Changes:
        """Believe a fresh reading; changed units are named and not taken."""
        before = dict(self._specs)
        units = tuple(name for name in sorted(specs) if name in before and _units(specs[name]) != _units(before[name]))
        self._take({name: spec for name, spec in specs.items() if name not in units})
        self.unlisted = frozenset(before.keys() - specs.keys())
        self.read_at = now
        rules = frozenset(name for name, spec in self._specs.items() if spec != before.get(name))
        return Changes(rules, units, tuple(sorted(self.unlisted)))

    def _take(self, specs: Mapping[str, Spec]) -> None:
        for name, spec in specs.items():
            asked = self._overrides.get(name)
            if asked is not None:
                self.applied[name] = apply(spec, asked)
                spec = self.applied[name].spec
            self._specs[name] = spec


def _units(spec: Spec) -> tuple[object, ...]:
    """What ticks and lots mean, and which number the venue knows the market by."""
    return spec.tick, spec.lot, spec.asset
