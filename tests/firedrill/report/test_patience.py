"""The line on the terminal while the logs are read."""

from __future__ import annotations

import io
from collections.abc import Callable

from firedrill.report.patience import patience


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_long_wait_is_told_and_cleared_away(until: Callable[[Callable[[], object], float, str], object]) -> None:
    terminal = Terminal()
    with patience("reading the logs", terminal, after_s=0.0):
        until(lambda: "reading the logs ... 0 s" in terminal.getvalue(), 5, "the line")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_short_one_is_not(until: Callable[[Callable[[], object], float, str], object]) -> None:
    terminal = Terminal()
    with patience("reading the logs", terminal, after_s=60.0):
        pass
    assert terminal.getvalue() == ""


def test_nothing_is_told_to_a_file() -> None:
    file = io.StringIO()
    with patience("reading the logs", file, after_s=0.0):
        pass
    assert file.getvalue() == ""
