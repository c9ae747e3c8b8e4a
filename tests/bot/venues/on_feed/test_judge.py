"""The judge against a real matching engine: two worlds, one with our order in the book and one that only watches."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from bot.market.book import Top
from bot.market.units import SIDES, Lots, Side, Ticks, opposite
from bot.venues.market_data import Depth, Print
from bot.venues.on_feed.fees import Fees
from bot.venues.on_feed.judge import OURS, Judge
from bot.venues.simulators.exchange import Dealt, Refused
from bot.venues.simulators.matching import Book, Standing
from tests.bot.builders import SOL, order
from tests.bot.venues.on_feed.feed import best, levels, sold

SEEDS = range(150)


def judge(top: Top | None = None, stamp: int = 1) -> Judge:
    found = Judge(SOL, Fees())
    found.topped(top or best(18_500, 18_502), stamp)
    return found


@pytest.mark.parametrize(
    ("side", "ticks", "lots", "tif", "text"),
    [
        ("bid", 18_502, 10, "Alo", "Post only order would have immediately matched, bbo was 185@185.02. asset=5"),
        ("ask", 18_500, 10, "Alo", "Post only order would have immediately matched, bbo was 185@185.02. asset=5"),
        ("bid", 18_500, 0, "Alo", "Order has invalid size. asset=5"),
        ("bid", 18_500, 5, "Alo", "Order must have minimum value of $10. asset=5"),
        ("bid", 0, 10, "Alo", "Price must be divisible by tick size. asset=5"),
        ("bid", 18_501, 10, "Ioc", "Order could not immediately match against any resting orders. asset=5"),
    ],
)
def test_refusals_in_the_venues_words(side: Side, ticks: int, lots: int, tif: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        judge().arrive(1, order(side, ticks, lots, tif=tif))
    assert str(refused.value) == text


def test_without_a_book_nobody_can_say_what_becomes_of_an_order() -> None:
    subject = judge()
    subject.lost()
    with pytest.raises(Refused, match="no best prices are known"):
        subject.arrive(1, order("bid", 18_400, 10))


def test_a_fill_is_at_our_own_price_with_the_makers_fee() -> None:
    subject = judge(best(18_500, 18_502, bid_lots=3))
    subject.arrive(1, order("bid", 18_500, 10))
    (deal,) = subject.printed(sold(18_500, 7, 2))
    # 4 x 0.01 SOL at 185.00 are 7.40 USD; 1.5 bps of it in millionths of a USD
    assert deal == Dealt("SOL", OURS, "0x1", "bid", Ticks(18_500), Lots(4), Lots(6), 1_110)


def test_one_print_fills_two_orders_once() -> None:
    subject = judge(best(18_500, 18_502, bid_lots=0))
    for number, ticks in enumerate((18_499, 18_501, 18_501)):
        subject.arrive(number, order("bid", ticks, 6, cloid=f"0x{number}"))
    deals = subject.printed(sold(18_498, 14, 2))
    assert [(deal.cloid, deal.lots) for deal in deals if isinstance(deal, Dealt)] == [
        ("0x1", 6),
        ("0x2", 6),
        ("0x0", 2),
    ]


def test_a_taker_gets_what_is_shown_and_each_lot_once() -> None:
    subject = judge(best(18_500, 18_502, ask_lots=5))
    subject.pictured(levels([(18_500, 100)], [(18_501, 99), (18_502, 50), (18_503, 4), (18_510, 100)], 1))
    first = subject.arrive(1, order("bid", 18_503, 20, tif="Ioc"))
    assert [(deal.ticks, deal.lots) for deal in first if isinstance(deal, Dealt)] == [(18_502, 5), (18_503, 4)]
    with pytest.raises(Refused, match="could not immediately match"):
        subject.arrive(2, order("bid", 18_503, 20, cloid="0x2", tif="Ioc"))


def test_what_a_crossing_order_does_not_get_rests() -> None:
    subject = judge(best(18_500, 18_502, ask_lots=5))
    subject.arrive(1, order("bid", 18_502, 20, tif="Gtc"))
    subject.topped(best(18_500, 18_504), 2)
    (deal,) = subject.printed(sold(18_502, 8, 3))
    assert isinstance(deal, Dealt)
    assert (deal.lots, deal.left) == (8, 7)


def test_a_book_that_moves_through_our_price_fills_nothing_while_prints_are_heard() -> None:
    subject = judge()
    subject.arrive(1, order("bid", 18_500, 10))
    assert subject.topped(best(18_480, 18_490), 2) == []


def test_after_a_gap_a_book_beyond_our_price_has_traded_with_us() -> None:
    subject = judge()
    subject.arrive(1, order("bid", 18_500, 10, cloid="0xa"))
    subject.arrive(2, order("bid", 18_480, 10, cloid="0xb"))
    subject.arrive(3, order("ask", 18_510, 10, cloid="0xc"))
    subject.lost()
    deals = subject.topped(best(18_489, 18_490), 9)
    assert [(deal.cloid, deal.lots) for deal in deals if isinstance(deal, Dealt)] == [("0xa", 10)]
    assert subject.topped(best(18_470, 18_475), 10) == [], "watched again"


@dataclass
class Worlds:
    """Strangers trade alike in both; `blind` is what the feed shows, `real` has our order in it, too."""

    seed: int
    real: Book = field(default_factory=Book)
    blind: Book = field(default_factory=Book)
    subject: Judge = field(default_factory=lambda: Judge(SOL, Fees()))
    strangers: list[tuple[Standing, Standing]] = field(default_factory=list)
    late: list[Depth] = field(default_factory=list)
    stamp: int = 1
    side: Side | None = None
    oid: int = 0
    judged: int = 0
    got: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def block(self) -> None:
        """A few strangers act; then the feed tells of it: best prices and prints in any order, depth sometimes late."""
        self.stamp += 1
        prints = [print_ for _ in range(self.chance.randint(1, 4)) for print_ in self._stranger()]
        news = [self._tell_top, lambda: self._tell(prints)]
        self.chance.shuffle(news)
        for tell in news:
            tell()
        if self.chance.random() < 0.3:
            self.late.append(levels(self._rows("bid"), self._rows("ask"), self.stamp))
        if self.late and self.chance.random() < 0.5:
            self.subject.pictured(self.late.pop(0))

    def arrive(self, side: Side, lots: int) -> None:
        """We quote somewhere near the best of our side, in both worlds at once."""
        at = self.blind.best(side)
        against = self.blind.best(opposite(side))
        assert at is not None
        assert against is not None
        away = self.chance.randint(-2, 4)
        ticks = Ticks(min(at - away, against - 1) if side == "bid" else max(at + away, against + 1))
        self.subject.arrive(1, order(side, ticks, lots, cloid="0xours"))
        self.side = side
        self.ours = Standing(OURS, "0xours", 1, side, ticks, Lots(lots))
        self.real.add(self.ours)

    def _stranger(self) -> list[Print]:
        if self.strangers and self.chance.random() < 0.3:
            return self._cancel()
        side = self.chance.choice(SIDES)
        ticks, lots = Ticks(18_500 + self.chance.randint(-6, 6)), Lots(self.chance.randint(1, 30))
        self.oid += 1
        orders = [Standing("crowd", "", self.oid, side, ticks, lots) for _ in range(2)]
        stays = self.chance.random() < 0.6
        prints = []
        for book, new in zip((self.real, self.blind), orders, strict=True):
            matches = book.take(new)
            if book is self.blind:
                prints = [Print("", "SOL", side, match.ticks, match.lots, self.stamp) for match in matches]
            else:
                self.got += sum(match.lots for match in matches if match.standing.owner == OURS)
            if new.lots and stays:
                book.add(new)
        if stays:
            self.strangers.append((orders[0], orders[1]))
        return prints

    def _cancel(self) -> list[Print]:
        pair = self.strangers.pop(self.chance.randrange(len(self.strangers)))
        for book, standing in zip((self.real, self.blind), pair, strict=True):
            if standing.lots:
                book.remove(standing)
        return []

    def _tell(self, prints: list[Print]) -> None:
        """Not those of our own side: below our bid a buyer meets only sellers who in the real world met us first.

        They show that the market went through us, and fill; but there the two books have parted.
        """
        for print_ in (print_ for print_ in prints if print_.side != self.side):
            self.judged += sum(deal.lots for deal in self.subject.printed(print_) if isinstance(deal, Dealt))

    def _tell_top(self) -> None:
        bids, asks = self._rows("bid", 1), self._rows("ask", 1)
        bid, ask = bids[0] if bids else (None, 0), asks[0] if asks else (None, 0)
        self.subject.topped(best(bid[0], ask[0], bid[1], ask[1]), self.stamp)

    def _rows(self, side: Side, depth: int = 5) -> list[tuple[int, int]]:
        return [(ticks, lots) for ticks, lots, _ in self.blind.levels(side, depth)]


def _play(seed: int) -> Worlds:
    worlds = Worlds(seed)
    while worlds.blind.best("bid") is None or worlds.blind.best("ask") is None:
        worlds.block()
    worlds.arrive(worlds.chance.choice(SIDES), 200)
    for step in range(60):
        worlds.block()
        assert worlds.judged <= worlds.got, f"seed {seed}, block {step}: filled on paper before it would be for real"
    return worlds


def test_paper_never_fills_more_than_the_order_would_have_got_in_the_book() -> None:
    played = [_play(seed) for seed in SEEDS]
    judged, got = sum(worlds.judged for worlds in played), sum(worlds.got for worlds in played)
    assert sum(worlds.judged > 0 for worlds in played) > len(SEEDS) / 3, "a judge that fills nothing is no judge"
    assert 0.2 < judged / got <= 1
