"""Reads a host in one go: the request says which paths, units and ports; the answer is one JSON object.

The slow questions (the release tree, systemd's analysis, HTTP) are asked at the same time. The answer is
typed in `firedrill.checks.facts`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from firedrill.checks.probe.boards import out_of_step
from firedrill.checks.probe.eventlog import read_log
from firedrill.checks.probe.glance import at_once, pages
from firedrill.checks.probe.paths import (
    children,
    md5,
    read_account,
    read_path,
    read_paths,
    read_release,
    read_texts,
    writable_by,
)
from firedrill.checks.probe.processes import listeners, processes_by_unit
from firedrill.checks.probe.services import (
    ask_bot,
    disk,
    exposure,
    failed_units,
    in_container,
    journal_errors,
    list_units,
    memory,
    read_held,
    read_packages,
    read_units,
    run,
)

Fact = dict[str, object]
QUOTING_WITHIN = 2.0
"""Between a cancel and its replacement nothing rests for a moment; the question is asked again for so long (s)."""


def read_host(request: dict[str, object]) -> Fact:
    """All facts. A question that cannot be answered at all is an entry of `errors`, by the name of its fact."""
    opened = time.time()
    facts, errors = at_once(_questions(request))
    return {**facts, "errors": errors, "clock_start": opened, "clock_end": time.time()}


def _questions(request: dict[str, object]) -> dict[str, Callable[[], object]]:
    """What is asked, the slowest first."""
    ask = _Request(request)
    return {
        "release": lambda: read_release(ask.text("current")),
        "exposure": lambda: {unit: exposure(unit) for unit in ask.names("hardened")},
        "units": lambda: _units(ask.names("units")),
        "http": lambda: pages(ask.table("http")),
        "bot": lambda: _ask_bot(ask.text("control_socket")),
        "sockets": _sockets,
        "paths": lambda: read_paths(_all_paths(ask), ask.table("sealed")),
        "failed_units": failed_units,
        "packages": lambda: read_packages(ask.names("packages")),
        "held": lambda: read_held(ask.names("held")),
        "log": lambda: read_log(ask.text("log_link")),
        "writable": lambda: writable_by(ask.text("bot_user"), ask.names("writable")),
        "texts": lambda: read_texts(ask.text("rules"), ".yaml"),
        "entries": lambda: {directory: children(directory) for directory in ask.names("listed")},
        "md5": lambda: {path: md5(path) for path in ask.names("md5")},
        "accounts": lambda: {name: read_account(name) for name in ask.names("accounts")},
        "rotation": lambda: {path: run(["logrotate", "--debug", path]) for path in ask.names("rotations")},
        "dashboards": lambda: {at: out_of_step(ask.text("current"), at) for at in ask.names("dashboards")},
        "disks": lambda: {path: disk(path) for path in ask.names("disks")},
        "memory": memory,
        "container": in_container,
        "stamp": lambda: _stamp(ask.text("stamp")),
        "timers": lambda: list_units(ask.text("drill_timers")),
        "clock": _clock,
        "firewall": lambda: run(["nft", "list", "table", *ask.text("table").split()])[1] if ask.text("table") else "",
    }


class _Request:
    """Typed reading of the request."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        return str(self.values[name])

    def names(self, name: str) -> list[str]:
        values = self.values[name]
        assert isinstance(values, list)
        return [str(value) for value in values]

    def table(self, name: str) -> dict[str, Any]:
        values = self.values[name]
        assert isinstance(values, dict)
        return values


def _all_paths(ask: _Request) -> list[str]:
    """The paths asked for, and the entries of the directories that hold secrets."""
    inside = [path for directory in ask.names("listed") for path in children(directory)]
    return sorted({*ask.names("paths"), *inside})


def _units(names: list[str]) -> Fact:
    """Properties of each unit; restarts are read twice, so that one that is restarting right now is seen."""
    units = read_units(names)
    return {
        name: {**unit, "errors": journal_errors(unit.get("InvocationID", ""), 600), "files": _files_of(unit)}
        for name, unit in units.items()
    }


def _files_of(unit: dict[str, str]) -> dict[str, object]:
    """The unit's own file, its drop-ins and environment files as they are now, by path."""
    paths = [unit.get("FragmentPath", ""), *unit.get("DropInPaths", "").split()]
    paths += [word for word in unit.get("EnvironmentFiles", "").split() if word.startswith("/")]
    return {path: read_path(path) for path in paths if path}


def _sockets() -> Fact:
    processes = processes_by_unit()
    return {"processes": processes, "listeners": listeners(processes)}


def _ask_bot(path: str) -> Fact:
    """The bot's status over its control socket, asked again until an order rests or the time is up."""
    until = time.monotonic() + QUOTING_WITHIN
    while True:
        answer = ask_bot(path, {"op": "status"}, until)
        resting = answer.get("venue_orders") or not answer.get("quotes_enabled")
        if resting or time.monotonic() > until:
            return answer
        time.sleep(0.05)


def _stamp(path: str) -> object:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _clock() -> Fact:
    """Whether the kernel says that its clock is kept in step (adjtimex without changing anything)."""
    import ctypes

    state = ctypes.create_string_buffer(256)
    return {"synchronised": ctypes.CDLL(None).adjtimex(state) != 5}


def main(request: dict[str, object]) -> None:
    """Answer on standard output."""
    json.dump(read_host(request), sys.stdout)
