"""What a session tells in shadow, under the old logic, and how it reads prices that hold its own orders."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from bot import events, messages
from bot.market.reports import Accepted
from bot.messages import Effect
from bot.session import Session, narration
from bot.session.session import ClockSetBack
from bot.strategy import perp_maker
from tests.bot.builders import SECOND, SOL, account, actions, emitted, params, top
from tests.bot.session.desk import Desk

EMPTY = messages.AccountRead("start", [], [], account())
PRICE = messages.BookMoved(top(18_490, 18_510, at=SECOND))


def acknowledge(session: Session, effects: list[Effect]) -> list[Effect]:
    sent = [effect.order for effect in effects if isinstance(effect, messages.Send)]
    return [told for one in sent for told in session.handle(messages.SendAnswered(one.cloid, Accepted("1")), SECOND)]


def test_shadow_tells_quotes_as_shadow_and_acknowledges_nothing() -> None:
    session, live = (Session(params(shadow=shadow)) for shadow in (True, False))
    for one in (session, live):
        one.handle(EMPTY, SECOND)
    shadowed, placed = session.handle(PRICE, SECOND), live.handle(PRICE, SECOND)
    assert actions(shadowed) == ["shadow_quote", "shadow_quote"]
    assert [type(effect) for effect in shadowed] == [type(effect) for effect in placed], "one code path"
    bid, ask = emitted(shadowed)
    assert isinstance(bid, events.ShadowQuote)
    assert isinstance(ask, events.ShadowQuote)
    assert (bid.best, ask.best) == (185.10, 184.90)
    assert (bid.would_cross, ask.would_cross) == (False, False)
    same = set(events.ShadowQuote.__struct_fields__) & set(events.QuotePlace.__struct_fields__)
    real = emitted(placed)[0]
    assert {name: getattr(bid, name) for name in same} == {name: getattr(real, name) for name in same}
    assert acknowledge(session, shadowed) == []
    assert actions(acknowledge(live, placed)) == ["order_ack", "order_ack"]


@pytest.mark.parametrize(
    ("side", "price", "best", "crosses"),
    [
        ("bid", 185.09, 18_510, False),
        ("bid", 185.10, 18_510, True),
        ("ask", 184.91, 18_490, False),
        ("ask", 184.90, 18_490, True),
        ("bid", 185.09, None, False),
    ],
)
def test_would_cross_says_whether_it_would_have_traded_at_once(
    side: str, price: float, best: int | None, crosses: bool
) -> None:
    session = Session(params())
    session.handle(EMPTY, SECOND)
    placed = emitted(session.handle(PRICE, SECOND))[0]
    told = narration.shadowed(SOL, msgspec.structs.replace(placed, side=side, price=price), best)
    assert told.would_cross is crosses


@pytest.mark.parametrize(("legacy", "name"), [(False, "perp_maker"), (True, "legacy_skew")])
def test_events_name_the_strategy_that_quoted(legacy: bool, name: str) -> None:
    session = Session(params(maker=perp_maker.Params(legacy=legacy)))
    session.handle(EMPTY, SECOND)
    assert {event.strategy for event in emitted(session.handle(PRICE, SECOND))} == {name}


@pytest.mark.parametrize(
    ("ours_shown", "moved"),
    [pytest.param(True, False, id="our own bid is no news"), pytest.param(False, True, id="somebody else's bid is")],
)
def test_prices_that_hold_our_own_orders_do_not_move_them(ours_shown: bool, moved: bool) -> None:
    session = Session(params(ours_shown=ours_shown))
    session.handle(EMPTY, SECOND)
    wide = replace(top(18_000, 19_000, at=SECOND), bid_lots=900, ask_lots=900)
    sent = session.handle(messages.BookMoved(wide), SECOND)
    acknowledge(session, sent)
    bid, _ = (effect.order for effect in sent if isinstance(effect, messages.Send))
    alone = replace(top(bid.ticks, 19_000, at=SECOND), bid_lots=bid.lots, ask_lots=900)
    assert bool(session.handle(messages.BookMoved(alone), SECOND)) is moved


def test_the_account_gives_the_fee_that_quotes_must_earn() -> None:
    """20 bps are beyond the half spread of 3: both quotes stand back to fee and edge."""
    session = Session(params())
    costly = msgspec.structs.replace(account(), maker_fee_ppm=2_000)
    session.handle(messages.AccountRead("start", [], [], costly), SECOND)
    bid, ask = (event.price for event in emitted(session.handle(PRICE, SECOND)))
    assert bid <= 185 * (1 - 20.5e-4) < bid + 0.02
    assert ask >= 185 * (1 + 20.5e-4) > ask - 0.02


def test_a_clock_that_is_set_back_ends_the_run_for_a_fresh_one() -> None:
    """An order in doubt would be asked for, and the account read, an hour late: a side would stay blocked."""
    desk = Desk()
    desk.quote()
    desk.now += 3_600 * SECOND
    desk.tell(messages.Turn())
    desk.now -= 2 * SECOND
    desk.tell(messages.Turn())
    desk.now -= 3_598 * SECOND
    with pytest.raises(ClockSetBack, match=r"set back by 3598\.0 s"):
        desk.tell(messages.Turn())
