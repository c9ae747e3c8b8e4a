"""Everything for one host, in a process of its own: connect, read, check, drill, and tell the parent as it happens."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from types import FrameType

from firedrill.checks.facts import Facts, Unreadable
from firedrill.checks.read import CannotRead, read
from firedrill.checks.target import Target
from firedrill.checks.test_units import TRANSIENT
from firedrill.drills.catalogue import DRILLS
from firedrill.drills.drill import Drill
from firedrill.drills.engine import perform
from firedrill.drills.stage import NoWitness, fitting, notifies_receiver, scene, stage_on
from firedrill.runner.hosts import Host, Output, Unreachable
from firedrill.runner.pytest_bridge import run_checks
from firedrill.runner.results import (
    Checked,
    ChecksDone,
    Drilled,
    Failed,
    Message,
    Note,
    Planned,
    Read,
    Stepped,
)

YOUNG_S = 30.0
"""A service started less than this ago may still be settling: rules not yet evaluated, no quotes yet."""
PAUSE_S = 1.0
PR_SET_PDEATHSIG = 1

Tell = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a host: the names of the drills, and how long to wait for a host that settles (s)."""

    drills: tuple[str, ...]
    settle_s: float


def work(target: Target, plan: Plan, parent: Connection, connect: Callable[[Target], Host] = Host) -> None:
    """The body of the process. SIGTERM interrupts it, once; what a terminal sends on Ctrl-C is left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _end_with_parent()
        examine(target, plan, partial(_tell, parent), connect)
    except KeyboardInterrupt:
        _tell(parent, Failed("interrupted"))
    finally:
        parent.close()


def _tell(parent: Connection, message: Message) -> None:
    """A parent that is gone hears nothing; the host must still be restored."""
    with contextlib.suppress(BrokenPipeError):
        parent.send(message)


def _end_with_parent() -> None:
    """Ask the kernel to interrupt this process when the one that started it is killed."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def examine(target: Target, plan: Plan, tell: Tell, connect: Callable[[Target], Host] = Host) -> None:
    """Check a host, then drill its alarms."""
    host = connect(target)
    try:
        facts = _check(host, target, plan, tell)
        if plan.drills:
            drills = [fitting(DRILLS[name], target.expected.store) for name in plan.drills]
            _drill(host, target, facts, drills, tell)
    except (Unreachable, CannotRead, NoWitness) as error:
        tell(Failed(str(error)))
    finally:
        host.close()


def _check(host: Host, target: Target, plan: Plan, tell: Tell) -> Facts:
    """The facts the final verdict rests on. A host is asked again while all that is red on it may be settling."""
    until = time.monotonic() + plan.settle_s
    while True:
        round_ = _Round(host, target, tell)
        run_checks(target, round_.read, round_.take)
        settling = _young(round_.facts, target.expected.services) if round_.red and not round_.red_for_good else []
        if not settling or time.monotonic() > until:
            tell(ChecksDone())
            return round_.facts
        tell(Note(f"{round_.red} red, but {' and '.join(settling)}: asking again"))
        time.sleep(PAUSE_S)


class _Round:
    """One reading of the host, and its checks."""

    facts: Facts

    def __init__(self, host: Host, target: Target, tell: Tell) -> None:
        self._host, self._target, self._tell = host, target, tell
        self.red = self.red_for_good = 0

    def read(self) -> Facts:
        began = time.monotonic()
        self.facts = read(self._target, lambda command, stdin: _plain(self._host.run(command, stdin)))
        self._tell(Read(round((time.monotonic() - began) * 1000, 1)))
        return self.facts

    def take(self, message: Planned | Checked) -> None:
        if isinstance(message, Checked) and message.result is not None and not message.result.ok:
            self.red += 1
            self.red_for_good += not message.settles
        self._tell(message)


def _plain(output: Output) -> tuple[int, str, str]:
    return output.status, output.out, output.err


def _young(facts: Facts, services: list[str]) -> list[str]:
    """Services that started a moment ago or are about to, each as a phrase."""
    ages = {
        unit: facts.clock_end - max(process.started for process in processes)
        for unit, processes in facts.sockets.processes.items()
        if unit in services
    }
    starting = [
        f"{name} is {unit.active_state}" for name, unit in facts.units.items() if unit.active_state in TRANSIENT
    ]
    return starting + [f"{unit} started {age:.0f} s ago" for unit, age in ages.items() if age < YOUNG_S]


def _drill(host: Host, target: Target, facts: Facts, drills: list[Drill], tell: Tell) -> None:
    try:
        release = facts.stamp.release
    except Unreadable as error:
        raise CannotRead(f"{target.name} cannot be drilled, it has no stamp ({error}): {target.redeploy}") from error
    if not notifies_receiver(target):
        tell(Note("its Alertmanager does not post to a drill's receiver: drills see the alarm raised, not delivered"))
    with stage_on(host, target, sum(drill.budget_s for drill in drills)) as stage:
        for cast in _casts(drills):
            scenes = [(drill, scene(target, release)) for drill in cast]
            for result in perform(scenes, stage, lambda drill, step: tell(Stepped(drill.name, step))):
                tell(Drilled(result))


def _casts(drills: list[Drill]) -> list[list[Drill]]:
    """What is performed at the same time: all that can be, then the others one by one."""
    together = [drill for drill in drills if not drill.alone]
    return [*([together] if together else []), *([drill] for drill in drills if drill.alone)]
