"""What a store answers to each panel of a dashboard; a question is asked once, however many panels put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firedrill.dashboards.macros import Times, UnknownVariable, filled
from firedrill.dashboards.model import Dashboard, Panel, Target
from firedrill.logql.syntax import QueryError
from firedrill.store.store import Scalar, Series, Store, StoreError


@dataclass(frozen=True, slots=True)
class Answered:
    """The series of each target of a panel, `step` nanoseconds apart; or why there are none, in `problem`."""

    panel: Panel
    step: int
    series: Mapping[str, tuple[Series, ...]]
    problem: str = ""

    @property
    def empty(self) -> bool:
        return not any(one.points for found in self.series.values() for one in found)


@dataclass(slots=True)
class Asker:
    """Asks `store` over `times`; `given` are variables that the operator sets in place of the dashboards' own."""

    store: Store
    times: Times
    given: Mapping[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, int], tuple[Series, ...]] = field(default_factory=dict)

    def answer(self, dashboard: Dashboard, panel: Panel) -> Answered:
        """A wrong query or a store that cannot answer becomes the panel's problem, and no other's."""
        step = self.times.step(panel.points, panel.least_step)
        variables = {**dashboard.variables, **self.given}
        try:
            found = {one.ref: self._series(one, variables, step) for one in panel.targets}
        except (QueryError, StoreError, UnknownVariable) as error:
            return Answered(panel, step, {}, str(error))
        return Answered(panel, step, found)

    def _series(self, target: Target, variables: Mapping[str, str], step: int) -> tuple[Series, ...]:
        query = filled(target.query, variables, self.times, step, target.instant)
        key = query, 0 if target.instant else step
        if key not in self._known:
            self._known[key] = self._instant(query) if target.instant else self._range(query, step)
        return self._known[key]

    def _instant(self, query: str) -> tuple[Series, ...]:
        answer = self.store.instant(query, self.times.end)
        if isinstance(answer, Scalar):
            return (Series({}, ((answer.time, answer.value),)),)
        return answer.series

    def _range(self, query: str, step: int) -> tuple[Series, ...]:
        """Points in (start, end]: one at the start would tell of the time before."""
        found = self.store.range(query, self.times.start, self.times.end, step).series
        kept = (Series(one.labels, tuple(p for p in one.points if p[0] > self.times.start)) for one in found)
        return tuple(one for one in kept if one.points)
