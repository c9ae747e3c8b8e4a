"""Numbers as people read them, by Grafana's names of units, so that a chart and a Grafana panel say the same."""

from __future__ import annotations

from math import floor, isfinite, log10

from firedrill.charts.ticks import value_ticks

_LADDERS: dict[str, tuple[tuple[float, str], ...]] = {
    "ms": ((1.0, " ms"), (1e3, " s"), (6e4, " min"), (3.6e6, " h")),
    "s": ((1e-3, " ms"), (1.0, " s"), (60.0, " min"), (3600.0, " h"), (86400.0, " d")),
    "mbytes": ((1.0, " MiB"), (1024.0, " GiB"), (1024.0**2, " TiB")),
    "percent": ((1.0, " %"),),
    "percentunit": ((0.01, " %"),),
    "none": ((1.0, ""),),
    "short": ((1.0, ""), (1e6, " M"), (1e9, " bn")),
    "currencyUSD": ((1.0, ""), (1e6, " M")),
}
"""From which value on (and with what behind it) a number is told in the next larger unit."""

KNOWN = frozenset(_LADDERS)


def number(value: float, unit: str = "short", step: float | None = None) -> str:
    """`value` with its unit; three digits that matter, or as many decimals as `step`, an axis' distance, needs.

    `unit` is one of `KNOWN` or `suffix:TEXT`. Raises ValueError for any other.
    """
    if not isfinite(value):
        return "—"
    size, behind = _rung(abs(value), unit)
    return _front(value, unit) + _digits(abs(value) / size, None if step is None else step / size) + behind


def axis_ticks(low: float, high: float, most: int, unit: str, whole: bool = False) -> list[float]:
    """Ticks that are round in the unit they are told in: minutes, where the axis reaches for minutes."""
    size, _ = _rung(max(abs(low), abs(high)), unit)
    return [tick * size for tick in value_ticks(low / size, high / size, most, whole and size == 1)]


def axis_labels(ticks: list[float], unit: str) -> list[str]:
    """The ticks of one axis, all told in the unit that its largest one asks for."""
    size, behind = _rung(max(map(abs, ticks), default=0.0), unit)
    step = abs(ticks[1] - ticks[0]) / size if len(ticks) > 1 else None
    return [_front(tick, unit) + _digits(abs(tick) / size, step) + behind for tick in ticks]


def _rung(magnitude: float, unit: str) -> tuple[float, str]:
    if unit.startswith("suffix:"):
        return 1.0, f" {unit.removeprefix('suffix:').strip()}"
    if unit not in _LADDERS:
        raise ValueError(f"unknown unit {unit!r}: write suffix:TEXT or one of {', '.join(sorted(KNOWN))}")
    ladder = _LADDERS[unit]
    if unit == "s" and magnitude == 0:
        return ladder[1]
    return max((rung for rung in ladder if rung[0] <= magnitude), default=ladder[0])


def _front(value: float, unit: str) -> str:
    return ("-" if value < 0 else "") + ("$" if unit == "currencyUSD" else "")


def _digits(value: float, step: float | None) -> str:
    if step:
        decimals = max(0, -floor(log10(step) + 1e-9))
        decimals += 0 if abs(step * 10**decimals - round(step * 10**decimals)) < 1e-6 else 1
    elif value >= 1000 or value == 0:
        decimals = 0
    else:
        decimals = min(6, max(0, 2 - floor(log10(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text and not step else text
