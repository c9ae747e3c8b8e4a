"""What people see: a counter on a terminal, lines in a pipe, and every red with its remedy."""

from __future__ import annotations

import io

import msgspec

from firedrill.runner.progress import Progress, table
from firedrill.runner.results import (
    Checked,
    ChecksDone,
    Drilled,
    Failed,
    Message,
    Note,
    Planned,
    Read,
    Skipped,
    Step,
    Stepped,
)

from .fakes import check, drill, host, run

ROUND: list[Message] = [
    Read(480.0),
    Planned(3),
    Checked(check("bot_is_healthy")),
    Checked(check("bot_is_ready", ok=False)),
    Checked(skipped=Skipped(name="clock", reason="a container")),
]


def _shown(*messages: Message, live: bool = False) -> str:
    out = io.StringIO()
    progress = Progress(out, live)
    for message in messages:
        progress.show("desk-1", message)
    return out.getvalue()


def test_a_pipe_gets_one_line_a_host_and_the_reds() -> None:
    lines = _shown(*ROUND, ChecksDone()).splitlines()
    assert lines[0] == "desk-1: 2 checks, 1 red, 1 skipped (host read in 0.48 s)"
    assert lines[1] == "  skipped  clock: a container"
    assert [line.strip() for line in lines[2:]] == [
        "RED      desk-1: bot_is_ready",
        "found     <503>",
        "expected  200",
        "to do     look & see",
    ]


def test_a_round_that_was_not_the_last_shows_no_red() -> None:
    shown = _shown(*ROUND, Note("1 red, but mm-bot.service started 2 s ago: asking again"), Read(400.0), Planned(1))
    assert shown == "desk-1: 1 red, but mm-bot.service started 2 s ago: asking again\n"


def test_a_terminal_gets_a_counter() -> None:
    shown = _shown(*ROUND, live=True)
    assert "desk-1 2/3 1 red" in shown
    assert shown.startswith("\r")


def test_drills_and_failures() -> None:
    shown = _shown(
        Stepped("etick_error", Step(text="fault injected", at_s=0.1)),
        Drilled(drill()),
        Drilled(drill(ok=False)),
        Failed("desk-1 cannot be reached"),
    )
    lines = [line.strip() for line in shown.splitlines()]
    assert lines[0] == "desk-1: etick_error:    0.1 s  fault injected"
    assert lines[1] == "RED      desk-1: drill etick_error"
    assert lines[-1] == "desk-1: could not be examined: desk-1 cannot be reached"


def test_the_table() -> None:
    rows = table(run(host(), host("desk-2", drills=[drill(ok=False)], checks=[check(ok=False)])))
    assert rows[0].split()[0] == "host"
    assert rows[1].split() == ["desk-1", "1", "0", "1", "1", "12.3"]
    assert rows[2].split() == ["desk-2", "1", "1", "1", "1", "12.3"]
    assert rows[5].split() == ["ETickError", "etick_error", "4.2", "6.1"]
    assert rows[8].split() == ["ETickError", "etick_error", "RED"]


def test_the_table_says_how_long_alarms_took() -> None:
    slow = msgspec.structs.replace(drill(), name="slow", seconds_to_alarm=9.8)
    assert table(run(host(drills=[drill(), slow])))[-1] == "2 alarms: median 7.0 s, worst 9.8 s"


def test_the_last_line_is_the_verdict() -> None:
    for hosts, verdict in (((host(),), "green"), ((host(checks=[check(ok=False)]),), "RED"), ((), "COULD NOT RUN")):
        out = io.StringIO()
        Progress(out, live=False).summary(run(*hosts))
        assert out.getvalue().splitlines()[-1] == verdict
