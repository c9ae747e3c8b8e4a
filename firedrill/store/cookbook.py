"""Questions worth a name: `firedrill query NAME`. Each is a LogQL text that runs on either backend.

A query with a window of its own looks back from --at; one that shows lines takes --since or --start.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """What is asked, in words and in LogQL, and the family it is listed under."""

    family: str
    summary: str
    query: str


def _lines(*actions: str) -> str:
    """A selector of the lines of these actions."""
    chosen = f'action="{actions[0]}"' if len(actions) == 1 else f'action=~"{"|".join(actions)}"'
    return f'{{job="bot", {chosen}}}'


def _with(selector: str, *fields: str) -> str:
    """The lines with these fields as labels."""
    named = ", ".join(f'{field}="{field}"' for field in fields)
    return f'{selector} | json {named} | __error__=""' if fields else selector


def _fields(by: str) -> list[str]:
    return [name for name in by.split(", ") if name not in ("host", "action", "level")]


def _count(selector: str, by: str, window: str) -> str:
    """How many lines there are in the window, by fields or stream labels."""
    return f"sum by ({by}) (count_over_time({_with(selector, *_fields(by))} [{window}]))"


def _over(function: str, selector: str, field: str, by: str, window: str) -> str:
    """A statistic of a field over the window; lines without it are passed over."""
    name, _, argument = function.partition(" ")
    values = f'{_with(selector, *_fields(by), field)} | {field}!="" | unwrap {field} | __error__=""'
    return f"{name}({argument}{', ' if argument else ''}{values} [{window}]) by ({by})"


def _sum(selector: str, field: str, by: str, window: str) -> str:
    values = f'{_with(selector, *_fields(by), field)} | {field}!="" | unwrap {field} | __error__=""'
    return f"sum by ({by}) (sum_over_time({values} [{window}]))"


_SENT, _ACKED, _REFUSED, _FILLED = (_lines(action) for action in ("quote_place", "order_ack", "order_reject", "FILL"))
_RETRIED, _HELD, _BEAT, _HOST = (_lines(action) for action in ("retry_attempt", "inventory", "heartbeat", "host"))
_EXITS = _lines("tp_exit", "sweet_spot_exit", "hard_cap_exit", "mae_trim")
_QUOTED = _lines("quote_place", "shadow_quote")
_LEAK = '(state="SKEW_LONG" and side="bid") or (state="SKEW_SHORT" and side="ask")'
_ALL = '{job="bot"}'
_ORDER = "market, cloid, run, seq"

_ORDERS = {
    "orders": ("orders sent in 10 minutes, by market", _count(_SENT, "market", "10m")),
    "acceptance": (
        "accepted part of the orders sent in an hour, by market",
        f"{_count(_ACKED, 'market', '1h')} / {_count(_SENT, 'market', '1h')}",
    ),
    "reject-share": (
        "refused part of the orders sent in 10 minutes, by market",
        f"{_count(_REFUSED, 'market', '10m')} / {_count(_SENT, 'market', '10m')}",
    ),
    "rejects": ("orders that the venue refused", _REFUSED),
    "rejects-by-code": ("refused orders of an hour, by market and code", _count(_REFUSED, "market, code", "1h")),
    "etick": ("orders refused for the tick size", f'{_with(_REFUSED, "code")} | code="E_TICK"'),
    "cancels": ("orders taken back in an hour, by reason", _count(_lines("quote_cancel"), "reason", "1h")),
    "fills": ("trades of ours", _FILLED),
    "fees": ("fees paid in an hour, by market", _sum(_FILLED, "fee", "market", "1h")),
}
_LATENCY = {
    "ack-p50": (
        "median time to an acknowledgement over 10 minutes, in ms, by market",
        _over("quantile_over_time 0.5", _ACKED, "latency_ms", "market", "10m"),
    ),
    "ack-p95": (
        "95th percentile of the time to an acknowledgement over 10 minutes, in ms, by market",
        _over("quantile_over_time 0.95", _ACKED, "latency_ms", "market", "10m"),
    ),
    "ack-p99": (
        "99th percentile of the time to an acknowledgement over 10 minutes, in ms, by market",
        _over("quantile_over_time 0.99", _ACKED, "latency_ms", "market", "10m"),
    ),
    "slow-acks": (
        "acknowledgements that took longer than 100 ms",
        f'{_with(_ACKED, "latency_ms")} | latency_ms > 100 | __error__=""',
    ),
}
_RETRIES = {
    "retries": ("orders sent once more in an hour, by code", _count(_RETRIED, "code", "1h")),
    "retries-exhausted": ("orders that the retry guard gave up", _lines("retry_exhausted")),
}
_JOINS = {
    "retries-accepted": (
        "retries of an hour that the venue took, by market; retry and answer joined by cloid",
        f"count by (market) ({_count(_RETRIED, 'market, cloid', '1h')} and {_count(_ACKED, 'market, cloid', '1h')})",
    ),
    "unanswered": (
        "orders of 10 minutes that the venue neither took nor refused nor found too late, joined by cloid",
        f"{_count(_SENT, _ORDER, '10m')}"
        f" unless on (cloid) {_count(_lines('order_ack', 'order_reject', 'order_moot'), 'cloid', '10m')}",
    ),
    "filled-share": (
        "traded part of each order of an hour that traded, joined by run and seq",
        f"{_sum(_FILLED, 'size', _ORDER, '1h')} / on (run, seq) group_left {_sum(_SENT, 'size', 'run, seq', '1h')}",
    ),
    "fill-delay": (
        "seconds from order to trade of each order of an hour that traded, joined by cloid",
        f"{_over('max_over_time', _FILLED, 'ts', 'market, cloid', '1h')}"
        f" - {_over('min_over_time', _SENT, 'ts', 'market, cloid', '1h')}",
    ),
}
_STRATEGY = {
    "states": (
        "changes of state in an hour, by market and new state",
        _count(_lines("state_change"), "market, state", "1h"),
    ),
    "tp-drift": (
        "how far the take-profit was from where the VWAP puts it in 10 minutes, at most, by market",
        _over("max_over_time", _QUOTED, "tp_err", "market", "10m"),
    ),
    "skew-leaks": (
        "quotes that add to a skewed position",
        f"{_with(_QUOTED, 'state', 'side')} | {_LEAK}",
    ),
    "crossing": (
        "shadow quotes that would have traded at once",
        f'{_with(_lines("shadow_quote"), "would_cross")} | would_cross="true"',
    ),
    "inventory": (
        "part of the inventory limit held at last, by market (1 = full)",
        _over("last_over_time", _HELD, "pos_frac", "market", "5m"),
    ),
    "held": (
        "seconds since each position was opened, by market",
        _over("last_over_time", _HELD, "held_s", "market", "5m"),
    ),
    "exits": ("exits of an hour, by market and reason", _count(_EXITS, "market, action", "1h")),
    "exit-pnl": ("what the exits of an hour realised, by market", _sum(_EXITS, "pnl", "market", "1h")),
    "settlements": ("markets that paid out what was held in them", _lines("settlement")),
    "breaker": (
        "circuit breaker: trips and resets in an hour, by market",
        _count(_lines("cb_soft", "cb_hard", "breaker_reset"), "market, action", "1h"),
    ),
    "discovery": ("markets that were looked at for quoting, with the reason for each", _lines("discovery")),
    "rotation": ("rotations: each candidate with its score", _lines("rotation_evt")),
    "rotation-scores": (
        "last score of each candidate within a day",
        _over("last_over_time", _lines("rotation_evt"), "score", "market", "1d"),
    ),
}
_FEED = {
    "feed-age": (
        "oldest market data of the last minute, in ms, by host",
        _over("max_over_time", _BEAT, "md_age_ms", "host", "1m"),
    ),
    "feed-drops": (
        "breaks of the market data in an hour, by venue",
        _count(_lines("feed_disconnect"), "venue", "1h"),
    ),
}
_RUN = {
    "runs": ("starts and ends of the bot", _lines("startup", "shutdown")),
    "kill-switch": ("when quoting was switched off and on", _lines("kill_switch")),
    "heartbeats": ("heartbeats of the last minute by host (60 when all is well)", _count(_BEAT, "host", "1m")),
    "loop-lag": (
        "95th percentile of the lateness of the bot's turns in 5 minutes, in ms, by host",
        _over("quantile_over_time 0.95", _BEAT, "loop_lag_ms", "host", "5m"),
    ),
}
_PIPELINE = {
    "events": ("lines of the last hour by action", _count(_ALL, "action", "1h")),
    "errors": ("lines of level error", '{job="bot", level="error"}'),
    "malformed": ("lines that are no events", '{job="bot", action=""}'),
    "lost-lines": (
        "lines missing in the last 3 minutes, by run (below 0: there twice)",
        f"{_over('max_over_time', _ALL, 'n', 'run', '3m')} - {_over('min_over_time', _ALL, 'n', 'run', '3m')} + 1"
        f' - sum by (run) (count_over_time({_with(_ALL, "run", "n")} | n!="" [3m]))',
    ),
}
_MACHINE = {
    "disk": (
        "free part of the log's disk in 5 minutes, at least, in %, by host",
        _over("min_over_time", _HOST, "disk_free_pct", "host", "5m"),
    ),
    "memory": (
        "available memory in 5 minutes, at least, in %, by host",
        _over("min_over_time", _HOST, "mem_available_pct", "host", "5m"),
    ),
    "clock": (
        "this clock minus the true time at last, in ms, by host",
        _over("last_over_time", _HOST, "clock_offset_ms", "host", "5m"),
    ),
}

QUERIES = {
    name: Named(family, summary, query)
    for family, queries in {
        "orders": _ORDERS,
        "latency": _LATENCY,
        "retries": _RETRIES,
        "joins": _JOINS,
        "strategy": _STRATEGY,
        "feed": _FEED,
        "run": _RUN,
        "pipeline": _PIPELINE,
        "host": _MACHINE,
    }.items()
    for name, (summary, query) in queries.items()
}
"""By name."""
