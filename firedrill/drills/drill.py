"""What a drill is: a fault, the alarm it must cause, and the way back. Data only; `engine` performs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Status = Literal["firing", "resolved"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One performance: `id` is 8 hex digits, unique; `release` is on the host, `store` the unit of its log store."""

    id: str
    host: str
    bind_address: str
    release: str
    store: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """A fault and its alarm.

    `inject` and `restore` give shell scripts for the host. `restore` must be safe to run twice, and without `inject`.
    `alarm` is what the alert becomes: "resolved" for one whose absence is the alarm. Budgets are in seconds,
    `alarm_within_s` from the injection, `recover_within_s` from the restoration. A drill that is not `alone` touches
    nothing that another such drill needs.
    """

    name: str
    alert: str
    summary: str
    inject: Callable[[Scene], str]
    restore: Callable[[Scene], str]
    alarm_within_s: float
    recover_within_s: float
    remedy: str
    alarm: Status = "firing"
    alone: bool = True

    @property
    def recovery(self) -> Status:
        """What the alert becomes when all is well again."""
        return "resolved" if self.alarm == "firing" else "firing"

    @property
    def budget_s(self) -> float:
        """The longest the drill may take, steady states included."""
        return self.alarm_within_s + self.recover_within_s + 2 * STEADY_WITHIN_S


STEADY_WITHIN_S = 30.0
"""How long a host may take to be steady again once the alarm is over."""
