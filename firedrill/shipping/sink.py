"""What Loki has of one host's lines, and how more are given to it.

A push that got no answer is repeated: Loki stores an identical line of a stream once. A line that is too old for its
stream is given to a stream of its own with the label `late`, where only other late lines stand.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from firedrill.logql.syntax import QueryError
from firedrill.shipping.entry import SECOND, Entry
from firedrill.shipping.errors import CannotSay
from firedrill.store.loki import Loki
from firedrill.store.store import Matrix, Span, StoreError

LATE = "late"
"""The label of lines that came after their stream had gone on; its value is always yes."""

LOOK_BACK = 7 * 86_400 * SECOND
LOOK_AHEAD = 600 * SECOND
PAGE = 5000
"""Lines Loki gives at most in one answer, unless it is told otherwise."""

_TRIES_AFTER_S = (0.25, 0.5, 1, 2, 4, 8)
_TIMEOUT_S = 60
Key = tuple[str, str]
Answered = TypeVar("Answered")


class Sink:
    """A Loki at `url` and the lines in it that have all of `given` as labels."""

    def __init__(self, url: str, given: Mapping[str, str], tenant: str | None = None) -> None:
        self._loki = _connect(url, tenant)
        self.url, self._given, self._tenant = self._loki.url, dict(given), tenant

    def selector(self, **labels: str) -> str:
        """LogQL's selector of these lines; an empty label means: without it."""
        pairs = {**self._given, **labels}.items()
        return "{" + ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in pairs) + "}"

    def wait(self, seconds: float, say: Callable[[str], None]) -> None:
        """Until it takes and answers. Raises CannotSay when it does not in that time."""
        deadline, told = time.monotonic() + seconds, False
        while why := self._unready():
            if time.monotonic() > deadline:
                raise CannotSay(
                    f"Loki at {self.url} is not ready after {seconds:g} s ({why}): start it, or give --wait"
                )
            if not told:
                say(f"waiting for Loki at {self.url}: {why}")
            told = True
            time.sleep(0.25)

    def _unready(self) -> str | None:
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=5):
                return None
        except urllib.error.HTTPError as error:
            with error:
                return None if error.code == 404 else f"HTTP {error.code}"  # a gateway may not pass /ready on
        except OSError as error:
            return str(getattr(error, "reason", error))

    def newest(self, now: int) -> int | None:
        """The time of the newest line; None where there is none in a week."""
        for back in (LOOK_BACK // 168, LOOK_BACK):  # an hour first: Loki looks into every hour of a span in turn
            found = self._logs(self.selector(), Span(now - back, now + LOOK_AHEAD, limit=1))
            if found:
                return max(at for at, _ in found)
        return None

    def counts(self, start: int, end: int, step: int) -> dict[int, dict[Key, tuple[int, int]]]:
        """Lines and bytes by the start of each step in (start, end], by level and action; both multiples of the step.

        A step is open at its start and closed at its end, as LogQL counts.
        """
        found: dict[int, dict[Key, tuple[int, int]]] = {}
        for place, function in enumerate(("count_over_time", "bytes_over_time")):
            for series in self._measure(function, start, end, step).series:
                key = (series.labels.get("level", ""), series.labels.get("action", ""))
                for at, value in series.points:
                    pair = list(found.setdefault(at - step, {}).get(key, (0, 0)))
                    pair[place] = int(value)
                    found[at - step][key] = (pair[0], pair[1])
        return found

    def _measure(self, function: str, start: int, end: int, step: int) -> Matrix:
        query = f"sum by (level, action) ({function}({self.selector()}[{step // SECOND}s]))"
        return self._ask(lambda: self._loki.range(query, start + step, end, step))

    def lines(self, start: int, end: int, selector: str | None = None) -> Iterator[tuple[int, str]]:
        """Time and text of the lines in [start, end), oldest first, a page at a time; some may come twice."""
        while start < end:
            page = self._logs(selector or self.selector(), Span(start, end, PAGE, backward=False))
            yield from page
            if len(page) < PAGE:
                return
            last = max(at for at, _ in page)
            start = last if last > start else last + 1

    def _logs(self, query: str, span: Span) -> list[tuple[int, str]]:
        return [line for stream in self._ask(lambda: self._loki.logs(query, span)).streams for line in stream.lines]

    def _ask(self, question: Callable[[], Answered]) -> Answered:
        for pause in (*_TRIES_AFTER_S, None):
            try:
                return question()
            except QueryError as error:
                raise CannotSay(f"Loki at {self.url} refuses the question: {error}") from None
            except StoreError as error:
                if pause is None:
                    raise CannotSay(str(error)) from None
                time.sleep(pause)
        raise AssertionError("unreachable")

    def push(self, lines: Sequence[Entry], late: bool = False) -> str | None:
        """Gives lines of one stream to Loki; why it refused some of them. Raises CannotSay."""
        labels = {**lines[0].labels, **self._given, **({LATE: "yes"} if late else {})}
        values = [(str(line.at), line.text) for line in lines]
        return self._post(msgspec.json.encode({"streams": [{"stream": labels, "values": values}]}))

    def flush(self) -> None:
        """Asks a Loki of this host to store what it has in memory: old lines are found only there.

        Another one it is not ours to ask; it does so by itself within half an hour.
        """
        if not _on_loopback(self.url):
            return
        request = urllib.request.Request(f"{self.url}/flush", b"", self._headers())
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=_TIMEOUT_S):
            pass

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", **({"X-Scope-OrgID": self._tenant} if self._tenant else {})}

    def _post(self, body: bytes) -> str | None:
        request = urllib.request.Request(f"{self.url}/loki/api/v1/push", body, self._headers())
        why = ""
        for pause in (*_TRIES_AFTER_S, None):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_S):
                    return None
            except urllib.error.HTTPError as error:
                with error:
                    why = f"HTTP {error.code}: {error.read().decode(errors='replace').strip()}"
                if error.code == 400:
                    return why
                if error.code not in (408, 429) and error.code < 500:
                    break
            except OSError as error:
                why = str(getattr(error, "reason", error))
            if pause is not None:
                time.sleep(pause)
        raise CannotSay(f"Loki at {self.url} does not take lines: {why[:300]}")


def _on_loopback(url: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return urlsplit(url).hostname == "localhost"


def _connect(url: str, tenant: str | None) -> Loki:
    try:
        return Loki(url, tenant)
    except StoreError as error:
        raise CannotSay(str(error)) from None
