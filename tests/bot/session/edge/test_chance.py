"""Whatever of books, fills, refusals, lost answers, switches and settlements comes, in whatever order."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest

from bot import events
from bot.market.orders import OrderState
from tests.bot.session.edge.chance import MARKETS, Evening

SEEDS = range(20)


def an_evening(seed: int, acts: int = 700) -> Evening:
    evening = Evening(random.Random(seed))
    for _ in range(acts):
        evening.act()
    return evening


@pytest.mark.parametrize("seed", SEEDS)
def test_no_leak_no_drift_no_breach_and_in_the_end_all_agree(seed: int) -> None:
    evening = an_evening(seed)
    evening.calm()
    for market in MARKETS:
        at_venue = evening.held[market].lots if market in evening.held else 0
        assert evening.session.positions[market].lots == at_venue
    resting = {order.cloid for order in evening.session.orders.open() if order.state is OrderState.WORKING}
    assert resting == set(evening.rest)
    _each_trade_once(evening)
    _take_profits_are_locked(evening)
    _exits_are_followed_by_their_order(evening)


def _each_trade_once(evening: Evening) -> None:
    told = [event.tid for event in evening.told if isinstance(event, events.Fill)]
    assert len(told) == len(set(told))
    assert set(told) == {trade.tid for trade in evening.trades}


def _take_profits_are_locked(evening: Evening) -> None:
    """Between two fills of a market its take-profit is one price, seven cents away from what was paid."""
    locked: defaultdict[str, set[float]] = defaultdict(set)
    for event in evening.told:
        match event:
            case events.Fill(market=market) | events.Settlement(market=market):
                locked.pop(market, None)
            case events.QuotePlace(market=market, state="SKEW_LONG" | "SKEW_SHORT", tp=float(tp), tp_err=err):
                assert err == 0
                locked[market].add(tp)
                assert len(locked[market]) == 1
    leaks = [
        event
        for event in evening.told
        if isinstance(event, events.Fill | events.QuotePlace)
        and (
            (event.state == "SKEW_LONG" and event.side == "bid")
            or (event.state == "SKEW_SHORT" and event.side == "ask")
        )
    ]
    assert leaks == []
    breaches = [event for event in evening.told if isinstance(event, events.Fill) and event.gate_err]
    assert breaches == []


def _exits_are_followed_by_their_order(evening: Evening) -> None:
    for told, after in zip(evening.told, evening.told[1:], strict=False):
        if isinstance(told, events.SweetSpotExit | events.HardCapExit | events.MaeTrim):
            assert isinstance(after, events.QuotePlace)
            assert (after.market, after.side, after.price, after.ro) == (told.market, told.side, told.price, True)


def test_evenings_of_chance_hold_all_that_can_happen() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS[:12]:
        seen.update(str(event.__struct_config__.tag) for event in an_evening(seed).told)
    exits = ("tp_exit", "sweet_spot_exit", "hard_cap_exit", "mae_trim", "settlement", "kill_switch")
    assert min(seen[action] for action in exits) > 2, seen
    assert seen["FILL"] > 500
