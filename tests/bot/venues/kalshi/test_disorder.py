"""Many orders at a moving exchange that misbehaves: what was told, what the account says and what is held agree."""

from __future__ import annotations

import asyncio
import random
from itertools import count

import pytest

from bot.clock import HostClock
from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    CancelRequest,
    Gone,
    NeverSeen,
    NewOrder,
    NoAnswer,
    Rejected,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import Lots, Side, Ticks, sign
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi.faults import Fault
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript
from bot.venues.venue import Update, VenueUnreachable
from tests.bot.venues.kalshi.served import served
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES

PATH = [(0.0, 0.55), (20.0, 0.45), (40.0, 0.60), (60.0, 0.40), (90.0, 0.55), (9_000.0, 0.5)]
DISORDER = {
    "lost answers": [Fault("unknown", chance=0.2), Fault("drop", "orders", chance=0.1)],
    "errors": [Fault("server_error", chance=0.15), Fault("unavailable", chance=0.1), Fault("too_many", chance=0.05)],
    "bad streams": [
        Fault("seq_gap", chance=0.05),
        Fault("drop", "ws:fill", chance=0.3),
        Fault("drop", "ws:user_order", chance=0.3),
        Fault("duplicate", chance=0.2),
        Fault("reorder", chance=0.1),
    ],
    "broken lines": [Fault("disconnect", "ws:orderbook_delta", chance=0.02), Fault("unknown", chance=0.1)],
    "lies": [Fault("wrong_order", chance=0.3), Fault("accept_then_cancel"), Fault("stale_read", chance=0.5)],
}
ROUNDS = 25


async def trade_on(venue: KalshiVenue, updates: list[Update], seed: int) -> dict[str, SendResult]:
    """Place and cancel for a while; the last result of each order."""
    draw, numbers, results = random.Random(seed), count(1), dict[str, SendResult]()
    for _ in range(ROUNDS):
        top = [update for update in updates if isinstance(update, Top)][-1]
        if top.bid is None or top.ask is None:
            await asyncio.sleep(0.05)
            continue
        side: Side = draw.choice(("bid", "ask"))
        best = top.bid if side == "bid" else top.ask
        cloid = f"0x{next(numbers):032x}"
        order = NewOrder(GAME, side, Ticks(best + sign(side) * 100 * draw.choice((-1, 0, 0, 1))), Lots(500), cloid)
        (results[cloid],) = await venue.place([order])
        live = [known for known, result in results.items() if not isinstance(result, Rejected)]
        if live and draw.random() < 0.5:
            await venue.cancel([CancelRequest(GAME, draw.choice(live))])
        await asyncio.sleep(0.04)
    return results


async def settled(venue: KalshiVenue, results: dict[str, SendResult]) -> None:
    """Everything off, as far as anybody can say."""
    for _ in range(40):
        try:
            resting = await venue.resting()
        except VenueUnreachable:
            continue
        if not resting:
            return
        await venue.cancel([CancelRequest(one.market, one.cloid) for one in resting])
        await asyncio.sleep(0.05)
    pytest.fail("something still rests")


@pytest.mark.parametrize("disorder", DISORDER)
def test_whatever_goes_wrong_every_trade_is_told_once(disorder: str) -> None:
    async def run() -> None:
        market = MarketScript(GAME, EVENT, SERIES, PATH, takers=0.6)
        updates: list[Update] = []
        async with served(script=Script([SeriesScript(SERIES)], [market]), speed=20) as exchange:
            simulation, venue = exchange.simulation, exchange.venue(HostClock())
            await venue.open([GAME], updates.append)
            work = [asyncio.create_task(simulation.run()), asyncio.create_task(venue.run())]
            for fault in DISORDER[disorder]:
                simulation.faults.add(fault)
            try:
                results = await trade_on(venue, updates, seed=11)
                await settled(venue, results)
                simulation.faults._faults.clear()
                ends = {cloid: await venue.look_up(GAME, cloid) for cloid in results}
                account = await venue.account(0)
            finally:
                for task in work:
                    task.cancel()
                await asyncio.gather(*work, return_exceptions=True)
                await venue.close()
            fills = simulation.account.fills
            assert fills, "nothing traded: the test saw nothing"
            known = {trade.tid: trade for trade in account.trades}
            assert set(known) == {fill.tid for fill in fills}
            told = [update for update in updates if isinstance(update, Trade)]
            assert len({trade.tid for trade in told}) == len(told)
            assert {trade.tid: trade for trade in told}.items() <= known.items()
            held = sum(sign(trade.side) * trade.lots for trade in account.trades)
            assert sum(position.lots for position in account.positions) == held
            for cloid, end in ends.items():
                check(results[cloid], end, simulation.account.used, cloid)
                if isinstance(end, Gone):
                    assert end.filled == sum(trade.lots for trade in account.trades if trade.cloid == cloid)
                    assert end.filled == sum(trade.lots for trade in told if trade.cloid == cloid)

    asyncio.run(run())


def check(result: SendResult, end: object, taken: set[str], cloid: str) -> None:
    """What a send was answered with holds, and what is not known is not claimed."""
    assert not isinstance(end, Resting)
    match result:
        case Accepted():
            assert isinstance(end, Gone)
        case Rejected(code="E_POST_ONLY"):
            assert isinstance(end, Gone | NeverSeen)
        case Rejected():
            assert cloid not in taken
            assert isinstance(end, NeverSeen)
        case NoAnswer():
            assert isinstance(end, Gone) if cloid in taken else isinstance(end, NoAnswer | NeverSeen)
