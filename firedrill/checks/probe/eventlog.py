"""Reads the end of the bot's event log: is it fresh, is it JSON, does a line miss. Judges nothing."""

from __future__ import annotations

import json
import os

Fact = dict[str, object]

TAIL = 256 * 1024
BACK = 4
"""How often the tail may double in search of a heartbeat, which comes once a second."""


def read_log(link: str) -> Fact:
    """What the link leads to and what the last lines of that file say.

    `invalid` holds the first 120 characters of each line that is not a JSON object, `gaps` "run n->n" where the
    line number of a run skips; `ended` is why the last run before ended. All only over the part that was read.
    """
    if not os.path.islink(link):
        return {"target": None, "error": f"{link} is no link"}
    target = os.readlink(link)
    size = TAIL
    for _ in range(BACK):
        try:
            lines, whole = _tail(link, size)
        except OSError as error:
            return {"target": target, "error": f"{link}: {error.strerror}"}
        facts = _digest(lines)
        if whole or facts["heartbeat_ts"] is not None:
            break
        size *= 2
    return {"target": target, "error": None, **facts}


def _tail(path: str, size: int) -> tuple[list[bytes], bool]:
    """Complete lines within the last `size` bytes, and whether that was the whole file."""
    with open(path, "rb") as file:
        start = max(os.fstat(file.fileno()).st_size - size, 0)
        file.seek(start)
        text = file.read()
    lines = text.split(b"\n")
    lines.pop()
    return (lines[1:] if start else lines), start == 0


def _digest(lines: list[bytes]) -> Fact:
    facts: Fact = {"lines": len(lines), "heartbeat_ts": None, "release": None, "run": None, "ended": ""}
    invalid: list[str] = []
    gaps: list[str] = []
    numbers: dict[str, int] = {}
    for line in lines:
        event = _event(line)
        if event is None:
            invalid.append(line[:120].decode(errors="replace"))
            continue
        run, number = str(event.get("run")), event.get("n")
        if isinstance(number, int):
            if run in numbers and number != numbers[run] + 1:
                gaps.append(f"run {run}: {numbers[run]} -> {number}")
            numbers[run] = number
        facts["release"], facts["run"] = event.get("release"), run
        if event.get("action") == "heartbeat":
            facts["heartbeat_ts"] = event.get("ts")
        if event.get("action") == "shutdown":
            facts["ended"] = event.get("reason")
    return {**facts, "invalid": invalid[:5], "gaps": gaps[:5]}


def _event(line: bytes) -> Fact | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
