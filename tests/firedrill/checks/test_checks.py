"""Every check is green on a good host, and red on a host that is wrong in just what it looks at."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from firedrill.checks import places
from firedrill.checks.expect import Expect, Red
from firedrill.checks.facts import Facts, Unreadable
from firedrill.checks.subjects import SUBJECTS
from firedrill.runner.pytest_bridge import FOLDER

from . import green
from .cases import RED, SKIPPED, Fault, change_path

Check = Callable[..., None]

CHECKS: dict[str, Check] = {
    name.removeprefix("test_"): function
    for path in FOLDER.glob("test_*.py")
    for name, function in vars(import_module(f"firedrill.checks.{path.stem}")).items()
    if name.startswith("test_") and inspect.isfunction(function)
}


def calls(check: Check, facts: Facts) -> Iterator[tuple[Callable[[], None], Expect]]:
    """One call for each subject of a check."""
    names, target = list(inspect.signature(check).parameters), green.target()
    subjects = [name for name in names if name in SUBJECTS]
    for subject in SUBJECTS[subjects[0]](target) if subjects else [None]:
        voice = Expect()
        given: dict[str, Any] = {"facts": facts, "target": target, "expect": voice, **dict.fromkeys(subjects, subject)}
        yield lambda given=given: check(**{name: given[name] for name in names}), voice


def reds(check: Check, facts: Facts) -> list[Expect]:
    """What each red call said."""
    said = []
    for call, voice in calls(check, facts):
        try:
            call()
        except Red:
            said.append(voice)
    return said


def test_every_check_has_a_red_case() -> None:
    assert set(RED) == set(CHECKS)


def test_there_are_at_least_25_checks() -> None:
    assert len(CHECKS) >= 25


@pytest.mark.parametrize("name", CHECKS)
def test_green(name: str) -> None:
    for call, voice in calls(CHECKS[name], green.facts()):
        call()
        assert voice.found
        assert voice.expected
        assert voice.remedy


def test_a_bot_that_often_takes_other_markets_is_no_crash_loop() -> None:
    facts = green.facts()
    facts.units[places.BOT].n_restarts, facts.sockets.processes[places.BOT][0].started = 9, green.NOW - 200
    facts.log.ended = "discovery"
    assert reds(CHECKS["unit_is_not_restarting"], facts) == []
    facts.log.ended = "broken"
    assert len(reds(CHECKS["unit_is_not_restarting"], facts)) == 1


@pytest.mark.parametrize(("name", "fault"), [(name, fault) for name, faults in RED.items() for fault in faults])
def test_red(name: str, fault: Fault) -> None:
    facts = green.facts()
    fault(facts)
    said = reds(CHECKS[name], facts)
    assert said
    for voice in said:
        assert voice.found
        assert voice.expected
        assert voice.remedy
        assert voice.found != voice.expected


@pytest.mark.parametrize("name", SKIPPED)
def test_skipped_with_a_reason(name: str) -> None:
    facts = green.facts()
    SKIPPED[name](facts)
    reasons = []
    for call, _ in calls(CHECKS[name], facts):
        try:
            call()
        except pytest.skip.Exception as skipped:
            reasons.append(str(skipped))
    assert all(reasons)
    assert reasons


@pytest.mark.parametrize("name", [name for name in CHECKS if name != "stamp_is_there"])
def test_a_fact_that_could_not_be_read_is_never_green(name: str) -> None:
    facts = Facts(errors={}, clock_start=green.NOW - 100, clock_end=green.NOW - 99, asked=green.NOW, answered=green.NOW)
    for call, _ in calls(CHECKS[name], facts):
        with pytest.raises((Unreadable, Red)):
            call()


def test_a_red_file_is_named_with_what_differs() -> None:
    facts = green.facts()
    change_path(places.SETTINGS, mode="0644", sha256="0" * 64)(facts)
    (voice,) = reds(CHECKS["file_is_as_rendered"], facts)
    assert voice.found == "mode 0644, sha256 000000000000"
    assert voice.expected.startswith("mode 0640, sha256 ")
    assert voice.remedy == "deploy again: pyinfra inventory/prod.py deploy.py --limit desk-1"


def test_a_missing_file_is_called_missing() -> None:
    facts = green.facts()
    facts.paths[green.CREDENTIAL] = None
    (voice,) = reds(CHECKS["file_is_as_rendered"], facts)
    assert (voice.found, voice.expected) == ("missing", "a file")
