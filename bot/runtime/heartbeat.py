"""The file that says the session still turns, for the watchdog that cancels when it does not.

It lies in STATE_DIR, which outlives the process: a bot that was killed leaves a beat that grows old, a bot that ended
in order takes its file away. Written whole by a rename. Knows nothing of who reads it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

NAME = "heartbeat.json"
SLOWEST = 2_000_000_000
"""A run that acts beats at least this often, in ns."""


class Beat(msgspec.Struct, frozen=True):
    """`at` in ns, the clock of the host; `turns` the messages handled so far by this `run`."""

    at: int
    run: str
    turns: int


class Heart:
    """Beats while the session turns. A folder that cannot be written raises OSError."""

    def __init__(self, path: Path, run: str) -> None:
        self._path = path
        self._staged = path.with_suffix(".new")
        self._run = run
        self._turns = -1

    def beat(self, turns: int, now: int) -> bool:
        """Write a beat if the session turned since the last one; says whether it did."""
        if turns == self._turns:
            return False
        self._turns = turns
        self._staged.write_bytes(msgspec.json.encode(Beat(now, self._run, turns)))
        self._staged.replace(self._path)
        return True

    def end(self) -> None:
        """The run ended in order, and nothing of ours rests: nobody needs to watch."""
        self._path.unlink(missing_ok=True)


def acts_until(path: Path, now: int, lasting: int) -> int:
    """Until when (ns) what a killed run asked for may still happen, `lasting` after it asked; 0 when that is over."""
    beat = read(path)
    until = 0 if beat is None else min(beat.at, now) + SLOWEST + lasting
    return until if until > now else 0


def read(path: Path) -> Beat | None:
    """The last beat, None when there is no file. A file that is no beat counts as an old one: at 0."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Beat)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Beat(0, "", 0)
