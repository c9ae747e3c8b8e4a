"""A real Loki with the day in it, and how long it takes to answer; only where MMSTACK_ARTIFACTS has one."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import msgspec

from tests.bench.log_data import DAY_S, END, SECOND, Data, time_of
from tests.bench.log_questions import Question
from tests.real_loki import running_loki

BATCH = 20_000
PUSHERS = 3
TENANT = {"X-Scope-OrgID": "bench"}


class Line(msgspec.Struct):
    """What a shipper makes labels of."""

    level: str = ""
    action: str = ""


def is_there() -> bool:
    return os.access(Path(os.environ.get("MMSTACK_ARTIFACTS", "/nowhere"), "loki"), os.X_OK)


@contextmanager
def loaded(data: Data, folder: Path) -> Iterator[str]:
    """A Loki that holds the day under the recommended labels; gives its URL."""
    with running_loki(folder) as loki:
        started, lines = time.monotonic(), data.lines()
        with ThreadPoolExecutor(PUSHERS) as pool:
            while batch := list(islice(lines, BATCH * PUSHERS)):
                parts = [batch[first : first + BATCH] for first in range(0, len(batch), BATCH)]
                list(pool.map(lambda part: _push(loki.url, part), parts))
        sys.stderr.write(f"Loki took the day in {time.monotonic() - started:.0f} s\n")
        yield loki.url


def _push(url: str, lines: list[bytes]) -> None:
    decoder, streams = msgspec.json.Decoder(Line), dict[tuple[str, str], list[list[str]]]()
    for line in lines:
        found = decoder.decode(line)
        text = line.rstrip(b"\n").decode()
        streams.setdefault((found.level, found.action), []).append([str(time_of(line)), text])
    body = [
        {"stream": {"job": "bot", "host": "h", "level": level, "action": action}, "values": values}
        for (level, action), values in streams.items()
    ]
    headers = {"Content-Type": "application/json", **TENANT}
    content = msgspec.json.encode({"streams": body})
    with urllib.request.urlopen(urllib.request.Request(f"{url}/loki/api/v1/push", content, headers), timeout=120):
        pass


def ask(url: str, question: Question) -> list[object]:
    """The answers' results."""
    return [_ask(url, query, question.step_s) for query in question.queries]


def _ask(url: str, query: str, step_s: int) -> object:
    asked = {"query": query, "time": str(END)}
    if step_s:
        start = END - (DAY_S - step_s) * SECOND
        asked = {"query": query, "start": str(start), "end": str(END), "step": f"{step_s}s"}
    path = "query_range" if step_s else "query"
    address = f"{url}/loki/api/v1/{path}?{urllib.parse.urlencode(asked)}"
    with urllib.request.urlopen(urllib.request.Request(address, headers=TENANT), timeout=300) as answer:
        return json.load(answer)["data"]["result"]
