"""Tailing: over the files themselves, over a websocket, and by the real logcli; each line once, late ones too."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web
from click.testing import CliRunner

from firedrill.logql.syntax import SECOND, QueryError
from firedrill.store.embedded import Embedded
from firedrill.store.loki import Loki
from firedrill.store.query_command import command
from firedrill.store.store import Store, StoreError
from firedrill.store.tail import MOST, Tail
from tests.firedrill.store.logs import GIVEN
from tests.firedrill.store.servers import get, serving, store_at, until
from tests.real_loki import RealLoki, artifact

REPOSITORY = Path(__file__).resolve().parents[3]
QUERY = '{job="bot"} |= "line"'


class Writer:
    """A log that grows."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.jsonl"
        self.path.touch()

    def add(self, *texts: str, ago: float = 0) -> None:
        rows = [{"ts": round(time.time() - ago, 6), "level": "info", "action": "a", "text": text} for text in texts]
        with self.path.open("a") as file:
            file.write("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.fixture
def log(tmp_path: Path) -> Writer:
    return Writer(tmp_path)


class Heard:
    """What a tail tells, one look after the other."""

    def __init__(self, store: Store, query: str = QUERY, limit: int = 100) -> None:
        self.texts: list[str] = []
        self._tail = store.tail(query, time.time_ns() - 3600 * SECOND, limit)

    def count(self) -> int:
        pairs = [pair for stream in next(self._tail).streams for pair in stream.lines]
        self.texts += [json.loads(line)["text"] for _, line in sorted(pairs)]
        return len(self.texts)


def test_the_last_lines_come_first_then_new_ones_each_once(tmp_path: Path, log: Writer) -> None:
    log.add(*(f"line {n}" for n in range(5)), ago=10)
    heard = Heard(Embedded((str(log.path),), GIVEN, follow=True), limit=3)
    until(lambda: heard.count() == 3, what="the last three")
    log.add("line 5", "another", ago=1)
    until(lambda: heard.count() == 4, what="a new line")
    log.add("line late", ago=600)
    until(lambda: heard.count() == 5, what="a line that is late")
    assert heard.texts == ["line 2", "line 3", "line 4", "line 5", "line late"]


def test_a_store_that_follows_nothing_says_so(log: Writer) -> None:
    with pytest.raises(StoreError, match="follows its files"):
        next(Embedded((str(log.path),), GIVEN).tail(QUERY, 0))
    with pytest.raises(QueryError, match="only the lines of a log query"):
        Embedded((str(log.path),), GIVEN, follow=True).tail("vector(1)", 0)


def test_a_delay_holds_lines_back_and_puts_late_ones_in_front(log: Writer) -> None:
    now = [time.time_ns()]
    store = Embedded((str(log.path),), GIVEN, follow=True, clock=lambda: now[0])
    tail = Tail(store, QUERY, now[0] - 3600 * SECOND, 10, delay=2 * SECOND)
    log.add("line 1")
    assert not tail.turn().streams
    now[0] += SECOND
    log.add("line 0", ago=5)
    assert not tail.turn().streams
    now[0] += SECOND
    assert [line for stream in tail.turn().streams for _, line in stream.lines] != []
    now[0] += SECOND
    (stream,) = tail.turn().streams
    assert [json.loads(line)["text"] for _, line in stream.lines] == ["line 0"]


def test_both_backends_tell_the_same(tmp_path: Path, log: Writer) -> None:
    log.add("line 1", "line 2", ago=5)
    with store_at(tmp_path) as (url, _):
        heard = Heard(Loki(url))
        until(lambda: heard.count() == 2, what="what there was")
        log.add("line 3")
        until(lambda: heard.count() == 3, what="what came")
        assert heard.texts == ["line 1", "line 2", "line 3"]


REFUSED = [
    ({"query": "sum("}, "line 1, column 5"),
    ({"query": "vector(1)"}, "only the lines of a log query"),
    ({}, "parameter query is missing"),
    ({"query": QUERY, "delay_for": "6"}, "delay_for can't be greater than 5"),
    ({"query": QUERY, "delay_for": "soon"}, "delay_for can't be greater than 5"),
    ({"query": QUERY, "limit": "0"}, "max entries limit"),
    ({"query": QUERY}, "WebSocket"),
]


@pytest.mark.parametrize(("asked", "reason"), REFUSED)
def test_wrong_tails_are_refused_before_they_begin(tmp_path: Path, asked: dict[str, str], reason: str) -> None:
    with store_at(tmp_path) as (url, _):
        status, text = get(f"{url}/loki/api/v1/tail?{urlencode(asked)}")
        assert status == 400
        assert reason in text


def test_a_refused_tail_says_why(tmp_path: Path) -> None:
    with store_at(tmp_path) as (url, _), pytest.raises(QueryError, match="line 1, column 5"):
        next(Loki(url).tail("sum(", 0))
    with pytest.raises(StoreError, match="gave no answer"):
        next(Loki(url).tail(QUERY, 0))


def test_frames_are_lokis(tmp_path: Path, log: Writer) -> None:
    """As a Loki 3.6 sent them: times in nanoseconds as text, streams with all their labels."""
    log.add("line 1", ago=5)

    async def first(url: str) -> Any:
        asked = {"query": QUERY, "start": str(time.time_ns() - 60 * SECOND), "limit": "10", "delay_for": "0"}
        async with ClientSession() as session, session.ws_connect(f"{url}/loki/api/v1/tail", params=asked) as socket:
            return await socket.receive_json(timeout=15)

    with store_at(tmp_path) as (url, _):
        found = asyncio.run(first(url))
    at, text = found["streams"][0]["values"][0]
    assert json.loads(text)["text"] == "line 1"
    assert abs(int(at) - time.time_ns()) < 60 * SECOND
    assert found["streams"][0]["stream"] == {**GIVEN, "level": "info", "action": "a"}
    assert set(found) == {"streams", "dropped_entries"}


def test_no_more_tails_than_a_server_can_answer(tmp_path: Path) -> None:
    asked, path = {"query": QUERY}, "/loki/api/v1/tail"

    async def fill(url: str) -> None:
        async with ClientSession() as session:
            sockets = [await session.ws_connect(f"{url}{path}", params=asked) for _ in range(MOST)]
            with pytest.raises(WSServerHandshakeError) as refused:
                await session.ws_connect(f"{url}{path}", params=asked)
            assert refused.value.status == 429
            for socket in sockets:
                await socket.close()

    with store_at(tmp_path) as (url, server):
        asyncio.run(fill(url))
        until(lambda: not server.tails.count, what="all have left")
        assert next(Loki(url).tail(QUERY, 0)).streams == ()


class Ending:
    """A server that ends each tail after one line, the second with a reason."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/loki/api/v1/tail", self._tail)])
        return app

    async def _tail(self, request: web.Request) -> web.WebSocketResponse:
        self.asked.append(int(request.query["start"]))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        count = len(self.asked)
        values = [[str(count * SECOND), json.dumps({"text": f"line {count}"})]]
        await socket.send_json({"streams": [{"stream": {}, "values": values}]})
        await socket.close(code=1000 if count == 1 else 1011, message=b"" if count == 1 else b"out of tails")
        return socket


def test_a_tail_that_the_server_ends_goes_on_behind_the_last_line() -> None:
    server = Ending()
    with serving(server.application()) as url:
        tail = Loki(url).tail(QUERY, 5)
        told = [next(tail).streams[0].lines[0][0] for _ in range(2)]
        with pytest.raises(StoreError, match="out of tails"):
            next(tail)
    assert (told, server.asked) == ([SECOND, 2 * SECOND], [5, SECOND + 1])


def test_a_real_loki_is_tailed_the_same(real_loki: RealLoki) -> None:
    def push(text: str) -> None:
        labels = {"job": "bot", "action": "a"}
        real_loki.push("tail", [(labels, [(time.time_ns(), json.dumps({"text": text}))])])

    push("line 1")
    heard = Heard(Loki(real_loki.url, "tail"))
    until(lambda: heard.count() == 1, what="what there was")
    push("line 2")
    until(lambda: heard.count() == 2, what="what came")
    assert heard.texts == ["line 1", "line 2"]
    with pytest.raises(QueryError, match="parse error"):
        next(Loki(real_loki.url, "tail").tail("sum(", 0))


@contextmanager
def process(*line: str | Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def _next_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout
    return running.stdout.readline()


def test_the_command_follows_files_without_a_server(tmp_path: Path, log: Writer) -> None:
    log.add("line 1", ago=5)
    line = [sys.executable, "-m", "firedrill", "query", QUERY, "--files", f"{tmp_path}/*.jsonl", "--tail"]
    with process(*line) as running:
        assert '"text": "line 1"' in _next_line(running)
        log.add("line 2")
        assert '"text": "line 2"' in _next_line(running)
        running.send_signal(signal.SIGINT)
        assert (running.wait(10), running.stderr and running.stderr.read()) == (0, "")


@pytest.mark.parametrize("option", [["--at", "60"], ["--end", "60"], ["--step", "1m"], ["--forward"]])
def test_the_command_refuses_what_ends_a_tail(log: Writer, option: list[str]) -> None:
    result = CliRunner().invoke(command, [QUERY, "--files", str(log.path), "--tail", *option])
    assert (result.exit_code, "goes on for ever" in result.output) == (2, True)


def test_logcli_follows_a_store(tmp_path: Path, log: Writer) -> None:
    log.add("line 1", ago=5)
    with store_at(tmp_path) as (url, _):
        line = [artifact("logcli"), f"--addr={url}", "query", "--tail", "--output=raw", "--quiet", QUERY]
        with process(*line) as running:
            assert '"text": "line 1"' in _next_line(running)
            log.add("line 2")
            assert '"text": "line 2"' in _next_line(running)
