"""The paper exchange's own books on disk: what it would still know after our process was killed.

A real venue keeps our orders when we die; so does this file. Every change is written before the bot hears of it.
WAL without fsync: that survives a killed process, which is what is simulated, and not a lost power supply.
Prices and sizes stand as decimal text, so a release that counts in finer ticks reads them alike.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot.errors import BotError, CannotStart
from bot.market.position import Holding
from bot.market.reports import Gone, Lookup, NeverSeen, Resting, Settlement, Trade, VenuePosition
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.venues.simulators.exchange import Change, Dealt, Left, Rested

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  cloid TEXT PRIMARY KEY, oid INTEGER NOT NULL, market TEXT NOT NULL, side TEXT NOT NULL, price TEXT NOT NULL,
  size TEXT NOT NULL, filled TEXT NOT NULL, resting INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS orders_oid ON orders (oid);
CREATE INDEX IF NOT EXISTS orders_resting ON orders (oid) WHERE resting = 1;
CREATE TABLE IF NOT EXISTS trades (
  tid INTEGER PRIMARY KEY, market TEXT NOT NULL, side TEXT NOT NULL, price TEXT NOT NULL, size TEXT NOT NULL,
  cloid TEXT NOT NULL, fee INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS trades_at ON trades (at);
CREATE TABLE IF NOT EXISTS positions (market TEXT PRIMARY KEY, size TEXT NOT NULL, cost TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settlements (market TEXT PRIMARY KEY, price TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS prices (market TEXT PRIMARY KEY, price REAL NOT NULL, at INTEGER NOT NULL);
"""


ORDERS_KEPT = 10_000


class LedgerFailed(BotError):
    """The exchange cannot write its books: it must not go on dealing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last price of a market before the exchange went away, and when (ns)."""

    price: float
    at: int


