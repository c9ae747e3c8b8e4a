"""Runs the checks with pytest inside this process and hands each result on as it comes. Knows no host.

Nothing of the caller's pytest set-up takes part: no ini file, no third-party plugins, no output of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

import firedrill.checks
from firedrill.checks.expect import Expect, Red
from firedrill.checks.facts import Facts, Unreadable
from firedrill.checks.subjects import SUBJECTS
from firedrill.checks.target import Target
from firedrill.runner.results import Checked, CheckResult, Planned, Skipped

FOLDER = Path(firedrill.checks.__file__).parent

ARGUMENTS = [
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:junitxml", "-p", "no:unittest"),
    *("-p", "no:logging", "-p", "no:faulthandler", "-p", "no:warnings", "-p", "no:pastebin", "-p", "no:tmpdir"),
    *("--assert=plain", "--capture=no", "--noconftest", "--import-mode=importlib"),
    *(
        "--assert=plain",
        "--capture=no",
        "--noconftest",
        "--import-mode=importlib",
        "-c",
        os.devnull,
        f"--rootdir={FOLDER}",
    ),
]

Tell = Callable[[Planned | Checked], None]


class Bridge:
    """A pytest plugin: gives the checks their arguments, and reports what they said."""

    def __init__(self, target: Target, read: Callable[[], Facts], tell: Tell) -> None:
        self._target = target
        self._read = read
        self._tell = tell
        self.failure: Exception | None = None

    @pytest.fixture
    def facts(self) -> Facts:
        """Read before the first check, once for all of them."""
        return self._facts

    @pytest.fixture
    def target(self) -> Target:
        """What the host should be."""
        return self._target

    @pytest.fixture
    def expect(self, request: pytest.FixtureRequest) -> Expect:
        """A check's own voice, kept for the report."""
        request.node.stash[_VOICE] = voice = Expect()
        return voice

    def pytest_configure(self, config: pytest.Config) -> None:
        """No tracebacks: a red check speaks for itself, and formatting one costs more than the check."""
        config.option.tbstyle = "value"

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One check for each subject its argument stands for."""
        for name in metafunc.fixturenames:
            if name in SUBJECTS:
                subjects = [pytest.param(subject, id=subject) for subject in SUBJECTS[name](self._target)]
                metafunc.parametrize(name, subjects or [_nothing(name)])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The host is read while the checks are collected; from here on its facts are needed."""
        try:
            self._facts = self._read()
        except Exception as error:  # noqa: BLE001  pytest would print it; it is raised again by `run_checks`
            self.failure = error
            pytest.exit("the host could not be read")
        self._tell(Planned(len(session.items)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Turns the end of a check into a result. Set-up and tear-down count only when they fail."""
        report: pytest.TestReport = yield
        if report.when == "call" or not report.passed:
            self._tell(_checked(item, call, report))
        return report


_VOICE = pytest.StashKey[Expect]()


def run_checks(target: Target, read: Callable[[], Facts], tell: Tell, folder: Path = FOLDER) -> None:
    """Run every check of `folder`. Raises what `read` raises, and RuntimeError when pytest itself gives up."""
    bridge = Bridge(target, read, tell)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    code = pytest.main([*ARGUMENTS, str(folder)], plugins=[bridge])
    if bridge.failure is not None:
        raise bridge.failure
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest could not run the checks in {folder} (exit code {int(code)})")


def check_name(item: pytest.Item) -> str:
    """`test_unit_is_active[mm-bot.service]` -> `unit_is_active[mm-bot.service]`."""
    return item.name.removeprefix("test_")


def _nothing(name: str) -> ParameterSet:
    """Stands in for an empty list of subjects, so that the check shows as skipped."""
    return pytest.param(None, id="none", marks=pytest.mark.skip(f"the inventory expects nothing here ({name})"))


def _checked(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> Checked:
    name = check_name(item)
    if report.skipped:
        return Checked(skipped=Skipped(name=name, reason=_skip_reason(report)))
    voice = item.stash.get(_VOICE, Expect())
    found, expected, remedy = voice.found, voice.expected, voice.remedy
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, Unreadable):
        found, expected, remedy = f"could not be read: {error}", "readable", f"see the host {_name(item)} itself"
    elif error is not None and not isinstance(error, Red):
        found, expected = f"the check itself failed: {type(error).__name__}: {error}", "an answer"
        remedy = "the host answered in a way this check does not understand; compare the releases on both sides"
    ms = round(call.duration * 1000, 2)
    result = CheckResult(name=name, ok=report.passed, found=found, expected=expected, remedy=remedy, ms=ms)
    return Checked(result, settles=voice.settles and isinstance(error, Red))


def _skip_reason(report: pytest.TestReport) -> str:
    detail = report.longrepr
    text = detail[2] if isinstance(detail, tuple) else str(detail)
    return text.removeprefix("Skipped: ")


def _name(item: pytest.Item) -> str:
    target = item.funcargs.get("target") if isinstance(item, pytest.Function) else None
    return target.name if isinstance(target, Target) else ""
