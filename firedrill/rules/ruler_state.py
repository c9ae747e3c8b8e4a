"""The ruler's alerts in a small file, so that a restart neither restarts a `for` nor ends an alarm.

Written whole beside the old file and put in its place; only when an alert changed. A file that
cannot be read is named and ignored, and a rule whose query changed begins anew.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from firedrill.logql.syntax import SECOND
from firedrill.rules.ruler import Alert, Ruler

NAME = "ruler-state.json"
VERSION = 1
PENDING_LASTS = 3600 * SECOND
"""After so long a silence of the ruler a pending alert begins anew: nobody knows what held meanwhile."""


class _Saved(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One alert; times in nanoseconds, the value as text since JSON knows no NaN."""

    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]
    value: str
    active_at: int
    fired_at: int | None
    resolved_at: int | None
    missing_since: int | None

    def restored(self) -> Alert:
        times = (self.active_at, self.fired_at, self.resolved_at)
        return Alert(
            dict(self.labels), dict(self.annotations), float(self.value), *times, missing_since=self.missing_since
        )


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    version: int
    saved_at: int
    alerts: list[_Saved]


@dataclass(slots=True)
class StateFile:
    """`error`: why the state could not be written the last time, empty when it could."""

    path: Path
    error: str = ""
    _written: list[tuple[object, ...]] | None = None

    def load(self, ruler: Ruler, now: int) -> str:
        """Gives the ruler the alerts it had; what was wrong with the file, empty for nothing."""
        try:
            file = msgspec.json.decode(self.path.read_bytes(), type=_File)
            if file.version != VERSION:
                raise ValueError(f"version {file.version} is unknown, {VERSION} is known")
            alerts = [(saved, saved.restored()) for saved in file.alerts]
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            return f"the ruler's state in {self.path} cannot be read ({error}): all alerts begin anew"
        rules = {(state.rule.alert, state.rule.expr): state for state in ruler.rules()}
        for saved, alert in alerts:
            state = rules.get((saved.alert, saved.expr))
            if state and (alert.fired_at is not None or now - file.saved_at < PENDING_LASTS):
                state.alerts[tuple(sorted(alert.labels.items()))] = alert
        return ""

    def save(self, ruler: Ruler, now: int) -> None:
        """Writes the alerts if any began, fired, went or came since the last time."""
        pairs = [(state.rule, alert) for state in ruler.rules() for alert in state.alerts.values()]
        known: list[tuple[object, ...]] = [
            (rule.alert, alert.labels, alert.active_at, alert.fired_at, alert.resolved_at, alert.missing_since)
            for rule, alert in pairs
        ]
        if known == self._written:
            return
        saved = [
            _Saved(
                rule.alert,
                rule.expr,
                alert.labels,
                alert.annotations,
                repr(alert.value),
                alert.active_at,
                alert.fired_at,
                alert.resolved_at,
                alert.missing_since,
            )
            for rule, alert in pairs
        ]
        try:
            self._replace(msgspec.json.encode(_File(VERSION, now, saved)))
        except OSError as error:
            self.error = f"cannot be written to {self.path}: {error.strerror}"
            return
        self.error, self._written = "", known

    def _replace(self, content: bytes) -> None:
        beside = self.path.with_name(f"{self.path.name}.new")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
