"""`firedrill store serve` as a process, with a real Alertmanager where there is one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from firedrill.service.command import command, tell_systemd
from tests.firedrill.store.servers import FakeAlertmanager, free_port, get, get_data, serving, until

ALERTMANAGER = shutil.which("prometheus-alertmanager")
RULES = """
groups:
  - name: g
    rules:
      - {alert: Boom, expr: 'count_over_time({action="boom"}[1h]) > 0', labels: {severity: critical}}
"""
ROUTES = """
route: {{receiver: hook, group_wait: 0s, group_interval: 1s}}
receivers: [{{name: hook, webhook_configs: [{{url: {url}, send_resolved: true}}]}}]
"""


def refusal(*arguments: str) -> str:
    result = CliRunner().invoke(command, ["serve", *arguments])
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


def rules_in(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


BAD_RULES = [
    ({"a__yaml": RULES.replace("[1h]", "[1x]")}, "a.yaml:5: Boom: expr column 33: syntax error"),
    ({"a__yaml": RULES, "README__md": "hello"}, "README.md: stray file"),
    ({"a__yaml": ""}, "a.yaml: the file is empty"),
    ({"a__yaml": RULES, "b__yaml": RULES}, "b.yaml:5: alert Boom is already in"),
    ({}, "no rule file in it"),
]


@pytest.mark.parametrize(("files", "reason"), BAD_RULES)
def test_it_does_not_start_on_bad_rules(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    folder = rules_in(tmp_path / "rules", **files)
    output = refusal("--files", f"{tmp_path}/*.jsonl", "--rules", str(folder))
    assert "not started" in output
    assert reason in output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--listen", "nowhere"], "'nowhere' is no address"),
        (["--labels", "job"], "'job' is no label"),
        (["--interval", "0s"], "longer than zero"),
        (["--rules", "/nonexistent"], "no such file or folder"),
        (["--listen", "127.0.0.1:1", "--port", "2"], "--listen and --port exclude each other"),
        (["--port", "65536"], "65536 is not in the range"),
    ],
)
def test_it_does_not_start_on_bad_options(arguments: list[str], reason: str) -> None:
    assert reason in refusal("--files", "*.jsonl", *arguments)


def test_it_does_not_start_on_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        address = f"127.0.0.1:{port}"
        assert f"cannot listen on {address}" in refusal("--files", "*.jsonl", "--listen", address)
        assert f"cannot listen on {address}" in refusal("--files", "*.jsonl", "--port", port)


@contextmanager
def process(*arguments: str, cwd: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    line = [sys.executable, "-m", "firedrill", "store", "serve", *arguments]
    repository = str(Path(__file__).resolve().parents[3])
    environment = {**os.environ, "PYTHONPATH": repository, **environment}
    with subprocess.Popen(line, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def test_it_tells_systemd_that_it_is_ready_and_ends_on_sigterm(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"ts": time.time(), "action": "boom"}) + "\n")
    folder = rules_in(tmp_path / "rules", a__yaml=RULES)
    url = f"127.0.0.1:{free_port()}"
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(15)
        options = ["--files", f"{tmp_path}/*.jsonl", "--listen", url, "--rules", str(folder), "--interval", "1s"]
        notify = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "HOME": str(home)}
        with process(*options, cwd=home, **notify) as running:
            assert systemd.recv(64) == b"READY=1"
            assert get(f"http://{url}/ready")[0] == 200
            until(lambda: get_data(f"http://{url}/prometheus/api/v1/alerts")["alerts"], what="Boom")
            running.send_signal(signal.SIGTERM)
            assert systemd.recv(64) == b"STOPPING=1"
            assert running.wait(10) == 0
            assert running.stderr
            assert running.stderr.read() == f"ready on http://{url}: 1 file(s), 1 rule(s)\n"
    assert list(home.iterdir()) == []  # DuckDB leaves neither extensions nor temporary files


def test_rules_are_read_again_on_sighup_and_broken_ones_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"ts": time.time(), "action": "boom"}) + "\n")
    folder = rules_in(tmp_path / "rules", a__yaml=RULES)
    url = f"http://127.0.0.1:{free_port()}"
    options = ["--files", f"{tmp_path}/*.jsonl", "--port", url.rpartition(":")[2], "--rules", str(folder)]

    def ringing() -> set[str]:
        alerts = get_data(f"{url}/prometheus/api/v1/alerts")["alerts"]
        return {f"{alert['labels']['alertname']} {alert['activeAt']}" for alert in alerts}

    with process(*options, "--interval", "200ms", cwd=tmp_path) as running:
        until(lambda: _answers(url) and ringing(), what="Boom")
        (boom,) = ringing()
        more = RULES + "      - {alert: More, expr: vector(1)}\n"
        (folder / "a.yaml").write_text(more)
        running.send_signal(signal.SIGHUP)
        until(lambda: len(ringing()) == 2, what="More")
        assert boom in ringing(), "the one that rang goes on ringing"
        (folder / "a.yaml").write_text(more.replace("vector(1)", "vector("))
        running.send_signal(signal.SIGHUP)
        until(lambda: "\nlog_store_rules_outdated 1\n" in get(f"{url}/metrics")[1], what="a refusal")
        assert len(ringing()) == 2
        (folder / "a.yaml").write_text(RULES)
        running.send_signal(signal.SIGHUP)
        until(lambda: ringing() == {boom}, what="More is gone")
        assert "\nlog_store_rules_outdated 0\n" in get(f"{url}/metrics")[1]
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
        assert running.stderr
        said = running.stderr.read()
    assert "rules read again: 2\nrules not read again, those of before go on, 1 problem(s):\n" in said
    assert "More: expr column 8" in said
    assert said.endswith("rules read again: 1\n")


def _answers(url: str) -> bool:
    try:
        return get(f"{url}/ready")[0] == 200
    except OSError:
        return False


def test_a_living_store_says_so_again_and_again(tmp_path: Path) -> None:
    """A frozen one does not, and systemd replaces it: nobody else would notice, for it is the store that rings."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(15)
        options = ["--files", f"{tmp_path}/*.jsonl", "--listen", f"127.0.0.1:{free_port()}"]
        notify = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "150000"}
        with process(*options, cwd=tmp_path, **notify):
            assert [systemd.recv(64) for _ in range(4)] == [b"READY=1"] + 3 * [b"WATCHDOG=1"]


