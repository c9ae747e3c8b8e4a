"""Who hears the alarm: our own webhook receiver on the host, or, failing that, Alertmanager's own list of alerts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec


@dataclass(frozen=True, slots=True)
class Heard:
    """One alert of one notification; `at` in monotonic s, `labels` tell alarms of the same name apart.

    `since` is when it began (unix s).
    """

    alert: str
    status: str
    at: float
    labels: str = ""
    since: float = 0.0

    def ends(self, alarm: Heard) -> bool:
        """Whether this is the end of that very alarm.

        One that rings anew before Alertmanager told its end goes on for whoever is told, with a later beginning.
        """
        return self.labels == alarm.labels and self.since >= alarm.since


class Witness(Protocol):
    """Hears notifications. `name` says who it is, for the report; once it has `ended` it hears nothing more."""

    name: str

    @property
    def ended(self) -> bool: ...

    def mark(self) -> int:
        """A point in time; only what is heard after it counts for `heard`."""
        ...

    def heard(self, alert: str, status: str, mark: int, of: Heard | None = None) -> Heard | None:
        """The alert in that status, None while it was not heard. With `of`, only the end of that very alarm."""
        ...

    def instead(self) -> str:
        """What was heard last, for the message of a red drill."""
        ...


class ReceiverWitness:
    """Reads what `firedrill receiver` prints. A line that is not a notification is kept as the receiver's complaint."""

    name = "the drill's receiver, from Alertmanager's webhook"

    def __init__(self, lines: Iterable[str], host: str) -> None:
        self._host = host
        self._heard: list[Heard] = []
        self._complaint = ""
        self._listening = False
        self._ended = False
        self._change = threading.Condition()
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()

    def listening(self, within_s: float) -> str | None:
        """None once the receiver listens, or why it does not."""
        with self._change:
            self._change.wait_for(lambda: self._listening or self._ended, within_s)
            return None if self._listening else self._complaint or "it did not start in time"

    def mark(self) -> int:
        with self._change:
            return len(self._heard)

    @property
    def ended(self) -> bool:
        with self._change:
            return self._ended

    def heard(self, alert: str, status: str, mark: int, of: Heard | None = None) -> Heard | None:
        """An alarm that ended long ago may be reported now, because nobody could be told then: hence `of`."""
        with self._change:
            fits = (heard for heard in self._heard[mark:] if (heard.alert, heard.status) == (alert, status))
            return next((heard for heard in fits if of is None or heard.ends(of)), None)

    def instead(self) -> str:
        with self._change:
            if self._ended:
                return f"the receiver ended: {self._complaint or 'no reason given'}"
            last = [f"{heard.alert} {heard.status}" for heard in self._heard[-3:]]
            return f"nothing of the kind (received last: {', '.join(last) or 'nothing at all'})"

    def _listen(self, lines: Iterable[str]) -> None:
        try:
            for line in lines:
                self._take(line)
        except OSError as error:
            self._complaint = f"connection lost ({error})"
        finally:
            with self._change:
                self._ended = True
                self._change.notify_all()

    def _take(self, line: str) -> None:
        at = time.monotonic()
        try:
            said = msgspec.json.decode(line)
        except msgspec.DecodeError:
            self._complaint = line.strip() or self._complaint
            return
        with self._change:
            self._listening = True
            self._heard += alerts_of(said, self._host, at)
            self._change.notify_all()


class AlertmanagerWitness:
    """Asks Alertmanager which alerts fire; sees that an alarm is raised, not that it is delivered."""

    name = "Alertmanager's own list (delivery not seen)"

    ended = False

    def __init__(self, firing: Callable[[], set[str]]) -> None:
        self._firing = firing
        self._last: set[str] = set()

    def mark(self) -> int:
        return 0

    def heard(self, alert: str, status: str, mark: int, of: Heard | None = None) -> Heard | None:
        self._last = self._firing()
        happened = (alert in self._last) == (status == "firing")
        return Heard(alert, status, time.monotonic()) if happened else None

    def instead(self) -> str:
        return f"firing at Alertmanager: {', '.join(sorted(self._last)) or 'nothing'}"


def alerts_of(notification: Any, host: str, at: float) -> list[Heard]:
    """Each alert of a notification that is about the host, or about no host in particular."""
    alerts = notification.get("alerts", []) if isinstance(notification, dict) else []
    return [
        Heard(str(alert["labels"].get("alertname")), str(alert["status"]), at, _labels(alert), _began(alert))
        for alert in alerts
        if alert["labels"].get("host", host) == host
    ]


def _labels(alert: dict[str, Any]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(alert["labels"].items()))


def _began(alert: dict[str, Any]) -> float:
    said = alert.get("startsAt")
    return datetime.fromisoformat(said).timestamp() if said else 0.0
