"""The session: it holds what the bot believes and hands each message to the part of it that knows what follows.

Time is an argument and chance has no place here, so the same messages give the same events, byte for byte. It
knows no files, no sockets and no clock. A trade counts once, by its tid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import events, messages
from bot.errors import MustReconcile
from bot.messages import Effect, Emit, Message
from bot.session import narration, position_events
from bot.session.accounts import Accounts
from bot.session.breakers import Breakers
from bot.session.exits import Exits
from bot.session.feed import Feed
from bot.session.listings import Listings
from bot.session.params import Params
from bot.session.quoting import Quoting
from bot.session.replies import Replies
from bot.session.state import State
from bot.session.trades import Trades

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
MOST_BACK = 5 * SECOND
Handler = Callable[[Any, int], list[Effect]]


class ClockSetBack(MustReconcile):
    """Everything that waits for a time (questions, rests, readings) would wait as much longer."""


class Session(State):
    """See the module. Reading its attributes is free; only `handle` changes it."""

    def __init__(self, params: Params) -> None:
        super().__init__(params)
        self._feed = Feed(params.venue, len(self.markets), params.started)
        self._told_inventory = params.started
        self._latest = 0
        self._breakers = Breakers(None if params.edge is None else params.breaker, self.specs)
        exits = self._exits = Exits(self)
        self._quoting = Quoting(self, self._breakers, exits)
        self._listings = Listings(self, self._quoting)
        self._replies = replies = Replies(self, self._quoting, self._listings, self._breakers)
        trades = Trades(self, exits)
        self._accounts = accounts = Accounts(self, self._quoting, replies, self._feed, trades)
        self._handlers: dict[type[Message], Handler] = {
            messages.BookMoved: self._on_book,
            messages.Traded: accounts.on_trade,
            messages.SendAnswered: replies.on_send,
            messages.CancelAnswered: replies.on_cancel,
            messages.ReplaceAnswered: replies.on_replace,
            messages.LookupAnswered: replies.on_lookup,
            messages.OrderDoubted: replies.on_doubt,
            messages.ConnectionLost: accounts.on_lost,
            messages.ConnectionBack: accounts.on_back,
            messages.AccountRead: self._on_account,
            messages.SpecsRead: self._listings.on_specs,
            messages.RulesChanged: self._listings.on_changed,
            messages.Turn: self._on_turn,
            messages.HoldQuotes: self._on_hold,
            messages.NewParams: self._on_params,
            messages.MarketSettled: self._on_settled,
            messages.ResetBreaker: self._on_reset,
            messages.Drain: self._on_drain,
        }

    def handle(self, message: Message, now: int) -> list[Effect]:
        """Take one message in at `now` (ns); returns what must happen, in order.

        Raises bot.errors.MustReconcile when the venue reports the impossible, and when time goes back too far.
        """
        if now < self._latest - MOST_BACK:
            raise ClockSetBack(f"this host's clock was set back by {(self._latest - now) / SECOND:.1f} s")
        self._latest = now
        return self._handlers[type(message)](message, now)

    def _on_book(self, message: messages.BookMoved, now: int) -> list[Effect]:
        top = message.top
        self.tops[top.market], self.heard[top.market] = top, top.at
        others = self._quoting.saw(top)
        marked = self.positions.mark(top.market, others.mid) if self.edge is not None else []
        return marked + self._quoting.requote(top.market, now)

    def _on_account(self, message: messages.AccountRead, now: int) -> list[Effect]:
        return self._listings.overrides() + self._accounts.on_account(message, now)

    def _on_turn(self, message: messages.Turn, now: int) -> list[Effect]:
        self.orders.forget(now)
        self._exits.forget()
        effects: list[Effect] = [Emit(self._heartbeat(message, now)), *self._feed_news(now), *self._inventory(now)]
        effects += self._replies.ask(now) + self._accounts.due(now) + self._listings.due(now)
        return effects + self._quoting.requote_all(now)

    def _on_hold(self, message: messages.HoldQuotes, now: int) -> list[Effect]:
        """Quotes on by hand also overrule that the venue refused us for good: whoever says so has mended it."""
        effects: list[Effect] = []
        if message.source == "ctl":
            effects.append(messages.KeepHold(message.off))
        told = self.hold(message.holder, message.off, message.source)
        if message.source == "ctl" and not message.off:
            told += self.hold("venue", off=False, source="ctl")
        return effects + told + self._quoting.requote_all(now)

    def _on_params(self, message: messages.NewParams, now: int) -> list[Effect]:
        self.maker, self.limits = message.maker, message.limits
        if self.edge is not None:
            self.edge = message.edge or self.edge
        return self._quoting.requote_all(now)

    def _on_settled(self, message: messages.MarketSettled, now: int) -> list[Effect]:
        self.over.add(message.market)
        return self._quoting.requote(message.market, now) + self._accounts.read("settlement", now)

    def _on_reset(self, message: messages.ResetBreaker, now: int) -> list[Effect]:
        told = self._breakers.reset(message.market, bool(self.holders), now)
        return told + self._quoting.requote_all(now)

    def _on_drain(self, message: messages.Drain, now: int) -> list[Effect]:
        self.draining = True
        return self._quoting.requote_all(now)

    def _heartbeat(self, message: messages.Turn, now: int) -> events.Heartbeat:
        return events.Heartbeat(
            uptime_s=round(max(now - self.params.started, 0) / SECOND, 3),
            md_age_ms=round(self.md_age(now) / narration.MILLI, 1),
            open_orders=sum(1 for _ in self.orders.open()),
            kill=0 if self.quotes_enabled else 1,
            loop_lag_ms=message.loop_lag_ms,
        )

    def _feed_news(self, now: int) -> list[Effect]:
        complete = all(market in self.tops or self.closed(market, now) for market in self.markets)
        return [Emit(event) for event in self._feed.news(self.md_age(now), self.params.stale_after, complete, now)]

    def _inventory(self, now: int) -> list[Effect]:
        """What is held, once a minute; a market without a price waits for its first."""
        if now - self._told_inventory < MINUTE:
            return []
        self._told_inventory = now
        held = (market for market in self.positions.markets() if self.positions[market].lots)
        return [Emit(told) for market in held if (told := position_events.inventory(self, market, now)) is not None]
