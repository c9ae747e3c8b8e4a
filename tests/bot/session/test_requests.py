"""How many requests a session makes: venues grant so many and no more."""

from __future__ import annotations

import random

from bot import messages
from bot.execution import order_manager
from bot.market.book import Top
from bot.market.reports import Accepted, Cancelled
from bot.market.units import Lots, Ticks
from bot.session import Session
from tests.bot.builders import SECOND, params
from tests.bot.session.desk import Desk


def test_sizes_that_flicker_at_prices_that_stand_do_not_use_up_what_a_venue_grants() -> None:
    """A venue grants an address some ten thousand requests, and more for what it trades."""
    chance, requests = random.Random(1), 0
    desk = Desk(Session(params(stale_after=1_000 * SECOND, send=order_manager.Params(advance_after=5 * SECOND))))
    for _ in range(600):
        desk.now += SECOND // 10
        sizes = Lots(chance.randint(50, 5_000)), Lots(chance.randint(50, 5_000))
        said = desk.tell(messages.BookMoved(Top("SOL", Ticks(18_490), Ticks(18_510), desk.now, *sizes)))
        while said:
            effect = said.pop(0)
            match effect:
                case messages.Send(order):
                    said += desk.answer(order.cloid, Accepted("1"))
                case messages.Replace():
                    said += desk.replaced(effect, Cancelled(), Accepted("1"))
                case _:
                    continue
            requests += 1
    assert 10 < requests < 80, f"{requests} requests in a minute"
