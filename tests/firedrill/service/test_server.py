"""The store over HTTP, in Loki's and Prometheus' form; Loki's backend asks it as it would ask a Loki."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from firedrill.logql.syntax import SECOND, QueryError
from firedrill.store.loki import Loki
from firedrill.store.store import Span, StoreError
from tests.firedrill.store.logs import GIVEN
from tests.firedrill.store.servers import FakeAlertmanager, get, get_data, serving, store_at, until

COUNT = 'sum by (action) (count_over_time({job="bot"}[1h]))'
RULES = """
groups:
  - name: g
    rules:
      - {alert: Boom, expr: 'count_over_time({action="boom"}[1h]) > 0', annotations: {summary: "{{ $value }}"}}
      - {alert: Broken, expr: 'sum by (v) (count_over_time({job="bot"} | json v="v" [1h])) > 0'}
      - {alert: Always, expr: vector(1)}
"""


def lines(*actions: str) -> str:
    now = time.time()
    return "".join(json.dumps({"ts": round(now - 1, 6), "level": "info", "action": a}) + "\n" for a in actions)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "a.jsonl").write_text(lines("a", "a", "b") + "malformed\n")
    with store_at(folder) as (url, _):
        yield url


def test_it_is_ready(url: str) -> None:
    assert get(f"{url}/ready") == (200, "ready\n")


def test_instant_queries(url: str) -> None:
    data = get_data(f"{url}/loki/api/v1/query?{urlencode({'query': COUNT})}")
    assert data["resultType"] == "vector"
    assert [(row["metric"], row["value"][1]) for row in data["result"]] == [
        ({}, "1"),
        ({"action": "a"}, "2"),
        ({"action": "b"}, "1"),
    ]
    data = get_data(f"{url}/loki/api/v1/query?{urlencode({'query': '1 + 1', 'time': '1767225600.5'})}")
    assert (data["resultType"], data["result"]) == ("scalar", [1767225600.5, "2"])


def test_a_query_may_be_posted_as_a_form(url: str) -> None:
    status, text = get(f"{url}/loki/api/v1/query", urlencode({"query": "vector(1)", "time": "60"}).encode())
    assert (status, json.loads(text)["data"]["result"]) == (200, [{"metric": {}, "value": [60, "1"]}])


def test_range_queries(url: str) -> None:
    asked = urlencode({"query": "vector(1)", "start": "120", "end": "180", "step": "30"})
    data = get_data(f"{url}/loki/api/v1/query_range?{asked}")
    assert data["resultType"] == "matrix"
    assert data["result"] == [{"metric": {}, "values": [[120, "1"], [150, "1"], [180, "1"]]}]


@pytest.mark.parametrize(("direction", "first"), [("forward", "a"), ("backward", "malformed")])
def test_log_queries(url: str, direction: str, first: str) -> None:
    asked = urlencode({"query": '{job="bot"}', "limit": "1", "direction": direction})
    data = get_data(f"{url}/loki/api/v1/query_range?{asked}")
    assert data["resultType"] == "streams"
    ((stream,),) = [data["result"]]
    assert stream["stream"].get("action", "malformed") == first
    ((at, _),) = stream["values"]
    assert abs(int(at) - time.time_ns()) < 60 * SECOND


def test_labels_values_and_series(url: str) -> None:
    assert get_data(f"{url}/loki/api/v1/labels") == ["action", "host", "job", "level"]
    assert get_data(f"{url}/loki/api/v1/label/action/values") == ["a", "b"]
    asked = quote('{action="b"}')
    assert get_data(f"{url}/loki/api/v1/label/action/values?query={asked}") == ["b"]
    assert get_data(f"{url}/loki/api/v1/series?match[]={asked}") == [{**GIVEN, "level": "info", "action": "b"}]


REFUSED = [
    ("query", {}, "parameter query is missing"),
    ("query", {"query": '{job="bot"}'}, "log queries are not supported as an instant query type"),
    ("query", {"query": "sum("}, "line 1, column 5"),
    ("query", {"query": "vector(1)", "time": "soon"}, "'soon' is no time"),
    ("query", {"query": 'count_over_time({job="bot"} | json [1h])'}, "JSONParserErr"),
    ("query_range", {"query": "vector(1)", "step": "0"}, "longer than zero"),
    ("query_range", {"query": "vector(1)", "step": "x"}, "no duration"),
    ("query_range", {"query": "vector(1)", "start": "2", "end": "1"}, "end is before the start"),
    ("query_range", {"query": "vector(1)", "start": "0", "end": "20000", "step": "1"}, "11,000 points"),
    ("query_range", {"query": '{job="bot"}', "limit": "999999"}, "max entries limit"),
    ("series", {"match[]": "vector(1)"}, "only a stream selector"),
]


@pytest.mark.parametrize(("path", "asked", "reason"), REFUSED)
def test_wrong_questions_are_400_with_the_reason(url: str, path: str, asked: dict[str, str], reason: str) -> None:
    status, text = get(f"{url}/loki/api/v1/{path}?{urlencode(asked)}")
    assert status == 400
    assert reason in text


def test_lokis_backend_gives_what_the_embedded_one_gives(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines("a", "a", "b") + "malformed\n")
    now = time.time_ns() // 1_000_000 * 1_000_000
    with store_at(tmp_path) as (url, server):
        loki, embedded = Loki(url), server.store
        for query in (COUNT, "1 / 0", "vector(1) / 3", 'absent_over_time({action="c"}[1m])'):
            assert repr(loki.instant(query, now)) == repr(embedded.instant(query, now))
        assert loki.range(COUNT, now - 60 * SECOND, now, 7 * SECOND) == embedded.range(
            COUNT, now - 60 * SECOND, now, 7 * SECOND
        )
        span = Span(now - 60 * SECOND, now + SECOND, 3, backward=False)
        assert loki.logs('{job="bot"} | json', span) == embedded.logs('{job="bot"} | json', span)
        assert loki.label_sets([], span.start, span.end) == embedded.label_sets([], span.start, span.end)
        with pytest.raises(QueryError, match="line 1, column 5"):
            loki.instant("sum(", now)
    with pytest.raises(StoreError, match="gave no answer"):
        loki.instant("vector(1)", now)


def test_alerts_go_to_alertmanager_and_a_broken_rule_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = FakeAlertmanager()
    (tmp_path / "a.jsonl").write_text(lines("a") + "malformed\n")
    with serving(manager.application()) as at, store_at(tmp_path, RULES, at) as (url, _):
        until(lambda: manager.heard("Always"), what="Always")
        assert not manager.heard("Boom")
        (tmp_path / "b.jsonl").write_text(lines("boom"))
        (boom, *_) = until(lambda: manager.heard("Boom"), what="Boom")
        assert boom["labels"] == {**GIVEN, "level": "info", "action": "boom", "alertname": "Boom"}
        assert boom["annotations"] == {"release": metadata.version("mmstack"), "summary": "1"}
        assert boom["startsAt"] < boom["endsAt"]
        (group,) = get_data(f"{url}/prometheus/api/v1/rules")["groups"]
        assert [(r["name"], r["health"], r["state"]) for r in group["rules"]] == [
            ("Boom", "ok", "firing"),
            ("Broken", "err", "inactive"),
            ("Always", "ok", "firing"),
        ]
        assert "JSONParserErr" in group["rules"][1]["lastError"]
        assert get(f"{url}/ready")[0] == 200
        names = {alert["labels"]["alertname"] for alert in get_data(f"{url}/prometheus/api/v1/alerts")["alerts"]}
        assert names == {"Boom", "Always"}
        metrics = get(f"{url}/metrics")[1]
        assert 'log_store_rule_failing{alertname="Broken"} 1' in metrics
        assert 'log_store_rule_failing{alertname="Boom"} 0' in metrics
        (tmp_path / "b.jsonl").unlink()
        last = until(lambda: [a for a in manager.heard("Boom") if a["endsAt"] < boom["endsAt"]], what="resolved")[-1]
        assert last["startsAt"] == boom["startsAt"]
    assert "rule Broken: " in capsys.readouterr().err


def test_alertmanagers_absence_is_counted_and_caught_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manager = FakeAlertmanager(status=503)
    with serving(manager.application()) as at, store_at(tmp_path, RULES, at) as (url, server):
        assert server.notifier
        until(lambda: server.notifier and server.notifier.failed, what="a failure")
        assert "log_store_alerts_failed_total 0" not in get(f"{url}/metrics")[1]
        manager.status = 200
        until(lambda: manager.heard("Always"), what="Always")
    assert "took nothing: HTTP 503" in capsys.readouterr().err
