"""What the desk sets: gates, size, times. Prices in dollars, sizes in contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.market.fees import Role

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Gate:
    """Entries buy at `low` or lower and sell at `high` or higher."""

    low: Decimal
    high: Decimal


SEED_LEAGUES = {"KXNHLGAME": "NHL", "KXNFLGAME": "NFL", "KXNCAAFGAME": "CFB"}
SEED_GATES = {
    "NHL": Gate(Decimal("0.48"), Decimal("0.65")),
    "NFL": Gate(Decimal("0.44"), Decimal("0.72")),
    "CFB": Gate(Decimal("0.42"), Decimal("0.75")),
}


@dataclass(frozen=True, slots=True)
class Params:
    """`leagues` says of which league a series is; one without a gate is never entered. Times in seconds.

    `entry_role` and `exit_role` say which fee the take-profit counts: takers' by default, because an exit may have to
    take. From `sweet_from_s` on a position leaves at a fair price, from `sweet_to_s` on eagerly, from `hard_cap_s` on
    at any. `mae_rate` is per cent against us; nothing is trimmed before `trim_from` dollars. From `quiet_s` before the
    start of a game on nothing is entered.
    """

    gates: Mapping[str, Gate] = field(default_factory=lambda: dict(SEED_GATES))
    size: Decimal = Decimal(10)
    entry_role: Role = "taker"
    exit_role: Role = "taker"
    mae_rate: Decimal = Decimal("0.03")
    trim_from: Decimal = Decimal("0.05")
    sweet_from_s: int = 480
    sweet_to_s: int = 720
    hard_cap_s: int = 1_200
    cooldown_s: Decimal = Decimal(2)
    requote: Decimal = Decimal("0.01")
    leagues: Mapping[str, str] = field(default_factory=lambda: dict(SEED_LEAGUES))
    quiet_s: int = 300
