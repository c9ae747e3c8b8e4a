"""What Grafana and logcli ask around a query, in the shapes a Loki 3.6 answered with; and by the real logcli."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.firedrill.store.logs import GIVEN
from tests.firedrill.store.servers import get, get_data, store_at
from tests.real_loki import artifact

ALL = '{job="bot"}'
COUNT = 'sum by (action) (count_over_time({job="bot"}[1h]))'


@pytest.fixture(scope="module")
def lines() -> list[str]:
    at = time.time() - 60
    rows: list[dict[str, Any]] = [
        {"action": "a", "x": 1, "d": "10ms", "b": True, "m": {"k.l": "v"}, "none": None, "list": [1]},
        {"action": "a", "x": 2.5, "d": "1m30s", "z": "20MB"},
        {"action": "b", "x": 2, "text": "hello"},
    ]
    return [json.dumps({"ts": round(at + n, 6), "level": "info", **row}) for n, row in enumerate(rows)] + ["malformed"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "a.jsonl").write_text("".join(f"{line}\n" for line in lines))
    with store_at(folder) as (url, _):
        yield url


def asked(url: str, path: str, **parameters: str) -> Any:
    status, text = get(f"{url}/loki/api/v1/{path}?{urlencode(parameters)}")
    assert status == 200, text
    return json.loads(text)


def test_answers_carry_their_statistics(url: str) -> None:
    data = asked(url, "query_range", query=ALL)["data"]
    assert data["stats"]["summary"]["execTime"] > 0
    assert data["stats"]["summary"]["totalEntriesReturned"] == 4
    assert asked(url, "query", query="1 + 1")["data"]["stats"]["summary"]["totalEntriesReturned"] == 1
    assert asked(url, "query", query=COUNT)["data"]["stats"]["summary"]["totalEntriesReturned"] == 3


def test_index_stats_counts_streams_lines_and_bytes(url: str, lines: list[str]) -> None:
    expected = {"streams": 3, "chunks": 0, "bytes": sum(map(len, lines)), "entries": 4}
    assert asked(url, "index/stats", query=ALL) == expected
    nothing = {"streams": 0, "chunks": 0, "bytes": 0, "entries": 0}
    assert asked(url, "index/stats", query='{job="none"}') == nothing


def test_volume_is_bytes_by_the_labels_asked_for(url: str, lines: list[str]) -> None:
    def volume(**parameters: str) -> list[tuple[dict[str, str], int]]:
        data = asked(url, "index/volume", **parameters)["data"]
        assert data["resultType"] == "vector"
        return [(row["metric"], int(row["value"][1])) for row in data["result"]]

    sizes = [len(line) for line in lines]
    assert volume(query=ALL) == [({"job": "bot"}, sum(sizes))]
    by_action = [({"action": "a"}, sizes[0] + sizes[1]), ({"action": "b"}, sizes[2]), ({}, sizes[3])]
    assert volume(query=ALL, targetLabels="action") == by_action
    assert volume(query=ALL, targetLabels="action", limit="1") == by_action[:1]
    named = volume(query='{job=~".+", action=~".+"}')
    assert named == [({"job": "bot", **metric}, size) for metric, size in by_action[:2]]


def test_volume_range_is_the_same_for_each_step(url: str, lines: list[str]) -> None:
    now = int(time.time()) // 60 * 60
    span = {"start": str(now - 600), "end": str(now + 60), "step": "60"}
    data = asked(url, "index/volume_range", query=ALL, **span)["data"]
    assert data["resultType"] == "matrix"
    assert sum(int(size) for _, size in data["result"][0]["values"]) == sum(map(len, lines))


def test_detected_fields_have_name_kind_and_path(url: str) -> None:
    found = asked(url, "detected_fields", query=ALL)
    fields = {field["label"]: field for field in found["fields"]}
    assert found["limit"] == 100
    kinds = {"x": "float", "d": "duration", "b": "boolean", "m_k_l": "string", "z": "bytes", "text": "string"}
    assert {name: fields[name]["type"] for name in kinds} == kinds
    assert fields["x"] == {"label": "x", "type": "float", "cardinality": 3, "parsers": ["json"], "jsonPath": ["x"]}
    assert fields.keys().isdisjoint({"none", "list"})
    assert asked(url, "detected_field/x/values", query=ALL) == {"values": ["1", "2", "2.5"], "limit": 100}


def test_detected_labels_are_those_of_the_streams(url: str) -> None:
    rows = {row["label"]: row["cardinality"] for row in asked(url, "detected_labels")["detectedLabels"]}
    assert rows == {"action": 2, "host": 1, "job": 1, "level": 1}


def test_a_query_can_be_checked(url: str) -> None:
    assert asked(url, "format_query", query=f" {COUNT} ") == {"status": "success", "data": COUNT}
    assert get(f"{url}/loki/api/v1/format_query?query=sum(")[0] == 400


REFUSED = [
    ("index/stats", {"query": '{job="bot"} |= "x"'}, 400, "only label matchers are supported"),
    ("index/volume", {"query": "vector(1)"}, 400, "only label matchers are supported"),
    ("index/volume", {"query": ALL, "aggregateBy": "labels"}, 400, "this store knows series only"),
    ("index/stats", {}, 400, "parameter query is missing"),
    ("index/stats", {"query": ALL, "start": "2", "end": "2"}, 400, "end is not behind the start"),
    ("detected_fields", {"query": ALL, "line_limit": "-1"}, 400, "max entries limit"),
    ("patterns", {"query": ALL}, 404, "this store does not answer /loki/api/v1/patterns: ask a Loki for it"),
    ("push", {}, 501, "nothing can be pushed"),
]


@pytest.mark.parametrize(("path", "parameters", "code", "reason"), REFUSED)
def test_what_cannot_be_answered_is_said(
    url: str, path: str, parameters: dict[str, str], code: int, reason: str
) -> None:
    status, text = get(f"{url}/loki/api/v1/{path}?{urlencode(parameters)}")
    assert (status, reason in text) == (code, True), text


def test_grafanas_first_questions_are_answered(url: str) -> None:
    """What the data source asks for its health check, its label browser and its alert list."""
    health = get_data(f"{url}/loki/api/v1/query?query={quote('vector(1)+vector(1)')}")
    assert health["result"][0]["value"][1] == "2"
    assert "job" in get_data(f"{url}/loki/api/v1/labels")
    assert get_data(f"{url}/loki/api/v1/label/job/values") == ["bot"]
    assert get_data(f"{url}/loki/api/v1/series?match[]={quote(ALL)}")
    assert get_data(f"{url}/prometheus/api/v1/rules") == {"groups": []}


def logcli(url: str, *words: str) -> str:
    line = [artifact("logcli"), f"--addr={url}", "--quiet", *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_logcli_asks_a_store_as_it_asks_a_loki(url: str, lines: list[str]) -> None:
    sizes = sum(map(len, lines))
    assert logcli(url, "query", ALL, "--output=raw", "--forward").splitlines() == lines
    assert logcli(url, "query", f"{ALL} | json | x > 2 | __error__=`` ", "--output=raw") == f"{lines[1]}\n"
    (vector,) = json.loads(logcli(url, "instant-query", f"sum(count_over_time({ALL}[1h]))"))
    assert vector["value"][1] == "4"
    (matrix,) = json.loads(logcli(url, "query", f"sum(count_over_time({ALL}[1h]))", "--step=1m", "--since=1m"))
    assert matrix["values"][-1][1] == "4"
    assert logcli(url, "labels").split() == ["action", "host", "job", "level"]
    assert logcli(url, "labels", "action").split() == ["a", "b"]
    series = '{action="b", host="h", job="bot", level="info"}'
    assert GIVEN == {"job": "bot", "host": "h"}
    assert logcli(url, "series", '{action="b"}') == f"{series}\n"
    assert "entries: 4" in logcli(url, "stats", ALL)
    (volume,) = json.loads(logcli(url, "volume", ALL))
    assert volume == {"metric": {"job": "bot"}, "value": [volume["value"][0], str(sizes)]}
    assert json.loads(logcli(url, "volume_range", ALL, "--step=1m"))
    assert "label: x" in logcli(url, "detected-fields", ALL)
    shown = logcli(url, "query", ALL, "--stats", "--output=jsonl", "--limit=1")
    assert json.loads(shown.splitlines()[0])["line"] == lines[3]
