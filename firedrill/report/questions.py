"""What the report asks, in LogQL: few questions, because each one reads the whole period.

Nearly everything comes from one count of all lines, grouped by what tells the numbers apart. Every field is taken by
name (`json market="market"`), which both backends answer fastest, and no group is wider than Loki's usual limit of
500 series allows.
"""

from __future__ import annotations

from bot import events

HELD = tuple(action for action in events.ALL if "age_s" in events.fields(action))
"""Events that say how long a position was held: the seed's average takes in all of them."""
SEED_ZONE = (0.48, 0.65)
"""The gates that the seed's own `fills_in_zone` has written into it, for every market alike."""
QUANTILES = {"p50": "0.5", "p95": "0.95", "p99": "0.99"}


def questions(over: str) -> dict[str, str]:
    """The queries by name, for a period written as LogQL writes it, such as 24h."""
    return {
        "counts": _counts(over),
        "held": _held(over),
        "seed_zone": _seed_zone(over),
        "last": _numbers("max", over),
        "first": _numbers("min", over),
        **{name: _latency(quantile, over) for name, quantile in QUANTILES.items()},
    }


def _counts(over: str) -> str:
    """Lines by all that tells them apart; __error__ is a group, so a line that is no event is counted too."""
    fields = 'market="market", code="code", gate_err="gate_err"'
    groups = "level, action, market, code, gate_err, __error__"
    return f'sum by ({groups}) (count_over_time({{job="bot"}} | json {fields} [{over}]))'


def _held(over: str) -> str:
    lines = f'{{job="bot", action=~"{"|".join(HELD)}"}} | json market="market", age_s="age_s" | __error__=""'
    return f'sum by (action, market) (sum_over_time({lines} | unwrap age_s | __error__="" [{over}]))'


def _seed_zone(over: str) -> str:
    low, high = SEED_ZONE
    lines = '{job="bot", action="FILL"} | json price="price" | __error__=""'
    return f'sum(count_over_time({lines} | price <= {low} or price >= {high} | __error__="" [{over}]))'


def _numbers(extreme: str, over: str) -> str:
    """Lowest or highest line number of each run: between them no number may be missing."""
    lines = '{job="bot"} | json run="run", release="release", n="n" | __error__=""'
    return f'{extreme}_over_time({lines} | unwrap n | __error__="" [{over}]) by (host, run, release)'


def _latency(quantile: str, over: str) -> str:
    lines = '{job="bot", action="order_ack"} | json market="market", latency_ms="latency_ms" | __error__=""'
    return f'quantile_over_time({quantile}, {lines} | unwrap latency_ms | __error__="" [{over}]) by (market)'
