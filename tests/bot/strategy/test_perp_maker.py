"""Where the maker wants its quotes: vectors first, then what must hold whatever it sees."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.book import Top
from bot.market.orders import Order, Quote
from bot.market.others import Others
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.strategy.perp_maker import MICRO, Params, fair, quotes
from bot.strategy.view import NOTHING, View, Wanted
from bot.venues.hyperliquid.spec import spec_of
from tests.bot.builders import COARSE, SOL

PARAMS = Params(half_spread_bps=Decimal(10), requote_bps=Decimal(5), size_usd=Decimal(500), standback_pct=50)
SPECS = {
    "uniform": SOL,
    "coarse": COARSE,
    "figures": spec_of("SOL", 5, 2),
    "whole": spec_of("BTC", 0, 5),
    "by sevens": replace(SOL, lot_step=7),
}


def book(bid: int | None, ask: int | None, bid_lots: int = 0, ask_lots: int = 0) -> Top:
    best = [None if price is None else Ticks(price) for price in (bid, ask)]
    return Top("SOL", *best, at=0, bid_lots=Lots(bid_lots), ask_lots=Lots(ask_lots))


def view(
    seen: Top | None = None,
    position: int = 0,
    cap: int = 1_000,
    bid: Quote | None = None,
    ask: Quote | None = None,
    spec: Spec = SOL,
    fee: int = 0,
    equity: int | None = None,
) -> View:
    return View(
        spec=spec,
        top=seen or book(9_990, 10_010),
        position=Lots(position),
        cap=Lots(cap),
        room_bid=Lots(max(cap - position, 0)),
        room_ask=Lots(max(cap + position, 0)),
        working_bid=bid,
        working_ask=ask,
        maker_fee_ppm=fee,
        equity=equity,
    )


def quote(ticks: int, lots: int) -> Quote:
    return Quote(Ticks(ticks), Lots(lots))


def prices(wanted: Wanted) -> tuple[int | None, int | None]:
    return wanted.bid and wanted.bid.ticks, wanted.ask and wanted.ask.ticks


@pytest.mark.parametrize(
    ("bid_lots", "ask_lots", "price"),
    [
        pytest.param(0, 0, 10_000, id="no sizes: the mid"),
        pytest.param(7, 0, 10_000, id="one size: the mid"),
        pytest.param(50, 50, 10_000, id="even"),
        pytest.param(75, 25, 10_005, id="three times the bids"),
        pytest.param(25, 75, 9_995, id="three times the asks"),
    ],
)
def test_fair_is_drawn_toward_the_thinner_side(bid_lots: int, ask_lots: int, price: int) -> None:
    assert fair(book(9_990, 10_010, bid_lots, ask_lots)) == price * MICRO


def test_a_wide_empty_book_draws_fair_by_no_more_than_the_half_spread() -> None:
    wanted = quotes(view(book(9_000, 11_000, 1_000_000, 1)), replace(PARAMS, standback_pct=0))
    assert prices(wanted) == (9_999, 10_021)  # 10,010 fair, and 10 bps of it to each side


@pytest.mark.parametrize(
    ("bid_lots", "ask_lots", "expected"),
    [
        pytest.param(50, 50, (9_990, 10_010), id="even"),
        pytest.param(75, 25, (9_994, 10_018), id="asks are lifted: the ask stands back"),
        pytest.param(25, 75, (9_982, 10_005), id="bids are hit: the bid stands back"),
    ],
)
def test_the_side_the_book_leans_upon_stands_back(bid_lots: int, ask_lots: int, expected: tuple[int, int]) -> None:
    assert prices(quotes(view(book(9_990, 10_010, bid_lots, ask_lots)), PARAMS)) == expected


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        pytest.param(0, (9_990, 10_010), id="flat"),
        pytest.param(500, (9_985, 10_005), id="long"),
        pytest.param(-500, (9_995, 10_015), id="short"),
        pytest.param(1_000, (None, 10_001), id="full: the floor, and no bid"),
        pytest.param(-1_000, (9_999, None), id="full the other way"),
    ],
)
def test_inventory_leans_both_quotes_but_none_below_the_floor(
    position: int, expected: tuple[int | None, int | None]
) -> None:
    assert prices(quotes(view(position=position), PARAMS)) == expected


@pytest.mark.parametrize(
    ("fee", "edge", "expected"),
    [
        pytest.param(150, "0.5", (9_998, 10_002), id="1.5 bps fee and half an edge: 2 bps"),
        pytest.param(1_000, "2", (9_988, 10_012), id="12 bps"),
        pytest.param(-30, "0.5", (9_999, 10_001), id="a rebate lets us nearer, here by less than a tick"),
        pytest.param(-500, "0.5", (9_999, 10_001), id="no rebate brings a quote through fair"),
    ],
)
def test_the_half_spread_is_never_under_fee_and_edge(fee: int, edge: str, expected: tuple[int, int]) -> None:
    tight = Params(half_spread_bps=Decimal("0.1"), min_edge_bps=Decimal(edge))
    assert prices(quotes(view(fee=fee), tight)) == expected


@pytest.mark.parametrize(
    ("equity", "pct", "lots"),
    [
        pytest.param(None, "1", 500, id="equity unknown: the setting alone"),
        pytest.param(1_000, "100", 500, id="enough"),
        pytest.param(1_000, "10", 100, id="a tenth of 1,000"),
        pytest.param(90, "10", None, id="a tenth of 90 is below what the venue takes"),
        pytest.param(-5, "100", None, id="nothing left"),
    ],
)
def test_capital_bounds_the_size(equity: int | None, pct: str, lots: int | None) -> None:
    millionths = None if equity is None else equity * 1_000_000
    wanted = quotes(view(equity=millionths), replace(PARAMS, capital_pct=Decimal(pct)))
    assert (wanted.bid and wanted.bid.lots) == lots


@pytest.mark.parametrize(
    ("bid", "ask"), [(None, 10_010), (9_990, None), (10_010, 10_010), (10_011, 10_010), (None, None)]
)
def test_no_fair_price_no_quotes(bid: int | None, ask: int | None) -> None:
    assert quotes(view(book(bid, ask)), PARAMS) == NOTHING


@pytest.mark.parametrize(
    ("working", "kept"),
    [
        pytest.param(quote(9_990, 500), True, id="as wished"),
        pytest.param(quote(9_986, 500), True, id="a little far"),
        pytest.param(quote(9_984, 500), False, id="too far"),
        pytest.param(quote(9_995, 500), True, id="a little near"),
        pytest.param(quote(9_996, 500), False, id="too near"),
        pytest.param(quote(9_990, 250), True, id="half eaten"),
        pytest.param(quote(9_990, 249), False, id="more than half eaten"),
        pytest.param(quote(9_990, 1_001), False, id="too large"),
    ],
)
def test_a_working_quote_stays_while_it_is_near(working: Quote, kept: bool) -> None:
    assert (quotes(view(bid=working), PARAMS).bid is working) is kept


def test_a_quote_within_the_hysteresis_may_lose_its_edge_but_not_its_fee() -> None:
    working, costly = quote(9_995, 500), Params(half_spread_bps=Decimal(6), requote_bps=Decimal(5))
    assert quotes(view(bid=working, fee=500), costly).bid is working  # 5 bps away, and 5 are the fee
    assert quotes(view(bid=working, fee=510), costly).bid == quote(9_994, 500)


def test_a_working_quote_over_its_room_is_left_for_risk_to_cut() -> None:
    working = quote(10_017, 350)
    assert quotes(view(position=-700, ask=working), PARAMS).ask is working
    assert quotes(view(position=-700), PARAMS).ask == quote(10_017, 300)


def test_small_moves_of_the_book_do_not_churn() -> None:
    """A thousand flickers of sizes and of one tick at the best prices move neither quote."""
    params = Params()
    first = quotes(view(book(18_500, 18_501, 10, 10), cap=10_000), params)
    assert first.bid is not None
    assert first.ask is not None
    for step in range(1_000):
        seen = book(18_500 + step % 2, 18_501 + step % 3, 1 + step % 17, 1 + step % 13)
        if seen.bid is None or seen.ask is None or seen.bid >= seen.ask:
            continue
        again = quotes(view(seen, cap=10_000, bid=first.bid, ask=first.ask), params)
        assert (again.bid is first.bid, again.ask is first.ask) == (True, True), step


def _followed(taking_ours_out: bool) -> list[int]:
    """Bids over fifty looks at a thin book in which our own quotes are the best, while we are long."""
    others, bids = Others(), list[int]()
    quoted: Wanted = NOTHING
    for look in range(50):
        ours = [_resting(side, one) for side, one in (("bid", quoted.bid), ("ask", quoted.ask)) if one is not None]
        bid, ask = (quoted.bid, quoted.ask) if look else (None, None)
        shown = book(
            bid.ticks if bid else 9_000, ask.ticks if ask else 11_000, bid.lots if bid else 5, ask.lots if ask else 5
        )
        seen = others.seen(shown, ours)
        given = replace(view(shown, position=600, bid=bid, ask=ask), others=seen if taking_ours_out else None)
        quoted = quotes(given, replace(PARAMS, requote_bps=Decimal(1)))
        bids.append(quoted.bid.ticks if quoted.bid else 0)
    return bids


def _resting(side: Side, one: Quote) -> Order:
    return Order(f"0x{side}", 1, "SOL", side, one.ticks, one.lots, sent_at=0)


def test_it_does_not_follow_its_own_quotes_down_a_thin_book() -> None:
    assert set(_followed(taking_ours_out=True)) == {9_984}  # 10,000 less the half spread and six tenths of it
    assert _followed(taking_ours_out=False)[-1] < 9_800, "or this test could not fail"


def test_a_room_of_odd_lots_is_used_as_far_as_orders_may_be_sent() -> None:
    assert quotes(view(position=600, spec=SPECS["by sevens"]), PARAMS).bid == quote(9_984, 399)  # of 400


def test_room_too_small_for_the_venue_is_no_quote() -> None:
    assert quotes(view(position=995), PARAMS).bid is None


bps = st.decimals("0.1", "200", places=1)
any_params = st.builds(
    Params,
    half_spread_bps=bps,
    requote_bps=bps,
    size_usd=st.decimals("10", "100000", places=0),
    min_edge_bps=st.decimals("0", "20", places=2),
    capital_pct=st.decimals("0.1", "100", places=1),
    standback_pct=st.integers(0, 100),
)
any_top = st.builds(
    lambda bid, gap, bids, asks: book(bid, bid + gap, bids, asks),
    st.integers(1, 10**8),
    st.integers(1, 10**4),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
any_quote = st.none() | st.builds(quote, st.integers(1, 10**8), st.integers(1, 10**5))
fees = st.integers(-100, 2_000)


@given(
    seen=any_top,
    position=st.integers(-2_000, 2_000),
    params=any_params,
    name=st.sampled_from(sorted(SPECS)),
    fee=fees,
    equity=st.none() | st.integers(-(10**6), 10**12),
    shift=st.none() | st.integers(-(10**4), 10**4),
)
def test_never_crosses_never_off_grid_never_beyond_its_room_never_nearer_than_the_floor(
    seen: Top, position: int, params: Params, name: str, fee: int, equity: int | None, shift: int | None
) -> None:
    spec, others = SPECS[name], seen if shift is None else _shifted(seen, shift)
    given = view(seen, position=position, spec=spec, fee=fee, equity=equity)
    given = replace(given, others=None if shift is None else others)
    wanted = quotes(given, params)
    half = max(params.half_spread_bps, Decimal(fee) / 100 + params.min_edge_bps)
    price = Fraction(_fair(others, half), MICRO)
    least = max(Fraction(fee, 1_000_000) + Fraction(params.min_edge_bps) / 10_000, 0)
    assert seen.bid is not None
    assert seen.ask is not None
    if wanted.bid is not None:
        assert spec.legal(wanted.bid.ticks)
        assert wanted.bid.ticks < seen.ask
        assert wanted.bid.ticks <= price * (1 - least)
        assert 0 < wanted.bid.lots <= given.room_bid
        assert spec.worth_sending(wanted.bid.ticks, wanted.bid.lots)
    if wanted.ask is not None:
        assert spec.legal(wanted.ask.ticks)
        assert wanted.ask.ticks > seen.bid
        assert wanted.ask.ticks >= price * (1 + least)
        assert 0 < wanted.ask.lots <= given.room_ask
        assert spec.worth_sending(wanted.ask.ticks, wanted.ask.lots)


@given(seen=any_top, params=any_params, fee=fees, bid=any_quote, ask=any_quote, position=st.integers(-999, 999))
def test_what_stays_is_near_its_wish_uncrossed_and_beyond_its_fee(
    seen: Top, params: Params, fee: int, bid: Quote | None, ask: Quote | None, position: int
) -> None:
    given = view(seen, position=position, bid=bid, ask=ask, fee=fee)
    wanted, fresh = quotes(given, params), quotes(view(seen, position=position, fee=fee), params)
    half = max(params.half_spread_bps, Decimal(fee) / 100 + params.min_edge_bps)
    price = Fraction(_fair(seen, half), MICRO)
    least = max(Fraction(fee, 1_000_000), 0)
    near = price * Fraction(params.requote_bps) / 10_000
    assert seen.bid is not None
    assert seen.ask is not None
    assert (wanted.bid is None, wanted.ask is None) == (fresh.bid is None, fresh.ask is None)
    if wanted.bid is not None and fresh.bid is not None:
        assert wanted.bid.ticks < seen.ask
        assert wanted.bid.ticks <= price * (1 - least)
        assert wanted.bid.lots <= given.room_bid or wanted.bid is bid
        assert abs(wanted.bid.ticks - fresh.bid.ticks) <= near
    if wanted.ask is not None and fresh.ask is not None:
        assert wanted.ask.ticks > seen.bid
        assert wanted.ask.ticks >= price * (1 + least)
        assert wanted.ask.lots <= given.room_ask or wanted.ask is ask
        assert abs(wanted.ask.ticks - fresh.ask.ticks) <= near


@given(
    seen=any_top,
    params=any_params,
    fee=fees,
    positions=st.tuples(st.integers(-1_500, 1_500), st.integers(-1_500, 1_500)).map(sorted),
)
def test_the_more_we_hold_the_lower_we_quote(seen: Top, params: Params, fee: int, positions: list[int]) -> None:
    less, more = (quotes(view(seen, position=position, fee=fee), params) for position in positions)
    for fewer, further in ((less.bid, more.bid), (less.ask, more.ask)):
        if fewer is not None and further is not None:
            assert further.ticks <= fewer.ticks
    if more.bid is not None and less.bid is not None and less.bid.ticks == more.bid.ticks:
        assert more.bid.lots <= less.bid.lots


@given(seen=any_top, params=any_params, position=st.integers(1_000, 3_000))
def test_the_side_without_room_is_silent(seen: Top, params: Params, position: int) -> None:
    assert quotes(view(seen, position=position), params).bid is None
    assert quotes(view(seen, position=-position), params).ask is None


def _shifted(seen: Top, shift: int) -> Top:
    """Best prices of others that lie elsewhere than those with ours in them."""
    assert seen.bid is not None
    assert seen.ask is not None
    bid = Ticks(max(seen.bid + shift, 1))
    return replace(seen, bid=bid, ask=Ticks(bid + seen.ask - seen.bid))


def _fair(seen: Top, half: Decimal) -> int:
    """The microprice again, bounded by the half spread in force, as exact fractions."""
    assert seen.bid is not None
    assert seen.ask is not None
    mid = Fraction(seen.bid + seen.ask, 2)
    both = seen.bid_lots + seen.ask_lots if seen.bid_lots and seen.ask_lots else 0
    drawn = Fraction(seen.ask - seen.bid, 2) * Fraction(seen.bid_lots - seen.ask_lots, both) if both else Fraction(0)
    bound = mid * max(Fraction(half), Fraction(0)) / 10_000
    exact = (mid + max(-bound, min(drawn, bound))) * MICRO
    found = fair(seen, int(half * 10_000))
    assert found is not None
    assert abs(found - exact) <= 2 + abs(seen.ask - seen.bid) * MICRO // 10**8
    return found
