"""What we believe against the venue, at start and on doubt: what was missed, what lies about, who is right.

A trade counts once, by its `tid`. After all trades are taken in the venue's position wins.
Decides only; the session carries it out and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from bot.market.position import Holding
from bot.market.reports import Account, Resting, Settlement, Trade


@dataclass(frozen=True, slots=True)
class Compared:
    """One market: what was believed, what is with the missed trades, what the venue says.

    `settled` is what the market paid for what was expected to be held; then nothing is expected any more.
    """

    market: str
    journal: Holding
    expected: Holding
    venue: Holding
    settled: Settlement | None = None

    @property
    def differs(self) -> bool:
        return self.expected.lots != self.venue.lots

    @property
    def holding(self) -> Holding:
        """What is believed from now on; the journal's own cost is kept where the sizes agree."""
        return self.venue if self.differs else self.expected


@dataclass(frozen=True, slots=True)
class Findings:
    """`missed` trades oldest first, `orphans` resting without this run's doing, `markets` by name."""

    missed: list[Trade]
    orphans: list[Resting]
    markets: list[Compared]


def compare(
    journal: Mapping[str, Holding], known: Collection[str], account: Account, own: Callable[[str], bool]
) -> Findings:
    """`known` are the tids counted in `journal`, `own` says which client order ids are no surprise.

    An order without a client order id was sent by hand and is nobody's orphan.
    """
    missed = _missed(account.trades, known)
    venue = {position.market: Holding(position.lots, position.cost) for position in account.positions}
    expected = dict(journal)
    for trade in missed:
        expected[trade.market] = expected.get(trade.market, Holding()).after(trade.side, trade.ticks, trade.lots)
    paid = {settlement.market: settlement for settlement in account.settlements}
    nothing = Holding()

    def compared(name: str) -> Compared:
        held, now = expected.get(name, nothing), venue.get(name, nothing)
        settled = paid.get(name) if held.lots and not now.lots else None
        return Compared(name, journal.get(name, nothing), held if settled is None else nothing, now, settled)

    return Findings(
        missed=missed,
        orphans=[resting for resting in account.resting if resting.cloid and not own(resting.cloid)],
        markets=[compared(name) for name in sorted(venue.keys() | expected.keys())],
    )


def _missed(trades: list[Trade], known: Collection[str]) -> list[Trade]:
    fresh = {trade.tid: trade for trade in trades if trade.tid not in known}
    return sorted(fresh.values(), key=lambda trade: (trade.at, trade.tid))
