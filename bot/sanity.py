"""What the settings come to in one market, worked out and not copied: the start-up checks, as event and as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from bot import events
from bot.clock import NANOS
from bot.events.event import Strategy
from bot.market import fees
from bot.market.contract import Contract
from bot.market.position import Holding
from bot.market.price_ranges import PriceRanges, Range
from bot.market.spec import Spec
from bot.risk import limits
from bot.strategy import edge_locked
from bot.strategy.edge_locked.params import Gate
from bot.strategy.edge_locked.take_profit import offset, take_profit
from bot.venues.connection import Mode
from bot.venues.kalshi.spec import LOT, TICK

STRATEGY: Strategy = "edge_locked"
RULE = "=" * 62
EXAMPLE = Decimal("0.60")
CENTS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Profit:
    """Fees and the distance of the take-profit in cents, and where a long position of `EXAMPLE` would take it."""

    entry: Fraction
    leaving: Fraction
    offset: Fraction
    example_tp: Fraction


@dataclass(frozen=True, slots=True)
class Check:
    """One market's; `tick` and `lot` are those in effect: the finest that are sent, with an override those of both."""

    spec: Spec
    tick: Decimal
    lot: Decimal
    mode: Mode
    strategy: Strategy
    limits: limits.Params
    edge: edge_locked.Params | None = None

    def event(self) -> events.StartupSanity:
        gate, profit = self.gate, self.profit
        return events.StartupSanity(
            market=self.spec.market,
            mode=self.mode,
            strategy=self.strategy,
            tick=float(self.tick),
            lot=float(self.lot),
            max_markets=self.limits.max_markets,
            limit=self.spec.size(limits.cap(self.spec, self.limits)),
            fee_entry_c=None if profit is None else float(profit.entry),
            fee_exit_c=None if profit is None else float(profit.leaving),
            tp_offset_c=None if profit is None else float(profit.offset),
            example_vwap=None if profit is None else float(EXAMPLE),
            example_tp=None if profit is None else float(profit.example_tp),
            gate_low=None if gate is None else float(gate.low),
            gate_high=None if gate is None else float(gate.high),
        )

    @property
    def league(self) -> str:
        """ "" of a series that the settings do not name."""
        contract = self.spec.contract
        return self.edge.leagues.get(contract.series, "") if self.edge is not None and contract is not None else ""

    @property
    def gate(self) -> Gate | None:
        return None if self.edge is None else self.edge.gates.get(self.league)

    @property
    def profit(self) -> Profit | None:
        """None where positions have no take-profit."""
        edge, contract, spec = self.edge, self.spec.contract, self.spec
        if edge is None or contract is None:
            return None
        paid, distance = spec.ticks(EXAMPLE), offset(spec, contract.fees, edge)
        one = spec.whole_lots(Decimal(1))
        tp = take_profit(spec, Holding(one, one * paid), distance)
        cent, tick = Fraction(fees.DOLLAR, CENTS), Fraction(spec.tick)
        return Profit(
            entry=contract.fees.dearest(edge.entry_role) / cent,
            leaving=contract.fees.dearest(edge.exit_role) / cent,
            offset=distance * tick * CENTS,
            example_tp=(tp or 0) * tick,
        )

    def lines(self) -> list[str]:
        """As the runbook shows them; nothing for a market whose positions have no take-profit."""
        profit, edge = self.profit, self.edge
        if profit is None or edge is None:
            return []
        both = profit.entry + profit.leaving
        return [
            RULE,
            f"[{self.spec.market}] STARTUP SANITY CHECKS",
            RULE,
            "TP Math:",
            f"  Fees: {_cents(profit.entry)} + {_cents(profit.leaving)} = {_cents(both)}",
            f"  TP Offset: {float(profit.offset):g}¢",
            f"  Example: VWAP=${EXAMPLE} → TP_LONG=${_dollars(profit.example_tp)}",
            *self._gates(),
            *self._exits(edge),
            *self._limits(edge),
            f"Mode: {self.mode}",
        ]

    def _gates(self) -> list[str]:
        gate, contract = self.gate, self.spec.contract
        if gate is None:
            return [f"Price Gates: none for {contract.series if contract else 'it'}, so nothing is entered"]
        return [
            f"Price Gates ({self.league}):",
            f"  Entries buy at ${gate.low} or lower, sell at ${gate.high} or higher",
        ]

    def _exits(self, edge: edge_locked.Params) -> list[str]:
        sweet = f"{edge.sweet_from_s / 60:g}-{edge.sweet_to_s / 60:g} min"
        trim = f"1-exp(-{edge.mae_rate:f} x MAE in ¢) from {float(edge.trim_from * CENTS):g}¢ on"
        return ["Exits:", f"  Sweet spot {sweet}, hard cap {edge.hard_cap_s / 60:g} min, trim {trim}"]

    def _limits(self, edge: edge_locked.Params) -> list[str]:
        held = self.limits
        per_event = "" if held.max_per_event is None else f", {held.max_per_event:f} in its event"
        most = f"{self.spec.size(limits.cap(self.spec, held)):g} contracts a market"
        return ["Limits:", f"  {most}{per_event}; markets: {held.max_markets}", f"  {self._quiet(edge)}"]

    def _quiet(self, edge: edge_locked.Params) -> str:
        contract = self.spec.contract
        if contract is None or contract.starts is None:
            before = f"Entries end {edge.quiet_s / 60:g} min before the game"
            return f"{before}; without a known start there are none"
        game = _EPOCH + timedelta(seconds=contract.starts // NANOS)
        end = game - timedelta(seconds=edge.quiet_s)
        return f"Entries end {end:%Y-%m-%d %H:%M:%S} UTC, the game starts {game:%H:%M:%S}"


def ordinary(league: str, series: str) -> Spec:
    """A market as most of a league's are: whole cents, the ordinary fees; for looking at settings without a venue."""
    contract = Contract("", series, fees.schedule("quadratic", Decimal(1)), starts=None, closes=0)
    cents = PriceRanges((Range(0, fees.DOLLAR, fees.DOLLAR // CENTS),))
    return Spec(league, 0, TICK, LOT, Decimal(0), cents, fees.CONTRACT, contract)


def _cents(value: Fraction) -> str:
    return f"{float(value):.2f}¢"


def _dollars(value: Fraction) -> str:
    text = f"{float(value):.4f}"
    return text[:-2] if text.endswith("00") else text
