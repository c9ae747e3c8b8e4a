"""Five questions about a day of logs, each in LogQL and as SQL written by hand for the Parquet columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firedrill.logql.sql import Grid
from firedrill.store.embedded import Embedded
from tests.bench.log_data import DAY_S, END, SECOND

_ACKS = '{job="bot", action="order_ack"} | json market="market", latency_ms="latency_ms" | __error__=""'
_LATENCY = f"{_ACKS} | unwrap latency_ms | __error__=`` [24h]"
_EXITS = '{job="bot", action=~"tp_exit|sweet_spot_exit|hard_cap_exit"}'
_IS_EXIT = "_action IN ('tp_exit', 'sweet_spot_exit', 'hard_cap_exit')"


@dataclass(frozen=True, slots=True)
class Question:
    """`queries`: LogQL at the end of the day, or every `step_s` over all of it; `sql`: what follows SELECT, with {day}
    for the lines of the day."""

    name: str
    queries: tuple[str, ...]
    sql: tuple[str, ...]
    step_s: int = 0


QUESTIONS = (
    Question(
        "lines by market",
        ('sum by (market) (count_over_time({job="bot"} | json market="market" | __error__="" [24h]))',),
        ("coalesce(market, ''), count(*) {day} AND _json GROUP BY 1",),
    ),
    Question(
        "errors by action",
        ('sum by (action) (count_over_time({job="bot", level="error"}[24h]))',),
        ("_action, count(*) {day} AND _level = 'error' GROUP BY 1",),
    ),
    Question(
        "p50, p95, p99 of latency",
        tuple(f"quantile_over_time({q}, {_LATENCY}) by (market)" for q in (0.5, 0.95, 0.99)),
        ("market, quantile_cont(latency_ms::DOUBLE, [0.5, 0.95, 0.99]) {day} AND _action = 'order_ack' GROUP BY 1",),
    ),
    Question(
        "hold time, exits, fills",
        (
            f'avg_over_time({_EXITS} | json | __error__="" | unwrap age_s | __error__="" [24h]) by (market)',
            f"sum by (action) (count_over_time({_EXITS} [24h]))",
            'sum by (market, side) (sum_over_time({job="bot", action="FILL"} | json | __error__="" | unwrap size'
            ' | __error__="" [24h]))',
        ),
        (
            f"market, avg(age_s::DOUBLE) {{day}} AND {_IS_EXIT} GROUP BY 1",
            f"_action, count(*) {{day}} AND {_IS_EXIT} GROUP BY 1",
            "market, side, sum(size::DOUBLE) {day} AND _action = 'FILL' GROUP BY 1, 2",
        ),
    ),
    Question(
        "orders by market and minute",
        ('sum by (market) (count_over_time({job="bot", action="quote_place"} | json market="market" [1m]))',),
        ("market, (_ts - 1) // 60000000000, count(*) {day} AND _action = 'quote_place' GROUP BY 1, 2",),
        step_s=60,
    ),
)


def asked(question: Question, store: Embedded) -> Callable[[], object]:
    """The question put to a store, by one reading of the logs where its queries allow that."""
    start = END - (DAY_S - question.step_s) * SECOND
    grid = Grid.aligned(start, END, question.step_s * SECOND) if question.step_s else Grid.at(END)

    def ask() -> object:
        if together := store.together([(query, grid) for query in question.queries]):
            return together
        if question.step_s:
            return [store.range(query, start, END, grid.step) for query in question.queries]
        return [store.instant(query, END) for query in question.queries]

    return ask


def statements(question: Question, parquet: str) -> list[str]:
    """The question by hand, over one Parquet file."""
    day = f"FROM read_parquet('{parquet}') WHERE _ts > {END - DAY_S * SECOND} AND _ts <= {END}"
    return [f"SELECT {text.format(day=day)}" for text in question.sql]
