"""The receiver over real HTTP: who may post, what it prints, and that it ends by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from firedrill.receiver import command

TOKEN = "correct horse"
ALERT = {
    "status": "firing",
    "labels": {"alertname": "ETickError", "market": "DRILL"},
    "annotations": {"summary": "x"},
    "startsAt": "2026-11-21T12:00:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "",
}
NOTIFICATION: dict[str, object] = {"version": "4", "status": "firing", "receiver": "desk", "alerts": [ALERT]}


@contextmanager
def receiver(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running receiver and its URL."""
    command = [sys.executable, "-m", "firedrill", "receiver", "--listen", "127.0.0.1:0", *options]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, f"http://{json.loads(process.stdout.readline())['listening']}"
        finally:
            process.kill()


def _post(url: str, body: object, token: str | None = TOKEN) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A receiver that wants the token."""
    file = tmp_path_factory.mktemp("receiver") / "token"
    file.write_text(TOKEN + "\n")
    with receiver("--token-file", str(file)) as running:
        yield running


def _heard(running: tuple[subprocess.Popen[str], str], body: object = NOTIFICATION) -> dict[str, Any]:
    """What is printed for a notification: the very next line, so whatever was posted before printed nothing."""
    process, url = running
    assert process.stdout is not None
    assert _post(f"{url}/alerts", body) == 200
    line = json.loads(process.stdout.readline())
    assert isinstance(line, dict)
    return line


def test_notifications_become_lines(guarded: tuple[subprocess.Popen[str], str]) -> None:
    line = _heard(guarded)
    assert (line["status"], line["received_at"] > 1.7e9) == ("firing", True)
    assert line["alerts"] == [{name: ALERT[name] for name in ("status", "labels", "startsAt", "endsAt")}]


@pytest.mark.parametrize("token", [None, "wrong", "", TOKEN + "x"])
def test_a_wrong_token_is_refused_and_nothing_printed(
    guarded: tuple[subprocess.Popen[str], str], token: str | None
) -> None:
    assert _post(guarded[1], NOTIFICATION, token) == 401
    assert _heard(guarded, {**NOTIFICATION, "status": f"after {token}"})["status"] == f"after {token}"


@pytest.mark.parametrize("body", [b"hello", b"[]", {"status": "firing"}, {"status": 1, "alerts": []}])
def test_what_is_no_notification_is_refused(guarded: tuple[subprocess.Popen[str], str], body: object) -> None:
    assert _post(guarded[1], body) == 400
    assert _heard(guarded)["status"] == "firing"


def test_without_a_token_file_anybody_may_post() -> None:
    with receiver() as (_, url):
        assert _post(url, NOTIFICATION, token=None) == 200


def test_it_ends_when_its_input_closes() -> None:
    with receiver() as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(5) == 0


def test_it_ends_when_its_time_is_up() -> None:
    with receiver("--for", "1") as (process, _):
        assert process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_on_a_signal(number: signal.Signals) -> None:
    with receiver() as (process, _):
        os.kill(process.pid, number)
        assert process.wait(5) == 0


def _refused(*options: str) -> str:
    done = CliRunner().invoke(command, options)
    assert done.exit_code == 2
    assert TOKEN not in done.output
    return done.output


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in _refused("--listen", f"127.0.0.1:{port}")


def test_a_token_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    assert "cannot be read" in _refused("--listen", "127.0.0.1:0", "--token-file", str(tmp_path / "absent"))
    (tmp_path / "empty").write_text("\n")
    assert "is empty" in _refused("--listen", "127.0.0.1:0", "--token-file", str(tmp_path / "empty"))


@pytest.mark.parametrize("endpoint", ["9190", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:99999"])
def test_an_endpoint_that_is_none(endpoint: str) -> None:
    assert "is not ADDRESS:PORT" in _refused("--listen", endpoint)
