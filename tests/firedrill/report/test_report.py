"""`firedrill report`: its lines, tables and JSON, and that files and Loki say the same to the last digit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import events
from firedrill.logql import syntax as s
from firedrill.logql.parse import parse
from firedrill.report.as_json import as_json
from firedrill.report.ask import ask
from firedrill.report.command import command
from firedrill.report.figures import figures
from firedrill.report.period import Period
from firedrill.report.questions import questions
from firedrill.report.success import METRICS
from firedrill.report.text import as_text
from firedrill.rules import lint
from firedrill.store.embedded import Embedded
from firedrill.store.loki import Loki
from tests.alerts.faults import FAULTS
from tests.day import GOOD, SECOND, Day, Fault
from tests.firedrill.report.logs import EVENTFUL, GAME, push
from tests.real_loki import RealLoki

HOURS = 2
MALFORMED = replace(EVENTFUL, adds=(*EVENTFUL.adds, (5.0, "Traceback (most recent call last):")))


def day(fault: Fault = GOOD, seed: int = 7) -> Day:
    return Day(seed=seed, seconds=HOURS * 3600, fault=fault, at=4000)


def report(day: Day, folder: Path, *options: str) -> Result:
    day.write(folder)
    at = str(day.start + day.seconds)
    given = ("--files", f"{folder}/*.jsonl", "--at", at, "--since", f"{HOURS}h")
    return CliRunner().invoke(command, [*given, *options], catch_exceptions=False)


def test_the_first_lines_are_the_seeds(tmp_path: Path) -> None:
    lines = report(day(), tmp_path).stdout.splitlines()
    assert lines[:2] == ["E_TICK_total_last_2h=0", "E_TICK_by_pair_last_2h: (none)"]
    attempts = {f"attempts_by_pair_last_2h: {market}" for market in ("BTC", "ETH", GAME, "NFL-BILLS-WIN")}
    assert {line.partition("=")[0] for line in lines[2:6]} == attempts
    assert lines[6] == ""


def test_refused_ticks_are_counted_by_pair(tmp_path: Path) -> None:
    lines = report(day(EVENTFUL), tmp_path).stdout.splitlines()
    assert lines[:3] == [
        "E_TICK_total_last_2h=4",
        "E_TICK_by_pair_last_2h: BTC=1",
        f"E_TICK_by_pair_last_2h: {GAME}=3",
    ]


def test_json_counts_what_the_day_holds(tmp_path: Path) -> None:
    found = json.loads(report(day(MALFORMED), tmp_path, "--json").stdout)
    lines = list(day(MALFORMED).lines())[1:]  # the first stands at the open end of the period
    said = [json.loads(line) for line in lines if line.startswith(b"{")]
    actions = [event["action"] for event in said]
    assert found["e_tick"] == {"total": 4, "by_pair": {"BTC": 1, GAME: 3}}
    assert sum(found["attempts_by_pair"].values()) == actions.count("quote_place")
    (game,) = [row for row in found["daily_analysis"] if row["market"] == GAME]
    of_game = [event["action"] for event in said if event.get("market") == GAME]
    assert game["fills"] == of_game.count("FILL")
    assert game["exits"] == sum("exit" in action for action in of_game)
    assert game["rejects"]["E_TICK"] == 3
    assert game["cb_triggers"] == 2
    assert game["entries"] - game["entries_in_zone"] == 1
    assert found["ran"] == {
        "releases": [{"release": "1.4.0+abc1234", "version": "1.4.0", "commit": "abc1234", "runs": 1}],
        "starts": 0,
        "lines": len(lines),
        "lines_error": sum(event["level"] == "error" for event in said),
        "lines_malformed": 1,
        "lines_lost": 0,
    }


def test_lost_lines_are_counted(tmp_path: Path) -> None:
    lossy = day(FAULTS["log_lines_lost"])
    kept = len(list(lossy.lines()))
    found = json.loads(report(lossy, tmp_path, "--json").stdout)
    assert found["ran"]["lines_lost"] == len(list(day().lines())) - kept > 0


def test_a_period_without_a_line_says_so(tmp_path: Path) -> None:
    day().write(tmp_path)
    result = CliRunner().invoke(command, ["--files", f"{tmp_path}/*.jsonl", "--at", "2026-03-01T00:00:00Z"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == ("The logs hold no line of the bot from 2026-02-28 00:00:00 to 2026-03-01 00:00:00 UTC.\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--files", "/nowhere/*.jsonl"], "no file matches /nowhere/*.jsonl"),
        (["--loki", "http://127.0.0.1:1"], "gave no answer of Loki's API"),
        (["--since", "yesterday"], "'yesterday' is no duration"),
        (["--files", "a", "--loki", "http://127.0.0.1:1"], "exclude each other"),
    ],
)
def test_logs_that_cannot_be_asked_are_named(options: list[str], words: str) -> None:
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("name", questions("24h"))
def test_every_question_asks_for_what_the_bot_logs(name: str) -> None:
    query = parse(questions("24h")[name])
    assert [list(lint._unknown_in_query(part)) for part in s.log_queries(query)] == [[]]
    if name != "counts":  # it takes __error__ as a group, so that a malformed line is counted and stops nothing
        assert list(lint._blind_spots(query)) == []


@pytest.mark.parametrize("fault", [GOOD, MALFORMED, *(FAULTS[n] for n in ("log_lines_lost", "order_latency_high"))])
def test_files_and_loki_say_the_same_to_the_last_digit(fault: Fault, tmp_path: Path, real_loki: RealLoki) -> None:
    told = day(fault)
    tenant = f"report-{tmp_path.name}"
    push(real_loki, tenant, told.lines())
    period = Period("2h", HOURS * 3600 * SECOND, (told.start + told.seconds) * SECOND)
    files = Embedded((str(told.write(tmp_path)),), {"job": "bot", "host": "desk-1"})
    ours, theirs = (
        figures(ask(store, questions(period.over), period.end)) for store in (files, Loki(real_loki.url, tenant))
    )
    assert as_text(ours, period) == as_text(theirs, period)
    assert as_json(ours, period) == as_json(theirs, period)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("avg_hold_time_min", {8: "green", 12: "green", 7.999: "amber", 12.001: "amber", 30: "amber", 30.001: "red"}),
        ("exits_in_sweet_spot", {50: "amber", 50.01: "green", 100: "green", 0: "amber"}),
        ("cb_activations", {0: "green", 2: "green", 3: "amber", 5: "amber", 6: "red"}),
        ("fills_in_zone", {90: "green", 89.99: "amber", 70: "amber", 69.99: "red", 100: "green"}),
    ],
)
def test_verdicts_stand_where_the_seed_put_them(name: str, values: dict[float, str]) -> None:
    (metric,) = [metric for metric in METRICS if metric.name == name]
    assert {value: metric.verdict(value) for value in values} == values
    assert metric.verdict(None) == "no data"


def test_the_seeds_zone_is_not_the_entries_zone(tmp_path: Path) -> None:
    """An exit trades between the gates by design, so the seed's own count would call a good day bad."""
    found = json.loads(report(day(), tmp_path, "--json").stdout)
    (zone,) = [row for row in found["criteria"] if row["name"] == "fills_in_zone"]
    games = [row for row in found["daily_analysis"] if row["entries"]]
    assert zone["value"] == 100.0
    assert found["success_metrics"]["fills_in_zone"] < found["success_metrics"]["total_fills"]
    assert sum(row["entries"] for row in games) == sum(row["entries_in_zone"] for row in games)


def test_the_events_that_tell_an_age_are_exits_and_trims() -> None:
    assert {"tp_exit", "mae_trim"} < set(events.ALL)
    assert 'action=~"tp_exit|sweet_spot_exit|hard_cap_exit|mae_trim"' in questions("1h")["held"]
