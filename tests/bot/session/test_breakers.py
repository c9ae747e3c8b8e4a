"""What counts as an error of a market: not that others were first at the account's tokens."""

from __future__ import annotations

import pytest

from bot import events
from bot.market.orders import Order
from bot.market.reports import Cure, Rejected
from bot.messages import Emit
from bot.risk.circuit_breaker import Params
from bot.session.breakers import Breakers
from tests.bot.builders import SECOND
from tests.bot.session.edge.game_desk import LEAFS, GameDesk


@pytest.fixture
def entry() -> Order:
    desk = GameDesk()
    desk.look(55, 57)
    return next(iter(desk.session.orders.open(LEAFS)))


@pytest.mark.parametrize(
    ("refusal", "trips"),
    [
        (Rejected("E_BUDGET", "the account's write tokens are used up", Cure.WAIT), False),
        (Rejected("E_POST_ONLY", "post only cross", Cure.REQUOTE), False),
        (Rejected("E_MARGIN", "insufficient_balance", Cure.SHRINK), True),
    ],
    ids=("tokens", "moved-away", "refused"),
)
def test_four_refusals_trip_it_only_where_something_failed(entry: Order, refusal: Rejected, trips: bool) -> None:
    breakers = Breakers(Params(), [LEAFS])
    for second in range(1, 5):
        breakers.refused(entry, refusal, second * SECOND)
    told = [effect.event for effect in breakers.look(LEAFS, False, 5 * SECOND) if isinstance(effect, Emit)]
    assert [type(event) for event in told] == ([events.CbSoft] if trips else [])
