"""Misbehaviour of a simulated venue by plan: which request or frame goes wrong, when, and how often.

    faults:
      - {fault: unknown, where: "exchange:order", after: 3, count: 1}
      - {fault: delay, where: "ws:userFills", delay_s: 2, chance: 0.2}

Every key but `fault` may be left out. Which faults there are and where they may strike is each venue's own table.
Chance is seeded: the same requests in the same order meet the same faults.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from bot.errors import FixSettings

Table = Mapping[str, tuple[str, str, tuple[str, ...]]]
"""Fault -> what it does, where it strikes unless told, and the places where it can."""


class Fault(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One line of the file. Times in seconds since the start; `count` 0 and `seconds` 0 mean without end.

    `text` is what a refusal says, "" for what the venue would.
    """

    fault: str
    where: str = ""
    after: int = 0
    count: int = 0
    chance: float = 1.0
    start_s: float = 0.0
    seconds: float = 0.0
    delay_s: float = 0.5
    text: str = ""


class Plan(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file."""

    faults: list[Fault] = []


class Faults:
    """Ask `strikes` at every place where something may go wrong."""

    def __init__(self, plan: Plan, table: Table, seed: int, since: Callable[[], float]) -> None:
        self._table = table
        self._faults = [(fault, fault.where or table[fault.fault][1]) for fault in plan.faults]
        self._met = [0] * len(self._faults)
        self._struck = [0] * len(self._faults)
        self._random = random.Random(f"faults {seed}")
        self._since = since

    def strikes(self, name: str, place: str) -> Fault | None:
        """The fault of this name that hits now at a place such as "exchange:order" or "ws:bbo", if one does."""
        for number, (fault, where) in enumerate(self._faults):
            if fault.fault == name and (place == where or place.startswith(f"{where}:")) and self._hits(number, fault):
                return fault
        return None

    def add(self, fault: Fault) -> None:
        """One more from now on; its `after` and `count` begin here."""
        self._faults.append((fault, fault.where or self._table[fault.fault][1]))
        self._met.append(0)
        self._struck.append(0)

    def struck(self) -> Counter[str]:
        """How often each fault of the plan has hit so far."""
        found: Counter[str] = Counter()
        for (fault, _), times in zip(self._faults, self._struck, strict=True):
            found[fault.fault] += times
        return found

    def _hits(self, number: int, fault: Fault) -> bool:
        since = self._since() - fault.start_s
        if since < 0 or (fault.seconds and since >= fault.seconds):
            return False
        self._met[number] += 1
        if self._met[number] <= fault.after or (fault.count and self._struck[number] >= fault.count):
            return False
        if fault.chance < 1 and self._random.random() >= fault.chance:
            return False
        self._struck[number] += 1
        return True


def read(path: Path, table: Table, venue: str) -> Plan:
    """The plan in a file for `mm-bot simulate VENUE`. Raises FixSettings with every reason."""
    try:
        plan = msgspec.yaml.decode(path.read_bytes(), type=Plan)
    except OSError as error:
        raise FixSettings([f"{path}: {error.strerror}; name a file that can be read"]) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FixSettings([f"{path}: {error}; see `mm-bot simulate {venue} --help`"]) from error
    reasons = [f"{path}: {reason}" for fault in plan.faults for reason in _reasons(fault, table)]
    if reasons:
        raise FixSettings(reasons)
    return plan


def _reasons(fault: Fault, table: Table) -> list[str]:
    if fault.fault not in table:
        return [f"no fault {fault.fault!r}: choose from {', '.join(table)}"]
    _, default, places = table[fault.fault]
    where, reasons = fault.where or default, []
    if where.split(":")[0] not in places:
        reasons.append(f"{fault.fault} cannot strike at {where!r}: choose from {', '.join(places)}")
    if not 0 <= fault.chance <= 1:
        reasons.append(f"{fault.fault}: chance {fault.chance} is not between 0 and 1")
    if min(fault.after, fault.count, fault.start_s, fault.seconds, fault.delay_s) < 0:
        reasons.append(f"{fault.fault}: no number may be below zero")
    return reasons
