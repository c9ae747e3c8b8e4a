"""Who may act: signatures, nonces, deadlines and budgets."""

from __future__ import annotations

import msgspec
import pytest

from bot.venues.hyperliquid.actions import (
    Action,
    Cancel,
    CancelWire,
    Envelope,
    Limit,
    Noop,
    OrderType,
    OrderWire,
    PlaceOrders,
)
from bot.venues.hyperliquid.codec import Outcome, Reply
from bot.venues.hyperliquid.signing import Agent, Network
from bot.venues.simulators.hyperliquid import market
from bot.venues.simulators.hyperliquid.accounts import MILLION, Account, seeded
from bot.venues.simulators.hyperliquid.engine import Engine
from bot.venues.simulators.hyperliquid.faults import Faults, Plan
from bot.venues.simulators.hyperliquid.gate import Gate, Malformed
from bot.venues.simulators.hyperliquid.limits import DAY_MS, Nonces, Weight

NOW = 1_795_000_000_000
DONE = Reply("ok", Outcome("default"))


class Door:
    """A gate, and an agent who may pass."""

    def __init__(self) -> None:
        self.now = NOW
        keys = seeded(0)[1]
        self.account: Account = keys.account
        self.agent = Agent(keys.agent_key)
        self.engine = Engine(market.universe(0), [self.account], lambda: self.now)
        faults = Faults(Plan(), 0, lambda: 0.0)
        self._gate = Gate(self.engine, {self.agent.address: self.account.address}, faults, 1.0)
        self._nonce = NOW

    def send(self, action: Action, nonce: int | None = None, network: Network = "testnet") -> Reply:
        self._nonce += 1
        nonce = self._nonce if nonce is None else nonce
        signature = self.agent.sign(action, nonce, network)
        return self.pass_in(Envelope(action, nonce, signature))

    def pass_in(self, envelope: Envelope) -> Reply:
        return self._gate.answer(self._gate.read(msgspec.json.encode(envelope)))


def order(price: str = "150", size: str = "1") -> PlaceOrders:
    return PlaceOrders([OrderWire(0, True, price, size, False, OrderType(Limit("Alo")))])


def cancels(number: int) -> Cancel:
    return Cancel([CancelWire(0, oid) for oid in range(number)])


def test_an_agent_acts_for_its_account() -> None:
    door = Door()
    assert door.send(order()).status == "ok"
    assert len(door.account.open) == 1


@pytest.mark.parametrize(("price", "size"), [("150.0", "1"), ("150", "1.0"), ("150", "1.50"), ("0150", "1")])
def test_a_number_that_is_not_in_its_one_form_makes_the_signer_a_stranger(price: str, size: str) -> None:
    reply = Door().send(order(price, size))
    assert reply.status == "err"
    assert isinstance(reply.response, str)
    assert reply.response.startswith("User or API Wallet 0x")
    assert reply.response.endswith(" does not exist.")


def test_the_other_networks_signature_is_a_strangers() -> None:
    door = Door()
    reply = door.send(order(), network="mainnet")
    assert "does not exist" in str(reply.response)
    assert door.agent.address not in str(reply.response)


def test_a_nonce_is_used_once_and_a_noop_uses_it_up() -> None:
    door = Door()
    assert door.send(Noop(), NOW + 7) == DONE
    assert door.send(order(), NOW + 7) == Reply("err", f"Invalid nonce: duplicate nonce {NOW + 7}")
    assert not door.account.open


@pytest.mark.parametrize("nonce", [NOW - 2 * DAY_MS, NOW + DAY_MS])
def test_a_nonce_lies_within_two_days_back_and_one_ahead(nonce: int) -> None:
    assert "Invalid nonce" in str(Door().send(order(), nonce).response)


def test_a_nonce_may_be_late_but_not_below_the_last_hundred() -> None:
    nonces = Nonces()
    for nonce in range(NOW + 10, NOW + 110):
        assert nonces.refusal(nonce, NOW) is None
    assert nonces.refusal(NOW + 9, NOW) is not None
    assert nonces.refusal(NOW + 200, NOW) is None
    text = f"Invalid nonce: {NOW + 10} is too low, the lowest of the last 100 is {NOW + 11}"
    assert nonces.refusal(NOW + 10, NOW) == text


def test_another_accounts_vault_is_not_known() -> None:
    door = Door()
    vault = "0x" + "11" * 20
    signature = door.agent.sign(Noop(), NOW, "testnet", vault)
    assert door.pass_in(Envelope(Noop(), NOW, signature, vault)) == Reply("err", f"Vault not registered: {vault}")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"action":{"type":"usdSend"},"nonce":1}', b"\xff"])
def test_what_is_no_action_is_no_request(body: bytes) -> None:
    with pytest.raises(Malformed):
        Door()._gate.read(body)


def test_orders_stop_at_the_allowance_and_cancels_go_on() -> None:
    door = Door()
    door.account.requests = 10_000
    door.account.volume = 5 * MILLION + MILLION // 2
    door.account.served_at = NOW
    for _ in range(5):
        assert door.send(order()).status == "ok"
    text = (
        "Too many cumulative requests sent (10006 > 10005) for cumulative volume traded $5.50. "
        "Place taker orders to free up 1 request per USDC traded."
    )
    assert door.send(order()) == Reply("err", text)
    assert door.account.requests == 10_005
    assert door.send(cancels(100)).status == "ok"


def test_beyond_the_allowance_one_request_passes_every_ten_seconds() -> None:
    door = Door()
    door.account.requests = 10_000
    assert door.send(order()).status == "ok"
    assert door.send(order()).status == "err"
    door.now += 10_000
    assert door.send(order()).status == "ok"


def test_a_batch_counts_each_order_for_the_address() -> None:
    door = Door()
    door.send(PlaceOrders(order().orders * 3))
    assert door.account.requests == 3


@pytest.mark.parametrize(
    ("action", "text"),
    [(PlaceOrders([]), "Orders are empty."), (cancels(201), "Signed action over weight limit of 200.")],
)
def test_a_batch_is_neither_empty_nor_too_large(action: Action, text: str) -> None:
    assert Door().send(action) == Reply("err", text)


def test_a_minute_holds_so_much_weight() -> None:
    now = 0.0
    weight = Weight(lambda: now, 1.0)
    assert all(weight.take(20) for _ in range(60))
    assert not weight.take(1)
    now = 60.0
    assert weight.take(1200)
