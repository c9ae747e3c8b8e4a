"""Questions worth a name: `firedrill query NAME`. Each is a LogQL text that runs on either backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """What is asked, in words and in LogQL."""

    summary: str
    query: str


_BOT = 'job="bot"'
_SENT = (
    f'sum by (market) (count_over_time({{{_BOT}, action="quote_place"}} | json market="market" | __error__="" [10m]))'
)
_REFUSED = _SENT.replace("quote_place", "order_reject")

QUERIES = {
    "errors": Named("lines of level error", f'{{{_BOT}, level="error"}}'),
    "rejects": Named("orders that the venue refused", f'{{{_BOT}, action="order_reject"}}'),
    "rejects-by-code": Named(
        "refused orders of the last hour by market and code",
        f'sum by (market, code) (count_over_time({{{_BOT}, action="order_reject"}}'
        ' | json market="market", code="code" | __error__="" [1h]))',
    ),
    "etick": Named(
        "orders refused for the tick size",
        f'{{{_BOT}, action="order_reject"}} | json code="code" | __error__="" | code="E_TICK"',
    ),
    "reject-share": Named(
        "refused part of the orders sent in the last 10 minutes, by market",
        f"{_REFUSED} / {_SENT}",
    ),
    "orders": Named("orders sent in the last 10 minutes, by market", _SENT),
    "ack-p95": Named(
        "95th percentile of the time to an acknowledgement over 10 minutes, in ms, by market",
        f'quantile_over_time(0.95, {{{_BOT}, action="order_ack"}} | json market="market", latency_ms="latency_ms"'
        ' | __error__="" | unwrap latency_ms | __error__="" [10m]) by (market)',
    ),
    "fills": Named("trades of ours", f'{{{_BOT}, action="FILL"}}'),
    "heartbeats": Named(
        "heartbeats of the last minute by host (60 when all is well)",
        f'sum by (host) (count_over_time({{{_BOT}, action="heartbeat"}} [1m]))',
    ),
    "feed-age": Named(
        "oldest market data of the last minute, in ms, by host",
        f'max_over_time({{{_BOT}, action="heartbeat"}} | json md_age_ms="md_age_ms" | __error__=""'
        ' | unwrap md_age_ms | __error__="" [1m]) by (host)',
    ),
    "runs": Named("starts and ends of the bot", f'{{{_BOT}, action=~"startup|shutdown"}}'),
    "kill-switch": Named("when quoting was switched off and on", f'{{{_BOT}, action="kill_switch"}}'),
    "malformed": Named("lines that are no events", f'{{{_BOT}, action=""}}'),
    "events": Named("lines of the last hour by action", f"sum by (action) (count_over_time({{{_BOT}}} [1h]))"),
}
"""By name."""
