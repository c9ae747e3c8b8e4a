"""Tells Alertmanager what fires and what is over, through its HTTP API v2."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any
from urllib.parse import urlencode

import aiohttp

from firedrill.logql.rules import Rule
from firedrill.logql.syntax import SECOND
from firedrill.rules.ruler import RESEND, Alert, GroupState, RuleState

TIMEOUT = aiohttp.ClientTimeout(total=10)


def rfc3339(nanoseconds: int) -> str:
    """A time as Go's JSON writes it, in UTC with milliseconds."""
    moment = datetime.fromtimestamp(nanoseconds / SECOND, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(alert: Alert, rule: Rule, now: int, interval: int, store_url: str) -> dict[str, Any]:
    """One alert as Alertmanager takes it. A firing one ends by itself if this store falls silent.

    Its source is the rule's own question, asked of this store; it says which release this host runs.
    """
    ends = alert.resolved_at if alert.resolved_at is not None else now + 4 * max(interval, RESEND)
    return {
        "labels": alert.labels,
        "annotations": {"release": metadata.version("mmstack"), **alert.annotations},
        "startsAt": rfc3339(alert.fired_at or now),
        "endsAt": rfc3339(ends),
        "generatorURL": f"{store_url}/loki/api/v1/query?{urlencode({'query': rule.expr})}",
    }


@dataclass(slots=True)
class Notifier:
    """Posts to the Alertmanager at `url`, naming this store by `store_url`; counts what was taken and what failed."""

    url: str
    store_url: str
    sent: int = 0
    failed: int = 0
    error: str = ""

    async def tell(self, due: Sequence[tuple[RuleState, Alert]], groups: Sequence[GroupState], now: int) -> None:
        """Posts the alerts that are due; what is not taken stays due and is posted again next time."""
        if not due:
            return
        intervals = {id(state): group.interval for group in groups for state in group.rules}
        body = [message(alert, state.rule, now, intervals[id(state)], self.store_url) for state, alert in due]
        if await self._post(body):
            for _, alert in due:
                alert.sent_at = now

    async def _post(self, body: list[dict[str, Any]]) -> bool:
        address = f"{self.url.rstrip('/')}/api/v2/alerts"
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.post(address, json=body) as response,
            ):
                problem = "" if response.status < 300 else f"HTTP {response.status}: {(await response.text())[:200]}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = str(error) or type(error).__name__
        if problem:
            self.failed += len(body)
            if problem != self.error:
                sys.stderr.write(f"alertmanager at {address} took nothing: {problem}; trying again every round\n")
        else:
            self.sent += len(body)
        self.error = problem
        return not problem
