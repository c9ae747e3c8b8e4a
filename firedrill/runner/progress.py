"""What people see while it happens: on a terminal a line that counts, in a pipe only what is worth a line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from statistics import median
from typing import TextIO

import click

from firedrill.runner.results import (
    Checked,
    CheckResult,
    ChecksDone,
    Drilled,
    DrillResult,
    Failed,
    HostResult,
    Message,
    Note,
    Planned,
    Read,
    Run,
    Stepped,
)


class Progress:
    """Shows messages of workers; `live` rewrites the last line of a terminal."""

    def __init__(self, out: TextIO, live: bool | None = None) -> None:
        self._out = out
        self._live = out.isatty() if live is None else live
        self._counting: dict[str, tuple[int, int, int]] = {}
        self._held: dict[str, HostResult] = {}

    def show(self, host: str, message: Message) -> None:
        """One message of one host."""
        held = self._held.setdefault(host, HostResult(name=host))
        match message:
            case Planned(checks=checks):
                held.checks, held.skipped = [], []
                self._counting[host] = (0, checks, 0)
            case Read(ms=ms):
                held.read_ms = ms
            case Checked(result=check, skipped=skipped):
                held.checks += [check] if check else []
                held.skipped += [skipped] if skipped else []
                self._count(host, red=check is not None and not check.ok)
            case ChecksDone():
                self._checks_done(host, held)
            case Note(text=text):
                self._line(f"{host}: {text}")
            case Stepped(drill=drill, step=step):
                self._line(f"{host}: {drill}: {step.at_s:6.1f} s  {step.text}")
            case Drilled(result=drill_result):
                if not drill_result.ok:
                    self._red(host, f"drill {drill_result.name}", drill_result)
            case Failed(error=error):
                self._line(f"{host}: {_colour('could not be examined', 'red')}: {error}")

    def summary(self, run: Run) -> None:
        """A table, and one last line."""
        self._clear()
        for row in table(run):
            self._out.write(row + "\n")
        verdict = {0: _colour("green", "green"), 1: _colour("RED", "red"), 2: _colour("COULD NOT RUN", "red")}
        self._line(verdict[run.exit_code])

    def _checks_done(self, host: str, held: HostResult) -> None:
        self._counting.pop(host, None)
        red = [check for check in held.checks if not check.ok]
        skipped = f", {len(held.skipped)} skipped" if held.skipped else ""
        state = _colour(f"{len(red)} red", "red") if red else _colour("all green", "green")
        self._line(f"{host}: {len(held.checks)} checks, {state}{skipped} (host read in {held.read_ms / 1000:.2f} s)")
        for skip in held.skipped:
            self._line(f"  skipped  {skip.name}: {skip.reason}")
        for check in red:
            self._red(host, check.name, check)

    def _red(self, host: str, name: str, item: CheckResult | DrillResult) -> None:
        self._line(f"  {_colour('RED', 'red')}      {host}: {name}")
        self._line(f"           found     {item.found}")
        self._line(f"           expected  {item.expected}")
        self._line(f"           to do     {item.remedy}")

    def _count(self, host: str, red: bool) -> None:
        done, of, reds = self._counting.get(host, (0, 0, 0))
        self._counting[host] = (done + 1, of, reds + red)
        if self._live:
            parts = [f"{name} {d}/{o}" + (f" {r} red" if r else "") for name, (d, o, r) in self._counting.items()]
            self._clear()
            self._out.write("  ".join(parts)[: shutil.get_terminal_size().columns - 1])
            self._out.flush()

    def _line(self, text: str) -> None:
        self._clear()
        self._out.write((text if self._live else click.unstyle(text)) + "\n")
        self._out.flush()

    def _clear(self) -> None:
        if self._live:
            self._out.write("\r\x1b[K")


def table(run: Run) -> list[str]:
    """A line for each host; below, one for each alarm that was drilled, and how long alarms took on each host (s)."""
    rows = [("host", "checks", "red", "skipped", "drills", "s")]
    for host in run.hosts:
        red = sum(not check.ok for check in host.checks)
        cells = (str(len(host.checks)), str(red), str(len(host.skipped)), str(len(host.drills) or "none"))
        rows.append((host.name, *cells, f"{host.seconds:.1f}"))
    return [*_aligned(rows), *(line for host in run.hosts if host.drills for line in _alarms(host))]


def _alarms(host: HostResult) -> list[str]:
    rows = [(f"alarm on {host.name}", "drill", "s to alarm", "s to recover")]
    for drill in host.drills:
        seconds = (_seconds(drill.seconds_to_alarm), _seconds(drill.seconds_to_recover))
        rows.append((drill.alert, drill.name, *(seconds if drill.ok else ("RED", ""))))
    heard = [drill.seconds_to_alarm for drill in host.drills if drill.seconds_to_alarm is not None]
    times = [f"{len(heard)} alarms: median {median(heard):.1f} s, worst {max(heard):.1f} s"] if len(heard) > 1 else []
    return ["", *_aligned(rows), *times]


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _colour(text: str, colour: str) -> str:
    return click.style(text, fg=colour, bold=True)
