"""Token buckets as the account tells them; time is an argument."""

from __future__ import annotations

import pytest

from bot.clock import NANOS
from bot.venues.kalshi.codec import Bucket, EndpointCost, EndpointCosts, Limits
from bot.venues.kalshi.tokens import Tokens

CREATE = "/portfolio/events/orders"
CANCEL = f"{CREATE}/{{order_id}}"


class Fixture:
    """Basic: 200 reads and 100 writes a second, a cancel at 2."""

    def __init__(self) -> None:
        self.now = 0
        self.tokens = Tokens(lambda: self.now)
        costs = [EndpointCost("DELETE", f"/trade-api/v2{CANCEL}", 2)]
        self.tokens.learn(Limits("basic", Bucket(200, 200), Bucket(100, 100)), EndpointCosts(10, costs))


def test_everything_passes_before_the_account_was_read() -> None:
    tokens = Tokens(lambda: 0)
    assert tokens.orders(tokens.cost("POST", CREATE), 1_000) == 1_000
    assert tokens.wait_s("GET", 10_000) == 0


def test_costs_are_those_of_the_account_with_and_without_the_prefix() -> None:
    tokens = Fixture().tokens
    assert (tokens.cost("DELETE", CANCEL), tokens.cost("POST", CREATE)) == (2, 10)


def test_orders_leave_a_fifth_to_cancels() -> None:
    at = Fixture()
    assert at.tokens.orders(10, 12) == 8
    at.tokens.spend("POST", 80)
    assert at.tokens.orders(10, 1) == 0
    assert at.tokens.wait_s("DELETE", 20) == 0
    at.now += NANOS // 10
    assert at.tokens.orders(10, 5) == 1


def test_reads_and_writes_do_not_share() -> None:
    at = Fixture()
    at.tokens.spend("POST", 100)
    assert at.tokens.wait_s("GET", 200) == 0
    assert at.tokens.wait_s("DELETE", 2) == pytest.approx(0.02)


def test_a_bucket_never_holds_more_than_its_size() -> None:
    at = Fixture()
    at.now += 60 * NANOS
    assert at.tokens.orders(10, 100) == 8


def test_a_refusal_empties_the_bucket() -> None:
    at = Fixture()
    at.tokens.refused("POST")
    assert at.tokens.orders(10, 1) == 0
    at.now += NANOS
    assert at.tokens.orders(10, 100) == 8


def test_a_batch_is_no_larger_than_the_bucket() -> None:
    assert Fixture().tokens.batch(10) == 10
