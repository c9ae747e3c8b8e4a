"""The wish of the maker (or of the old logic) for one market, cut by risk."""

from __future__ import annotations

from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import Lots
from bot.risk import limits
from bot.session.state import State
from bot.session.wish import Room, Wish
from bot.strategy import choice
from bot.strategy.view import View


class Maker:
    """Asks the strategy that the settings choose."""

    def __init__(self, state: State) -> None:
        self._state = state

    def wish(self, market: str, top: Top, others: Top | None, now: int) -> Wish:
        """`others` are the best prices without ours, as far as they are known."""
        view = self._view(market, top, others)
        wished = choice.quotes(view, self._state.maker)
        bid, ask = _cut(view.spec, wished.bid, view.room_bid), _cut(view.spec, wished.ask, view.room_ask)
        untouched = bid is wished.bid and ask is wished.ask
        room: Room = {"bid": view.room_bid, "ask": view.room_ask}
        return Wish("requote" if untouched else "risk", {"bid": bid, "ask": ask}, room)

    def _view(self, market: str, top: Top, others: Top | None) -> View:
        state = self._state
        spec, lots = state.specs[market], state.positions[market].lots
        cap = limits.cap(spec, state.limits)
        return View(
            spec=spec,
            top=top,
            position=lots,
            cap=cap,
            room_bid=spec.sendable(limits.room("bid", lots, cap)),
            room_ask=spec.sendable(limits.room("ask", lots, cap)),
            working_bid=state.orders.working(market, "bid"),
            working_ask=state.orders.working(market, "ask"),
            maker_fee_ppm=state.maker_fee_ppm,
            equity=state.equity,
            others=others,
        )


def _cut(spec: Spec, quote: Quote | None, room: Lots) -> Quote | None:
    """A quote within its room: itself, smaller, or none when too little is left to send."""
    if quote is None or quote.lots <= room:
        return quote
    smaller = Quote(quote.ticks, room)
    return smaller if spec.worth_sending(smaller.ticks, smaller.lots) else None
