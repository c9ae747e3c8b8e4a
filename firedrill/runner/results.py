"""What a run has to say: checks, drills, hosts. Data only, in the shape of the JSON report."""

from __future__ import annotations

import msgspec


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check on one host; `ms` is the time of the check itself, the reading of the host not included."""

    name: str
    ok: bool
    found: str
    expected: str
    remedy: str
    ms: float


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A check that had nothing to look at; it says why, and counts as neither green nor red."""

    name: str
    reason: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a drill, with the seconds since the drill began."""

    text: str
    at_s: float


class DrillResult(msgspec.Struct, frozen=True, kw_only=True):
    """One drill on one host. Seconds are None where the drill did not get that far.

    `seconds_to_alarm` runs from the injection to the receipt of the notification, `seconds_to_recover` from the
    restoration to the receipt of the opposite one; `witness` is who received them.
    """

    name: str
    ok: bool
    alert: str
    witness: str
    found: str
    expected: str
    remedy: str
    seconds_to_alarm: float | None = None
    seconds_to_recover: float | None = None
    steps: list[Step] = []


class HostResult(msgspec.Struct, kw_only=True):
    """Everything about one host. `error`: it could not be examined, and this sentence says why."""

    name: str
    checks: list[CheckResult] = []
    skipped: list[Skipped] = []
    drills: list[DrillResult] = []
    read_ms: float = 0.0
    seconds: float = 0.0
    error: str | None = None

    @property
    def green(self) -> bool:
        """Examined, and nothing red."""
        return self.error is None and all(check.ok for check in self.checks) and all(drill.ok for drill in self.drills)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run; `started_at` in unix seconds."""

    inventory: str
    started_at: float
    hosts: list[HostResult]

    @property
    def green(self) -> bool:
        """Every host green, and at least one host."""
        return bool(self.hosts) and all(host.green for host in self.hosts)

    @property
    def exit_code(self) -> int:
        """0 green, 1 red, 2 when a host could not be examined."""
        if any(host.error for host in self.hosts) or not self.hosts:
            return 2
        return 0 if self.green else 1


class Note(msgspec.Struct, frozen=True, tag=True):
    """A line for people, while it happens."""

    text: str


class Planned(msgspec.Struct, frozen=True, tag=True):
    """How many checks a round has; an earlier round's results are void."""

    checks: int


class Checked(msgspec.Struct, frozen=True, tag=True):
    """A check ended; one that `settles` may become green by itself while a service is young."""

    result: CheckResult | None = None
    skipped: Skipped | None = None
    settles: bool = False


class ChecksDone(msgspec.Struct, frozen=True, tag=True):
    """The results told since the last Planned are final."""


class Read(msgspec.Struct, frozen=True, tag=True):
    """The host was read, in so many ms."""

    ms: float


class Stepped(msgspec.Struct, frozen=True, tag=True):
    """A drill went one step further."""

    drill: str
    step: Step


class Drilled(msgspec.Struct, frozen=True, tag=True):
    """A drill ended."""

    result: DrillResult


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The host cannot be examined (any further)."""

    error: str


Message = Note | Planned | Checked | ChecksDone | Read | Stepped | Drilled | Failed
"""What a worker tells the process that started it, as it happens."""
