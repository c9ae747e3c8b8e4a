"""Alert rules over time: pending, firing, resolved, as Prometheus does it.

`Ruler.evaluate(now)` asks the store and moves every alert on; `due(now)` lists what Alertmanager
must be told and `sent(...)` notes that it was. Time is an argument: whoever drives the ruler
keeps the clock, and whoever sends knows HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from firedrill.logql.rules import Group, Rule, fill
from firedrill.logql.syntax import SECOND, QueryError
from firedrill.store.store import Labels, Scalar, Series, StoreError, Vector

RESEND = 10 * SECOND
"""How often Alertmanager hears of a firing alert again. It keeps them in memory only, so after its restart this is how
long it knows of none; four times as long after the ruler falls silent, it takes an alert for ended."""
KEEP_RESOLVED = 900 * SECOND
"""For so long after its end an alert is told again as resolved, in case Alertmanager missed it."""


@dataclass(slots=True)
class Alert:
    """One label set of a rule that is, or was, true. Times in nanoseconds; None: not (yet).

    `missing_since`: it no longer holds, but keeps firing for a while.
    """

    labels: Labels
    annotations: Labels
    value: float
    active_at: int
    fired_at: int | None = None
    resolved_at: int | None = None
    sent_at: int | None = None
    missing_since: int | None = None

    @property
    def state(self) -> str:
        if self.resolved_at is not None:
            return "inactive"
        return "pending" if self.fired_at is None else "firing"

    def due(self, now: int) -> bool:
        """Whether Alertmanager must hear of it: new, just resolved, or not told for a while."""
        if self.fired_at is None:
            return False
        if self.sent_at is None or (self.resolved_at is not None and self.sent_at < self.resolved_at):
            return True
        return self.sent_at + RESEND <= now


@dataclass(slots=True)
class RuleState:
    """A rule, its alerts by label set, and how its last evaluation went."""

    rule: Rule
    alerts: dict[tuple[tuple[str, str], ...], Alert] = field(default_factory=dict)
    health: str = "unknown"
    error: str = ""
    evaluated_at: int = 0
    seconds: float = 0.0
    failures: int = 0

    def live(self) -> Iterator[Alert]:
        return (alert for alert in self.alerts.values() if alert.resolved_at is None)

    @property
    def state(self) -> str:
        states = {alert.state for alert in self.live()}
        return "firing" if "firing" in states else "pending" if states else "inactive"


@dataclass(slots=True)
class GroupState:
    group: Group
    interval: int
    rules: list[RuleState]
    next_at: int = 0
    seconds: float = 0.0


class Asked(Protocol):
    """All that a ruler needs of a store."""

    def instant(self, query: str, at: int) -> Scalar | Vector: ...


class Ruler:
    """Evaluates groups on a store. `given` labels are added to every alert that has none of that name."""

    def __init__(self, groups: Sequence[Group], store: Asked, interval: int, given: Mapping[str, str]) -> None:
        self.store, self.given, self.interval = store, dict(given), interval
        self.groups: list[GroupState] = []
        self.outdated = False
        """Whether the files hold other rules, which were refused."""
        self.take(groups)

    def take(self, groups: Sequence[Group]) -> None:
        """Evaluates these from now on; a rule whose name and query stay keeps its alerts."""
        known = {(state.rule.alert, state.rule.expr): state for state in self.rules()}
        self.groups = [
            GroupState(group, group.interval or self.interval, [_state(rule, known) for rule in group.rules])
            for group in groups
        ]

    def rules(self) -> Iterator[RuleState]:
        return (state for group in self.groups for state in group.rules)

    def evaluate(self, now: int) -> None:
        """Evaluates every group whose time has come; a rule that fails says so and stops no other."""
        for group in self.groups:
            if now < group.next_at <= now + group.interval:  # further ahead: the clock was put back
                continue
            began = time.perf_counter()
            for state in group.rules:
                self._evaluate(state, now)
            group.seconds = time.perf_counter() - began
            group.next_at = now - now % group.interval + group.interval

    def next_at(self) -> int:
        """When the next group is to be evaluated."""
        return min((group.next_at for group in self.groups), default=0)

    def due(self, now: int) -> list[tuple[RuleState, Alert]]:
        return [(state, alert) for state in self.rules() for alert in state.alerts.values() if alert.due(now)]

    def _evaluate(self, state: RuleState, now: int) -> None:
        began = time.perf_counter()
        try:
            series = self._ask(state.rule, now)
            state.health, state.error = "ok", ""
        except (QueryError, StoreError) as error:
            state.health, state.error = "err", str(error)
            state.failures += 1
            series = None
        if series is not None:
            self._advance(state, series, now)
        state.evaluated_at, state.seconds = now, time.perf_counter() - began

    def _ask(self, rule: Rule, now: int) -> Sequence[Series]:
        answer = self.store.instant(rule.expr, now)
        if isinstance(answer, Scalar):
            return [Series({}, ((now, answer.value),))]
        return answer.series

    def _advance(self, state: RuleState, series: Sequence[Series], now: int) -> None:
        seen = set()
        for one in series:
            labels = self._labels(state.rule, one)
            key = tuple(sorted(labels.items()))
            seen.add(key)
            alert = state.alerts.get(key)
            if alert is None or alert.resolved_at is not None:
                alert = state.alerts[key] = Alert(labels, {}, 0.0, now)
            alert.missing_since = None
            alert.value = one.points[0][1]
            alert.annotations = {k: fill(v, one.labels, alert.value) for k, v in state.rule.annotations.items()}
            if alert.fired_at is None and now - alert.active_at >= state.rule.hold:
                alert.fired_at = now
        for key, alert in list(state.alerts.items()):
            if key not in seen:
                self._gone(state, key, alert, now)

    def _labels(self, rule: Rule, one: Series) -> Labels:
        value = one.points[0][1]
        own = {name: fill(text, one.labels, value) for name, text in rule.labels.items()}
        labels = {**self.given, **one.labels, **own, "alertname": rule.alert}
        return {name: text for name, text in labels.items() if text}

    @staticmethod
    def _keeps(state: RuleState, alert: Alert, now: int) -> bool:
        """Whether an alert that no longer holds still fires for a while."""
        if alert.fired_at is None or alert.resolved_at is not None or not state.rule.keep:
            return False
        if alert.missing_since is None:
            alert.missing_since = now
        return now - alert.missing_since < state.rule.keep

    def _gone(self, state: RuleState, key: tuple[tuple[str, str], ...], alert: Alert, now: int) -> None:
        """Its condition no longer holds: a pending alert is forgotten, a firing one is resolved and kept a while."""
        if self._keeps(state, alert, now):
            return
        if alert.fired_at is None or (alert.resolved_at is not None and now - alert.resolved_at > KEEP_RESOLVED):
            del state.alerts[key]
        elif alert.resolved_at is None:
            alert.resolved_at = now


def _state(rule: Rule, known: Mapping[tuple[str, str], RuleState]) -> RuleState:
    before = known.get((rule.alert, rule.expr))
    return RuleState(rule, before.alerts if before else {})
