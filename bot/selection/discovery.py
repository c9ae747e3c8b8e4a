"""Which event contracts to quote, with a reason for each of them; and when a run should make room for a better choice.

- What is held comes first and is always taken: somebody has to see to its exit.
- Then what may be entered now, at most one market an event: the nearest to its price gates first, of those the
  narrowest, of those the deepest.
- At most `max_markets` in all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from bot.market.candidate import Candidate
from bot.market.contract import Contract

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
Word = Literal["chosen", "held", "out"]


@dataclass(frozen=True, slots=True)
class Params:
    """`gates` are the prices (low, high) of entries by series, `max_spread` is in quote currency, `min_depth` in
    contracts at the best price of each side; nothing is entered from `quiet` (ns) before its event starts."""

    max_markets: int = 3
    gates: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    max_spread: Decimal = Decimal("0.04")
    min_depth: Decimal = Decimal(20)
    quiet: int = 300 * SECOND


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one candidate. `to_gate` is how far its best prices are from where an entry may be."""

    market: str
    event: str
    word: Word
    reason: str
    candidate: Candidate | None = None
    to_gate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """`verdicts` in the order in which they were reached: those that were taken first."""

    verdicts: tuple[Verdict, ...] = ()

    @property
    def markets(self) -> tuple[str, ...]:
        """What to quote, the most wanted first."""
        return tuple(one.market for one in self.verdicts if one.word != "out")

    @property
    def held(self) -> tuple[str, ...]:
        return tuple(one.market for one in self.verdicts if one.word == "held")


def choose(candidates: Iterable[Candidate], held: Collection[str], params: Params, now: int) -> Choice:
    """The choice among these; `held` are markets with a position, of which those that the venue lists are taken."""
    known = {one.market: one for one in candidates}
    judged = [_judged_held(market, known.get(market)) for market in sorted({*held})]
    judged += [_judged(one, params, now) for market, one in sorted(known.items()) if market not in held]
    kept = [one for one in judged if one.word == "held"]
    fit = sorted((one for one in judged if one.word == "chosen"), key=_rank)
    return Choice((*_taken(kept, fit, params.max_markets), *(one for one in judged if one.word == "out")))


def may_be_entered(contract: Contract, now: int, quiet: int) -> bool:
    """Whether entries are still allowed by the clock."""
    return contract.starts is not None and now < min(contract.starts - quiet, contract.closes)


def renewal(running: Sequence[str], flat: Collection[str], fresh: Choice, params: Params, now: int) -> str:
    """Why a run that quotes `running` should end for the sake of a fresh choice; "" when it should not.

    Of its markets those that are `flat` and can be entered no more are given up for others, as long as there are any;
    and where it has room, others are taken in while all it has is flat.
    """
    new = [market for market in fresh.markets if market not in running]
    for market in fresh.held:
        if market in new:
            return f"{market} is held and nobody sees to it"
    if not new:
        return ""
    if not running:
        return f"{', '.join(new)} can be quoted"
    seen = {one.market: one.candidate for one in fresh.verdicts}
    over = [market for market in running if market in flat and _is_over(seen.get(market), params, now)]
    if over:
        return f"{', '.join(over)} can be entered no more, {', '.join(new)} can"
    roomy = len(running) < params.max_markets and all(market in flat for market in running)
    return f"there is room for {', '.join(new)}" if roomy else ""


def _is_over(candidate: Candidate | None, params: Params, now: int) -> bool:
    """Whether nothing will be entered there any more; a pause is not the end."""
    contract = None if candidate is None else candidate.spec.contract
    return contract is None or not may_be_entered(contract, now, params.quiet)


def _judged_held(market: str, candidate: Candidate | None) -> Verdict:
    """What is held wants somebody to see to its exit, as long as there can be one."""
    if candidate is None:
        return Verdict(market, market, "out", "a position is held, but the venue lists it no more")
    if candidate.settled:
        return Verdict(market, candidate.event, "out", "a position was held until it settled", candidate)
    if candidate.spec.contract is None:
        reason = "a position is held, but its fees are not known: leave it by hand"
        return Verdict(market, candidate.event, "out", reason, candidate)
    return Verdict(market, candidate.event, "held", "a position is held", candidate)


def _taken(kept: list[Verdict], fit: list[Verdict], most: int) -> list[Verdict]:
    """What is held, then of the others the first of each event while there is room; the rest is out."""
    taken, out, events = list(kept), list[Verdict](), {one.event: one.market for one in kept}
    for one in fit:
        if one.event in events:
            out.append(_out(one, f"{events[one.event]} is taken of the same event"))
        elif len(taken) >= most:
            out.append(_out(one, f"MAX_MARKETS_TO_TRADE: {most} are taken"))
        else:
            taken.append(one)
            events[one.event] = one.market
    return taken + out


def _out(verdict: Verdict, reason: str) -> Verdict:
    return Verdict(verdict.market, verdict.event, "out", reason, verdict.candidate, verdict.to_gate)


def _rank(verdict: Verdict) -> tuple[Decimal, Decimal, Decimal, str]:
    candidate = verdict.candidate
    assert candidate is not None, "what is not held was a candidate"
    assert candidate.spread is not None, "what has no spread is out"
    return verdict.to_gate or Decimal(0), candidate.spread, -candidate.depth, verdict.market


def _judged(candidate: Candidate, params: Params, now: int) -> Verdict:
    """By itself: whether it may be quoted, and why not."""
    reason = _shut(candidate, params, now) or _poor(candidate, params)
    away = _to_gate(candidate, params)
    if reason:
        return Verdict(candidate.market, candidate.event, "out", reason, candidate, away)
    where = "an entry may be at the best price" if not away else f"{_cents(away)} from its gates"
    return Verdict(candidate.market, candidate.event, "chosen", where, candidate, away)


def _shut(candidate: Candidate, params: Params, now: int) -> str:
    """Why nothing may be entered there, whatever its book says."""
    contract = candidate.spec.contract
    if contract is None:
        return "its fees or its event are not known"
    if contract.series not in params.gates:
        return f"PRICE_GATES: none for {contract.series}"
    if candidate.settled:
        return "it is settled"
    if now >= contract.closes:
        return "it is closed"
    if contract.starts is None:
        return "nobody says when its event starts"
    if now >= contract.starts:
        return "its event has started"
    if not may_be_entered(contract, now, params.quiet):
        return f"its event starts within {params.quiet / MINUTE:g} min"
    return "" if candidate.trades else "it does not trade now"


def _poor(candidate: Candidate, params: Params) -> str:
    """Why its book is not worth a quote."""
    spread = candidate.spread
    if spread is None:
        return "its book has no bid" if candidate.top.bid is None else "its book has no ask"
    if spread <= 0:
        return "its book is crossed"
    if spread > params.max_spread:
        return f"DISCOVERY_MAX_SPREAD_C: its spread is {_cents(spread)}, over {_cents(params.max_spread)}"
    if candidate.depth < params.min_depth:
        return f"DISCOVERY_MIN_DEPTH: {float(candidate.depth):g} at the best price, under {params.min_depth}"
    return ""


def _to_gate(candidate: Candidate, params: Params) -> Decimal | None:
    """How far (quote currency) the nearer of its best prices is from its gate: 0 where an entry may be at the best."""
    bid, ask, contract = candidate.best("bid"), candidate.best("ask"), candidate.spec.contract
    if bid is None or ask is None or contract is None or contract.series not in params.gates:
        return None
    low, high = params.gates[contract.series]
    return max(min(bid - low, high - ask), Decimal(0))


def _cents(dollars: Decimal) -> str:
    return f"{float(dollars * 100):g} c"
