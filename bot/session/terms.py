"""What edge-locked quoting comes to in one market: its league's gate, where a position takes its profit, its times.

Reads settings and specs; decides nothing and keeps nothing.
"""

from __future__ import annotations

from fractions import Fraction

from bot.market.position import Holding
from bot.market.spec import Spec
from bot.market.units import Side, Ticks
from bot.strategy.edge_locked import Gate, Params
from bot.strategy.edge_locked.take_profit import offset, take_profit

SECOND = 1_000_000_000


def league(spec: Spec, params: Params) -> str:
    """Of the market's series; "" for one that belongs to none."""
    return "" if spec.contract is None else params.leagues.get(spec.contract.series, "")


def gate(spec: Spec, params: Params) -> Gate | None:
    """None where nothing may be entered."""
    return params.gates.get(league(spec, params))


def target(spec: Spec, holding: Holding, params: Params | None) -> Ticks | None:
    """Where the position takes its profit; None when flat, and where positions are not edge-locked."""
    if params is None or spec.contract is None:
        return None
    return take_profit(spec, holding, offset(spec, spec.contract.fees, params))


def breach(spec: Spec, params: Params, side: Side, ticks: Ticks) -> float | None:
    """How far inside the gate an entry traded, in dollars: 0 where it may, None where no gate is set."""
    limits = gate(spec, params)
    if limits is None:
        return None
    price = ticks * spec.tick
    inside = price - limits.low if side == "bid" else limits.high - price
    return max(float(inside), 0.0)


def quiet(spec: Spec, params: Params, now: int) -> bool:
    """Whether nothing may be entered at this time: the game starts soon, or did, or nobody knows when it does."""
    contract = spec.contract
    if contract is None or contract.starts is None:
        return True
    return now >= contract.starts - params.quiet_s * SECOND or now >= contract.closes


def started(spec: Spec, now: int) -> bool:
    """Whether the game is known to have started."""
    contract = spec.contract
    return contract is not None and contract.starts is not None and now >= contract.starts


def cents(spec: Spec, ticks: Fraction) -> float:
    """A distance in ticks as cents."""
    return round(float(ticks * Fraction(spec.tick) * 100), 4)
