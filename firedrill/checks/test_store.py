"""The log store: ready, and holding exactly the rules that were rendered, all of them working."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

import pytest
import yaml

from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target

EVALUATED_WITHIN_S = 120.0


def test_store_is_ready(facts: Facts, target: Target, expect: Expect) -> None:
    _on_this_host(target)
    answer = facts.http["store_ready"]
    expect(
        settles=True,
        ok=answer.status == 200,
        found=answer,
        expected="/ready answers 200",
        remedy=f"{_look(target)} on {target.name}",
    )


def test_rules_on_disk_are_the_expected(facts: Facts, target: Target, expect: Expect) -> None:
    _on_this_host(target)
    expect(found=on_disk(facts), expected=_wanted(target), remedy=target.redeploy)


def test_rules_loaded_are_the_rules_on_disk(facts: Facts, target: Target, expect: Expect) -> None:
    """A store can be healthy with no rule in it; then no alarm will ever ring."""
    _on_this_host(target)
    remedy = f"systemctl restart {target.expected.store.unit} on {target.name}; {_look(target)}"
    loaded, wanted = _loaded(facts), on_disk(facts)
    expect(
        settles=True,
        ok=bool(wanted) and loaded == wanted,
        found=loaded,
        expected=wanted or "at least one rule",
        remedy=remedy,
    )


def test_rules_are_healthy(facts: Facts, target: Target, expect: Expect) -> None:
    _on_this_host(target)
    sick = [
        f"{rule.get('name')}: {rule.get('lastError') or rule.get('health')}"
        for rule in _rules(facts)
        if rule.get("health") not in ("ok", "unknown")
    ]
    rules = _rules(facts)
    expect(
        settles=True,
        ok=bool(rules) and not sick,
        found=sick or f"{len(rules)} rules, none sick",
        expected="at least one rule, none sick",
        remedy=f"`firedrill rules lint {target.expected.store.rules}` on {target.name}; {_look(target)}",
    )


def test_rules_are_being_evaluated(facts: Facts, target: Target, expect: Expect) -> None:
    _on_this_host(target)
    rules = _rules(facts)
    late = [
        f"{rule.get('name')} last evaluated {_age(rule, facts)}"
        for rule in rules
        if (age := _seconds_since(rule, facts)) is None or age > EVALUATED_WITHIN_S
    ]
    expect(
        settles=True,
        ok=bool(rules) and not late,
        found=late if rules else "no rules",
        expected=f"every rule evaluated within {EVALUATED_WITHIN_S:.0f} s",
        remedy=f"systemctl restart {target.expected.store.unit} on {target.name}; {_look(target)}",
    )


def test_watchdog_reaches_alertmanager(facts: Facts, target: Target, expect: Expect) -> None:
    """An alert that always fires proves the way from the log to Alertmanager."""
    _on_this_host(target)
    if not any("Watchdog" in alerts for alerts in target.expected.rules.values()):
        pytest.skip("this checkout has no rule Watchdog")
    alerts = facts.http["alerts"].json() or []
    firing = sorted({str(alert.get("labels", {}).get("alertname")) for alert in alerts})
    remedy = f"rules, store or their connection to Alertmanager: {_look(target)} on {target.name}"
    expect(settles=True, ok="Watchdog" in firing, found=firing, expected="Watchdog among the firing", remedy=remedy)


def test_watchdog_is_not_silenced(facts: Facts, target: Target, expect: Expect) -> None:
    """A silence that swallows the alert which always fires swallows others too."""
    _on_this_host(target)
    alerts = facts.http["alerts"].json() or []
    watchdogs = [alert for alert in alerts if alert.get("labels", {}).get("alertname") == "Watchdog"]
    silences = sorted({name for alert in watchdogs for name in alert.get("status", {}).get("silencedBy", [])})
    remedy = f"on {target.name}: amtool silence query, then amtool silence expire ID"
    expect(found=silences, expected=[], remedy=remedy)


def _on_this_host(target: Target) -> None:
    if not target.expected.store.unit:
        pytest.skip("its log store is another host's; that host evaluates the rules")


def _look(target: Target) -> str:
    return f"read `journalctl -u {target.expected.store.unit} -n 50`"


def on_disk(facts: Facts) -> list[str]:
    """family/alert of every rule in the rules directory; a file that cannot be read as YAML is named instead."""
    found: list[str] = []
    for path, text in facts.texts.items():
        family = PurePath(path).stem
        try:
            groups = (yaml.safe_load(text) or {}).get("groups") or []
            found += [f"{family}/{rule['alert']}" for group in groups for rule in group["rules"] if "alert" in rule]
        except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
            found.append(f"{path} is broken ({type(error).__name__})")
    return sorted(found)


def _wanted(target: Target) -> list[str]:
    return sorted(
        f"{PurePath(path).stem}/{alert}" for path, alerts in target.expected.rules.items() for alert in alerts
    )


def _groups(facts: Facts) -> list[dict[str, Any]]:
    answer = facts.http["rules"].json() or {}
    groups = (answer.get("data") or {}).get("groups") or []
    return groups if isinstance(groups, list) else []


def _rules(facts: Facts) -> list[dict[str, Any]]:
    return [rule for group in _groups(facts) for rule in group.get("rules", [])]


def _loaded(facts: Facts) -> list[str]:
    return sorted(
        f"{PurePath(str(group.get('file'))).stem}/{rule.get('name')}"
        for group in _groups(facts)
        for rule in group.get("rules", [])
    )


def _seconds_since(rule: dict[str, Any], facts: Facts) -> float | None:
    """None for never, which Loki tells as the first of January of the year 1."""
    try:
        at = datetime.fromisoformat(str(rule.get("lastEvaluation")))
    except ValueError:
        return None
    return None if at.year == 1 else facts.clock_end - at.timestamp()


def _age(rule: dict[str, Any], facts: Facts) -> str:
    age = _seconds_since(rule, facts)
    return "never" if age is None else f"{age:.0f} s ago"
