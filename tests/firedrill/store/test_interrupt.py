"""Questions that take too long, or that nobody waits for any more, end; others do not."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from firedrill.store.engine import DEFAULTS, ask, connect
from firedrill.store.interrupt import Interrupt, Interrupted
from firedrill.store.prepared import CAPACITY
from tests.firedrill.store.logs import instant, line
from tests.firedrill.store.servers import get, store_at, until
from tests.firedrill.store.test_window import Clock, follow, write

SLOW = "SELECT sum(a.range * b.range % 7) FROM range(1000000) a, range(1000000) b"
QUERY = 'sum(count_over_time({job="bot"} |~ "(a|b|c){1,9}x(y|z)+" [1h]))'


def test_a_statement_is_ended_and_the_connection_lives_on() -> None:
    connection, interrupt, caught = connect(DEFAULTS), Interrupt(), []

    def run() -> None:
        try:
            with interrupt.over(connection):
                ask(connection, SLOW)
        except Interrupted as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def ended() -> bool:
        interrupt.cancel()  # again and again: the first may come before the statement
        return not thread.is_alive()

    until(ended, what="the end of the statement")
    assert len(caught) == 1
    assert ask(connection, "SELECT 1") == [(1,)]
    with pytest.raises(Interrupted), interrupt.over(connection):
        ask(connection, "SELECT 1")


def slow_log(folder: Path) -> None:
    now = time.time()
    text = "".join(json.dumps({"ts": round(now - 1, 6), "m": "abcabcab" * 400}) + "\n" for _ in range(20_000))
    (folder / "a.jsonl").write_text(text)


def test_a_question_that_takes_too_long_is_a_504(tmp_path: Path) -> None:
    slow_log(tmp_path)
    with store_at(tmp_path) as (url, server):
        server.timeout = 0.01
        asked = urlencode({"query": QUERY, "start": "0", "end": str(time.time()), "step": "10d"})
        status, text = get(f"{url}/loki/api/v1/query_range?{asked}")
        assert (status, "request timed out" in text) == (504, True)
        server.timeout = 60
        assert get(f"{url}/loki/api/v1/query?query=vector(1)")[0] == 200


def test_a_question_whose_client_left_is_ended(tmp_path: Path) -> None:
    slow_log(tmp_path)
    with store_at(tmp_path) as (url, server):
        begun, ended = threading.Event(), list[Interrupted]()
        asking = server.store.range

        def watched(*arguments: object) -> object:
            begun.set()
            try:
                return asking(*arguments)  # type: ignore[arg-type]  # passed through as it came
            except Interrupted as error:
                ended.append(error)
                raise

        server.store.range = watched  # type: ignore[method-assign,assignment]  # to see how it ends
        asked = urlencode({"query": QUERY, "start": "0", "end": str(time.time()), "step": "10d"})
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(f"GET /loki/api/v1/query_range?{asked} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert begun.wait(15)
        until(lambda: ended, what="the end of the question")


def test_prepared_questions_answer_like_new_ones(tmp_path: Path) -> None:
    log, clock = tmp_path / "a.jsonl", Clock()
    store = follow(tmp_path, clock)
    write(log, *(line(at, action="ab"[at % 2]) for at in range(-100, 0)))
    query = 'sum by (action) (count_over_time({job="bot"}[30s])) / sum by (action) (count_over_time({job="bot"}[30s]))'
    plain = 'sum by (action) (count_over_time({job="bot"}[30s]))'
    for at in (-60, -30, -1, 10):
        assert instant(store, query, at) == {"action=a": 1, "action=b": 1}
    assert instant(store, plain, -10) == {"action=a": 15, "action=b": 15}
    write(log, line(-11, action="a"))
    assert instant(store, plain, -10) == {"action=a": 16, "action=b": 15}
    assert store.window
    store.window._compact(clock.now)
    assert instant(store, plain, -10) == {"action=a": 16, "action=b": 15}
    for number in range(CAPACITY + 3):
        assert instant(store, f'count_over_time({{job="bot"}}[{number + 1}ms])', -500) == {}
    assert instant(store, plain, -10) == {"action=a": 16, "action=b": 15}
