"""An alert is four things that stand together: rule, test (silent, firing, silent), runbook, drill."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from firedrill.logql.text import duration
from firedrill.store import rule_files
from firedrill.store.lint import lint
from firedrill.store.rule_tests import AlertTest, TestFile, run_file

REPOSITORY = Path(__file__).resolve().parents[2]
ALERTS = REPOSITORY / "alerts"
GROUPS, PROBLEMS = rule_files.load(ALERTS)
RULES = {rule.alert: (Path(group.file).parent, rule) for group in GROUPS for rule in group.rules}
FAMILIES = ("orders", "feed", "risk", "strategy", "pipeline", "host")
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
ALWAYS = {"Watchdog"}
"""Alerts that must never be silent."""


def test_the_first_alerts_are_there() -> None:
    assert {"ETickError", "BotSilent", "OrderRejectRateHigh", "Watchdog"} <= set(RULES)


def test_lint_finds_nothing() -> None:
    assert lint(ALERTS)[1] == PROBLEMS == []


def test_families_are_the_known_ones() -> None:
    assert {folder.name for folder, _ in RULES.values()} <= set(FAMILIES)


@pytest.mark.parametrize("file", sorted(ALERTS.glob("*/tests.yaml")), ids=lambda path: path.parent.name)
def test_rule_tests_hold(file: Path) -> None:
    assert run_file(file) == []


@pytest.mark.parametrize("alert", sorted(RULES))
def test_every_alert_is_tested_silent_firing_silent(alert: str) -> None:
    folder, _ = RULES[alert]
    file = msgspec.convert(yaml.safe_load((folder / "tests.yaml").read_text()), TestFile)
    sequences = [_sequence(test.alert_rule_test, alert) for test in file.tests]
    if alert in ALWAYS:
        assert any(sequence.startswith("F") for sequence in sequences)
        assert not any("s" in sequence for sequence in sequences)
    else:
        assert any(re.search("sF+s", sequence) for sequence in sequences), sequences


def _sequence(checks: list[AlertTest], alert: str) -> str:
    """One letter a check of the alert, in time order: F firing, s silent."""
    mine = sorted((check for check in checks if check.alertname == alert), key=lambda check: duration(check.eval_time))
    return "".join("F" if check.exp_alerts else "s" for check in mine)


@pytest.mark.parametrize("alert", sorted(RULES))
def test_every_alert_has_a_runbook_of_four_sections_with_commands(alert: str) -> None:
    folder, rule = RULES[alert]
    runbook = REPOSITORY / rule.annotations["runbook"]
    assert runbook == folder / f"{alert}.md"
    text = runbook.read_text()
    assert text.startswith(f"# {alert}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    for section in ("Diagnosis", "Mitigation"):
        body = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
        assert re.search(r"^ {4,}\S", body, re.MULTILINE), f"{section} has no command to paste"


@pytest.mark.parametrize("alert", sorted(RULES))
def test_every_alert_has_a_drill(alert: str) -> None:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", alert).lower()
    assert (REPOSITORY / "firedrill" / "drills" / f"{name}.py").exists()


def test_every_runbook_has_an_alert() -> None:
    runbooks = {path.stem for path in ALERTS.glob("*/*.md")}
    assert runbooks == set(RULES)
