"""The bridge to pytest, on checks made for the test: green, red, skipped, unreadable, and broken themselves."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from firedrill.checks.facts import Facts
from firedrill.runner.fork import start
from firedrill.runner.pytest_bridge import run_checks
from firedrill.runner.results import Checked, CheckResult, Planned

from ..checks import green

CHECKS = """
import pytest

def test_green(facts, expect):
    expect(found=1, expected=1, remedy="none")

def test_red(facts, target, expect):
    expect(found=["a", "b"], expected=[], remedy=f"look at {target.name}")

def test_two_statements(expect):
    expect(found="first", expected="first", remedy="none")
    expect(found="second", expected="third", remedy="look")

def test_skipped():
    pytest.skip("nothing to see")

def test_unreadable(facts, expect):
    facts.http["x"]

def test_broken(facts, expect):
    1 / 0

def test_each(port, expect):
    expect(found=port, expected="9180", remedy="look")

def test_none(package, expect):
    raise AssertionError("there is no package to ask for")
"""


def _in_a_child(folder: Path, facts: Facts) -> list[Planned | Checked]:
    """pytest inside pytest shares too much: run it where a run does, in a process of its own."""
    target = green.target()
    target.expected.packages.clear()
    context = multiprocessing.get_context("fork")
    ear, mouth = context.Pipe(duplex=False)
    process = context.Process(target=lambda: run_checks(target, lambda: facts, mouth.send, folder))
    start(process)
    mouth.close()
    told = []
    try:
        while True:
            told.append(ear.recv())
    except EOFError:
        process.join()
        assert process.exitcode == 0
        return told
    finally:
        ear.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Planned | Checked]:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "test_made_up.py").write_text(CHECKS)
    facts = Facts(errors={"http": "PermissionError: no"}, clock_start=0, clock_end=0)
    return _in_a_child(folder, facts)


@pytest.fixture
def results(told: list[Planned | Checked]) -> dict[str, CheckResult]:
    return {m.result.name: m.result for m in told if isinstance(m, Checked) and m.result}


def test_all_are_counted_first(told: list[Planned | Checked]) -> None:
    assert told[0] == Planned(len(told) - 1)


def test_green_and_red(results: dict[str, CheckResult]) -> None:
    assert results["green"].ok
    red = results["red"]
    assert (red.ok, red.found, red.expected, red.remedy) == (False, "a, b", "none", "look at desk-1")
    assert results["two_statements"].found == "second"
    assert all(result.ms >= 0 for result in results.values())


def test_a_check_over_subjects_is_many(results: dict[str, CheckResult]) -> None:
    each = {name: result.ok for name, result in results.items() if name.startswith("each")}
    assert each == {"each[3100]": False, "each[9093]": False, "each[9180]": True}


def test_skipped_ones_are_not_green(told: list[Planned | Checked], results: dict[str, CheckResult]) -> None:
    skipped = {m.skipped.name: m.skipped.reason for m in told if isinstance(m, Checked) and m.skipped}
    assert skipped == {"skipped": "nothing to see", "none[none]": "the inventory expects nothing here (package)"}
    assert not set(skipped) & set(results)


def test_what_cannot_be_read_is_red(results: dict[str, CheckResult]) -> None:
    unreadable = results["unreadable"]
    assert not unreadable.ok
    assert unreadable.found == "could not be read: http: PermissionError: no"


def test_a_broken_check_is_red_and_says_so(results: dict[str, CheckResult]) -> None:
    broken = results["broken"]
    assert not broken.ok
    assert broken.found == "the check itself failed: ZeroDivisionError: division by zero"
