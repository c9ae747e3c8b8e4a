"""The ruler as Prometheus shows it: /prometheus/api/v1/rules and alerts, and the store's own metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from firedrill.logql.syntax import SECOND
from firedrill.logql.text import print_number
from firedrill.rules.ruler import Alert, GroupState, Ruler, RuleState
from firedrill.service.alertmanager import Notifier, rfc3339
from firedrill.store.compactor import Compactor
from firedrill.store.embedded import Embedded

Metric = tuple[str, str, str, dict[str, str], float]
"""Name, type, help, labels, value."""


def alert_data(alert: Alert) -> dict[str, Any]:
    return {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "state": alert.state,
        "activeAt": rfc3339(alert.active_at),
        "value": print_number(alert.value),
    }


def rule_data(state: RuleState) -> dict[str, Any]:
    rule = state.rule
    return {
        "state": state.state,
        "name": rule.alert,
        "query": rule.expr,
        "duration": rule.hold / SECOND,
        "keepFiringFor": rule.keep / SECOND,
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
        "alerts": [alert_data(alert) for alert in state.live()],
        "health": state.health,
        "lastError": state.error,
        "evaluationTime": round(state.seconds, 6),
        "lastEvaluation": rfc3339(state.evaluated_at),
        "type": "alerting",
    }


def group_data(state: GroupState) -> dict[str, Any]:
    return {
        "name": state.group.name,
        "file": state.group.file,
        "interval": state.interval / SECOND,
        "rules": [rule_data(rule) for rule in state.rules],
        "evaluationTime": round(state.seconds, 6),
        "lastEvaluation": rfc3339(max((rule.evaluated_at for rule in state.rules), default=0)),
    }


def rules(ruler: Ruler) -> dict[str, Any]:
    return {"groups": [group_data(group) for group in ruler.groups]}


def alerts(ruler: Ruler) -> dict[str, Any]:
    return {"alerts": [alert_data(alert) for state in ruler.rules() for alert in state.live()]}


def metrics(store: Embedded, ruler: Ruler, notifier: Notifier | None, compactor: Compactor | None = None) -> str:
    """The text that Prometheus scrapes."""
    out, described = [], set()
    parts = (*_of_store(store), *_of_ruler(ruler), *_of_notifier(notifier), *_of_compactor(compactor))
    for name, kind, text, labels, value in parts:
        if name not in described:
            described.add(name)
            out += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        inner = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
        out.append(f"{name}{{{inner}}} {value:g}" if inner else f"{name} {print_number(value)}")
    return "\n".join(out) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _of_store(store: Embedded) -> Iterator[Metric]:
    if not (window := store.window):
        return
    yield "log_store_lines_read_total", "counter", "Lines read since the start.", {}, float(window.read)
    yield "log_store_window_bytes", "gauge", "Bytes of lines kept in memory.", {}, float(window.size)
    yield "log_store_window_start_seconds", "gauge", "Older questions go to the files.", {}, window.horizon / SECOND
    yield "log_store_files", "gauge", "Log files found.", {}, float(len(window.found.parts))
    yield "log_store_unreadable_files", "gauge", "Not readable.", {}, float(len(window.found.problems))


def _of_ruler(ruler: Ruler) -> Iterator[Metric]:
    outdated = float(ruler.outdated)
    yield "log_store_rules_outdated", "gauge", "1 while the rules of the files were refused at a reload.", {}, outdated
    yield "log_store_rules", "gauge", "Rules evaluated.", {}, float(sum(1 for _ in ruler.rules()))
    for group in ruler.groups:
        labels = {"group": group.group.name}
        yield "log_store_group_seconds", "gauge", "Duration of a group's last round.", labels, group.seconds
    for state in ruler.rules():
        labels = {"alertname": state.rule.alert}
        broken = float(state.health == "err")
        yield "log_store_rule_failing", "gauge", "1 while a rule cannot be evaluated.", labels, broken
    for state in ruler.rules():
        labels, failures = {"alertname": state.rule.alert}, float(state.failures)
        yield "log_store_rule_failures_total", "counter", "Evaluations that failed.", labels, failures


def _of_notifier(notifier: Notifier | None) -> Iterator[Metric]:
    if notifier:
        yield "log_store_alerts_sent_total", "counter", "Alerts that Alertmanager took.", {}, float(notifier.sent)
        yield "log_store_alerts_failed_total", "counter", "Alerts it did not take.", {}, float(notifier.failed)


def _of_compactor(compactor: Compactor | None) -> Iterator[Metric]:
    if compactor:
        yield "log_store_compacted_total", "counter", "Logs made into Parquet.", {}, float(compactor.done)
        yield "log_store_archive_deleted_total", "counter", "Parquet files deleted.", {}, float(compactor.deleted)
        failing = float(len(compactor.failing))
        yield "log_store_compaction_failing", "gauge", "Logs that cannot be made into Parquet.", {}, failing
