"""What a print leaves for an order that waits behind others. Each row is a story; the last number is what we get."""

from __future__ import annotations

import pytest

from bot.market.units import Lots, Side, Ticks
from bot.venues.on_feed.queue import CAPS, Waiting
from tests.bot.venues.on_feed.feed import sold

SHOWN, PRINT = "shown", "print"


def waiting(ahead: int | None, lots: int = 10, side: Side = "bid") -> Waiting:
    return Waiting("0x1", "SOL", side, Ticks(100), Lots(lots), since=5, ahead=ahead, known_at=5)


@pytest.mark.parametrize(
    ("ahead", "story", "filled"),
    [
        pytest.param(50, [(PRINT, 100, 49, 6)], 0, id="smaller than the queue"),
        pytest.param(50, [(PRINT, 100, 50, 6)], 0, id="just the queue"),
        pytest.param(50, [(PRINT, 100, 53, 6)], 3, id="three more than the queue"),
        pytest.param(50, [(PRINT, 100, 1_000, 6)], 10, id="more than there is of us"),
        pytest.param(50, [(PRINT, 100, 30, 6), (PRINT, 100, 25, 7)], 5, id="two prints eat the queue, the second us"),
        pytest.param(0, [(PRINT, 100, 4, 6), (PRINT, 100, 4, 7)], 8, id="first in the queue"),
        pytest.param(50, [(PRINT, 101, 500, 6)], 0, id="a better price than ours"),
        pytest.param(50, [(PRINT, 99, 4, 6)], 4, id="through our price: its own size, whatever the queue"),
        pytest.param(50, [(PRINT, 100, 50, 6), (PRINT, 99, 4, 6)], 4, id="a sweep: the queue, then through"),
        pytest.param(50, [(PRINT, 99, 4, 6), (PRINT, 100, 50, 6)], 4, id="the same sweep told backwards"),
        pytest.param(50, [(PRINT, 100, 500, 5)], 0, id="printed at the time we came"),
        pytest.param(50, [(PRINT, 99, 500, 4)], 0, id="printed before we came"),
        pytest.param(50, [(SHOWN, 20, 6), (PRINT, 100, 25, 7)], 5, id="others left, and then a print"),
        pytest.param(50, [(SHOWN, 0, 6), (PRINT, 100, 50, 6)], 0, id="the print that emptied the level, told late"),
        pytest.param(50, [(SHOWN, 0, 6), (PRINT, 100, 50, 6), (PRINT, 100, 3, 7)], 3, id="and the first one after it"),
        pytest.param(50, [(SHOWN, 0, 6), (PRINT, 100, 53, 6)], 3, id="told late, and larger than the queue was"),
        pytest.param(50, [(SHOWN, 80, 6), (PRINT, 100, 55, 7)], 5, id="who comes later stands behind us"),
        pytest.param(50, [(SHOWN, 20, 4), (PRINT, 100, 50, 7)], 0, id="a picture older than our coming says nothing"),
        pytest.param(50, [(SHOWN, 30, 6), (SHOWN, 40, 7), (PRINT, 100, 35, 8)], 5, id="the least shown counts"),
        pytest.param(None, [(PRINT, 100, 9_999, 6)], 0, id="an unknown queue has no end"),
        pytest.param(None, [(PRINT, 99, 3, 6)], 3, id="but through is through"),
        pytest.param(None, [(SHOWN, 20, 7), (PRINT, 100, 99, 7)], 0, id="a print the first picture already counted"),
        pytest.param(None, [(SHOWN, 20, 7), (PRINT, 100, 22, 8)], 2, id="known by the first picture"),
        pytest.param(None, [(SHOWN, None, 7), (PRINT, 100, 99, 8)], 0, id="a picture that does not reach our price"),
    ],
)
@pytest.mark.parametrize("side", ["bid", "ask"])
def test_what_a_story_of_prints_and_pictures_fills(
    side: Side, ahead: int | None, story: list[tuple[str, int, int, int]], filled: int
) -> None:
    order, got = waiting(ahead, side=side), 0
    for what, *numbers in story:
        if what == SHOWN:
            lots, stamp = numbers
            order.shown(None if lots is None else Lots(lots), stamp)
        else:
            ticks, lots, stamp = numbers
            taker: Side = "ask" if side == "bid" else "bid"
            mirrored = ticks if side == "bid" else 200 - ticks
            got += order.printed(sold(mirrored, lots, stamp, taker), Lots(lots))
    assert got == filled
    assert order.left == 10 - filled


@pytest.mark.parametrize(("ticks", "filled"), [(100, 0), (99, 4)], ids=["at our price", "through it"])
def test_a_buyer_takes_nothing_from_a_queue_of_bids_but_shows_a_seller_below(ticks: int, filled: int) -> None:
    assert waiting(0).printed(sold(ticks, 4, 6, side="bid"), Lots(4)) == filled


@pytest.mark.parametrize(("best", "passed"), [(None, False), (101, False), (100, True), (99, True)])
def test_who_stands_at_our_price_or_beyond_has_traded_with_us(best: int | None, passed: bool) -> None:
    assert waiting(None).passed_by(None if best is None else Ticks(best)) is passed


def test_pictures_without_prints_do_not_pile_up() -> None:
    order = waiting(1_000)
    for step in range(10 * CAPS):
        order.shown(Lots(999 - step), 6 + step)
    assert len(order._caps) == CAPS
    assert order.printed(sold(100, 370, 10_000), Lots(370)) == 10  # 360 were left before us in the last picture
