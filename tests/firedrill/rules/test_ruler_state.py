"""Alerts that outlive their condition, and that outlive the ruler."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from firedrill.logql.rules import read_rules
from firedrill.logql.syntax import SECOND
from firedrill.rules.ruler import Ruler
from firedrill.rules.ruler_state import PENDING_LASTS, StateFile
from tests.firedrill.rules.test_ruler import RULES, Desk
from tests.firedrill.service.test_server import lines
from tests.firedrill.store.logs import ns
from tests.firedrill.store.servers import FakeAlertmanager, serving, store_at, until

LINGERING, LOUD, PATIENT = "vector(4)", "vector(1)", "vector(2)"


def restarted(desk: Desk, path: Path, rules: str = RULES) -> str:
    """A new ruler in the desk with what the old one left; the problem of the file."""
    groups, problems = read_rules(rules, "rules.yaml")
    assert not problems
    desk.ruler = Ruler(groups, desk.store, 5 * SECOND, {"host": "h", "job": "given"})
    return StateFile(path).load(desk.ruler, desk.now)


def test_an_alert_keeps_firing_for_a_while_after_its_condition() -> None:
    desk = Desk()
    desk.set(LINGERING, BTC=1)
    desk.at(0)
    desk.set(LINGERING)
    for seconds in (5, 10, 20):
        desk.at(seconds)
        assert desk.states()["Lingering"] == "firing"
    (over,) = [alert for alert in desk.at(25) if alert.resolved_at]
    assert over.resolved_at == ns(25)
    assert desk.states()["Lingering"] == "inactive"


def test_a_condition_that_comes_back_starts_the_keeping_anew() -> None:
    desk = Desk()
    desk.set(LINGERING, BTC=1)
    desk.at(0)
    desk.set(LINGERING)
    desk.at(5)
    desk.set(LINGERING, BTC=1)
    desk.at(20)
    desk.set(LINGERING)
    desk.at(25)
    desk.at(40)
    assert desk.states()["Lingering"] == "firing"
    desk.at(45)
    assert desk.states()["Lingering"] == "inactive"


def test_pending_firing_kept_and_resolved_alerts_outlive_a_restart(tmp_path: Path) -> None:
    desk, file = Desk(), StateFile(tmp_path / "state.json")
    for query in (LINGERING, LOUD):
        desk.set(query, BTC=1)
    desk.set(PATIENT, BTC=math.nan)
    desk.at(0)
    desk.set(LINGERING)
    desk.set(LOUD)
    desk.at(10)
    file.save(desk.ruler, desk.now)
    assert restarted(desk, file.path) == ""
    assert desk.states() == {"Loud": "inactive", "Patient": "pending", "Lingering": "firing", "Slow": "inactive"}
    told = {alert.labels["alertname"]: alert.resolved_at for alert in desk.at(20)}
    assert told == {"Loud": ns(10), "Patient": None, "Lingering": None}  # the `for` ran on, the end is told again
    assert desk.states()["Patient"] == "firing"
    desk.at(30)
    assert desk.states()["Lingering"] == "inactive"


def test_a_changed_rule_and_a_long_silence_begin_anew(tmp_path: Path) -> None:
    desk, file = Desk(), StateFile(tmp_path / "state.json")
    desk.set(PATIENT, BTC=1)
    desk.set(LOUD, BTC=1)
    desk.at(0)
    file.save(desk.ruler, desk.now)
    restarted(desk, file.path, RULES.replace("expr: vector(1)", "expr: vector(9)"))
    assert desk.states()["Loud"] == "inactive"
    assert desk.states()["Patient"] == "pending"
    desk.now += PENDING_LASTS
    restarted(desk, file.path)
    assert (desk.states()["Loud"], desk.states()["Patient"]) == ("firing", "inactive")


DAMAGED = [b"", b"{", b"[]", b'{"version":1}', b'{"version":2,"saved_at":0,"alerts":[]}', b"\xff\x00", b"null"]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_named_and_ignored(tmp_path: Path, content: bytes) -> None:
    desk, path = Desk(), tmp_path / "state.json"
    path.write_bytes(content)
    problem = restarted(desk, path)
    assert str(path) in problem
    assert "begin anew" in problem
    file = StateFile(path)
    file.save(desk.ruler, desk.now)
    assert restarted(desk, path) == ""


def test_the_file_is_written_only_when_an_alert_changed(tmp_path: Path) -> None:
    desk, file = Desk(), StateFile(tmp_path / "state.json")
    desk.set(LOUD, BTC=1)
    desk.at(0)
    file.save(desk.ruler, desk.now)
    file.path.unlink()
    desk.set(LOUD, BTC=2)
    desk.at(5)
    file.save(desk.ruler, desk.now)
    assert not file.path.exists()
    desk.set(LOUD, BTC=2, ETH=1)
    desk.at(10)
    file.save(desk.ruler, desk.now)
    assert len(json.loads(file.path.read_text())["alerts"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path) -> None:
    desk, file = Desk(), StateFile(tmp_path / "none" / "state.json")
    desk.at(0)
    file.save(desk.ruler, desk.now)
    assert "cannot be written" in file.error
    file.path.parent.mkdir()
    file.save(desk.ruler, desk.now)
    assert file.error == ""


def test_a_restarted_store_goes_on_where_it_was(tmp_path: Path) -> None:
    manager, state = FakeAlertmanager(), tmp_path / "state.json"
    rules = RULES.replace("expr: vector(1)", "expr: 'count_over_time({action=\"boom\"}[1h])'")
    (tmp_path / "a.jsonl").write_text(lines("boom"))
    with serving(manager.application()) as at:
        with store_at(tmp_path, rules, at, state=state):
            (first, *_) = until(lambda: manager.heard("Loud"), what="Loud")
            until(state.exists, what="the state")
        manager.posts.clear()
        with store_at(tmp_path, rules, at, state=state):
            (again, *_) = until(lambda: manager.heard("Loud"), what="Loud after the restart")
    assert again["startsAt"] == first["startsAt"]


def test_a_rule_that_is_read_again_keeps_its_alerts_and_one_that_left_is_forgotten() -> None:
    desk = Desk()
    desk.set(LOUD, BTC=1)
    desk.set(PATIENT, BTC=1)
    desk.at(0)
    groups, problems = read_rules(
        RULES.replace("alert: Loud", "alert: Louder").replace("{{ $value }}", "now"), "r.yaml"
    )
    assert not problems
    desk.ruler.take(groups)
    assert {"Loud", "Louder"} & desk.states().keys() == {"Louder"}
    assert desk.states()["Patient"] == "pending"
    desk.at(20)
    assert desk.states()["Patient"] == "firing", "its 20 s began before the rules were read again"
    (louder,) = [alert for state in desk.ruler.rules() if state.rule.alert == "Louder" for alert in state.live()]
    assert louder.annotations["summary"].startswith("now")
