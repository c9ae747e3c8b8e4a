"""LogQL over log files by DuckDB: recent questions from the window in memory, older ones from the files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Any

import duckdb

from firedrill.logql import sql
from firedrill.logql import syntax as s
from firedrill.logql.filters import matcher_condition
from firedrill.logql.parse import parse, parse_metric
from firedrill.logql.relation import Relation
from firedrill.store import batch, scan
from firedrill.store.archive import Archive, Part
from firedrill.store.engine import DEFAULTS, Limits, OddText, ask, connect, share
from firedrill.store.interrupt import Interrupt, Interrupted
from firedrill.store.lines import stream_labels, with_given
from firedrill.store.prepared import Prepared
from firedrill.store.store import Labels, Matrix, Scalar, Series, Span, StoreError, Stream, Streams, Vector
from firedrill.store.tail import Tail, follow
from firedrill.store.window import Window

_FOREVER, _ALL = 1 << 62, 1 << 30


class Embedded:
    """A store over the files behind `patterns`; `given` are the labels of all its lines.

    `follow` keeps a window of recent lines in memory; without it every question reads the files.
    `archive`: a folder of Parquet files of closed logs. `passed_over`: what the last question that read
    files did not read, by path with the reason. Safe to ask from several threads.
    """

    def __init__(
        self,
        patterns: Sequence[str],
        given: Mapping[str, str],
        limits: Limits = DEFAULTS,
        follow: bool = False,
        clock: Callable[[], int] = time.time_ns,
        archive: Path | None = None,
    ) -> None:
        self.given, self.clock = dict(given), clock
        self.archive = Archive(tuple(patterns), archive)
        self.passed_over: dict[str, str] = {}
        self.stream = stream_labels(self.given)
        self._connection = connect(limits) if follow else share(limits)
        self._lock = threading.Lock()
        self._prepared = Prepared(self._connection)
        self._asking = threading.local()
        self.window = Window(self._connection, self.archive, limits) if follow else None

    def close(self) -> None:
        """Ends what is still being asked."""
        self._connection.interrupt()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the same database, to be closed."""
        return self._connection.cursor()

    def refresh(self) -> None:
        """Reads what the files gained; every question does so by itself too."""
        if self.window:
            with self._lock:
                self.window.refresh(self.clock())

    def instant(self, query: str, at: int) -> Scalar | Vector:
        tree = parse(query)
        if isinstance(tree, s.LogQuery):
            raise s.QueryError(
                "log queries are not supported as an instant query type, please change your query to a range query type"
            )
        if (number := sql.scalar(tree)) is not None:
            return Scalar(at, number)
        recent = self._recent(query, tree, at)
        return Vector(_sorted(tree, recent if recent is not None else self._metric(tree, sql.Grid.at(at))))

    def range(self, query: str, start: int, end: int, step: int) -> Matrix:
        tree, grid = parse_metric(query), sql.Grid.aligned(start, end, step)
        if (number := sql.scalar(tree)) is not None:
            times = range(grid.start, grid.end + 1, grid.step)
            return Matrix((Series({}, tuple((at, number) for at in times)),))
        return Matrix(self._metric(tree, grid))

    def together(self, asked: Sequence[tuple[str, sql.Grid]]) -> list[tuple[Series, ...]] | None:
        """The answers to several metric queries by one reading of the logs.

        None where each must be asked by itself: one looks at the text itself, or a Parquet file proved damaged.
        """
        trees, grids = [parse_metric(query) for query, _ in asked], [grid for _, grid in asked]
        if self.window or not all(map(batch.suffices, trees)):
            return None
        asking = batch.Batch(trees, grids, self.stream)
        with self._connection.cursor() as cursor:
            try:
                return self._answers(cursor, asking)
            except Interrupted:
                raise
            except StoreError:
                if not self.archive.unreadable(cursor):
                    raise
        return None

    def _answers(self, cursor: duckdb.DuckDBPyConnection, asking: batch.Batch) -> list[tuple[Series, ...]]:
        statements = asking.statements()
        found: dict[int, tuple[Series, ...]] = {}
        with batch.narrow_folder() as folder:
            lines = self._columns(cursor, asking, folder)
            for one in statements:
                rows = ask(cursor, one.compiled.over(lines))
                for place in one.places:
                    found[place] = _series(one.compiled.relation, one.values(rows, place), one.grid)
        return [found[place] for place in sorted(found)]

    def _columns(self, cursor: duckdb.DuckDBPyConnection, asking: batch.Batch, folder: Path) -> str:
        """The lines of a batch as columns: Parquet files as they are, else what is asked of each file, in another."""
        parts = self._parts(cursor, asking.since)
        if all(part.facts for part in parts):
            return self._lines(cursor, parts, asking)
        targets = [folder / f"{number}.parquet" for number in range(len(parts))]
        for part, target in zip(parts, targets, strict=True):
            try:
                ask(cursor, batch.copy(self._lines(cursor, [part], asking), asking, target))
            except OddText:
                ask(cursor, batch.copy(self._lines(cursor, [part], asking, careful=True), asking, target))
        return batch.over(targets)

    def _lines(
        self, cursor: duckdb.DuckDBPyConnection, parts: Sequence[Part], asking: batch.Batch, careful: bool = False
    ) -> str:
        asked = scan.Asked(asking.fields, tuple(self.stream))
        return with_given(scan.lines(cursor, parts, asked, careful), self.given, asking.fields)

    def logs(self, query: str, span: Span) -> Streams:
        tree = parse(query)
        if not isinstance(tree, s.LogQuery):
            raise s.QueryError('this is a metric query; a log query such as {job="bot"} is needed here')
        statement = sql.compile_logs(tree, self.stream, span.start, span.end, span.limit, span.backward)
        return _streams(self._ask(lambda flat: statement, span.start - 1))

    def tail(self, query: str, start: int, limit: int = 100) -> Iterator[Streams]:
        return follow(Tail(self, query, start, limit))

    def mark(self) -> int:
        """A place in the order in which lines came in, behind all that have come so far."""
        if not self.window:
            raise StoreError("only a store that follows its files can be tailed")
        with self._lock:
            self.window.refresh(self.clock())
            return self.window.mark

    def added(self, query: str, mark: int) -> tuple[Streams, int]:
        """The lines of a log query that came in since the mark, and the mark for the next call."""
        now = self.mark()
        if now == mark or not self.window:
            return Streams(()), now
        tree = parse(query)
        assert isinstance(tree, s.LogQuery)
        statement = sql.compile_logs(tree, self.stream, 0, _FOREVER, _ALL, backward=False)
        with self._lock:
            came = f"SELECT * FROM ({self.window.lines(statement.fields)}) WHERE seq >= {mark} AND seq < {now}"
            return _streams(self._run(self._connection, came, statement)), now

    def label_sets(self, selectors: Sequence[str], start: int, end: int) -> list[Labels]:
        conditions = [self._selector(text) for text in selectors] or ["true"]
        columns = ", ".join(f'"{name}"' for name in self.stream)
        chosen = f"SELECT DISTINCT {columns} FROM lines WHERE ts >= {start} AND ts < {end}"
        relation = Relation(f"{chosen} AND ({' OR '.join(conditions)}) ORDER BY ALL", tuple(self.stream))
        rows = self._ask(lambda flat: sql.Compiled(relation), start - 1)
        return [{name: value for name, value in zip(self.stream, row, strict=True) if value} for row in rows]

    def _selector(self, text: str) -> str:
        tree = parse(text)
        if not isinstance(tree, s.LogQuery) or tree.stages:
            raise s.QueryError('only a stream selector such as {job="bot"} is allowed here')
        return "(" + " AND ".join(matcher_condition(matcher, self.stream) for matcher in tree.matchers) + ")"

    def _recent(self, query: str, tree: s.Metric, at: int) -> tuple[Series, ...] | None:
        """The answer out of the window, for who asks the same again and again; None when it does not reach back so far.

        It holds the window meanwhile, so a question that somebody must be able to end goes another way.
        """
        if not self.window or self._is_interruptible() or not any(s.range_aggs(tree)):
            return None
        with self._lock:
            self.window.refresh(self.clock())
            if at - s.reach(tree) < self.window.horizon:
                return None
            if query not in self._prepared:
                compiled = sql.compile_metric(tree, self.stream, sql.Grid.anywhere())
                lines = self.window.lines(compiled.fields)
                self._prepared.add(query, compiled, with_given(lines, self.given, compiled.fields))
            relation, rows = self._prepared.run(query, at)
        return _series(relation, rows, sql.Grid.at(at))

    @contextmanager
    def interruptible(self, interrupt: Interrupt) -> Iterator[None]:
        """What this thread asks inside can be ended by `interrupt`."""
        self._asking.interrupt = interrupt
        try:
            yield
        finally:
            del self._asking.interrupt

    def _is_interruptible(self) -> bool:
        return getattr(self._asking, "interrupt", None) is not None

    def _interrupt(self) -> Interrupt:
        return self._asking.interrupt if self._is_interruptible() else Interrupt()

    def _metric(self, tree: s.Metric, grid: sql.Grid) -> tuple[Series, ...]:
        def compiled(flat: bool) -> sql.Compiled:
            return sql.compile_metric(tree, self.stream, grid, flat)

        return _series(compiled(False).relation, self._ask(compiled, grid.start - s.reach(tree)), grid)

    def _ask(self, compiled: Callable[[bool], sql.Compiled], since: int) -> list[tuple[Any, ...]]:
        """Rows of a statement that looks at lines after `since`; it is compiled for flat lines (True) or any."""
        with self._connection.cursor() as cursor:
            if self._begin_in_window(cursor, since):
                assert self.window
                statement = compiled(False)
                return self._run(cursor, self.window.lines(statement.fields), statement)
            try:
                return self._scan(cursor, since, compiled)
            except Interrupted:
                raise
            except StoreError:
                if not self.archive.unreadable(cursor):
                    raise
            return self._scan(cursor, since, compiled)

    def _begin_in_window(self, cursor: duckdb.DuckDBPyConnection, since: int) -> bool:
        """Gives the cursor the window as it is now, while others go on following; False if it is too young."""
        if not self.window:
            return False
        with self._lock:
            self.window.refresh(self.clock())
            if since < self.window.horizon:
                return False
            ask(cursor, "BEGIN TRANSACTION")
            ask(cursor, "SELECT ts FROM recent LIMIT 1")  # a transaction sees what was there at its first reading
        return True

    def _scan(
        self, cursor: duckdb.DuckDBPyConnection, since: int, compiled: Callable[[bool], sql.Compiled]
    ) -> list[tuple[Any, ...]]:
        parts = self._parts(cursor, since)
        statement = compiled(bool(parts) and all(part.facts and part.facts.flat for part in parts))
        asked = scan.Asked(statement.fields, tuple(self.stream))
        try:
            return self._run(cursor, scan.lines(cursor, parts, asked), statement)
        except OddText:
            return self._run(cursor, scan.lines(cursor, parts, asked, careful=True), statement)

    def _parts(self, cursor: duckdb.DuckDBPyConnection, since: int) -> list[Part]:
        """The files that may hold lines after `since`."""
        chosen = self.archive.choose(cursor)
        self.passed_over = chosen.problems
        if chosen.lost and not self.window:  # a ruler goes on with what there is, and says so
            raise StoreError("; ".join(f"{Path(path).name} is {why}" for path, why in chosen.lost.items()))
        return [part for part in chosen.parts if part.last > since]

    def _run(self, connection: duckdb.DuckDBPyConnection, lines: str, compiled: sql.Compiled) -> list[tuple[Any, ...]]:
        with self._interrupt().over(connection):
            return ask(connection, compiled.over(with_given(lines, self.given, compiled.fields)))


