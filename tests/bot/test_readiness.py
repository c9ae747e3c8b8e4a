"""Whether a bot that does not quote says why, and whether it may call itself ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import messages, readiness
from bot.market.book import Top
from bot.market.reports import Accepted, Cure, Rejected, SendResult
from bot.market.units import Ticks
from bot.runtime.telemetry import Telemetry
from bot.session import Session
from tests.bot.builders import SECOND, account, params, top
from tests.bot.session.edge.game_desk import CLOSE, LEAFS, START, edge_session

GONE = Rejected("E_KEY", "User or API Wallet 0x1 does not exist.", Cure.HALT)


@pytest.fixture
def telemetry(tmp_path: Path) -> Telemetry:
    return Telemetry(tmp_path, "00c0ffee", "1", lambda line: None)


def answered(result: SendResult) -> Session:
    """A session whose first orders were answered so, at one second."""
    session = Session(params())
    session.handle(messages.AccountRead("start", [], [], account()), SECOND)
    for effect in session.handle(messages.BookMoved(top(18_490, 18_510, at=SECOND)), SECOND):
        if isinstance(effect, messages.Send):
            session.handle(messages.SendAnswered(effect.order.cloid, result), SECOND)
    return session


def test_a_bot_that_quotes_is_ready(telemetry: Telemetry) -> None:
    assert readiness.reasons(answered(Accepted("1")), telemetry, SECOND) == []


def test_quotes_off_by_hand_are_ready_and_off_by_the_venue_are_not(telemetry: Telemetry) -> None:
    by_hand = answered(Accepted("1"))
    by_hand.handle(messages.HoldQuotes("ctl", off=True, source="ctl"), SECOND)
    assert readiness.reasons(by_hand, telemetry, SECOND) == []
    (reason,) = readiness.reasons(answered(GONE), telemetry, SECOND)
    assert reason.startswith("the venue refused SOL (E_KEY: User or API Wallet 0x1 does not exist.); mend it, then")


def test_quotes_on_by_hand_try_the_venue_again(telemetry: Telemetry) -> None:
    session = answered(GONE)
    session.handle(messages.HoldQuotes("ctl", off=False, source="ctl"), SECOND)
    assert "venue" not in session.holders


@pytest.mark.parametrize(
    ("markets", "at", "said"),
    [
        ((LEAFS,), START - 400 * SECOND, ""),
        ((LEAFS,), START - 300 * SECOND, "every game has begun, or is about to"),
        ((LEAFS,), CLOSE + 300 * SECOND, "every game has begun, or is about to"),
        ((), SECOND, "no market can be entered now"),
    ],
    ids=("before", "quiet", "over", "none-chosen"),
)
def test_a_bot_that_waits_for_games_is_idle_and_ready(
    telemetry: Telemetry, markets: tuple[str, ...], at: int, said: str
) -> None:
    session = edge_session(markets=markets)
    session.handle(messages.AccountRead("start", [], [], account()), SECOND)
    if markets and at < CLOSE:
        session.handle(messages.BookMoved(Top(LEAFS, Ticks(5_500), Ticks(5_700), at)), at)
    assert readiness.idle(session, at) == said
    assert any(session.orders.open()) is not bool(said)
    assert not said or readiness.reasons(session, telemetry, at) == []
