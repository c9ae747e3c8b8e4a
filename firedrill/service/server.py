"""The embedded store over HTTP: the read half of Loki's API, and the ruler's answers in Prometheus' form.

Questions run in threads, and the ruler in one of its own, so a long question delays no alarm.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from firedrill.logql.parse import parse
from firedrill.logql.syntax import SECOND, LogQuery, QueryError
from firedrill.rules.ruler import Ruler
from firedrill.rules.ruler_state import StateFile
from firedrill.service import asking, explore, prometheus
from firedrill.service.alertmanager import Notifier
from firedrill.store import arguments, tail
from firedrill.store.compactor import Compactor
from firedrill.store.embedded import Embedded
from firedrill.store.interrupt import Interrupt, Interrupted
from firedrill.store.store import Answer, Scalar, Span, StoreError, Streams, label_names, label_values

THREADS = 2
TIMEOUT = 60.0
"""Seconds a question may take, as in Loki."""
LONGEST_SLEEP = 5.0  # seconds

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A wrong question is a 400 with the reason as plain text, as Loki answers it."""
    try:
        return await handler(request)
    except (QueryError, ValueError) as error:
        return web.Response(status=400, text=f"{error}\n")
    except Interrupted as error:
        return web.Response(status=504, text=f"{error}\n")
    except StoreError as error:
        return web.Response(status=500, text=f"{error}\n")


