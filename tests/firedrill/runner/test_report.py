"""Reports: the shape others script against, and that they are never half there."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from firedrill.runner.report import as_json, as_junit, write
from firedrill.runner.results import HostResult

from .fakes import check, drill, host, run


def test_json_of_a_green_run() -> None:
    report = json.loads(as_json(run(host())))
    assert report["green"] is True
    (desk,) = report["hosts"]
    assert (desk["name"], desk["green"], desk["error"]) == ("desk-1", True, None)
    assert desk["checks"] == [
        {
            "name": "bot_is_ready",
            "ok": True,
            "found": "<503>",
            "expected": "200",
            "remedy": "look & see",
            "ms": 0.5,
        }
    ]
    (drilled,) = desk["drills"]
    assert {name: drilled[name] for name in ("name", "ok", "seconds_to_alarm", "seconds_to_recover")} == {
        "name": "etick_error",
        "ok": True,
        "seconds_to_alarm": 4.2,
        "seconds_to_recover": 6.1,
    }
    assert desk["skipped"] == [{"name": "clock_is_kept_in_step", "reason": "a container"}]


@pytest.mark.parametrize(
    ("one", "exit_code"),
    [
        (host(), 0),
        (host(checks=[check(), check(ok=False)]), 1),
        (host(drills=[drill(ok=False)]), 1),
        (host(error="cannot be reached"), 2),
        (host(checks=[check(ok=False)], error="cannot be reached"), 2),
    ],
)
def test_green_and_exit_code(one: HostResult, exit_code: int) -> None:
    assert run(one).exit_code == run(host("other"), one).exit_code == exit_code
    assert json.loads(as_json(run(one)))["green"] is (exit_code == 0)


def test_a_run_over_no_host_is_not_green() -> None:
    assert (run().green, run().exit_code) == (False, 2)


def test_junit_over_two_hosts() -> None:
    red = host("desk-2", checks=[check(ok=False)], drills=[drill(ok=False)], error="broke off")
    root = Xml.fromstring(as_junit(run(host(), red)))
    first, second = root.findall("testsuite")
    assert {name: first.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "desk-1",
        "tests": "3",
        "failures": "0",
        "errors": "0",
        "skipped": "1",
    }
    assert (second.get("tests"), second.get("failures"), second.get("errors")) == ("4", "2", "1")
    cases = {case.get("name"): case for case in second.findall("testcase")}
    failure = cases["bot_is_ready"].find("failure")
    assert failure is not None
    assert failure.get("message") == "found <503>, expected 200"
    assert "to do: look & see" in str(failure.text)
    error = cases["examined"].find("error")
    assert error is not None
    assert error.get("message") == "broke off"


def test_a_report_replaces_the_earlier_one_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write(path, b"first")
    write(path, b"second")
    assert path.read_bytes() == b"second"
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError):
        write(tmp_path / "report.json", b"content")
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]
