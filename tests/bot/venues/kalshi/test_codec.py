"""What is sent and read, as texts of the venue's own."""

from __future__ import annotations

import msgspec
import pytest

from bot.market.fees import UnknownFees
from bot.market.units import Lots, Ticks
from bot.venues.kalshi import frames
from bot.venues.kalshi.codec import Market, Orderbook, Series
from bot.venues.kalshi.frames import Delta, Frame, Lifecycle, Snapshot, StreamError, Subscribed, frame
from bot.venues.kalshi.orders import Amend, Create
from bot.venues.kalshi.spec import fees_of, spec_of

MARKET = b"""{"ticker":"KXNHLGAME-26OCT10UTAVGK-VGK","event_ticker":"KXNHLGAME-26OCT10UTAVGK","status":"active",
"open_time":"2026-10-01T00:00:00Z","close_time":"2026-10-24T00:00:00Z","price_level_structure":"nobody_has_seen_it",
"price_ranges":[{"start":"0.0000","end":"0.1000","step":"0.0010"},{"start":"0.1000","end":"1.0000","step":"0.0100"}],
"something_new":{"a":1}}"""


def test_an_order_says_only_what_was_given_and_numbers_are_texts() -> None:
    order = Create("T", "bid", "10.00", "0.4800", "good_till_canceled", "taker_at_cross", "c1", post_only=True)
    assert msgspec.json.encode(order) == (
        b'{"ticker":"T","side":"bid","count":"10.00","price":"0.4800","time_in_force":"good_till_canceled",'
        b'"self_trade_prevention_type":"taker_at_cross","client_order_id":"c1","post_only":true}'
    )
    assert b'"expiration_time":0' in msgspec.json.encode(Amend("T", "bid", "0.48", "10", expiration_time=0))


def test_a_market_s_ranges_make_its_grid_whatever_the_structure_is_called() -> None:
    spec = spec_of(msgspec.json.decode(MARKET, type=Market))
    assert [spec.legal(Ticks(at)) for at in (10, 990, 1_000, 1_010, 1_100, 10_000)] == [
        True,
        True,
        True,
        False,
        True,
        False,
    ]
    assert [spec.worth_sending(Ticks(10), Lots(lots)) for lots in (100, 150)] == [True, False]


def test_a_market_of_fractions_takes_a_hundredth_of_a_contract() -> None:
    market = msgspec.structs.replace(msgspec.json.decode(MARKET, type=Market), fractional_trading_enabled=True)
    assert spec_of(market).worth_sending(Ticks(10), Lots(1))


def test_fees_come_from_the_series() -> None:
    assert fees_of(Series("KXNHLGAME", "quadratic", 1)).dearest("taker") == 175
    assert fees_of(Series("KXINX", "quadratic", 0.5)).dearest("taker") == 175 / 2
    with pytest.raises(UnknownFees):
        fees_of(Series("KXODD", "flat", 1))


def test_a_book_s_sides_may_be_missing() -> None:
    book = msgspec.json.decode(b'{"orderbook_fp":{"yes_dollars":[["0.4700","5.00"]]}}', type=Orderbook).orderbook_fp
    assert (book.yes_dollars, book.no_dollars) == ([("0.4700", "5.00")], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b'{"type":"orderbook_snapshot","sid":2,"seq":1,"msg":{"market_ticker":"T","market_id":"x",'
            b'"no_dollars_fp":[["0.5100","3.00"]]}}',
            Frame("orderbook_snapshot", Snapshot("T", [], [("0.5100", "3.00")]), 2, 1),
        ),
        (
            b'{"type":"orderbook_delta","sid":2,"seq":2,"msg":{"market_ticker":"T","price_dollars":"0.5100",'
            b'"delta_fp":"-3.00","side":"no","ts":"2026-10-10T00:00:00Z","ts_ms":7}}',
            Frame("orderbook_delta", Delta("T", "0.5100", "-3.00", "no", 7), 2, 2),
        ),
        (
            b'{"id":4,"type":"subscribed","msg":{"channel":"fill","sid":9}}',
            Frame("subscribed", Subscribed("fill", 9), id=4),
        ),
        (
            b'{"type":"error","sid":2,"msg":{"code":25,"msg":"overflow"}}',
            Frame("error", StreamError(frames.BUFFER_OVERFLOW, "overflow"), 2),
        ),
        (
            b'{"type":"market_lifecycle_v2","sid":3,"msg":{"market_ticker":"T","event_type":"deactivated"}}',
            Frame("market_lifecycle_v2", Lifecycle("deactivated", "T"), 3),
        ),
        (b'{"type":"tomorrow","sid":3,"msg":{"a":1}}', Frame("tomorrow", None, 3)),
        (b'{"id":1,"type":"ok"}', Frame("ok", None, id=1)),
    ],
)
def test_frames(text: bytes, expected: Frame) -> None:
    assert frame(text) == expected