def test_the_abstract_socket_of_systemd_is_known(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0firedrill-test-notify")
        systemd.settimeout(5)
        tell_systemd("READY=1", {"NOTIFY_SOCKET": "@firedrill-test-notify"})
        assert systemd.recv(64) == b"READY=1"
    tell_systemd("READY=1", {})


@pytest.mark.skipif(not ALERTMANAGER, reason="needs Debian's package prometheus-alertmanager")
def test_a_line_in_the_log_reaches_the_webhook_through_a_real_alertmanager(tmp_path: Path) -> None:
    assert ALERTMANAGER
    hook = FakeWebhook()
    with serving(hook.application()) as receiver:
        (tmp_path / "am.yml").write_text(ROUTES.format(url=f"{receiver}/api/v2/alerts"))
        manager, store = (f"127.0.0.1:{free_port()}" for _ in range(2))
        line = [ALERTMANAGER, f"--config.file={tmp_path}/am.yml", f"--storage.path={tmp_path}/am"]
        line += [f"--web.listen-address={manager}", "--cluster.listen-address=", "--log.level=error"]
        folder = rules_in(tmp_path / "rules", a__yaml=RULES)
        with subprocess.Popen(line) as running:
            try:
                options = ["--files", f"{tmp_path}/*.jsonl", "--listen", store, "--rules", str(folder)]
                options += ["--labels", "job=bot,host=h", "--alertmanager", f"http://{manager}", "--interval", "500ms"]
                with process(*options, cwd=tmp_path):
                    log = tmp_path / "a.jsonl"
                    log.write_text(json.dumps({"ts": time.time(), "action": "boom"}) + "\n")
                    (firing,) = until(lambda: hook.with_status("firing"), what="firing at the webhook")
                    assert firing["labels"]["alertname"] == "Boom"
                    assert firing["labels"]["host"] == "h"
                    log.unlink()
                    until(lambda: hook.with_status("resolved"), what="resolved at the webhook")
            finally:
                running.terminate()


class FakeWebhook(FakeAlertmanager):
    """Alertmanager's webhook posts one object with a list of alerts; kept as they come."""

    def with_status(self, status: str) -> list[dict[str, object]]:
        return [alert for post in self.posts for alert in dict(post)["alerts"] if alert["status"] == status][:1]  # type: ignore[arg-type]
