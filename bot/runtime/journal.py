"""What a run leaves to the next: positions, trades, and whether quotes were switched off by hand.

Sizes, prices and costs are decimal text, so that a release with finer ticks reads them alike.
A trade and the position after it are one transaction. Knows no markets' units and no venue.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BotError, CannotStart

SCHEMA = """
CREATE TABLE IF NOT EXISTS positions (market TEXT PRIMARY KEY, size TEXT NOT NULL, cost TEXT NOT NULL, vwap TEXT);
CREATE TABLE IF NOT EXISTS fills (
  tid TEXT PRIMARY KEY, market TEXT NOT NULL, side TEXT NOT NULL, price TEXT NOT NULL, size TEXT NOT NULL,
  cloid TEXT NOT NULL, fee_micros INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fills_at ON fills (at);
CREATE TABLE IF NOT EXISTS stories (market TEXT PRIMARY KEY, since INTEGER NOT NULL, peak TEXT NOT NULL, worst TEXT);
CREATE TABLE IF NOT EXISTS switches (name TEXT PRIMARY KEY, off INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS quoted (market TEXT PRIMARY KEY);
"""


class JournalFailed(BotError):
    """A trade or position could not be kept: a bot that forgets what it holds must not go on quoting."""


@dataclass(frozen=True, slots=True)
class Position:
    """`size` signed in base units, `cost` in quote currency, `vwap` for people; all decimal text."""

    market: str
    size: str
    cost: str
    vwap: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """How a position came about: `since` in ns, its largest size `peak`, the `worst` mid; decimal text."""

    market: str
    since: int
    peak: str
    worst: str | None


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade, counted once by `tid`; `at` venue time in ns."""

    tid: str
    market: str
    side: str
    price: str
    size: str
    cloid: str
    fee_micros: int
    at: int


class Journal:
    """The only writer of its file. What it cannot keep is raised as JournalFailed."""

    def __init__(self, path: Path) -> None:
        """Opens the file. Raises CannotStart."""
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise CannotStart(
                f"journal {path} cannot be opened: {error}; check STATE_DIR, or move the file away: "
                "positions are then taken from the venue"
            ) from error

    def close(self) -> None:
        self._db.close()

    def positions(self) -> list[Position]:
        rows = self._db.execute("SELECT market, size, cost, vwap FROM positions ORDER BY market")
        return [Position(*row) for row in rows]

    def keep_position(self, position: Position) -> None:
        with self._writing():
            self._put(position)

    def keep_fill(self, fill: Fill, position: Position) -> None:
        """Both or neither; a tid known already is not written again."""
        row = (fill.tid, fill.market, fill.side, fill.price, fill.size, fill.cloid, fill.fee_micros, fill.at)
        with self._writing():
            self._db.execute("INSERT OR IGNORE INTO fills VALUES (?,?,?,?,?,?,?,?)", row)
            self._put(position)

    def stories(self) -> dict[str, Story]:
        """By market. Those of positions that are over lie about until the next one."""
        rows = self._db.execute("SELECT market, since, peak, worst FROM stories")
        return {row[0]: Story(*row) for row in rows}

    def keep_story(self, story: Story) -> None:
        with self._writing():
            row = (story.market, story.since, story.peak, story.worst)
            self._db.execute("INSERT OR REPLACE INTO stories VALUES (?,?,?,?)", row)

    def drop_fills_before(self, at: int) -> None:
        """Forget old fills (venue time, ns): positions do not need them, and the event log has them."""
        with self._writing():
            self._db.execute("DELETE FROM fills WHERE at < ?", (at,))

    def last_fill_at(self) -> int | None:
        """Venue time (ns) of the newest fill, None when there is none."""
        (at,) = self._db.execute("SELECT max(at) FROM fills").fetchone()
        return None if at is None else int(at)

    def tids_since(self, at: int) -> list[str]:
        return [tid for (tid,) in self._db.execute("SELECT tid FROM fills WHERE at >= ? ORDER BY at, tid", (at,))]

    def quoted(self) -> list[str]:
        """Markets of runs that did not end in order: orders and trades of theirs may be unknown here."""
        return [market for (market,) in self._db.execute("SELECT market FROM quoted ORDER BY market")]

    def quotes(self, markets: Iterable[str]) -> None:
        """A run begins to quote these."""
        with self._writing():
            self._db.executemany("INSERT OR IGNORE INTO quoted VALUES (?)", [(market,) for market in markets])

    def ended(self) -> None:
        """A run ended in order: nothing of it is unknown."""
        with self._writing():
            self._db.execute("DELETE FROM quoted")

    def quotes_off(self) -> bool:
        """Whether quotes were switched off by hand and not on again."""
        row = self._db.execute("SELECT off FROM switches WHERE name='quotes'").fetchone()
        return bool(row and row[0])

    def keep_quotes_off(self, off: bool) -> None:
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO switches VALUES ('quotes', ?)", (int(off),))

    def _put(self, position: Position) -> None:
        row = (position.market, position.size, position.cost, position.vwap)
        self._db.execute("INSERT OR REPLACE INTO positions VALUES (?,?,?,?)", row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._db:  # commits, or rolls back on any error
                self._db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.Error as error:
            raise JournalFailed(
                f"journal {self._path} cannot be written: {error}; free space under STATE_DIR"
            ) from error
