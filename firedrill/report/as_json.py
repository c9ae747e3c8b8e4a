"""The report for programs. Names and units are a promise: fields are added, none changes its meaning.

`daily_analysis` and `success_metrics` hold the same keys and numbers as the seed's jq lines over the same log.
Times are RFC 3339, `*_ms` milliseconds, `avg_hold_time` seconds, `acceptance` a part of 1; null: nothing happened
that could be measured.
"""

from __future__ import annotations

import json
from typing import Any

from firedrill.report.figures import Figures, Market
from firedrill.report.period import Period, rfc3339
from firedrill.report.questions import QUANTILES
from firedrill.report.success import METRICS
from firedrill.report.text import E_TICK


def as_json(found: Figures, period: Period) -> str:
    """One object: since, from, to, e_tick, attempts_by_pair, daily_analysis, success_metrics, criteria, ran."""
    refused = {market.market: market.rejects[E_TICK] for market in found.markets if market.rejects[E_TICK]}
    return json.dumps(
        {
            "since": period.name,
            "from": rfc3339(period.start),
            "to": rfc3339(period.end),
            "e_tick": {"total": sum(refused.values()), "by_pair": refused},
            "attempts_by_pair": {market.market: market.orders for market in found.markets if market.orders},
            "daily_analysis": [_market(market) for market in found.markets],
            "success_metrics": seed_metrics(found),
            "criteria": list(_criteria(found)),
            "ran": _ran(found),
        },
        indent=2,
    )


def seed_metrics(found: Figures) -> dict[str, Any]:
    """The object that the seed's jq line for the success metrics prints."""
    return {
        "total_fills": found.total("fills"),
        "avg_hold_time_min": found.avg_hold_time_min,
        "exits_in_sweet_spot": found.total("sweet_spot_exits"),
        "cb_activations": found.total("cb_triggers"),
        "fills_in_zone": found.fills_in_seed_zone,
    }


def _market(market: Market) -> dict[str, Any]:
    return {
        "market": market.market,
        "fills": market.fills,
        "exits": market.exits,
        "avg_hold_time": market.avg_hold_time,
        "cb_triggers": market.cb_triggers,
        "orders": market.orders,
        "accepted": market.accepted,
        "rejects": dict(sorted(market.rejects.items())),
        "acceptance": market.acceptance,
        "latency_ms": {name: market.latency_ms.get(name) for name in QUANTILES},
        "entries": market.entries,
        "entries_in_zone": market.entries_in_zone,
    }


def _criteria(found: Figures) -> Any:
    for metric in METRICS:
        value = metric.value(found)
        yield {
            "name": metric.name,
            "value": value,
            "unit": metric.unit,
            "wanted": metric.wanted,
            "red_flag": metric.red_flag,
            "verdict": metric.verdict(value),
        }


def _ran(found: Figures) -> dict[str, Any]:
    releases = [
        {"release": one.release, "version": one.version, "commit": one.commit, "runs": one.runs}
        for one in found.releases
    ]
    return {
        "releases": releases,
        "starts": found.starts,
        "lines": found.lines,
        "lines_error": found.errors,
        "lines_malformed": found.malformed,
        "lines_lost": found.lost,
    }
