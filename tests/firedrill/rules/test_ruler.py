"""Alerts over time on a driven clock, with a store whose answers the test sets."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata

import pytest

from firedrill.logql.rules import Rule, read_rules
from firedrill.logql.syntax import SECOND, QueryError
from firedrill.rules.ruler import KEEP_RESOLVED, RESEND, Alert, Ruler
from firedrill.service.alertmanager import message, rfc3339
from firedrill.store.store import Labels, Matrix, Scalar, Series, Span, StoreError, Streams, Vector
from tests.firedrill.store.logs import ns

RULES = """
groups:
  - name: g
    rules:
      - alert: Loud
        expr: vector(1)
        labels: {severity: critical, where: "{{ $labels.market }}"}
        annotations: {summary: "{{ $value }} on {{ $labels.market }}{{ $labels.none }}"}
      - alert: Patient
        expr: vector(2)
        for: 20s
      - alert: Lingering
        expr: vector(4)
        keep_firing_for: 20s
  - name: slow
    interval: 30s
    rules:
      - alert: Slow
        expr: vector(3)
"""

AGAIN = RESEND // SECOND


class FakeStore:
    """Answers each query with what the test put there: values by market, or an error to raise."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, float] | Exception | float] = {}
        self.asked: list[str] = []

    def instant(self, query: str, at: int) -> Scalar | Vector:
        self.asked.append(query)
        answer = self.answers.get(query, {})
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            return Scalar(at, answer)
        return Vector(tuple(Series({"market": m, "job": "bot"}, ((at, v),)) for m, v in answer.items()))

    def range(self, query: str, start: int, end: int, step: int) -> Matrix:
        raise AssertionError("a ruler asks instant queries only")

    def logs(self, query: str, span: Span) -> Streams:
        raise AssertionError("a ruler asks instant queries only")

    def label_sets(self, selectors: Sequence[str], start: int, end: int) -> list[Labels]:
        raise AssertionError("a ruler asks instant queries only")


class Desk:
    """A ruler, its clock, and what it would tell Alertmanager."""

    def __init__(self) -> None:
        self.store = FakeStore()
        groups, problems = read_rules(RULES, "rules.yaml")
        assert not problems
        self.ruler = Ruler(groups, self.store, 5 * SECOND, {"host": "h", "job": "given"})
        self.now = 0

    def at(self, seconds: float) -> list[Alert]:
        """Evaluates at a time; the alerts that are due, which are then noted as sent."""
        self.now = ns(seconds)
        self.ruler.evaluate(self.now)
        alerts = [alert for _, alert in self.ruler.due(self.now)]
        for alert in alerts:
            alert.sent_at = self.now
        return alerts

    def states(self) -> dict[str, str]:
        return {state.rule.alert: state.state for state in self.ruler.rules()}

    def rule(self, alert: str) -> Rule:
        return next(state.rule for state in self.ruler.rules() if state.rule.alert == alert)

    def set(self, query: str, **values: float) -> None:
        self.store.answers[query] = dict(values)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_series_fires_with_its_labels_and_filled_templates(desk: Desk) -> None:
    assert desk.at(0) == []
    desk.set("vector(1)", BTC=0.5)
    (alert,) = desk.at(5)
    assert alert.labels == {
        "alertname": "Loud",
        "severity": "critical",
        "where": "BTC",
        "market": "BTC",
        "job": "bot",
        "host": "h",
    }
    assert alert.annotations == {"summary": "0.5 on BTC"}
    assert message(alert, desk.rule("Loud"), desk.now, 5 * SECOND, "http://x") == {
        "labels": alert.labels,
        "annotations": {"release": metadata.version("mmstack"), **alert.annotations},
        "startsAt": rfc3339(ns(5)),
        "endsAt": rfc3339(ns(5) + 4 * RESEND),
        "generatorURL": "http://x/loki/api/v1/query?query=vector%281%29",
    }


def test_a_firing_alert_is_told_again_after_a_while_with_a_later_end(desk: Desk) -> None:
    desk.set("vector(1)", BTC=1)
    assert len(desk.at(0)) == 1
    assert [at for at in range(5, 4 * AGAIN, 5) if desk.at(at)] == [AGAIN, 2 * AGAIN, 3 * AGAIN]
    (alert,) = [alert for state in desk.ruler.rules() for alert in state.live()]
    assert message(alert, desk.rule("Loud"), desk.now, 300 * SECOND, "")["endsAt"] == rfc3339(desk.now + 1200 * SECOND)


