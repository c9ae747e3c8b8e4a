"""What people see while it happens: on a terminal a line that counts, in a pipe only what is worth a line."""

from __future__ import annotations

import shutil
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
    """Host, checks, red, skipped, drills with seconds to alarm and to recovery, seconds in all."""
    head = ("host", "checks", "red", "skipped", "drills (s to alarm / to recover)", "s")
    rows = [head]
    for host in run.hosts:
        red = sum(not check.ok for check in host.checks)
        drills = "  ".join(_drill(drill) for drill in host.drills) or "none"
        cells = (str(len(host.checks)), str(red), str(len(host.skipped)), drills, f"{host.seconds:.1f}")
        rows.append((host.name, *cells))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _drill(drill: DrillResult) -> str:
    if not drill.ok:
        return f"{drill.name} RED"
    return f"{drill.name} {drill.seconds_to_alarm:.1f} / {drill.seconds_to_recover:.1f}"


def _colour(text: str, colour: str) -> str:
    return click.style(text, fg=colour, bold=True)
