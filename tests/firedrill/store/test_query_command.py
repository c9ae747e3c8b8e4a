"""`firedrill query` on a log with every kind of event."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import events
from firedrill.logql.syntax import SECOND
from firedrill.store.cookbook import QUERIES
from firedrill.store.query_command import command
from tests.firedrill.store.logs import NOW, line
from tests.firedrill.store.servers import store_at
from tests.real_loki import RealLoki


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    samples = {"market": "BTC", "code": "E_TICK", "latency_ms": 5.5, "md_age_ms": 12}
    lines = [
        line(-29 + n / 10, **{k: v for k, v in samples.items() if k in events.fields(action)}, action=action)
        for n, action in enumerate(events.ALL)
    ]
    lines += ["malformed", '{"ts":1']
    (folder / "a.jsonl").write_text("".join(f"{text}\n" for text in lines).replace('"info"', '"error"', 1))
    return folder


def ask(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--files", f"{folder}/*.jsonl", "--at", str(NOW)])


def test_json_is_the_data_of_lokis_api(folder: Path) -> None:
    query = 'sum(count_over_time({job="bot"} | json market="market" | market="BTC" [1m]))'
    found = json.loads(ask(folder, query, "--json").output)
    assert found["resultType"] == "vector"
    assert found["result"] == [{"metric": {}, "value": [NOW, found["result"][0]["value"][1]]}]
    ranged = json.loads(ask(folder, query, "--json", "--start", str(NOW - 60), "--step", "30").output)
    assert ranged["resultType"] == "matrix"
    assert [at for at, _ in ranged["result"][0]["values"]] == [NOW]
    logs = json.loads(ask(folder, "fills", "--json").output)
    assert (logs["resultType"], len(logs["result"])) == ("streams", 1)


def test_people_get_lines_and_tables(folder: Path) -> None:
    assert "2025-12-31T23:59:" in ask(folder, "fills").output
    assert '{action="FILL"}' in ask(folder, "events").output
    assert ask(folder, "1 + 1").output == "2\n"
    assert ask(folder, '{job="bot"} |= "nowhere"').output == "no lines\n"
    assert ask(folder, 'sum(count_over_time({job="x"}[1m]))').output == "no series\n"
    oldest, newest = (ask(folder, "events-of-none", *more) for more in ((), ("--forward",)))
    assert oldest.exit_code == newest.exit_code == 2


def test_it_asks_a_server_as_well(folder: Path) -> None:
    with store_at(folder) as (url, _):
        result = CliRunner().invoke(command, ["fills", "--loki", url, "--at", str(NOW), "--json"])
        assert result.output == ask(folder, "fills", "--json", "--labels", "job=bot,host=h").output


def test_names_are_listed() -> None:
    result = CliRunner().invoke(command, ["--list"])
    assert result.exit_code == 0
    for name, named in QUERIES.items():
        assert f"  {name} " in result.output
        assert named.summary in result.output
        assert named.query in result.output


REFUSED = [
    (["sum("], 2, "line 1, column 5"),
    (["vector(1)", "--at", "soon"], 2, "'soon' is no time"),
    (["vector(1)", "--step", "0"], 2, "longer than zero"),
    (["vector(1)", "--loki", "http://127.0.0.1:1"], 2, "exclude each other"),
    (["vector(1)", "--labels", "x"], 2, "'x' is no label"),
    (["vector(1)", "--limit", "-1"], 2, "-1 is not in the range x>=1"),
    (["vector(1)", "--limit", "0"], 2, "0 is not in the range x>=1"),
    (["rejectz"], 2, "no query is called 'rejectz': did you mean rejects"),
    (["zzzz"], 2, "no query is called 'zzzz': `firedrill query --list` shows all names"),
    (["zzzz", "--files", "none"], 2, "no query is called"),
    (["sum(", "--files", "none"], 2, "line 1, column 5"),
]


@pytest.mark.parametrize(("arguments", "code", "reason"), REFUSED)
def test_wrong_questions_are_refused(folder: Path, arguments: list[str], code: int, reason: str) -> None:
    files = [] if "--files" in arguments else ["--files", f"{folder}/*.jsonl"]
    result = CliRunner().invoke(command, [*arguments, *files])
    assert result.exit_code == code
    assert reason in result.output


def test_no_file_and_no_server_are_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["fills", "--files", f"{tmp_path}/*.jsonl"])
    assert result.exit_code == 1
    assert "no file matches" in result.output
    result = CliRunner().invoke(command, ["fills", "--loki", "http://127.0.0.1:1"])
    assert result.exit_code == 1
    assert "gave no answer" in result.output


def test_a_loki_with_tenants_is_asked_for_one(real_loki: RealLoki) -> None:
    real_loki.push("desk", [({"job": "bot", "action": "FILL"}, [(NOW * SECOND, "{}")])])
    loki = ["fills", "--loki", real_loki.url, "--at", str(NOW + 1), "--json"]
    result = CliRunner().invoke(command, loki)
    assert (result.exit_code, "say whose logs with --tenant NAME" in result.output) == (1, True)
    (stream,) = json.loads(CliRunner().invoke(command, [*loki, "--tenant", "desk"]).output)["result"]
    assert stream["values"] == [[str(NOW * SECOND), "{}"]]
    assert CliRunner(env={"LOKI_ORG_ID": "desk"}).invoke(command, loki).output.count("FILL") == 1
    assert json.loads(CliRunner().invoke(command, [*loki, "--tenant", "another"]).output)["result"] == []