def test_a_resolved_alert_is_told_at_once_with_its_end_and_repeated_for_a_while(desk: Desk) -> None:
    desk.set("vector(1)", BTC=1)
    desk.at(0)
    desk.set("vector(1)")
    (alert,) = desk.at(10)
    assert alert.resolved_at == ns(10)
    assert message(alert, desk.rule("Loud"), desk.now, 5 * SECOND, "")["endsAt"] == rfc3339(ns(10))
    assert desk.states()["Loud"] == "inactive"
    repeated = [at for at in range(15, 1200, 5) if desk.at(at)]
    assert repeated == list(range(10 + AGAIN, 10 + KEEP_RESOLVED // SECOND + 1, AGAIN))
    assert not any(state.alerts for state in desk.ruler.rules())


def test_an_alert_that_comes_back_is_a_new_one(desk: Desk) -> None:
    desk.set("vector(1)", BTC=1)
    desk.at(0)
    desk.set("vector(1)")
    desk.at(5)
    desk.set("vector(1)", BTC=1)
    (alert,) = desk.at(10)
    assert (alert.active_at, alert.resolved_at) == (ns(10), None)


def test_what_alertmanager_did_not_take_stays_due(desk: Desk) -> None:
    desk.set("vector(1)", BTC=1)
    for at in (0, 5, 10):
        desk.ruler.evaluate(ns(at))
        assert len(desk.ruler.due(ns(at))) == 1
    desk.set("vector(1)")
    for at in (15, 20):
        desk.ruler.evaluate(ns(at))
        assert len(desk.ruler.due(ns(at))) == 1


def test_a_rule_with_for_waits_and_forgets_what_passes(desk: Desk) -> None:
    desk.set("vector(2)", BTC=1)
    assert desk.at(0) == []
    assert desk.states()["Patient"] == "pending"
    desk.set("vector(2)")
    assert desk.at(15) == []
    assert desk.states()["Patient"] == "inactive"
    desk.set("vector(2)", BTC=1, ETH=2)
    assert desk.at(20) == []
    assert desk.at(35) == []
    assert {alert.labels["market"] for alert in desk.at(40)} == {"BTC", "ETH"}


def test_groups_keep_their_own_interval(desk: Desk) -> None:
    for at in range(0, 61, 5):
        desk.at(at)
    assert desk.store.asked.count("vector(3)") == 3
    assert desk.store.asked.count("vector(1)") == 13
    assert desk.ruler.next_at() == ns(65)


def test_a_clock_that_is_put_back_does_not_stop_the_rules(desk: Desk) -> None:
    desk.at(0)
    desk.at(-3600)
    desk.at(-3598)
    desk.at(-3595)
    assert desk.store.asked.count("vector(1)") == 3


@pytest.mark.parametrize("error", [QueryError("too odd", 1, 5), StoreError("no memory")])
def test_a_failing_rule_says_so_and_stops_no_other(desk: Desk, error: Exception) -> None:
    desk.set("vector(1)", BTC=1)
    desk.at(0)
    desk.store.answers["vector(1)"] = error
    desk.set("vector(2)", BTC=1)
    for at in (5, 10, 25):
        desk.at(at)
    loud, patient, *_ = desk.ruler.rules()
    assert (loud.health, loud.failures) == ("err", 3)
    assert str(error) == loud.error
    assert loud.state == "firing"  # an alarm is not called off because the question cannot be asked
    assert (patient.health, patient.state) == ("ok", "firing")
    desk.set("vector(1)")
    desk.at(30)
    assert (loud.health, loud.error, loud.state) == ("ok", "", "inactive")


def test_a_scalar_rule_fires_without_labels_of_its_own(desk: Desk) -> None:
    desk.store.answers["vector(1)"] = 7.0
    (alert,) = desk.at(0)
    assert alert.labels == {"alertname": "Loud", "severity": "critical", "host": "h", "job": "given"}
    assert alert.value == 7.0
