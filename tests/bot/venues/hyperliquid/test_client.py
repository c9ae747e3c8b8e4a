"""Answers of every kind, from a venue on one's last nerve: what each means for an order, a cancel and a question."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from bot.market.reports import (
    CancelRefused,
    CancelRequest,
    CancelResult,
    Cure,
    NewOrder,
    NoAnswer,
    Rejected,
    Replaced,
    Replacement,
    SendResult,
)
from bot.market.units import Lots, Ticks
from bot.venues.hyperliquid import codec
from bot.venues.hyperliquid.actions import Envelope
from bot.venues.hyperliquid.budget import Budget
from bot.venues.hyperliquid.client import Questions, Signer
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.ours import Ours
from bot.venues.hyperliquid.signing import Agent, action_hash, signer
from bot.venues.hyperliquid.spec import spec_of, wire_of
from bot.venues.hyperliquid.trading import Trading
from bot.venues.records import Records
from bot.venues.transport import Answer, Socket, Unreachable
from bot.venues.venue import VenueUnreachable
from tests.bot.fakes import FakeClock

KEY = "0x" + "12" * 32
CLOID, OTHER = ("0x" + letter * 32 for letter in "ab")
ORDER = NewOrder("SOL", "bid", Ticks(1_000_000), Lots(100), CLOID)
LISTED = {"SOL": Listing(spec_of("SOL", 5, 2), wire_of(2))}
BUDGET, KEY_HALT = ("E_BUDGET", Cure.WAIT), ("E_KEY", Cure.HALT)


class OneAnswer:
    """A transport that gives one answer to all, and keeps what was sent."""

    def __init__(self, status: int, body: bytes) -> None:
        self.answer = Answer(status, body)
        self.sent: list[tuple[str, bytes]] = []

    async def post(self, path: str, body: bytes) -> Answer:
        self.sent.append((path, body))
        if not self.answer.status:
            raise Unreachable("the line broke")
        return self.answer

    async def connect(self) -> Socket:
        raise Unreachable("no sockets here")

    async def close(self) -> None:
        pass


def trading(transport: OneAnswer) -> Trading:
    clock = FakeClock()
    budget = Budget(clock.steady)
    ours = Ours(LISTED, Records(), lambda update: None, clock.now())
    asking = Questions(transport, budget), Signer(transport, budget, Agent(KEY), "testnet", clock), budget
    return Trading(LISTED, ours, asking, clock)


def statuses(kind: str, *found: object) -> bytes:
    return msgspec.json.encode({"status": "ok", "response": {"type": kind, "data": {"statuses": found}}})


def refused(text: str) -> bytes:
    return msgspec.json.encode({"status": "err", "response": text})


def placed(status: int, body: bytes) -> SendResult:
    return asyncio.run(trading(OneAnswer(status, body)).place([ORDER]))[0]


def cancelled(status: int, body: bytes) -> CancelResult:
    return asyncio.run(trading(OneAnswer(status, body)).cancel([CancelRequest("SOL", CLOID)]))[0]


def replaced(status: int, body: bytes) -> Replaced:
    change = Replacement("SOL", OTHER, ORDER)
    return asyncio.run(trading(OneAnswer(status, body)).replace([change]))[0]


NOT_TAKEN = {
    "too many": (429, b"null", BUDGET),
    "malformed": (422, b"Failed to deserialize", ("E_VENUE", Cure.HALT)),
    "no wallet": (200, refused("User or API Wallet 0x12 does not exist."), KEY_HALT),
    "expired": (200, refused("Action already expired"), ("E_EXPIRED", Cure.RENEW)),
    "old nonce": (200, refused("Invalid nonce: 5 is too low"), ("E_NONCE", Cure.RENEW)),
    "address": (200, refused("Too many cumulative requests sent (2 > 1) for cumulative volume"), BUDGET),
}
UNKNOWN = {
    "line broke": (0, b""),
    "bad gateway": (502, b"<html>"),
    "timeout of a proxy": (408, b""),
    "no json": (200, b"<html>"),
    "no status": (200, statuses("order")),
    "two for one": (200, statuses("order", {"error": "a"}, {"error": "b"})),
    "no data": (200, b'{"status":"ok","response":{"type":"default"}}'),
    "used nonce": (200, refused("Invalid nonce: duplicate nonce 5")),
    "waits": (200, statuses("order", "waitingForFill")),
    "new kind": (200, statuses("order", {"parked": {"oid": 5}})),
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_what_was_certainly_not_taken_is_a_rejection_with_its_cure(name: str) -> None:
    status, body, (code, cure) = NOT_TAKEN[name]
    result = placed(status, body)
    assert isinstance(result, Rejected)
    assert (result.code, result.cure) == (code, cure)
    assert isinstance(cancelled(status, body), NoAnswer), "a cancel that was not taken says nothing of the order"
    both = replaced(status, body)
    assert isinstance(both.cancel, NoAnswer)
    assert isinstance(both.send, Rejected)


@pytest.mark.parametrize("name", UNKNOWN)
def test_whatever_may_have_been_taken_is_no_answer(name: str) -> None:
    status, body = UNKNOWN[name]
    assert isinstance(placed(status, body), NoAnswer)
    assert isinstance(cancelled(status, body), NoAnswer)
    both = replaced(status, body)
    assert (type(both.cancel), type(both.send)) == (NoAnswer, NoAnswer)


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("Price must be divisible by tick size. asset=5", "E_TICK", Cure.REQUANTISE),
        (
            "Post only order would have immediately matched, bbo was 0.56057@0.56086. asset=5",
            "E_POST_ONLY",
            Cure.REQUOTE,
        ),
        ("Insufficient margin to place order. asset=5", "E_MARGIN", Cure.SHRINK),
        ("Only post-only orders allowed immediately after a network upgrade", "E_POST_ONLY_WINDOW", Cure.WAIT),
        ("Something that nobody has seen yet", "E_VENUE", Cure.HALT),
    ],
)
def test_a_refused_order_carries_code_text_and_cure(text: str, code: str, cure: Cure) -> None:
    assert placed(200, statuses("order", {"error": text})) == Rejected(code, text, cure)
    inside = f"Error placing new order during modify: {text}"
    both = replaced(200, statuses("order", {"error": inside}))
    assert both.cancel == CancelRefused(inside), "the old order may be gone: it is asked for"
    if code != "E_VENUE":
        assert both.send == Rejected(code, inside, cure)


def test_a_cancel_of_what_is_gone_is_refused() -> None:
    text = "Order was never placed, already canceled, or filled. asset=5"
    assert cancelled(200, statuses("cancel", {"error": text})) == CancelRefused(text)


@pytest.mark.parametrize(("status", "body"), [(0, b""), (429, b"null"), (500, b""), (200, b"nonsense")])
def test_a_question_without_an_answer_may_be_asked_again(status: int, body: bytes) -> None:
    questions = Questions(OneAnswer(status, body), Budget(FakeClock().steady), "0xAB")
    with pytest.raises(VenueUnreachable):
        asyncio.run(questions.state())


def test_an_order_is_signed_as_it_is_sent_with_a_deadline_and_a_cancel_without() -> None:
    transport, clock = OneAnswer(429, b""), FakeClock()
    calls = trading(transport)
    asyncio.run(calls.cancel([CancelRequest("SOL", CLOID)]))
    asyncio.run(trading(transport).place([ORDER]))
    (_, cancel), (path, place) = transport.sent
    assert path == "/exchange"
    envelope = msgspec.json.decode(place, type=Envelope)
    found = action_hash(envelope.action, envelope.nonce, None, envelope.expiresAfter)
    assert signer(envelope.signature, found, "testnet") == Agent(KEY).address
    assert envelope.expiresAfter == clock.now() // 1_000_000 + 5_000
    assert msgspec.json.decode(cancel, type=Envelope).expiresAfter is None
    raw: Any = msgspec.json.decode(place)
    assert raw["action"]["orders"] == [
        {"a": 5, "b": True, "p": "100", "s": "1", "r": False, "t": {"limit": {"tif": "Alo"}}, "c": CLOID}
    ]


def test_fills_of_many_pages_are_read_to_the_end_and_counted_once() -> None:
    def fill(number: int) -> dict[str, object]:
        return {
            **{"coin": "SOL", "px": "1.0", "sz": "1.0", "side": "B", "time": 1_000 + number, "oid": 1, "tid": number},
            **{"fee": "0.0", "crossed": False, "startPosition": "0.0", "dir": "", "closedPnl": "0.0"},
            **{"feeToken": "USDC", "hash": ""},
        }

    fills = [fill(number) for number in range(4_500)]

    class Pages(OneAnswer):
        async def post(self, path: str, body: bytes) -> Answer:
            since = msgspec.json.decode(body)["startTime"]
            page = [one for one in fills if int(str(one["time"])) >= since][:2_000]
            return Answer(200, msgspec.json.encode(page))

    found = asyncio.run(Questions(Pages(200, b""), Budget(FakeClock().steady)).fills(0))
    assert [one.tid for one in found] == list(range(4_500))
    assert isinstance(found[0], codec.Fill)
