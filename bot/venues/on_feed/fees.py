"""What a trade on paper costs: parts per million of its value at a venue of perpetuals, or as its contract charges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.market import fees
from bot.market.fees import Charge, FeeSchedule, Role
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks, sign


class Charges(Protocol):
    """One market's."""

    def charge(self, role: Role, side: Side, ticks: Ticks, lots: Lots, kept: int) -> Charge:
        """Of one trade, in millionths; `kept` is what earlier trades of its order left."""
        ...


@dataclass(frozen=True, slots=True)
class Fees:
    """In parts per million of the value; negative for a rebate. The defaults are Hyperliquid's lowest tier."""

    maker_ppm: int = 150
    taker_ppm: int = 450


@dataclass(frozen=True, slots=True)
class OfValue:
    """A part of the value of each trade."""

    spec: Spec
    fees: Fees

    def charge(self, role: Role, side: Side, ticks: Ticks, lots: Lots, kept: int) -> Charge:
        """See Charges."""
        ppm = self.fees.taker_ppm if role == "taker" else self.fees.maker_ppm
        return Charge(round(ticks * lots * self.spec.unit_value * ppm), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class OfContract:
    """Kalshi's: by price, rounded so that the balance keeps whole cents, with what that took given back in time."""

    schedule: FeeSchedule

    def charge(self, role: Role, side: Side, ticks: Ticks, lots: Lots, kept: int) -> Charge:
        """See Charges."""
        return fees.charge(-sign(side) * ticks * lots, self.schedule.trade_fee(role, ticks, lots), kept)


def charges_of(spec: Spec, perps: Fees) -> Charges:
    """What a market charges; `perps` where it is no event contract."""
    return OfValue(spec, perps) if spec.contract is None else OfContract(spec.contract.fees)


def maker_ppm(specs: Mapping[str, Spec], perps: Fees) -> int:
    """What an account is told; the fee of a contract is no part of its value."""
    return 0 if any(spec.contract is not None for spec in specs.values()) else perps.maker_ppm
