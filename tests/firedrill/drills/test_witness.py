"""Witnesses: what they take for the alarm, what they ignore, and what they say when it does not come."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firedrill.checks.target import Ssh, Target
from firedrill.drills.stage import notifies_receiver
from firedrill.drills.witness import AlertmanagerWitness, ReceiverWitness

from ..checks import green

END = None
Until = Callable[[Callable[[], object], float, str], Any]


class Lines:
    """A stream whose lines come when the test says so."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()

    def __iter__(self) -> Iterator[str]:
        while (line := self._queue.get()) is not END:
            yield line

    def say(self, line: object) -> None:
        self._queue.put(line if isinstance(line, str) else json.dumps(line))

    def end(self) -> None:
        self._queue.put(END)


def _notification(*alerts: tuple[str, str], **labels: str) -> dict[str, object]:
    return {"alerts": [{"status": status, "labels": {"alertname": name, **labels}} for name, status in alerts]}


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = Lines()
    yield stream
    stream.end()


@pytest.fixture
def witness(lines: Lines) -> ReceiverWitness:
    lines.say({"listening": "127.0.0.11:9190"})
    witness = ReceiverWitness(lines, "desk-1")
    assert witness.listening(5) is None
    return witness


def test_an_alert_is_heard(lines: Lines, witness: ReceiverWitness, until: Until) -> None:
    lines.say(_notification(("BotSilent", "firing"), ("ETickError", "firing"), host="desk-1"))
    heard = until(lambda: witness.heard("ETickError", "firing", 0), 5, "the notification")
    assert heard.at <= time.monotonic()


@pytest.mark.parametrize(
    "other",
    [
        _notification(("ETickError", "resolved")),
        _notification(("BotSilent", "firing")),
        _notification(("ETickError", "firing"), host="desk-2"),
        {"status": "firing"},
    ],
)
def test_what_is_something_else(lines: Lines, witness: ReceiverWitness, other: object, until: Until) -> None:
    lines.say(other)
    lines.say(_notification(("End", "firing")))
    until(lambda: witness.heard("End", "firing", 0), 5, "the notification")
    assert witness.heard("ETickError", "firing", 0) is None


def test_only_what_follows_the_mark_counts(lines: Lines, witness: ReceiverWitness, until: Until) -> None:
    lines.say(_notification(("ETickError", "firing")))
    until(lambda: witness.heard("ETickError", "firing", 0), 5, "the notification")
    mark = witness.mark()
    assert witness.heard("ETickError", "firing", mark) is None
    assert "received last: ETickError firing" in witness.instead()
    lines.say(_notification(("ETickError", "firing")))
    until(lambda: witness.heard("ETickError", "firing", mark), 5, "the notification")


def test_the_late_end_of_an_earlier_alarm_is_not_the_end_of_this_one(
    lines: Lines, witness: ReceiverWitness, until: Until
) -> None:
    lines.say(_notification(("ETickError", "firing"), market="DRILL-2"))
    alarm = until(lambda: witness.heard("ETickError", "firing", 0), 5, "the notification")
    lines.say(_notification(("ETickError", "resolved"), market="DRILL-1"))
    lines.say(_notification(("End", "firing")))
    until(lambda: witness.heard("End", "firing", 0), 5, "the notification")
    assert witness.heard("ETickError", "resolved", 0, of=alarm) is None
    lines.say(_notification(("ETickError", "resolved"), market="DRILL-2"))
    until(lambda: witness.heard("ETickError", "resolved", 0, of=alarm), 5, "the notification")


def _rejects(status: str, market: str, began: str) -> dict[str, object]:
    alert = {"status": status, "labels": {"alertname": "OrderRejectRateHigh", "market": market}, "startsAt": began}
    return {"alerts": [alert]}


def test_an_alarm_that_rang_anew_before_its_end_was_told_ends_with_its_last_ringing(
    lines: Lines, witness: ReceiverWitness, until: Until
) -> None:
    lines.say(_rejects("firing", "BTC", "2026-11-21T20:00:05.5Z"))
    alarm = until(lambda: witness.heard("OrderRejectRateHigh", "firing", 0), 5, "the notification")
    lines.say(_rejects("resolved", "BTC", "2026-11-21T19:00:00Z"))
    lines.say(_rejects("resolved", "ETH", "2026-11-21T20:00:20Z"))
    lines.say(_notification(("End", "firing")))
    until(lambda: witness.heard("End", "firing", 0), 5, "the notification")
    assert witness.heard("OrderRejectRateHigh", "resolved", 0, of=alarm) is None
    lines.say(_rejects("resolved", "BTC", "2026-11-21T20:00:20.123456789Z"))
    until(lambda: witness.heard("OrderRejectRateHigh", "resolved", 0, of=alarm), 5, "the notification")


def test_a_receiver_that_does_not_start(lines: Lines) -> None:
    lines.say("Error: cannot listen on 127.0.0.11:9190: another drill may be running there\n")
    lines.end()
    assert "another drill" in str(ReceiverWitness(lines, "desk-1").listening(5))


def test_a_receiver_that_ends_too_early(lines: Lines, witness: ReceiverWitness, until: Until) -> None:
    assert not witness.ended
    lines.end()
    until(lambda: witness.ended, 5, "the receiver's end")
    assert witness.heard("ETickError", "firing", 0) is None
    assert "the receiver ended" in witness.instead()


def test_alertmanager_s_list_as_the_witness() -> None:
    answers = [set(), {"ETickError"}, {"ETickError"}]
    witness = AlertmanagerWitness(lambda: answers.pop(0) if answers else {"ETickError"})
    assert witness.heard("ETickError", "firing", witness.mark()) is None
    assert witness.heard("ETickError", "firing", witness.mark()) is not None
    assert witness.heard("ETickError", "resolved", witness.mark()) is None
    assert witness.instead() == "firing at Alertmanager: ETickError"
    assert witness.heard("BotSilent", "resolved", witness.mark()) is not None


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://127.0.0.11:9190/alerts", True),
        ("http://127.0.0.11:9190", True),
        ("http://127.0.0.11:9191/alerts", False),
        ("https://hooks.example/T1", False),
        ("", False),
    ],
)
def test_where_alertmanager_posts_decides_who_is_the_witness(url: str, ours: bool) -> None:
    target = Target(
        name="desk-1",
        ssh=Ssh(hostname="x"),
        data={"bind_address": green.ADDRESS, "alert_webhook_url": url},
        expected=green.target().expected,
    )
    assert notifies_receiver(target) is ours
