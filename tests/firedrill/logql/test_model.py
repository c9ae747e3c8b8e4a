"""Random logs and windows: the compiled SQL answers what a few lines of Python answer."""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firedrill.store.logs import Log, line

Event = tuple[float, str, str, float]

EVENTS = st.lists(
    st.tuples(
        st.integers(-120_000, 0).map(lambda ms: ms / 1000),
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
        st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3)),
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(events=EVENTS, window=st.integers(1, 90), at=st.integers(-60, 30), low=st.integers(-1000, 1000))
def test_answers_equal_the_model(events: list[Event], window: int, at: int, low: int) -> None:
    events = sorted(events, key=lambda event: event[0])
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder), *(line(t, action=action, m=m, v=v) for t, action, m, v in events))
        seen = [event for event in events if at - window < event[0] <= at]
        stages = f'{{job="bot"}} | json m="m", v="v" | __error__="" | v >= {low} | __error__=""'
        values: dict[str, list[float]] = defaultdict(list)
        for _, _, m, v in seen:
            if v >= low:
                values[f"m={m}"].append(v)
        over = f'{stages} | unwrap v | __error__="" [{window}s]'
        assert log.at(f"sum by (m) (count_over_time({stages} [{window}s]))", at) == _each(values, len)
        assert log.at(f"sum by (m) (sum_over_time({over}))", at) == _each(values, _in_order)
        assert log.at(f"max_over_time({over}) by (m)", at) == _each(values, max)
        assert log.at(f"last_over_time({over}) by (m)", at) == _each(values, lambda found: found[-1])
        assert log.at(f"quantile_over_time(0.3, {over}) by (m)", at) == _each(values, _quantile)
        counts = {f"action={a}": float(sum(event[1] == a for event in seen)) for a in "ab"}
        wanted = {key: n / window for key, n in counts.items() if n > 2}
        assert log.at(f'rate({{job="bot"}}[{window}s]) > {2.5 / window}', at) == wanted
        absent = {"action=a": 1.0} if not counts["action=a"] else {}
        assert log.at(f'absent_over_time({{action="a"}}[{window}s])', at) == absent


def _each(values: dict[str, list[float]], of: object) -> dict[str, float]:
    assert callable(of)
    return {key: float(of(found)) for key, found in values.items()}


def _in_order(found: list[float]) -> float:
    total = 0.0
    for value in found:
        total += value
    return total


def _quantile(found: list[float]) -> float:
    ordered = sorted(found)
    rank = 0.3 * (len(ordered) - 1)
    low = math.floor(rank)
    weight = rank - low
    return ordered[low] * (1 - weight) + ordered[min(low + 1, len(ordered) - 1)] * weight
