"""Which refusals are tried again, how often, and what is forgotten."""

from __future__ import annotations

import pytest

from bot.execution.retry_guard import Exhausted, Params, Retry, RetryGuard
from bot.market.orders import Order
from bot.market.reports import Cure, Rejected
from bot.market.units import Lots, Ticks

OFF_GRID = Rejected("E_TICK", "Price must be divisible by tick size. asset=5", Cure.REQUANTISE)


def sent(number: int, ticks: int = 100) -> Order:
    return Order(f"0x{number}", number, "SOL", "bid", Ticks(ticks), Lots(1), 0)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_an_order_is_tried_so_often_and_then_given_up(most: int) -> None:
    guard, order = RetryGuard(Params(max_retries=most)), sent(1)
    for attempt in range(1, most + 1):
        case = guard.refused(order, OFF_GRID)
        assert case == Retry(order.cloid, attempt, "E_TICK", order.ticks)
        assert guard.waiting() == [("SOL", "bid")]
        order = sent(attempt + 1, ticks=100 + attempt)
        assert guard.sending(order) == case
        assert guard.waiting() == []
    assert guard.refused(order, OFF_GRID) == Exhausted(most)
    assert guard.waiting() == []


@pytest.mark.parametrize("cure", [cure for cure in Cure if cure is not Cure.REQUANTISE])
def test_other_refusals_are_not_tried_again(cure: Cure) -> None:
    guard = RetryGuard(Params())
    assert guard.refused(sent(1), Rejected("E_OTHER", "no", cure)) is None
    assert guard.waiting() == []


def test_switched_off_it_does_nothing() -> None:
    assert RetryGuard(Params(enabled=False)).refused(sent(1), OFF_GRID) is None


def test_a_retry_that_was_taken_ends_the_count() -> None:
    guard = RetryGuard(Params(max_retries=1))
    guard.refused(sent(1), OFF_GRID)
    guard.sending(sent(2))
    guard.settled("0x2")
    assert isinstance(guard.refused(sent(2), OFF_GRID), Retry)


def test_a_case_that_no_order_came_for_is_closed() -> None:
    guard = RetryGuard(Params())
    guard.refused(sent(1), OFF_GRID)
    guard.drop()
    assert guard.sending(sent(2)) is None


def test_an_order_of_the_other_side_is_no_retry() -> None:
    guard, other = RetryGuard(Params()), Order("0x2", 2, "SOL", "ask", Ticks(101), Lots(1), 0)
    guard.refused(sent(1), OFF_GRID)
    assert guard.sending(other) is None
    assert guard.waiting() == [("SOL", "bid")]
