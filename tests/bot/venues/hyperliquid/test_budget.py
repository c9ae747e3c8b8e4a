"""Weight and requests: cancels always find some left, and the account counts as the venue does."""

from __future__ import annotations

from bot.clock import NANOS
from bot.market.reports import Accepted, Cancelled, Cure, Rejected
from bot.venues.hyperliquid.budget import FOR_CANCELS, WEIGHT_A_MINUTE, Budget
from bot.venues.hyperliquid.nonces import Nonces
from bot.venues.simulators.hyperliquid.limits import allowance
from tests.bot.fakes import FakeClock
from tests.bot.venues.hyperliquid.at_exchange import A, B, C, Desk, at_exchange


def test_orders_stop_first_then_questions_and_a_minute_later_all_goes_again() -> None:
    clock = FakeClock()
    budget = Budget(clock.steady)
    orders = 0
    while budget.against_orders(1) is None:
        budget.spend(1, 1)
        orders += 1
    questions = 0
    while budget.may_ask("orderStatus"):
        budget.spend(2)
        questions += 1
    assert orders > questions > 0
    assert budget.weight >= FOR_CANCELS
    clock.advance(60 * NANOS)
    assert budget.weight == WEIGHT_A_MINUTE
    assert budget.against_orders(1) is None


def test_requests_of_the_address_are_known_only_once_the_venue_said_so() -> None:
    budget = Budget(FakeClock().steady)
    assert budget.left is None
    budget.spend(1, 50)
    assert budget.against_orders(1_000) is None
    budget.learn(used=9_850, cap=10_000)
    budget.spend(1, 20)
    assert budget.left == 130
    assert budget.low
    assert budget.against_orders(30) is None
    assert "130 requests left" in str(budget.against_orders(31))


def test_nonces_only_rise_whatever_the_clock_does() -> None:
    clock = FakeClock()
    nonces = Nonces(clock)
    first = nonces.next()
    assert first == clock.now() // 1_000_000
    assert nonces.next() == first + 1
    clock.advance(-3_600 * NANOS)
    assert nonces.next() == first + 2
    clock.advance(7_200 * NANOS)
    assert nonces.next() == clock.now() // 1_000_000


def test_an_address_that_sent_too_much_still_cancels_and_trades_again_once_it_may() -> None:
    async def work(desk: Desk) -> None:
        assert isinstance(await desk.place(desk.inside("bid", A, away=50_000)), Accepted)
        left = allowance(desk.account) - desk.account.requests
        desk.account.requests += left
        refused = await desk.place(desk.inside("bid", B, away=60_000))
        assert isinstance(refused, Accepted), "one request in ten seconds passes"
        refused = await desk.place(desk.inside("bid", C, away=70_000))
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.cure) == ("E_BUDGET", Cure.WAIT)
        assert "Too many cumulative requests" in refused.reason
        assert await desk.cancel(A) == Cancelled()
        assert await desk.cancel(B) == Cancelled()

    at_exchange(work)
