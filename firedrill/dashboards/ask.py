"""What a store answers to each panel of a dashboard; a question is asked once, however many panels put it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from firedrill.dashboards.macros import Times, UnknownVariable, filled
from firedrill.dashboards.model import Dashboard, Panel, Target
from firedrill.logql.parse import parse_metric
from firedrill.logql.sql import Grid
from firedrill.logql.syntax import QueryError
from firedrill.store.batch import suffices
from firedrill.store.embedded import Embedded
from firedrill.store.store import Scalar, Series, Store, StoreError

Key = tuple[str, int]
"""A query and its step in nanoseconds, 0 for one at the end of the time only."""


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
    _known: dict[Key, tuple[Series, ...]] = field(default_factory=dict)

    def read_once(self, dashboards: Iterable[Dashboard]) -> None:
        """Asks together what a reading of the log files can answer at once; panels ask for the rest themselves."""
        if not isinstance(self.store, Embedded):
            return
        fit = {key: self._grid(key) for key in self._keys(dashboards) if _fits(key[0])}
        try:
            found = self.store.together([(query, grid) for (query, _), grid in fit.items()]) if fit else None
        except (QueryError, StoreError):
            return  # the panel whose fault it is will say so
        if found is not None:
            self._known |= {
                key: self._kept(series) if key[1] else series for key, series in zip(fit, found, strict=True)
            }

    def answer(self, dashboard: Dashboard, panel: Panel) -> Answered:
        """A wrong query or a store that cannot answer becomes the panel's problem, and no other's."""
        step = self.times.step(panel.points, panel.least_step)
        variables = {**dashboard.variables, **self.given}
        try:
            found = {one.ref: self._series(one, variables, step) for one in panel.targets}
        except (QueryError, StoreError, UnknownVariable) as error:
            return Answered(panel, step, {}, str(error))
        return Answered(panel, step, found)

    def _keys(self, dashboards: Iterable[Dashboard]) -> Iterator[Key]:
        for dashboard in dashboards:
            for panel in dashboard.panels:
                step = self.times.step(panel.points, panel.least_step)
                for target in panel.targets:
                    with suppress(UnknownVariable):
                        yield self._key(target, {**dashboard.variables, **self.given}, step)

    def _key(self, target: Target, variables: Mapping[str, str], step: int) -> Key:
        query = filled(target.query, variables, self.times, step, target.instant)
        return query, 0 if target.instant else step

    def _grid(self, key: Key) -> Grid:
        _, step = key
        return Grid.aligned(self.times.start, self.times.end, step) if step else Grid.at(self.times.end)

    def _series(self, target: Target, variables: Mapping[str, str], step: int) -> tuple[Series, ...]:
        key = self._key(target, variables, step)
        if key not in self._known:
            self._known[key] = self._range(*key) if key[1] else self._instant(key[0])
        return self._known[key]

    def _instant(self, query: str) -> tuple[Series, ...]:
        answer = self.store.instant(query, self.times.end)
        if isinstance(answer, Scalar):
            return (Series({}, ((answer.time, answer.value),)),)
        return answer.series

    def _range(self, query: str, step: int) -> tuple[Series, ...]:
        return self._kept(self.store.range(query, self.times.start, self.times.end, step).series)

    def _kept(self, found: Iterable[Series]) -> tuple[Series, ...]:
        """Points in (start, end]: one at the start would tell of the time before."""
        kept = (Series(one.labels, tuple(p for p in one.points if p[0] > self.times.start)) for one in found)
        return tuple(one for one in kept if one.points)


def _fits(query: str) -> bool:
    try:
        return suffices(parse_metric(query))
    except QueryError:
        return False
