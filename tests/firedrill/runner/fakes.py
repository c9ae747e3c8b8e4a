"""Hosts that answer from hand-made facts, so that a whole run needs neither ssh nor a network."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec

from firedrill.checks.facts import Facts
from firedrill.checks.target import Target
from firedrill.runner.hosts import Output, Unreachable
from firedrill.runner.results import CheckResult, DrillResult, HostResult, Run, Skipped, Step

from ..checks import green


class FakeHost:
    """Answers the probe with the facts that `fault` left of a green host."""

    fault: Callable[[Facts], object] = staticmethod(lambda facts: None)

    def __init__(self, target: Target) -> None:
        self.name = target.name

    def run(self, script: str, stdin: bytes = b"", limit: float = 60.0) -> Output:
        assert json.loads(stdin)["request"]
        facts = green.facts()
        self.fault(facts)
        return Output(0, msgspec.json.encode(facts).decode(), "")

    def close(self) -> None:
        pass


class GoneHost(FakeHost):
    """Does not answer."""

    def run(self, script: str, stdin: bytes = b"", limit: float = 60.0) -> Output:
        raise Unreachable(f"{self.name} cannot be reached")


def check(name: str = "bot_is_ready", ok: bool = True) -> CheckResult:
    """A check that ended."""
    return CheckResult(name=name, ok=ok, found="<503>", expected="200", remedy="look & see", ms=0.5)


def drill(name: str = "etick_error", ok: bool = True) -> DrillResult:
    """A drill that ended."""
    return DrillResult(
        name=name,
        ok=ok,
        alert="ETickError",
        witness="fake",
        found="nothing of the kind",
        expected="ETickError firing",
        remedy="look",
        seconds_to_alarm=4.2 if ok else None,
        seconds_to_recover=6.1 if ok else None,
        steps=[Step(text="steady state", at_s=0.1)],
    )


def run(*hosts: HostResult) -> Run:
    """A run that ended."""
    return Run(inventory="inventory/prod.py", started_at=1_795_262_400.0, hosts=list(hosts))


def host(name: str = "desk-1", **values: object) -> HostResult:
    """A host that was examined: one check, one skipped, one drill, all green unless said otherwise."""
    given = {
        "checks": [check()],
        "skipped": [Skipped(name="clock_is_kept_in_step", reason="a container")],
        "drills": [drill()],
        "seconds": 12.3,
        **values,
    }
    return HostResult(name=name, **given)  # type: ignore[arg-type]
