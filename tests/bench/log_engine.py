"""The log engine: LogQL beside SQL by hand, Parquet beside JSONL, both beside a real Loki, and the ruler's cost."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from firedrill.rules.rule_tests import run_file
from firedrill.store.embedded import Embedded
from firedrill.store.engine import DEFAULTS, connect
from tests.bench import log_loki, ruler_cost
from tests.bench.log_data import Data, data
from tests.bench.log_questions import QUESTIONS, asked, statements
from tests.bench.measure import BUDGET, Row

LABELS = {"job": "bot", "host": "h"}
ALERTS = Path(__file__).resolve().parents[2] / "alerts"


def rows() -> Iterator[Row]:
    """Every measurement, as soon as it is made."""
    day = data()
    yield from _by_hand(day)
    yield from _text_and_columns(day)
    yield from _loki(day)
    yield from _rules()


def _by_hand(day: Data) -> Iterator[Row]:
    store = Embedded((str(day.parquet),), LABELS)
    with connect(DEFAULTS) as connection:
        for question in QUESTIONS:
            texts = statements(question, str(day.parquet))

            def by_hand(texts: list[str] = texts) -> object:
                return [connection.execute(text).fetchall() for text in texts]

            ours, other = alternating(asked(question, store), by_hand, runs=7)
            yield Row(f"LogQL: {question.name}", ours, other, "SQL by hand, the same Parquet", "s")


def _text_and_columns(day: Data) -> Iterator[Row]:
    parquet, log = (Embedded((str(path),), LABELS) for path in (day.parquet, day.log))
    for question in QUESTIONS:
        ours, other = alternating(asked(question, parquet), asked(question, log), runs=3)
        yield Row(f"Parquet: {question.name}", ours, other, "JSONL", "s")


def _loki(day: Data) -> Iterator[Row]:
    if not log_loki.is_there():
        return
    sources = {"Parquet": Embedded((str(day.parquet),), LABELS), "JSONL": Embedded((str(day.log),), LABELS)}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, log_loki.loaded(day, Path(folder)) as url:
        for question in QUESTIONS:
            other = statistics.median(_timed(lambda q=question: log_loki.ask(url, q)) for _ in range(3))  # type: ignore[misc]
            for name, store in sources.items():
                ours = statistics.median(_timed(asked(question, store)) for _ in range(4))
                yield Row(f"{name}: {question.name}", ours, other, "Loki 3.6.15", "s")


def _rules() -> Iterator[Row]:
    took = _timed(lambda: [run_file(file) for file in sorted(ALERTS.glob("*/tests.yaml"))])
    yield Row("all rule tests of the repository", took, 5, BUDGET, "s")
    with tempfile.TemporaryDirectory() as folder:
        cost = ruler_cost.measure(Path(folder))
    yield Row("ruler: 20 rules every 15 s at 200 lines/s", cost.core_percent, 5, BUDGET, "%")
    yield Row("the store's memory meanwhile", cost.rss_mb, 300, BUDGET, "MB")


def alternating(ours: Callable[[], object], other: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median seconds of both, run in turn, so that a noisy neighbour slows both; the first runs do not count."""
    ours(), other()
    pairs = [(_timed(ours), _timed(other)) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
