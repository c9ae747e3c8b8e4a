"""What must hold before orders go out, told in a sentence that names the remedy."""

from __future__ import annotations

import pytest

from bot.clock import NANOS
from bot.errors import CannotStart
from bot.execution import order_manager
from bot.venues.hyperliquid.listings import MILLI
from bot.venues.hyperliquid.preflight import MOST_SKEW_MS
from bot.venues.hyperliquid.signing import Agent, BadKey
from bot.venues.hyperliquid.venue import HyperliquidVenue
from tests.bot.venues.hyperliquid.at_exchange import MARKET, Desk, at_exchange
from tests.bot.venues.hyperliquid.in_memory import InMemory

STRANGER = "0x" + "12" * 32


@pytest.mark.parametrize(
    ("key", "account", "reason"),
    [
        ("other", "own", "is an agent of 0x.*: approve it as an agent of 0x"),
        ("stranger", "own", "is missing at the venue: approve it"),
        ("own", "agent", "HYPERLIQUID_ACCOUNT 0x.* is an agent of 0x.*: name the account itself"),
        ("own", "nobody", "is missing at the venue: name the account itself, funded"),
    ],
)
def test_a_key_that_does_not_fit_the_account_is_refused(key: str, account: str, reason: str) -> None:
    async def work(desk: Desk) -> None:
        other = desk.simulation.keys[1]
        keys = {"own": desk.keys.agent_key, "other": other.agent_key, "stranger": STRANGER}
        addresses = {
            "own": desk.account.address,
            "agent": Agent(desk.keys.agent_key).address,
            "nobody": "0x" + "00" * 20,
        }
        venue = HyperliquidVenue(
            InMemory(desk.network), keys[key], addresses[account], desk.clock, "testnet", desk.said.append
        )
        with pytest.raises(CannotStart, match=reason):
            await venue.open([MARKET], desk.updates.append)

    at_exchange(work, open_it=False)


@pytest.mark.parametrize(("off_s", "words"), [(3, "ahead of"), (-4, "behind")])
def test_a_clock_that_is_off_is_refused(off_s: int, words: str) -> None:
    class Wrong:
        def __init__(self, desk: Desk) -> None:
            self.steady, self._right = desk.clock.steady, desk.clock

        def now(self) -> int:
            return self._right.now() + off_s * NANOS

    async def work(desk: Desk) -> None:
        venue = HyperliquidVenue(
            InMemory(desk.network), desk.keys.agent_key, desk.account.address, Wrong(desk), "testnet", desk.said.append
        )
        with pytest.raises(CannotStart, match=rf"clock is \d\.\d s {words} the venue's"):
            await venue.open([MARKET], desk.updates.append)

    at_exchange(work, open_it=False)


@pytest.mark.parametrize("text", ["", "0x12", "zz" * 32, "00" * 32], ids=["empty", "short", "letters", "zero"])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadKey) as refused:
        Agent(text)
    assert not text or text not in str(refused.value)


def test_a_clock_that_may_start_is_no_further_off_than_lost_orders_are_given() -> None:
    """An order's deadline is written by our clock and read by the venue's: what is off comes on top of it."""
    assert order_manager.Params().expire_slack >= MOST_SKEW_MS * MILLI
