"""Schedules at Hyperliquid: where its faults may strike, and how rough its prices are."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.bot.schedules import plans
from tests.bot.schedules.plans import TORN, Places

MARKETS = ("SOL", "BTC", "ETH", "DOGE", "kPEPE")
ACTIONS = ("exchange", "exchange:order", "exchange:cancelByCloid", "exchange:batchModify")
QUESTIONS = ("info", "info:orderStatus", "info:openOrders", "info:userFillsByTime", "info:clearinghouseState")
PRIVATE = ("ws:userFills", "ws:orderUpdates")
PUBLIC = ("ws:bbo", "ws:l2Book", "ws:trades")
SLOW = ("/", "/exchange", "/ws")
REFUSALS = (
    "Insufficient margin to place order. asset={asset}",
    "Price must be divisible by tick size. asset={asset}",
    "Post only order would have immediately matched, bbo was 1@2. asset={asset}",
    "Too many cumulative requests sent (9 > 8) for cumulative volume traded $1.00.",
    "Something that nobody has ever read. asset={asset}",
)
PLACES: Places = {
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(plans.Schedule):
    """`rough`: the price's moves (bps a step), how often somebody takes, and how much (USD)."""

    account: int = 0
    rough: tuple[float, float, float] = (1.2, 0.5, 25_000.0)
    starved: bool = False

    def more(self) -> list[str]:
        lines = [f"account {self.account}"]
        lines += [f"the price moves {self.rough[0]} bps a step, {self.rough[1]:.0%} take {self.rough[2]:.0f} USD"]
        return lines + ["few requests left"] * self.starved


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
        faults=tuple(plans.fault(chance, storm, PLACES, REFUSALS) for _ in range(chance.randint(1, 7))),
        network=plans.network(chance, random.Random(f"torn {seed}").choice(TORN), SLOW),
        rough=(chance.choice((0.3, 1.0, 2.0)), chance.choice((0.05, 0.2, 0.5)), chance.choice((5_000.0, 25_000.0))),
        kills=plans.kills(chance, storm),
        switches=((off_at, True), (off_at + chance.uniform(1, 15), False)) if chance.random() < 0.2 else (),
        looks=plans.looks(chance, storm),
        stop_in_storm=chance.random() < 0.2,
        starved=chance.random() < 0.1,
    )
