"""The four shapes of a refusal, and what each means."""

from __future__ import annotations

import pytest

from bot.market.reports import Cure
from bot.venues.kalshi.errors import UNMAPPED, Refusal, classed, refusal, took_effect_unknown

NESTED = (
    b'{"error":{"code":"invalid_order","message":"invalid order","details":"post only cross","service":"exchange"}}'
)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, NESTED, Refusal(400, "invalid_order", "invalid order", "post only cross")),
        (404, b'{"error":{"code":"not_found","message":"not found"}}', Refusal(404, "not_found", "not found")),
        (400, b'{"code":"bad_request","message":"no","details":"x"}', Refusal(400, "bad_request", "no", "x")),
        (400, b'{"msg":"Parameter validation failed"}', Refusal(400, "", "Parameter validation failed")),
        (429, b'{"error":"too many requests"}', Refusal(429, "", "too many requests")),
    ],
)
def test_four_shapes(status: int, body: bytes, expected: Refusal) -> None:
    assert refusal(status, body) == expected


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"order":{}}', b"\xff", b'{"error":null}'])
def test_no_shape_is_no_refusal(body: bytes) -> None:
    assert refusal(400, body) is None


@pytest.mark.parametrize(
    ("status", "code", "details", "ours", "cure"),
    [
        (400, "invalid_order", "post only cross", "E_POST_ONLY", Cure.REQUOTE),
        (400, "invalid_price", "", "E_TICK", Cure.REQUANTISE),
        (400, "insufficient_balance", "", "E_MARGIN", Cure.SHRINK),
        (400, "MARKET_INACTIVE", "", "E_CLOSED", Cure.WAIT),
        (400, "invalid_order", "order group is triggered", "E_GROUP", Cure.WAIT),
        (409, "order_group_limit_reached", "", "E_GROUP", Cure.WAIT),
        (503, "exchange_paused", "", "E_PAUSED", Cure.WAIT),
        (400, "bad_request", "trading is paused", "E_PAUSED", Cure.WAIT),
        (404, "not_found", "", "E_NO_SUCH_ORDER", Cure.LOOK_UP),
        (409, "order_already_exists", "", "E_DUPLICATE", Cure.LOOK_UP),
        (401, "authentication_error", "INCORRECT_API_KEY_SIGNATURE", "E_KEY", Cure.HALT),
        (401, "header_timestamp_expired", "", "E_CLOCK", Cure.HALT),
        (429, "", "", "E_BUDGET", Cure.WAIT),
        (400, "bad_request", "", "E_REQUEST", Cure.HALT),
        (418, "teapot", "", "E_VENUE", Cure.HALT),
    ],
)
def test_what_a_refusal_means(status: int, code: str, details: str, ours: str, cure: Cure) -> None:
    found = classed(Refusal(status, code, "", details))
    assert (found.code, found.cure) == (ours, cure)
    assert (found is UNMAPPED) is (ours == "E_VENUE")


def test_a_server_error_leaves_everything_open() -> None:
    assert [took_effect_unknown(status) for status in (400, 429, 500, 503)] == [False, False, True, True]


def test_a_refusal_reads_as_the_venue_said_it() -> None:
    assert str(Refusal(400, "invalid_order", "invalid order", "post only cross")) == (
        "HTTP 400 invalid_order: invalid order: post only cross"
    )
    assert str(Refusal(401, "", "")) == "HTTP 401"
