"""Wire texts in, structs out; structs in, the wire's key order out."""

from __future__ import annotations

import json

import msgspec
import pytest

from bot.market.reports import Cure
from bot.venues.hyperliquid import actions, codec
from bot.venues.hyperliquid.errors import classed, stage

WIRE = actions.OrderWire(3, True, "1670.1", "0.0147", False, actions.OrderType(actions.Limit("Ioc")))


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (
            actions.PlaceOrders([WIRE]),
            '{"type":"order","orders":[{"a":3,"b":true,"p":"1670.1","s":"0.0147","r":false,'
            '"t":{"limit":{"tif":"Ioc"}}}],"grouping":"na"}',
        ),
        (actions.Cancel([actions.CancelWire(3, 77)]), '{"type":"cancel","cancels":[{"a":3,"o":77}]}'),
        (
            actions.CancelByCloid([actions.CloidWire(3, "0x01")]),
            '{"type":"cancelByCloid","cancels":[{"asset":3,"cloid":"0x01"}]}',
        ),
        (actions.ScheduleCancel(), '{"type":"scheduleCancel"}'),
        (actions.ScheduleCancel(5), '{"type":"scheduleCancel","time":5}'),
        (actions.Noop(), '{"type":"noop"}'),
    ],
)
def test_an_action_is_written_with_its_keys_in_order(action: actions.Action, text: str) -> None:
    assert msgspec.json.encode(action).decode() == text
    assert msgspec.json.decode(text, type=actions.Action) == action


@pytest.mark.parametrize("kind", [actions.Modify, actions.ModifyWire])
def test_a_modification_names_the_old_order_first(kind: type[actions.Modify] | type[actions.ModifyWire]) -> None:
    text = msgspec.json.encode(kind(77, WIRE)).decode()
    assert [key for key in json.loads(text) if key != "type"] == ["oid", "order"]


def test_statuses_are_words_or_objects() -> None:
    text = (
        '{"status":"ok","response":{"type":"order","data":{"statuses":[{"resting":{"oid":7,"new":1}},'
        '{"filled":{"totalSz":"0.02","avgPx":"1891.4","oid":8}},{"error":"no"},"waitingForFill"]}}}'
    )
    reply = msgspec.json.decode(text, type=codec.Reply)
    assert isinstance(reply.response, codec.Outcome)
    assert reply.response.data is not None
    assert reply.response.data.statuses == [
        codec.Status(resting=codec.RestingStatus(7)),
        codec.Status(filled=codec.FilledStatus("0.02", "1891.4", 8)),
        codec.Status(error="no"),
        "waitingForFill",
    ]


def test_a_refused_action_has_a_text_for_an_answer() -> None:
    assert msgspec.json.decode('{"status":"err","response":"no"}', type=codec.Reply) == codec.Reply("err", "no")


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            '{"channel":"bbo","data":{"coin":"SOL","time":5,"bbo":[{"px":"1.0","sz":"2.0","n":1},null]}}',
            codec.Bbo("SOL", 5, (codec.Level("1.0", "2.0", 1), None)),
        ),
        (
            '{"channel":"l2Book","data":{"coin":"SOL","time":5,"levels":[[],[{"px":"1.0","sz":"2.0","n":1}]]}}',
            codec.L2Book("SOL", 5, ([], [codec.Level("1.0", "2.0", 1)])),
        ),
        ('{"channel":"pong"}', None),
        ('{"channel":"subscriptionResponse","data":{"method":"subscribe"}}', codec.Subscribed("subscribe")),
        ('{"channel":"error","data":"no"}', "no"),
    ],
)
def test_a_frame_is_read_by_its_channel(text: str, content: object) -> None:
    assert codec.frame(text)[1] == content


def test_an_update_of_an_order_has_no_cloid_where_none_was_sent() -> None:
    _, content = codec.frame(
        '{"channel":"orderUpdates","data":[{"order":{"coin":"SOL","side":"B","limitPx":"1.0","sz":"0.0","oid":1,'
        '"timestamp":5,"origSz":"2.0"},"status":"filled","statusTimestamp":6}]}'
    )
    order = codec.OpenOrder("SOL", "B", "1.0", "0.0", 1, 5, "2.0")
    assert content == [codec.OrderUpdate(order, "filled", 6)]


@pytest.mark.parametrize(
    ("text", "expected", "cure"),
    [
        ("Price must be divisible by tick size. asset=5", "E_TICK", Cure.REQUANTISE),
        ("Order must have minimum value of $10. asset=5", "E_MIN_VALUE", Cure.SHRINK),
        ("Post only order would have immediately matched, bbo was 0.5@0.6. asset=5", "E_POST_ONLY", Cure.REQUOTE),
        ("Only post-only orders allowed immediately after a network upgrade", "E_POST_ONLY_WINDOW", Cure.WAIT),
        ("Order was never placed, already canceled, or filled. asset=5", "E_NO_SUCH_ORDER", Cure.LOOK_UP),
        ("User or API Wallet 0x00 does not exist.", "E_KEY", Cure.HALT),
        ("Invalid nonce: duplicate nonce", "E_NONCE", Cure.RENEW),
        ("Too many cumulative requests sent (2 > 1) for cumulative volume traded $1.", "E_BUDGET", Cure.WAIT),
        ("Order price cannot be more than 95% away from the reference price", "E_ORACLE", Cure.REQUOTE),
        ("something new", "E_VENUE", Cure.HALT),
    ],
)
def test_a_refusal_is_classed_by_its_text(text: str, expected: str, cure: Cure) -> None:
    assert (classed(text).code, classed(text).cure) == (expected, cure)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("open", "resting"),
        ("filled", "filled"),
        ("canceled", "ended"),
        ("selfTradeCanceled", "ended"),
        ("scheduledCancel", "ended"),
        ("badAloPxRejected", "rejected"),
        ("somethingNew", "unknown"),
    ],
)
def test_a_status_is_classed_by_its_suffix(status: str, expected: str) -> None:
    assert stage(status) == expected
