"""An alert is four things that stand together: rule, test (silent, firing, silent), runbook, drill."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from bot import events
from firedrill.logql import syntax
from firedrill.logql.text import duration
from firedrill.rules import rule_files
from firedrill.rules.lint import lint
from firedrill.rules.rule_test_file import AlertTest, TestFile
from firedrill.rules.rule_tests import run_file

REPOSITORY = Path(__file__).resolve().parents[2]
ALERTS = REPOSITORY / "alerts"
GROUPS, PROBLEMS = rule_files.load(ALERTS)
RULES = {rule.alert: (Path(group.file).parent, rule) for group in GROUPS for rule in group.rules}
FAMILIES = ("orders", "feed", "risk", "strategy", "pipeline", "host")
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
ALWAYS = {"Watchdog"}
"""Alerts that must never be silent."""


def test_every_family_has_alerts() -> None:
    assert {folder.name for folder, _ in RULES.values()} == set(FAMILIES)
    assert len(RULES) >= 15


def test_lint_finds_nothing() -> None:
    assert lint(ALERTS)[1] == PROBLEMS == []


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
    assert not re.search(r"(?m)(^ *\S?$\n){4}", text), "a sentence stands there letter by letter"
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


def _unemitted() -> set[str]:
    """Actions that no code of the bot logs yet."""
    sources = [
        path for path in (REPOSITORY / "bot").rglob("*.py") if "events" not in path.relative_to(REPOSITORY).parts
    ]
    text = "".join(path.read_text() for path in sources)
    return {action for action, event in events.ALL.items() if not re.search(rf"\b{event.__name__}\(", text)}


@pytest.mark.parametrize("alert", sorted(RULES))
def test_a_rule_about_events_nobody_logs_yet_says_so_in_its_runbook(alert: str) -> None:
    _, rule = RULES[alert]
    asked = {
        matcher.value
        for query in syntax.log_queries(rule.query)
        for matcher in query.matchers
        if (matcher.name, matcher.op) == ("action", "=")
    }
    if asked & _unemitted():
        runbook = (REPOSITORY / rule.annotations["runbook"]).read_text()
        assert re.search(r"\b[Ee]mitted from .* on\b", runbook.replace("\n", " "))
