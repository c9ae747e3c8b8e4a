"""What a run is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.execution import order_manager, retry_guard
from bot.market.overrides import Override
from bot.market.spec import Spec
from bot.risk import circuit_breaker, limits
from bot.strategy import edge_locked, perp_maker

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Params:
    """`specs` of every market as the venue lists it, `markets` those to quote, `overrides` by market; times in ns.

    `read_every`: the account is read anew this often, without any doubt. `shadow`: no order is sent, so none is told
    as sent. `ours_shown`: what rests of ours is in the best prices that the venue tells.
    `others_until`: so long orders of a killed run may still arrive, so that nothing is quoted before.
    `edge`: quotes are edge-locked, and `maker` is not asked; `breaker` is for them.
    """

    run: str
    venue: str
    specs: Mapping[str, Spec]
    markets: tuple[str, ...]
    maker: perp_maker.Params = field(default_factory=perp_maker.Params)
    limits: limits.Params = field(default_factory=limits.Params)
    send: order_manager.Params = field(default_factory=order_manager.Params)
    guard: retry_guard.Params = field(default_factory=retry_guard.Params)
    overrides: Mapping[str, Override] = field(default_factory=dict)
    started: int = 0
    stale_after: int = 3 * SECOND
    read_every: int = 300 * SECOND
    known_tids: int = 100_000
    shadow: bool = False
    ours_shown: bool = True
    others_until: int = 0
    edge: edge_locked.Params | None = None
    breaker: circuit_breaker.Params = field(default_factory=circuit_breaker.Params)
