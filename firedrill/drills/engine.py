"""Performs drills: steady state, inject, expect, restore always, expect the end, steady state again.

Drills that do not get into each other's way are performed at the same time, in turns: whoever must wait lets the others
go on. So many alarms ring in the time of the slowest.

Restoring has two nets: this process, whatever happens to it short of being killed; and a timer on the host, armed
before the fault is injected and disarmed after the restoration, for when this process or the connection is gone.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Protocol

from firedrill.drills.drill import STEADY_WITHIN_S, Drill, Scene, Status
from firedrill.drills.witness import Heard, Witness
from firedrill.runner.hosts import Output, Unreachable
from firedrill.runner.results import DrillResult, Step

POLL_S = 0.25


class Stage(Protocol):
    """The host a drill happens on."""

    witness: Witness

    def run(self, script: str) -> Output:
        """Run a shell script as root. Raises Unreachable."""
        ...

    def unsteady(self, alert: str, firing: bool) -> str | None:
        """Why the host is not in its steady state (the bot ready, the alert as said), or None. Raises Unreachable."""
        ...


class Clock(Protocol):
    """Monotonic seconds, and waiting."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class Spoilt(Exception):
    """The drill cannot go on: what was found, and what had been expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found, self.expected = found, expected


Waiting = Generator[None, None, None]
"""What goes on a little each time it is resumed, until it need not wait any more."""


def perform(
    cast: Sequence[tuple[Drill, Scene]], stage: Stage, tell: Callable[[Drill, Step], None], clock: Clock = time
) -> Iterator[DrillResult]:
    """Perform drills at the same time; each result as soon as it is known.

    A red drill is a result; an interrupt is raised again after every fault was taken back.
    """
    performances = [_Performance(drill, scene, stage, partial(tell, drill), clock) for drill, scene in cast]
    going = [(performance, performance.run()) for performance in performances]
    try:
        while going:
            for turn in list(going):
                if (result := _go_on(*turn)) is not None:
                    going.remove(turn)
                    yield result
            if going:
                clock.sleep(POLL_S)
    finally:
        for _, run in going:
            run.close()


def _go_on(performance: _Performance, run: Waiting) -> DrillResult | None:
    """The result, or None while the performance must wait."""
    try:
        next(run)
    except StopIteration:
        return performance.result()
    except Spoilt as spoilt:
        return performance.result(spoilt)
    except Unreachable as lost:
        return performance.result(Spoilt(str(lost), "answers of the host until the end"))
    return None


class _Performance:
    """What is known so far of one performance."""

    def __init__(self, drill: Drill, scene: Scene, stage: Stage, tell: Callable[[Step], None], clock: Clock) -> None:
        self.drill, self.scene, self.stage, self.tell, self.clock = drill, scene, stage, tell, clock
        self.began = clock.monotonic()
        self.steps: list[Step] = []
        self.to_alarm: float | None = None
        self.to_recover: float | None = None
        self.not_restored = ""

    def run(self) -> Waiting:
        drill, witness = self.drill, self.stage.witness
        reason = self._unsteady()
        if reason is not None:
            raise Spoilt(f"not begun: {reason}", "a steady state")
        self.step("steady state")
        self._do("arming the way back", arm(drill, self.scene))
        try:
            alarm = yield from self._alarm()
        finally:
            restored, mark = self.clock.monotonic(), witness.mark()
            self._restore()
        if self.not_restored:
            raise Spoilt("the fault was not undone", "a restored host")
        # Only a "resolved" ends an alarm; the alert that fires again after a "resolved" is a new one.
        of = alarm if drill.recovery == "resolved" else None
        end = yield from self._expect(drill.recovery, mark, restored, drill.recover_within_s, of)
        self.to_recover = end.at - restored
        self.step(f"{drill.alert} {drill.recovery} after {self.to_recover:.1f} s")
        yield from self._steady_again(restored + drill.recover_within_s)

    def _alarm(self) -> Generator[None, None, Heard]:
        drill = self.drill
        injected, mark = self.clock.monotonic(), self.stage.witness.mark()
        self._do("injecting the fault", drill.inject(self.scene))
        self.step(f"fault injected, waiting for {drill.alert} to be {drill.alarm}")
        heard = yield from self._expect(drill.alarm, mark, injected, drill.alarm_within_s)
        self.to_alarm = heard.at - injected
        self.step(f"{drill.alert} {drill.alarm} after {self.to_alarm:.1f} s")
        return heard

    def _restore(self) -> None:
        """Never raises but for a second interrupt: what ended the drill must not be hidden by what follows."""
        try:
            self._do("restoring", self.drill.restore(self.scene))
            self._do("disarming the way back", disarm(self.scene))
        except (Spoilt, Unreachable) as failure:
            self.not_restored = f"{failure}; the host undoes the fault by itself within {self.drill.budget_s:.0f} s"
        self.step(f"not restored: {self.not_restored}" if self.not_restored else "restored")

    def _expect(
        self, status: Status, mark: int, since: float, within_s: float, of: Heard | None = None
    ) -> Generator[None, None, Heard]:
        """Waits for the notification. Raises Spoilt when it was not received within the budget."""
        witness, alert = self.stage.witness, self.drill.alert
        while True:
            late = witness.ended or self.clock.monotonic() > since + within_s
            heard = witness.heard(alert, status, mark, of)
            if heard is not None and heard.at <= since + within_s:
                return heard
            if late:
                raise Spoilt(witness.instead(), f"{alert} {status} within {within_s:.0f} s, received by {witness.name}")
            yield

    def _steady_again(self, recovered_by: float) -> Waiting:
        """An alert near its limit may ring again before its window has passed: it has as long as the end had."""
        until = max(self.clock.monotonic() + STEADY_WITHIN_S, recovered_by)
        while (reason := self._unsteady()) is not None:
            if self.clock.monotonic() > until:
                raise Spoilt(reason, f"a steady state within {STEADY_WITHIN_S:.0f} s of the alarm's end")
            yield
        self.step("steady state again")

    def _unsteady(self) -> str | None:
        return self.stage.unsteady(self.drill.alert, firing=self.drill.recovery == "firing")

    def _do(self, what: str, script: str) -> None:
        output = self.stage.run(script)
        if output.status:
            raise Spoilt(f"{what} failed on the host (exit status {output.status}): {output.said}", f"{what} succeeds")

    def step(self, text: str) -> None:
        step = Step(text=text, at_s=round(self.clock.monotonic() - self.began, 1))
        self.steps.append(step)
        self.tell(step)

    def result(self, spoilt: Spoilt | None = None) -> DrillResult:
        drill = self.drill
        happened = f"{drill.alert} {drill.alarm}, then {drill.recovery}"
        found = "; ".join(part for part in (spoilt.found, self.not_restored) if part) if spoilt else happened
        return DrillResult(
            name=drill.name,
            ok=spoilt is None,
            alert=drill.alert,
            witness=self.stage.witness.name,
            found=found,
            expected=spoilt.expected if spoilt else happened,
            remedy=drill.remedy,
            seconds_to_alarm=None if self.to_alarm is None else round(self.to_alarm, 2),
            seconds_to_recover=None if self.to_recover is None else round(self.to_recover, 2),
            steps=self.steps,
        )


def arm(drill: Drill, scene: Scene) -> str:
    """A script that makes the host restore itself when nobody disarms it."""
    after, restore = int(drill.budget_s), shlex.quote(drill.restore(scene))
    return f"systemd-run --quiet --collect --unit={_unit(scene)} --on-active={after} /bin/sh -c {restore}"


def disarm(scene: Scene) -> str:
    """A script that calls off `arm`; the timer disappears with it."""
    return f"systemctl stop {_unit(scene)}.timer"


def _unit(scene: Scene) -> str:
    return f"firedrill-restore-{scene.id}"
