"""Criteria against a store: what was found, and whether it will do."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf, isnan
from typing import Literal

from firedrill.golive.criterion import Criterion, Phase
from firedrill.golive.queries import EDGE_LOCKED_RUNS
from firedrill.report.ask import ask
from firedrill.store.store import Labels, Series, Store

Verdict = Literal["GO", "NO-GO", "cannot tell", "not needed"]
EDGE_LOCKED = "whether edge_locked runs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion judged. `value` is the worst one found, `of` whose it is; None where nothing was found."""

    criterion: Criterion
    query: str
    verdict: Verdict
    value: float | None = None
    of: Labels | None = None

    @property
    def passed(self) -> bool:
        return self.verdict in ("GO", "not needed")


def judge(store: Store, phase: Phase, over: str, at: int) -> list[Finding]:
    """Every criterion of the phase for (at - over, at]. QueryError, StoreError: as the store says."""
    queries = {criterion.name: criterion.ask(over) for criterion in phase.criteria}
    answers = ask(store, {**queries, EDGE_LOCKED: EDGE_LOCKED_RUNS.replace("$over", over)}, at)
    runs = bool(answers[EDGE_LOCKED])
    return [_find(criterion, queries[criterion.name], answers[criterion.name], runs) for criterion in phase.criteria]


def _find(criterion: Criterion, query: str, answer: tuple[Series, ...], edge_locked: bool) -> Finding:
    values = [(series.points[0][1], series.labels) for series in answer if not isnan(series.points[0][1])]
    if criterion.edge_locked and not edge_locked:
        return Finding(criterion, query, "not needed")
    if not values:
        return Finding(criterion, query, "cannot tell")
    bad = [found for found in values if not criterion.holds(found[0])]
    worst = min if isinf(criterion.high) and isinf(criterion.below) else max
    value, of = worst(bad or values, key=lambda found: found[0])
    return Finding(criterion, query, "NO-GO" if bad else "GO", value, of)