def _streams(rows: Sequence[tuple[Any, ...]]) -> Streams:
    """Rows (time, line, labels) as streams ordered by labels."""
    streams: dict[tuple[tuple[str, str], ...], list[tuple[int, str]]] = {}
    for at, line, labels in rows:
        streams.setdefault(tuple(sorted(labels.items())), []).append((at, line))
    return Streams(tuple(Stream(dict(key), tuple(lines)) for key, lines in sorted(streams.items())))


def _sorted(tree: s.Metric, series: tuple[Series, ...]) -> tuple[Series, ...]:
    """sort and sort_desc order the answer by value; everything else stays ordered by labels."""
    if not isinstance(tree, s.VectorAgg) or tree.op not in ("sort", "sort_desc"):
        return series
    sign = -1 if tree.op == "sort_desc" else 1
    return tuple(sorted(series, key=lambda one: (isnan(one.points[0][1]), sign * one.points[0][1])))


def _series(relation: Relation, rows: Sequence[tuple[Any, ...]], grid: sql.Grid) -> tuple[Series, ...]:
    """Rows (k, labels ..., v) as series ordered by labels. A label with empty text is no label."""
    series: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
    for step, *labels, value in rows:
        pairs = labels[0].items() if relation.names is None else zip(relation.names, labels, strict=True)
        key = tuple(sorted((name, text) for name, text in pairs if text))
        series.setdefault(key, []).append((grid.start + step * grid.step, value))
    return tuple(Series(dict(key), tuple(sorted(points))) for key, points in sorted(series.items()))
