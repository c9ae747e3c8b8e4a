"""What an HTTP request asks for, in Loki's parameters: of the address, and of the form where there is one.

Each function raises ValueError with the parameter that is wrong, which becomes a 400.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from aiohttp import web

from firedrill.logql.syntax import SECOND
from firedrill.store import arguments

HOUR = 3600 * SECOND
MAX_LINES = 5000


async def parameters(request: web.Request) -> Mapping[str, str]:
    form = await request.post() if request.method == "POST" else {}
    return {**request.query, **{name: text for name, text in form.items() if isinstance(text, str)}}


async def selectors(request: web.Request, *names: str) -> list[str]:
    """All values of these parameters that are not empty."""
    form = await request.post() if request.method == "POST" else None
    found = [text for name in names for text in request.query.getall(name, [])]
    if form is not None:
        found += [text for name in names for text in form.getall(name, []) if isinstance(text, str)]
    return [text for text in found if text.strip()]


def needed(asked: Mapping[str, str], name: str) -> str:
    if not asked.get(name, "").strip():
        raise ValueError(f"the parameter {name} is missing")
    return asked[name]


def span(asked: Mapping[str, str], back: int = HOUR) -> tuple[int, int]:
    """Start and end in nanoseconds; without a start it lies `back` before the end."""
    now = time.time_ns()
    end = arguments.instant(asked.get("end", "now"), now)
    if "start" in asked:
        return arguments.instant(asked["start"], now), end
    return end - (arguments.step(asked["since"]) if "since" in asked else back), end


async def explored(request: web.Request) -> tuple[str, tuple[int, int], Mapping[str, str]]:
    """The query, its time, and all parameters, of a question about what there is."""
    asked = await parameters(request)
    start, end = span(asked)
    if end <= start:
        raise ValueError("the end is not behind the start")
    return needed(asked, "query"), (start, end), asked


def limit(asked: Mapping[str, str], name: str = "limit") -> int:
    """How many lines at most."""
    lines = int(asked.get(name, "100"))
    if not 0 < lines <= MAX_LINES:
        raise ValueError(f"max entries limit per query exceeded, limit > max_entries_limit ({MAX_LINES})")
    return lines
