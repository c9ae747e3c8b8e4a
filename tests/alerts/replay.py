"""All rules over a generated day, on either store: the ruler is that of a host, only the clock is the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from firedrill.logql import syntax
from firedrill.logql.rules import Rule
from firedrill.rules.ruler import Ruler
from firedrill.store.embedded import Embedded
from firedrill.store.engine import Limits
from firedrill.store.loki import Loki
from firedrill.store.store import Scalar, Series, Store, Vector
from tests.alerts.faults import FAULTS
from tests.alerts.test_alerts import ALWAYS, GROUPS, RULES
from tests.day import SECOND, START, Day
from tests.real_loki import RealLoki

LABELS = {"job": "bot", "host": "desk-1"}
STEP = 5
SLOWEST = 15
"""A group of rules may be evaluated as rarely as this."""
MINUTE = 60
DAY = 86_400
AT = 6 * MINUTE
"""When the fault begins: the windows of most rules are filled with good lines by then."""
PATIENCE = 180
"""Each alarm must ring within so many seconds of its fault."""
WHOLE_DAY = Limits(recent_mb=512, recent_s=2 * DAY)


class Replay:
    """The answers to each rule over a day, from one range query; a ruler asks them one instant at a time."""

    def __init__(self, store: Store, rules: Sequence[Rule], start: int, end: int, step: int) -> None:
        self._answers: dict[str, dict[int, list[Series]]] = {}
        for rule in rules:
            by_time = self._answers.setdefault(rule.expr, {})
            for series in store.range(rule.expr, start * SECOND, end * SECOND, step * SECOND).series:
                for at, value in series.points:
                    by_time.setdefault(at, []).append(Series(series.labels, ((at, value),)))

    def instant(self, query: str, at: int) -> Scalar | Vector:
        return Vector(tuple(self._answers[query].get(at, ())))


def ringing(store: Store, start: int, end: int, step: int = STEP) -> dict[str, list[int]]:
    """When each alert fired, in seconds since the day began; `start` and `end` likewise."""
    rules = [rule for _, rule in RULES.values()]
    ruler = Ruler(GROUPS, Replay(store, rules, START + start, START + end, step), step * SECOND, LABELS)
    found: dict[str, list[int]] = {}
    for now in range(start, end + 1, step):
        ruler.evaluate((START + now) * SECOND)
        for state in ruler.rules():
            assert state.health == "ok", state.error
            if state.state == "firing":
                found.setdefault(state.rule.alert, []).append(now)
    return found


def written(day: Day, folder: Path) -> Embedded:
    """A store that has read the day's file, as a host's store keeps what it has read."""
    end = (day.start + day.seconds) * SECOND
    return Embedded((str(day.write(folder)),), LABELS, WHOLE_DAY, True, lambda: end)


class _Labelled(msgspec.Struct):
    """What a shipper reads of a line."""

    ts: float
    level: str
    action: str


def pushed(day: Day, loki: RealLoki, tenant: str) -> Loki:
    """The day's lines in a Loki, with the labels and the times that a shipper gives them."""
    streams: dict[tuple[str, str], list[tuple[int, str]]] = {}
    at = day.start * SECOND
    for line in day.lines():
        try:
            read = msgspec.json.decode(line, type=_Labelled)
        except msgspec.DecodeError:
            streams.setdefault(("", ""), []).append((at, line.decode()))
            continue
        at = round(read.ts * 1_000_000) * 1000
        streams.setdefault((read.level, read.action), []).append((at, line.decode()))
    named = [({"level": level, "action": action}, lines) for (level, action), lines in streams.items()]
    loki.push(tenant, [({**LABELS, **{k: v for k, v in own.items() if v}}, lines) for own, lines in named])
    return Loki(loki.url, tenant)


def faulty(name: str) -> Day:
    """A morning with the fault, until its alert must be silent again."""
    return Day(seconds=AT + FAULTS[name].lasts + _reach(name) + MINUTE, fault=FAULTS[name], at=AT)


def check_fault(name: str, store: Store) -> None:
    """It rings its alert and no other, in time, without a break, and until it has left the window."""
    fault, end = FAULTS[name], faulty(name).seconds
    found = ringing(store, 2 * MINUTE, end)
    assert set(found) == {fault.alert, *fault.also} | ALWAYS
    rang = found[fault.alert]
    assert AT <= rang[0] <= AT + PATIENCE
    assert rang[-1] <= AT + fault.lasts + _reach(name) + SLOWEST, "it rings longer than its window sees the fault"
    assert rang == list(range(rang[0], rang[-1] + 1, STEP)), "it flaps"


def _reach(name: str) -> int:
    return syntax.reach(RULES[FAULTS[name].alert][1].query) // SECOND
