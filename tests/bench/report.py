"""The whole of `firedrill report` over the day that the log engine is measured on, against the time it may take.

And over one ordinary day against the seed's jq line, which says five of its numbers. The start of Python is not in it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from firedrill.report.ask import ask
from firedrill.report.figures import figures
from firedrill.report.period import Period
from firedrill.report.questions import questions
from firedrill.report.text import as_text
from firedrill.store.embedded import Embedded
from tests.bench.log_data import DAY_S, END, SECOND, data
from tests.bench.measure import BUDGET, Row, seconds
from tests.day import Day
from tests.firedrill.report.test_jq import PARENTHESES

RUNS = 3


def rows() -> Iterator[Row]:
    """Each as soon as it is made."""
    day = data()
    yield Row("report from Parquet", seconds(_report(day.parquet), RUNS), 0.5, BUDGET, "s")
    yield Row("report from JSONL", seconds(_report(day.log), RUNS), 6.0, BUDGET, "s")
    if shutil.which("jq"):
        with tempfile.TemporaryDirectory() as folder:
            log = Day().write(Path(folder))
            yield Row(
                "report of an ordinary day, JSONL", seconds(_report(log), RUNS), seconds(_jq(log), RUNS), "jq", "s"
            )


def _report(path: Path) -> Callable[[], str]:
    period = Period("24h", DAY_S * SECOND, END)

    def report() -> str:
        store = Embedded((str(path),), {"job": "bot", "host": "h"})
        return as_text(figures(ask(store, questions(period.over), period.end)), period)

    return report


def _jq(path: Path) -> Callable[[], object]:
    return lambda: subprocess.run(["jq", "-s", PARENTHESES, str(path)], check=True, stdout=subprocess.DEVNULL)
