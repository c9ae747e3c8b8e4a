"""What a running store takes: bounded memory, whatever is asked, and no question that keeps the ruler waiting."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from firedrill.store.embedded import Embedded
from firedrill.store.engine import BESIDE_MB, DEFAULTS
from firedrill.store.interrupt import Interrupt, Interrupted
from tests.day import Day
from tests.firedrill.store.logs import instant, ns
from tests.firedrill.store.servers import free_port, get, store_at, until
from tests.firedrill.store.test_interrupt import slow_log

LINES_A_SECOND = 200
HISTORY_S = 1200
RULE = """groups: [{name: g, interval: 1s, rules: [{alert: A, expr: 'sum(rate({job="bot"}[1m])) < 0'}]}]"""
HEAVY = (
    'avg by (market) (avg_over_time({job="bot"} | json | __error__="" | unwrap n | __error__="" [30m]))',
    'topk(5, sum by (cloid) (count_over_time({job="bot"} | json [30m])))',
    'quantile_over_time(0.9, {job="bot"} | regexp "(?P<d>[0-9]+)[^0-9]*$" | unwrap d | __error__="" [10m]) by (action)',
)


def write_history(path: Path) -> None:
    """Twenty minutes of lines as a busy bot writes them, up to now."""
    at, lines = time.time() - HISTORY_S, Day(seconds=10 * 86_400).lines()
    with path.open("wb") as log:
        for number in range(HISTORY_S * LINES_A_SECOND):
            log.write(b'{"ts":%.6f%s\n' % (at + number / LINES_A_SECOND, next(lines)[23:]))


def peak_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def test_the_memory_of_a_running_store_is_bounded_as_stated(tmp_path: Path) -> None:
    write_history(tmp_path / "a.jsonl")
    (tmp_path / "rules.yaml").write_text(RULE)
    port = free_port()
    words = ["--files", f"{tmp_path}/*.jsonl", "--labels", "job=bot", "--port", str(port), "--query-timeout", "5m"]
    line = [sys.executable, "-m", "firedrill", "store", "serve", *words, "--rules", str(tmp_path / "rules.yaml")]
    with subprocess.Popen(line) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            until(lambda: _is_ready(url), seconds=60, what="a store that is ready")
            assert peak_mb(process.pid) < 300, "before anything is asked"
            for query in HEAVY:
                status, text = _asked(f"{url}/loki/api/v1/query?{urlencode({'query': query})}")
                assert status == 200 or "more memory than the store may take" in text, text
            assert peak_mb(process.pid) < DEFAULTS.memory_mb + BESIDE_MB
        finally:
            process.terminate()
            assert process.wait(30) == 0


def _asked(address: str) -> tuple[int, str]:
    """An answer that may take minutes where others use the machine too."""
    try:
        with urllib.request.urlopen(address, timeout=300) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _is_ready(url: str) -> bool:
    try:
        return get(f"{url}/ready")[0] == 200
    except OSError:
        return False


def test_a_slow_question_over_the_window_keeps_no_ruler_waiting(tmp_path: Path) -> None:
    slow_log(tmp_path)
    at = (time.time_ns() - ns(0)) / 1e9
    quick, slow = 'sum(count_over_time({job="bot"}[5m]))', 'sum(count_over_time({job="bot"} |~ "(a|b|c){1,9}x" [5m]))'
    with store_at(tmp_path) as (_, server):
        store, interrupt, ended = server.store, Interrupt(), list[int]()

        def ask_slowly() -> None:
            with contextlib.suppress(Interrupted), store.interruptible(interrupt):
                while True:
                    instant(store, slow, at)
                    ended.append(1)

        assert instant(store, quick, at) == {"": 20_000}
        slowly = threading.Thread(target=ask_slowly)
        slowly.start()
        try:
            until(lambda: ended, what="the first answer to the slow question", seconds=60)
            in_between = [_answers(store, quick, at, ended) for _ in range(30)]
        finally:
            interrupt.cancel()
            slowly.join(30)
        assert max(in_between) >= 2, "the ruler was answered only between two slow questions"


def _answers(store: Embedded, query: str, at: float, ended: list[int]) -> int:
    """How often a ruler is answered before one slow question ends; at most a few."""
    before, count = len(ended), 0
    while len(ended) == before and count < 5:
        instant(store, query, at)
        count += 1
    return count