class Ledger:
    """One account's orders, trades and positions; the only writer of its file."""

    def __init__(self, path: Path, specs: Mapping[str, Spec]) -> None:
        self._specs = specs
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise CannotStart(f"paper exchange cannot open {path}: {error}; check STATE_DIR") from error
        self._holdings = {p.market: Holding(p.lots, p.cost) for p in self.positions()}

    def close(self) -> None:
        self._db.close()

    def sent(self, oid: int, cloid: str, market: str, side: Side, ticks: Ticks, lots: Lots) -> None:
        """An order was taken in; whether it rests is said by its changes. Call inside `writing`."""
        spec = self._specs[market]
        row = (cloid, oid, market, side, str(ticks * spec.tick), str(lots * spec.lot), "0", 0)
        self._db.execute("INSERT INTO orders VALUES (?,?,?,?,?,?,?,?)", row)

    def next_oid(self) -> int:
        """The first order id never given out."""
        return int(self._db.execute("SELECT coalesce(max(oid), 0) + 1 FROM orders").fetchone()[0])

    def knows(self, cloid: str) -> bool:
        return self._db.execute("SELECT 1 FROM orders WHERE cloid=?", (cloid,)).fetchone() is not None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing of what is written inside. Raises LedgerFailed."""
        try:
            with self._db:  # commits, or rolls back on any error
                self._db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.Error as error:
            raise LedgerFailed(
                f"paper exchange cannot write {self._path}: {error}; free space under STATE_DIR"
            ) from error

    def write(self, changes: Iterable[Change], now: int) -> list[Trade]:
        """Write changes inside `writing`; returns the trades among them, with their ids."""
        trades = []
        for change in changes:
            match change:
                case Rested(order=order):
                    self._db.execute("UPDATE orders SET resting=1 WHERE cloid=?", (order.cloid,))
                case Left(cloid=cloid):
                    self._db.execute("UPDATE orders SET resting=0 WHERE cloid=?", (cloid,))
                case Dealt():
                    trades.append(self._deal(change, now))
        return trades

    def _deal(self, deal: Dealt, now: int) -> Trade:
        spec = self._specs[deal.market]
        price, size = str(deal.ticks * spec.tick), str(deal.lots * spec.lot)
        row = (deal.market, deal.side, price, size, deal.cloid, deal.fee, now)
        cursor = self._db.execute(
            "INSERT INTO trades (market, side, price, size, cloid, fee, at) VALUES (?,?,?,?,?,?,?)", row
        )
        (total,) = self._db.execute("SELECT size FROM orders WHERE cloid=?", (deal.cloid,)).fetchone()
        filled = Decimal(total) - deal.left * spec.lot
        self._db.execute(
            "UPDATE orders SET filled=?, resting = CASE WHEN ? THEN resting ELSE 0 END WHERE cloid=?",
            (str(filled), deal.left > 0, deal.cloid),
        )
        held = self._holdings.get(deal.market, Holding()).after(deal.side, deal.ticks, deal.lots)
        self._holdings[deal.market] = held
        position = (deal.market, str(held.lots * spec.lot), str(held.cost * spec.unit_value))
        self._db.execute("INSERT OR REPLACE INTO positions VALUES (?,?,?)", position)
        tid = str(cursor.lastrowid)
        return Trade(tid, deal.market, deal.side, deal.ticks, deal.lots, deal.cloid, deal.fee, now)

    def held(self, market: str) -> Lots:
        return self._holdings.get(market, Holding()).lots

    def settle(self, market: str, ticks: Ticks, now: int) -> None:
        """What is held of a market is paid out and gone; a market of which nothing is held leaves no trace."""
        if not self.held(market):
            return
        price = str(ticks * self._specs[market].tick)
        with self.writing():
            self._db.execute("INSERT OR REPLACE INTO settlements VALUES (?,?,?)", (market, price, now))
            self._db.execute("DELETE FROM positions WHERE market=?", (market,))
        del self._holdings[market]

    def saw(self, prices: Mapping[str, float], now: int) -> None:
        """Remember prices, so that they go on from here after a restart."""
        with self.writing():
            self.note(prices, now)

    def note(self, prices: Mapping[str, float], at: int) -> None:
        """The same, inside `writing`: all or nothing with what else is written."""
        rows = [(market, price, at) for market, price in prices.items()]
        self._db.executemany("INSERT OR REPLACE INTO prices VALUES (?,?,?)", rows)

    def forget(self, before: int) -> None:
        """Drop trades and payouts older than `before` (ns), and all but the newest orders that rest no more."""
        with self.writing():
            self._db.execute("DELETE FROM trades WHERE at < ?", (before,))
            self._db.execute("DELETE FROM settlements WHERE at < ?", (before,))
            self._db.execute(
                "DELETE FROM orders WHERE resting=0 AND oid < (SELECT max(oid) FROM orders) - ?", (ORDERS_KEPT,)
            )

    def last_seen(self) -> dict[str, Seen]:
        return {m: Seen(price, at) for m, price, at in self._db.execute("SELECT market, price, at FROM prices")}

    def resting(self) -> list[Resting]:
        rows = self._db.execute(
            "SELECT market, side, price, size, filled, cloid, oid FROM orders WHERE resting=1 ORDER BY oid"
        )
        return [self._resting(*row) for row in rows if row[0] in self._specs]

    def _resting(self, market: str, side: Side, price: str, size: str, filled: str, cloid: str, oid: int) -> Resting:
        spec = self._specs[market]
        left = spec.lots(Decimal(size) - Decimal(filled))
        return Resting(market, side, spec.ticks(Decimal(price)), left, cloid, str(oid))

    def look_up(self, cloid: str) -> Lookup:
        row = self._db.execute(
            "SELECT market, side, price, size, filled, cloid, oid, resting FROM orders WHERE cloid=?", (cloid,)
        ).fetchone()
        if row is None:
            return NeverSeen()
        *columns, resting = row
        if resting:
            return self._resting(*columns)
        return Gone(self._specs[row[0]].lots(Decimal(row[4])))

    def positions(self) -> list[VenuePosition]:
        rows = self._db.execute("SELECT market, size, cost FROM positions ORDER BY market")
        return [self._position(*row) for row in rows if row[0] in self._specs]

    def _position(self, market: str, size: str, cost: str) -> VenuePosition:
        spec = self._specs[market]
        return VenuePosition(market, spec.lots(Decimal(size)), int(Decimal(cost) / spec.unit_value))

    def settlements(self, since: int) -> list[Settlement]:
        rows = self._db.execute("SELECT market, price, at FROM settlements WHERE at >= ? ORDER BY at", (since,))
        known = [row for row in rows if row[0] in self._specs]
        return [Settlement(market, self._specs[market].ticks(Decimal(price)), at) for market, price, at in known]

    def trades(self, since: int) -> list[Trade]:
        rows = self._db.execute(
            "SELECT tid, market, side, price, size, cloid, fee, at FROM trades WHERE at >= ? ORDER BY tid", (since,)
        )
        return [self._trade(*row) for row in rows if row[1] in self._specs]

    def _trade(self, tid: int, market: str, side: Side, price: str, size: str, cloid: str, fee: int, at: int) -> Trade:
        spec = self._specs[market]
        ticks, lots = spec.ticks(Decimal(price)), spec.lots(Decimal(size))
        return Trade(str(tid), market, side, ticks, lots, cloid, fee, at)
