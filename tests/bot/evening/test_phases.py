"""The runbook's phases at the simulated exchange, and what `firedrill golive` says after each of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.recorded.replay import Replay
from firedrill.golive.command import command
from tests.bot.evening import world
from tests.bot.evening.world import Evening, Played

SHORT = {
    "paper": (world.PAPER, 1_900.0, ((900.0, True), (930.0, False))),
    "shadow": (world.SHADOW, 1_000.0, ()),
    "live-1": (world.ONE_MARKET, 3_700.0, ()),
}
"""Phase -> its settings, how long it runs (s), and when an operator turns quotes off and on."""


def judged(phase: str, played: Played, since: str = "2h") -> dict[str, Any]:
    """What golive says of the log up to its end."""
    end = f"{datetime.fromtimestamp(int(played.end) + 1, UTC):%Y-%m-%dT%H:%M:%SZ}"
    words = ["--phase", phase, "--since", since, "--at", end, "--files", str(played.log), "--json"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code in (0, 1), done.output
    said: dict[str, Any] = json.loads(done.output)
    return said


def in_the_way(said: dict[str, Any]) -> dict[str, float | None]:
    """Criteria that are not met, with what was found."""
    return {one["name"]: one["found"] for one in said["criteria"] if one["verdict"] not in ("GO", "not needed")}


@pytest.mark.parametrize("phase", SHORT)
def test_a_clean_phase_allows_the_next(phase: str, tmp_path: Path) -> None:
    settings, seconds, switches = SHORT[phase]
    played = Evening(tmp_path, settings, ends_s=seconds, switches=switches).play()
    assert (played.status, played.resting) == (0, 0)
    said = judged(phase, played)
    assert in_the_way(said) == {}
    assert said["go"]


def test_a_whole_evening_of_eight_markets_lacks_only_the_rest_of_the_day(
    evening: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    said = judged("scale", evening, since="3h")
    found = in_the_way(said)
    with capsys.disabled():
        rows = "; ".join(f"{one['name']} {one['found']:.4g} {one['verdict']}" for one in said["criteria"])
        print(f"\ngolive --phase scale: {rows}")  # noqa: T201
    assert set(found) <= {"ran", "avg_hold_time_min"}


def test_a_whole_evening_is_replayed_byte_for_byte(evening: Played) -> None:
    assert (evening.status, evening.resting, evening.held) == (0, 0, {})
    again = Replay(world.BUILD, print)
    assert b"".join(again.lines(evening.log.parent / "evening.rec")) == evening.log.read_bytes()
    assert again.messages > 50_000
