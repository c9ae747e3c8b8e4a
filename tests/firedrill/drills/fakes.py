"""A host that only remembers what it was told, a clock that moves when asked, a witness that hears what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from firedrill.drills.drill import Drill, Scene
from firedrill.drills.witness import Heard
from firedrill.runner.hosts import Output

SCENE = Scene(id="0123abcd", host="desk-1", bind_address="127.0.0.11", release="1.4.0+abc1234", store="loki.service")

DRILL = Drill(
    name="fake",
    alert="FakeAlert",
    summary="a fault",
    inject=lambda scene: f"inject {scene.id}",
    restore=lambda scene: f"restore {scene.id}",
    alarm_within_s=60,
    recover_within_s=90,
    remedy="look",
)


@dataclass
class FakeClock:
    """Monotonic seconds that pass only in `sleep` and `wait`."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


@dataclass
class FakeWitness:
    """`delays` are the seconds until each notification waited for arrives, in order; None for never.

    An exception in their place is raised instead.
    """

    clock: FakeClock
    delays: list[float | BaseException | None]
    name: str = "fake"
    ended: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    of: list[Heard | None] = field(default_factory=list)
    _due: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def mark(self) -> int:
        return 0

    def heard(self, alert: str, status: str, mark: int, of: Heard | None = None) -> Heard | None:
        if (alert, status) not in self._due:
            self.asked.append((alert, status))
            self.of.append(of)
            delay = self.delays.pop(0)
            if isinstance(delay, BaseException):
                raise delay
            self._due[alert, status] = None if delay is None else self.clock.now + delay
        due = self._due[alert, status]
        if due is None or due > self.clock.now:
            return None
        return Heard(alert, status, due, f"alarm {len(self.asked)}")

    def instead(self) -> str:
        return "nothing of the kind"


@dataclass
class FakeStage:
    """`reasons` are the answers to the question for the steady state, in order, the last one repeated."""

    witness: FakeWitness
    reasons: list[str | None] = field(default_factory=lambda: [None])
    answer: Callable[[str], Output] = lambda script: Output(0, "", "")
    scripts: list[str] = field(default_factory=list)
    wanted_firing: list[bool] = field(default_factory=list)

    def run(self, script: str) -> Output:
        self.scripts.append(script)
        return self.answer(script)

    def unsteady(self, alert: str, firing: bool) -> str | None:
        self.wanted_firing.append(firing)
        return self.reasons.pop(0) if len(self.reasons) > 1 else self.reasons[0]

    @property
    def verbs(self) -> list[str]:
        """The first word of each script."""
        return [script.split()[0] + (" stop" if script.startswith("systemctl stop") else "") for script in self.scripts]