@dataclass(slots=True)
class Server:
    store: Embedded
    ruler: Ruler
    notifier: Notifier | None = None
    timeout: float = TIMEOUT
    state: StateFile | None = None
    compactor: Compactor | None = None
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))
    own_thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _told: dict[str, str] = field(default_factory=dict)
    tails: tail.Sockets = field(init=False)

    def __post_init__(self) -> None:
        self.tails = tail.Sockets(self._in_thread)

    def application(self) -> web.Application:
        app = web.Application(middlewares=[_errors])
        app.add_routes(
            [
                web.get("/ready", self._ready),
                web.get("/metrics", self._metrics),
                web.get("/prometheus/api/v1/rules", self._rules),
                web.get("/prometheus/api/v1/alerts", self._alerts),
            ]
        )
        for path, handler in {
            "query": self._query,
            "query_range": self._query_range,
            "labels": self._labels,
            "label": self._labels,
            "label/{name}/values": self._values,
            "series": self._series,
            "tail": self._tail,
            "format_query": self._format_query,
            "index/stats": self._stats,
            "index/volume": self._volume,
            "index/volume_range": self._volume_range,
            "detected_labels": self._detected_labels,
            "detected_fields": self._detected_fields,
            "detected_field/{name}/values": self._detected_values,
        }.items():
            app.router.add_route("GET", f"/loki/api/v1/{path}", handler)
            app.router.add_route("POST", f"/loki/api/v1/{path}", handler)
        app.router.add_route("*", "/loki/{rest:.*}", _unknown)
        app.on_shutdown.append(self.tails.close)
        return app

    async def watch(self) -> None:
        """Evaluates the rules for ever, each group at multiples of its interval."""
        while True:
            now = time.time_ns()
            await asyncio.get_running_loop().run_in_executor(self.own_thread, self._evaluate, now)
            self._report()
            if self.notifier:
                await self.notifier.tell(self.ruler.due(now), self.ruler.groups, now)
            # Never long, whatever the clock does: one that is put back must not silence the alarms.
            await asyncio.sleep(min(max(0.05, (self.ruler.next_at() - time.time_ns()) / SECOND), LONGEST_SLEEP))

    def _evaluate(self, now: int) -> None:
        self.ruler.evaluate(now)
        if self.state:
            self.state.save(self.ruler, now)

    def close(self) -> None:
        """Ends what is still being asked, and the threads."""
        self.store.close()
        for pool in (self.pool, self.own_thread):
            pool.shutdown(cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Work of a question, ended when it takes too long or when its client leaves."""
        interrupt = Interrupt()

        def run() -> T:
            with self.store.interruptible(interrupt):
                return work()

        running = asyncio.get_running_loop().run_in_executor(self.pool, run)
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            async with asyncio.timeout(self.timeout):
                return await asyncio.shield(running)
        except TimeoutError:
            raise Interrupted from None
        finally:
            interrupt.cancel()

    def _report(self) -> None:
        """Says once on stderr what went wrong, and once that it is over."""
        wrong = {f"rule {state.rule.alert}": state.error for state in self.ruler.rules() if state.error}
        if self.state and self.state.error:
            wrong["ruler's state"] = self.state.error
        if self.store.window:
            passed_over = {**self.store.passed_over, **self.store.window.found.problems}
            wrong |= {f"file {path}": why for path, why in passed_over.items()}
        for what in sorted({*wrong, *self._told}):
            if wrong.get(what) != self._told.get(what):
                sys.stderr.write(f"{what}: {wrong.get(what, 'good again')}\n")
        self._told = wrong

    async def _ready(self, request: web.Request) -> web.Response:
        return web.Response(text="ready\n")

    async def _metrics(self, request: web.Request) -> web.Response:
        text = prometheus.metrics(self.store, self.ruler, self.notifier, self.compactor)
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _rules(self, request: web.Request) -> web.Response:
        return _success(prometheus.rules(self.ruler))

    async def _alerts(self, request: web.Request) -> web.Response:
        return _success(prometheus.alerts(self.ruler))

    async def _query(self, request: web.Request) -> web.Response:
        asked, now = await asking.parameters(request), time.time_ns()
        query, at = asking.needed(asked, "query"), arguments.instant(asked.get("time", "now"), now)
        return await self._answer(lambda: self.store.instant(query, at))

    async def _query_range(self, request: web.Request) -> web.Response:
        asked = await asking.parameters(request)
        query, (start, end) = asking.needed(asked, "query"), asking.span(asked)
        if isinstance(parse(query), LogQuery):
            span = Span(start, end, asking.limit(asked), asked.get("direction", "backward").lower() == "backward")
            return await self._answer(lambda: self.store.logs(query, span))
        step = arguments.step_for(asked.get("step"), start, end)
        return await self._answer(lambda: self.store.range(query, start, end, step))

    async def _answer(self, work: Callable[[], Answer]) -> web.Response:
        began = time.perf_counter()
        answer = await self._in_thread(work)
        took = {"execTime": round(time.perf_counter() - began, 6), "totalEntriesReturned": _entries(answer)}
        return _success({**answer.data(), "stats": {"summary": took}})

    async def _tail(self, request: web.Request) -> web.StreamResponse:
        asked = await asking.parameters(request)
        start, _ = asking.span(asked)
        wanted = tail.Tail(self.store, asking.needed(asked, "query"), start, asking.limit(asked), tail.delay(asked))
        return await self.tails.serve(request, wanted)

    async def _format_query(self, request: web.Request) -> web.Response:
        """Whether it is LogQL; its form is left as it is."""
        query = asking.needed(await asking.parameters(request), "query")
        parse(query)
        return _success(query.strip())

    async def _stats(self, request: web.Request) -> web.Response:
        query, (start, end), _ = await asking.explored(request)
        return web.json_response(await self._in_thread(lambda: explore.stats(self.store, query, start, end)))

    async def _volume(self, request: web.Request) -> web.Response:
        query, (start, end), asked = await asking.explored(request)
        return await self._answer(lambda: explore.volume(self.store, query, start, end, asked))

    async def _volume_range(self, request: web.Request) -> web.Response:
        query, (start, end), asked = await asking.explored(request)
        step = arguments.step_for(asked.get("step"), start, end)
        return await self._answer(lambda: explore.volume_range(self.store, query, start, end, step, asked))

    async def _detected_labels(self, request: web.Request) -> web.Response:
        sets = await self._label_sets(request, await asking.selectors(request, "query"))
        return web.json_response(explore.detected_labels(sets))

    async def _detected_fields(self, request: web.Request) -> web.Response:
        query, (start, end), asked = await asking.explored(request)
        span = Span(start, end, asking.limit(asked, "line_limit"))
        return web.json_response(await self._in_thread(lambda: explore.detected_fields(self.store, query, span)))

    async def _detected_values(self, request: web.Request) -> web.Response:
        query, (start, end), asked = await asking.explored(request)
        span, name = Span(start, end, asking.limit(asked, "line_limit")), request.match_info["name"]
        return web.json_response(await self._in_thread(lambda: explore.detected_values(self.store, query, name, span)))

    async def _label_sets(self, request: web.Request, selectors: list[str]) -> list[dict[str, str]]:
        start, end = asking.span(await asking.parameters(request), back=6 * asking.HOUR)
        return await self._in_thread(lambda: self.store.label_sets(selectors, start, end))

    async def _labels(self, request: web.Request) -> web.Response:
        return _success(label_names(await self._label_sets(request, await asking.selectors(request, "query"))))

    async def _values(self, request: web.Request) -> web.Response:
        sets = await self._label_sets(request, await asking.selectors(request, "query"))
        return _success(label_values(sets, request.match_info["name"]))

    async def _series(self, request: web.Request) -> web.Response:
        return _success(await self._label_sets(request, await asking.selectors(request, "match[]", "match")))


async def _unknown(request: web.Request) -> web.Response:
    """What a Loki has and this store has not is said, not guessed at."""
    if request.path.endswith("/push"):
        return web.Response(status=501, text="this store reads the bot's log files: nothing can be pushed to it\n")
    return web.Response(status=404, text=f"this store does not answer {request.path}: ask a Loki for it\n")


def _entries(answer: Answer) -> int:
    if isinstance(answer, Streams):
        return sum(len(stream.lines) for stream in answer.streams)
    return 1 if isinstance(answer, Scalar) else len(answer.series)


def _success(data: Any) -> web.Response:
    return web.json_response({"status": "success", "data": data})
