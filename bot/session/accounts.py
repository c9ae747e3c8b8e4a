"""The venue's account against what is believed: when it must be read, whether a reading can be believed, what follows.

A reading that lacks a trade already counted is older than what is known: it is asked for again, and only its trades
count, which happened whatever else is past.
Positions that differ after all trades are asked for a second time: trades may stream while one reads. Then the venue
wins. What a market paid out is gone without a trade and differs from nothing. After a gap in the streams nothing is
quoted before a reading that began after it.
"""

from __future__ import annotations

from bot import events, messages
from bot.execution import reconcile
from bot.execution.reconcile import Compared, Findings
from bot.market.position import Holding
from bot.market.units import Lots
from bot.messages import Effect, Emit
from bot.session.feed import Feed
from bot.session.quoting import Quoting
from bot.session.replies import Replies
from bot.session.state import State
from bot.session.trades import Trades

SECOND = 1_000_000_000
MOST_STALE_AT_START = 5


class Accounts:
    """At most one reading is under way; a reason that comes up meanwhile leads to another."""

    def __init__(self, state: State, quoting: Quoting, replies: Replies, feed: Feed, trades: Trades) -> None:
        self._state = state
        self._quoting = quoting
        self._replies = replies
        self._feed = feed
        self._trades = trades
        self._early: list[messages.Traded] = []
        self._reading = False
        self._void = False
        self._connected = True
        self._asked_at = 0
        self._read_at = 0
        self._wanted = ""
        self._late_after: int | None = None
        self._differed: list[tuple[str, int]] = []
        self._stale_at_start = 0

    def on_trade(self, message: messages.Traded, now: int) -> list[Effect]:
        trade, state = message.trade, self._state
        if not state.reconciled:
            self._early.append(message)
            return []
        effects = self._trades.take(trade, now)
        return effects + self._quoting.requote(trade.market, now) if effects else []

    def on_lost(self, message: messages.ConnectionLost, now: int) -> list[Effect]:
        state = self._state
        state.in_doubt, self._connected = True, False
        self._void = self._reading
        state.tops.clear()
        told = [Emit(event) for event in self._feed.lost(message.reason, now)]
        return [*told, *self._quoting.requote_all(now)]

    def on_back(self, message: messages.ConnectionBack, now: int) -> list[Effect]:
        self._state.in_doubt, self._connected = True, True
        self._void = self._reading
        return self.read("reconnect", now)

    def due(self, now: int) -> list[Effect]:
        """What must be read by now: what was put off, what only the account can settle, and now and then anyway."""
        state, reason = self._state, self._wanted or self._replies.unsettled()
        if not reason and self._late_after is not None and now >= self._late_after:
            self._late_after, reason = None, "late"
        if not reason and state.reconciled and now - self._read_at >= state.params.read_every:
            reason = "routine"
        return self.read(reason, now) if reason else []

    def read(self, reason: str, now: int) -> list[Effect]:
        """Ask for the account; not while it is being read, nor more often than once a second."""
        if self._reading or (self._asked_at and now - self._asked_at < SECOND):
            self._wanted = self._wanted or reason
            return []
        self._reading, self._asked_at, self._wanted = True, now, ""
        return [messages.ReadAccount(reason)]

    def on_account(self, message: messages.AccountRead, now: int) -> list[Effect]:
        """Settle positions and orders, take over what an earlier run left resting; the next plan cancels that."""
        self._reading, self._read_at = False, now
        if self._outdated(message):
            self._void = False
            return self._again(message, now)
        found = self._compare(message)
        if self._state.reconciled and not self._confirmed(found):
            return self._again(message, now)
        return self._settle(message, found, now)

    def _again(self, message: messages.AccountRead, now: int) -> list[Effect]:
        """The adapter takes the trades of a reading for told: an answer that waited for them may come next."""
        trades = message.account.trades if self._state.reconciled else []
        told = [effect for trade in trades for effect in self.on_trade(messages.Traded(trade), now)]
        return told + self.read(self._wanted or message.reason, now)

    def _outdated(self, message: messages.AccountRead) -> bool:
        """Whether it began before the last gap, or is older than the trades we know."""
        account, state = message.account, self._state
        if self._void:
            return True
        told = {trade.tid for trade in account.trades}
        if state.reconciled:
            return state.positions.counted_since(account.since) - told != set()
        # A journal may know trades that a venue has forgotten for good, so this is not asked for ever.
        self._stale_at_start += 1
        return not told.issuperset(message.known) and self._stale_at_start <= MOST_STALE_AT_START

    def _compare(self, message: messages.AccountRead) -> Findings:
        state = self._state
        if state.reconciled:
            believed, known = state.positions.held(), state.positions.tids()
        else:
            believed = {kept.market: Holding(Lots(kept.lots), kept.cost, kept.average) for kept in message.journal}
            known = frozenset(message.known)
        return reconcile.compare(
            believed, known, message.account, lambda cloid: state.orders.explains(cloid, self._asked_at)
        )

    def _confirmed(self, found: Findings) -> bool:
        """Whether no position differs, or each differs as it did at the last reading."""
        differ = [(c.market, c.venue.lots - c.expected.lots) for c in found.markets if c.differs]
        before, self._differed = self._differed, differ
        return not differ or differ == before

    def _settle(self, message: messages.AccountRead, found: Findings, now: int) -> list[Effect]:
        state, first = self._state, not self._state.reconciled
        effects: list[Effect] = []
        if first:
            state.positions.begin(found.markets, message.journal, message.known)
        for trade in found.missed:
            effects += self._trades.take(trade, now)
        for compared in found.markets:
            effects += [] if compared.settled is None else self._trades.settle(compared.settled)
        state.over |= {settlement.market for settlement in message.account.settlements}
        effects += self._believe(found.markets, first, now)
        effects += self._settle_orders(message, found, now)
        state.maker_fee_ppm, state.equity = message.account.maker_fee_ppm, message.account.equity
        was_in_doubt, state.in_doubt = state.in_doubt, not self._connected
        state.reconciled, self._differed = True, []
        state.alone = state.alone or self._asked_at >= state.params.others_until
        if first or was_in_doubt or found.orphans or found.missed or any(c.differs for c in found.markets):
            effects.append(Emit(_told(message.reason, found)))
        if first:
            effects += self._begun(now)
        return effects + self._replies.ask(now) + self._quoting.requote_all(now)

    def _believe(self, markets: list[Compared], first: bool, now: int) -> list[Effect]:
        told = [compared for compared in markets if first or compared.differs]
        return [effect for compared in told for effect in self._state.positions.believe(compared, now)]

    def _settle_orders(self, message: messages.AccountRead, found: Findings, now: int) -> list[Effect]:
        orders, listed = self._state.orders, {resting.cloid for resting in message.account.resting}
        orders.settle_forgotten(listed, self._asked_at, now)
        effects: list[Effect] = []
        for order in orders.vanished(listed, self._asked_at):
            effects += self._replies.doubt(order.cloid, "the account does not list it", now)
        for resting in found.orphans:
            orders.adopt(resting, now)
        return effects

    def _begun(self, now: int) -> list[Effect]:
        """Trades that came before the account; and when requests of a killed run can arrive no more."""
        params = self._state.params
        by_now = now + params.send.expire_after + params.send.expire_slack
        self._late_after = by_now if self._state.alone else params.others_until
        early, self._early = self._early, []
        return [effect for message in early for effect in self.on_trade(message, now)]


def _told(reason: str, found: Findings) -> events.Reconcile:
    return events.Reconcile(
        reason=reason, markets=len(found.markets), orphans=len(found.orphans), adopted_fills=len(found.missed)
    )
