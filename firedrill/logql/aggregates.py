"""What aggregations do with their samples, as SQL aggregate expressions with Loki's own formulas.

The samples are the rows of a GROUP BY with columns v, ts and seq. Order matters: sums and means
are added up in time order, so that they agree to the last digit.
"""

from __future__ import annotations

from firedrill.logql import quote
from firedrill.logql import syntax as s

_IN_ORDER = "v ORDER BY ts, seq"
_NO_NAN_MAX = "coalesce(max(v) FILTER (NOT isnan(v)), 'NaN'::DOUBLE)"
_VECTOR = {"count": "count(v)::DOUBLE", "max": _NO_NAN_MAX, "stddev": "stddev_pop(v)", "stdvar": "var_pop(v)"}


def over_time(agg: s.RangeAgg) -> str:
    """The value of one window."""
    seconds = quote.number(agg.range / s.SECOND)
    counted = not any(isinstance(stage, s.Unwrap) for stage in agg.query.stages)
    match agg.op.removesuffix("_over_time"):
        case "count":
            return "count(v)::DOUBLE"
        case "rate":
            return f"{'count(v)' if counted else f'sum({_IN_ORDER})'} / {seconds}"
        case "rate_counter":
            return f"logql_rate_counter(list({_IN_ORDER}), min(ts), max(ts), {agg.range // 1_000_000}) / {seconds}"
        case "bytes_rate":
            return f"sum(v)::DOUBLE / {seconds}"
        case "bytes":
            return "sum(v)::DOUBLE"
        case "avg":
            return f"list_reduce(list({_IN_ORDER}), lambda mean, x, n: mean + (x / n - mean / n))"
        case "stdvar":
            return f"logql_variance(list({_IN_ORDER}))"
        case "stddev":
            return f"sqrt(logql_variance(list({_IN_ORDER})))"
        case "quantile":
            return _quantile(agg.parameter or 0.0)
        case "first" | "last" as end:
            return f"{end}({_IN_ORDER})"
        case "max":
            return _NO_NAN_MAX
        case "min":
            return "min(v)"
    return f"sum({_IN_ORDER})"


def _quantile(q: float) -> str:
    """Linear interpolation over the sorted samples, by Loki's own formula."""
    if q < 0 or q > 1:
        return f"any_value({quote.number(float('-inf') if q < 0 else float('inf'))})"
    rank, ordered = f"({quote.number(q)} * (count(v) - 1))", "list(v ORDER BY v)"
    low, weight = f"floor({rank})::BIGINT", f"({rank} - floor({rank}))"
    upper = f"least({low} + 2, count(v))"
    return f"{ordered}[{low} + 1] * (1 - {weight}) + {ordered}[{upper}] * {weight}"


def of_vector(op: str) -> str:
    """The value of one group of series at one step."""
    return _VECTOR.get(op, f"{op}(v)")
