"""Which markets are quoted: a reason for each, one of an event, what is held first, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.book import Top
from bot.market.candidate import Candidate
from bot.market.contract import Contract
from bot.market.fees import FREE
from bot.market.price_ranges import PriceRanges, Range
from bot.market.spec import Spec
from bot.market.units import Lots, Ticks
from bot.selection.discovery import SECOND, Choice, Params, Verdict, choose, renewal

NOW = 1_795_000_000 * SECOND
HOUR = 3_600 * SECOND
CENTS = PriceRanges((Range(Ticks(0), Ticks(10_000), Ticks(100)),))
PARAMS = Params(
    max_markets=2,
    gates={"NHL": (Decimal("0.48"), Decimal("0.65")), "NFL": (Decimal("0.44"), Decimal("0.72"))},
    max_spread=Decimal("0.04"),
    min_depth=Decimal(20),
)


def candidate(
    market: str = "A",
    event: str = "",
    series: str = "NHL",
    bid: int | None = 54,
    ask: int | None = 56,
    bids: int = 40,
    asks: int = 40,
    starts: int | None = HOUR,
    closes: int = 300 * HOUR,
    **more: Any,
) -> Candidate:
    """Prices in cents, sizes in contracts, times from now on."""
    contract = Contract(
        event or f"game of {market}", series, FREE, None if starts is None else NOW + starts, NOW + closes
    )
    spec = Spec(market, 0, Decimal("0.0001"), Decimal("0.01"), Decimal(0), CENTS, 100, contract)
    bid_ticks, ask_ticks = (None if cents is None else Ticks(cents * 100) for cents in (bid, ask))
    return Candidate(spec, Top(market, bid_ticks, ask_ticks, NOW, Lots(bids * 100), Lots(asks * 100)), **more)


def chosen(*candidates: Candidate, held: tuple[str, ...] = (), params: Params = PARAMS) -> tuple[str, ...]:
    return choose(candidates, held, params, NOW).markets


def of(market: str, choice: Choice) -> Verdict:
    (found,) = [one for one in choice.verdicts if one.market == market]
    return found


WITHOUT_CONTRACT = replace(candidate(), spec=replace(candidate().spec, contract=None))


@pytest.mark.parametrize(
    ("subject", "word", "reason"),
    [
        (candidate(), "chosen", "6 c from its gates"),
        (candidate(bid=48, ask=50), "chosen", "an entry may be at the best price"),
        (candidate(bid=64, ask=66), "chosen", "an entry may be at the best price"),
        (candidate(bid=52, ask=56), "chosen", "4 c from its gates"),
        (candidate(series="NFL"), "chosen", "10 c from its gates"),
        (candidate(starts=300 * SECOND + 1), "chosen", "6 c from its gates"),
        (candidate(bids=20, asks=20), "chosen", "6 c from its gates"),
        (WITHOUT_CONTRACT, "out", "its fees or its event are not known"),
        (candidate(series="FED"), "out", "PRICE_GATES: none for FED"),
        (candidate(settled=True, trades=False), "out", "it is settled"),
        (candidate(closes=0), "out", "it is closed"),
        (candidate(starts=None), "out", "nobody says when its event starts"),
        (candidate(starts=0), "out", "its event has started"),
        (candidate(starts=300 * SECOND), "out", "its event starts within 5 min"),
        (candidate(trades=False), "out", "it does not trade now"),
        (candidate(bid=None), "out", "its book has no bid"),
        (candidate(ask=None), "out", "its book has no ask"),
        (candidate(bid=None, ask=None), "out", "its book has no bid"),
        (candidate(bid=56, ask=56), "out", "its book is crossed"),
        (candidate(bid=52, ask=57), "out", "DISCOVERY_MAX_SPREAD_C: its spread is 5 c, over 4 c"),
        (candidate(bids=19), "out", "DISCOVERY_MIN_DEPTH: 19 at the best price, under 20"),
        (candidate(asks=19), "out", "DISCOVERY_MIN_DEPTH: 19 at the best price, under 20"),
    ],
)
def test_every_candidate_has_its_reason(subject: Candidate, word: str, reason: str) -> None:
    (verdict,) = choose([subject], (), PARAMS, NOW).verdicts
    assert (verdict.word, verdict.reason) == (word, reason)


def test_the_nearest_to_its_gates_comes_first_then_the_narrowest_then_the_deepest() -> None:
    inside, at_gate = candidate("A"), candidate("B", bid=48, ask=50)
    narrow, deep = candidate("C", bid=48, ask=49), candidate("D", bid=48, ask=49, bids=50, asks=50)
    everyone = Params(4, PARAMS.gates)
    for order in permutations((inside, at_gate, narrow, deep)):
        assert chosen(*order, params=everyone) == ("D", "C", "B", "A")


def test_of_an_event_only_the_better_market_is_taken() -> None:
    choice = choose([candidate("A", "game"), candidate("B", "game", bid=48, ask=50)], (), PARAMS, NOW)
    assert choice.markets == ("B",)
    assert (of("A", choice).word, of("A", choice).reason) == ("out", "B is taken of the same event")


def test_no_more_are_taken_than_allowed() -> None:
    choice = choose([candidate(market) for market in "ABC"], (), PARAMS, NOW)
    assert choice.markets == ("A", "B")
    assert of("C", choice).reason == "MAX_MARKETS_TO_TRADE: 2 are taken"


def test_what_is_held_comes_first_and_counts() -> None:
    best, held = candidate("A", bid=48, ask=50), candidate("Z", starts=-HOUR, bid=None)
    choice = choose([best, candidate("B"), held], ("Z",), PARAMS, NOW)
    assert (choice.markets, choice.held) == (("Z", "A"), ("Z",))


def test_what_is_held_is_taken_over_the_limit() -> None:
    assert chosen(*(candidate(market) for market in "AXYZ"), held=("X", "Y", "Z")) == ("X", "Y", "Z")


def test_the_other_side_of_what_is_held_is_the_same_bet() -> None:
    choice = choose([candidate("A", "game"), candidate("B", "game")], ("B",), PARAMS, NOW)
    assert (choice.markets, of("A", choice).reason) == (("B",), "B is taken of the same event")


def test_of_what_is_not_there_any_more_nothing_can_be_quoted() -> None:
    choice = choose([candidate("A", settled=True), candidate("B")], ("A", "GONE"), PARAMS, NOW)
    assert choice.markets == ("B",)
    assert of("A", choice).reason == "a position was held until it settled"
    assert of("GONE", choice).reason == "a position is held, but the venue lists it no more"


def test_what_cannot_be_priced_is_left_to_people_even_if_it_is_held() -> None:
    choice = choose([WITHOUT_CONTRACT], ("A",), PARAMS, NOW)
    assert choice.markets == ()
    assert of("A", choice).reason == "a position is held, but its fees are not known: leave it by hand"


@pytest.mark.parametrize(
    ("running", "flat", "fresh", "held", "reason"),
    [
        ("", "", [candidate("B")], "", "B can be quoted"),
        ("", "", [], "", ""),
        ("A", "A", [candidate("A"), candidate("B")], "", "there is room for B"),
        ("A", "", [candidate("A"), candidate("B")], "A", ""),
        ("AB", "AB", [candidate("A"), candidate("B"), candidate("C", bid=48, ask=50)], "", ""),
        ("A", "A", [candidate("A", starts=0)], "", ""),
        ("A", "A", [candidate("A", starts=0), candidate("B")], "", "A can be entered no more, B can"),
        ("A", "", [candidate("A", starts=0), candidate("B")], "A", ""),
        ("AB", "AB", [candidate("A", trades=False), candidate("B"), candidate("C")], "", ""),
        ("A", "A", [candidate("B")], "", "A can be entered no more, B can"),
        ("AB", "AB", [candidate("A", closes=0), candidate("B"), candidate("C")], "", "A can be entered no more, C can"),
        ("AB", "AB", [candidate("A", starts=0), candidate("B"), candidate("C")], "", "A can be entered no more, C can"),
        ("A", "A", [candidate("A"), candidate("B")], "B", "B is held and nobody sees to it"),
    ],
)
def test_a_run_makes_room_for_a_better_choice(
    running: str, flat: str, fresh: list[Candidate], held: str, reason: str
) -> None:
    """Each letter is a market; two may be taken."""
    choice = choose(fresh, [*held], PARAMS, NOW)
    assert renewal([*running], [*flat], choice, PARAMS, NOW) == reason


names = st.sampled_from("ABCDEFGH")
markets = st.builds(
    candidate,
    market=names,
    event=st.sampled_from(("", "game 1", "game 2")),
    series=st.sampled_from(("NHL", "NFL", "FED")),
    bid=st.none() | st.integers(1, 98),
    ask=st.none() | st.integers(2, 99),
    bids=st.integers(0, 60),
    asks=st.integers(0, 60),
    starts=st.none() | st.integers(-HOUR, HOUR),
    closes=st.integers(-HOUR, HOUR),
    trades=st.booleans(),
    settled=st.booleans(),
)
lists = st.lists(markets, max_size=8, unique_by=lambda one: one.market)


@given(lists, st.sets(names, max_size=4), st.integers(1, 5), st.randoms())
def test_whatever_is_listed(found: list[Candidate], held: set[str], most: int, chance: Any) -> None:
    params = replace(PARAMS, max_markets=most)
    choice = choose(found, held, params, NOW)
    assert {*choice.held} == {one.market for one in found if not one.settled} & held
    assert choice.markets[: len(choice.held)] == choice.held
    assert len(choice.markets) <= max(most, len(choice.held))
    told = {one.market for one in choice.verdicts}
    assert told == {one.market for one in found} | held
    assert len(told) == len(choice.verdicts)
    new = [one for one in choice.verdicts if one.word == "chosen"]
    events = [one.event for one in new]
    assert len(events) == len({*events})
    assert not {*events} & {one.event for one in choice.verdicts if one.word == "held"}
    for verdict in new:
        alone = choose([one for one in found if one.market == verdict.market], (), params, NOW)
        assert alone.markets == (verdict.market,), "it may be quoted by itself"
    chance.shuffle(found)
    assert choose(found, held, params, NOW) == choice


@given(lists, lists, st.sets(names, max_size=2))
def test_a_run_that_ends_leaves_room_for_something_else(
    before: list[Candidate], after: list[Candidate], held: set[str]
) -> None:
    """The next run quotes something this one does not; and with its own choice nothing would end it."""
    running = choose(before, (), PARAMS, NOW).markets
    fresh = choose(after, held, PARAMS, NOW)
    if renewal(running, [one for one in running if one not in held], fresh, PARAMS, NOW):
        assert {*fresh.markets} - {*running}
        assert renewal(fresh.markets, (), fresh, PARAMS, NOW) == ""
