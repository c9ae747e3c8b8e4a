"""The probe, on this machine: what it says of files, sockets, processes, logs and pages it has never seen."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from firedrill.checks.probe import boards, eventlog, main, paths, processes, services
from firedrill.checks.probe.glance import at_once
from firedrill.checks.shipment import PROGRAM, pack
from firedrill.dashboards.publish import with_runbooks

REPOSITORY = Path(__file__).parents[3]
INSTALL = REPOSITORY / "deploy" / "on_host" / "install_release.sh"


def test_a_file_is_described(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    file.chmod(0o640)
    said = paths.read_path(str(file))
    assert said is not None
    assert said["kind"] == "file"
    assert said["mode"] == "0640"
    assert said["sha256"] == hashlib.sha256(b"content").hexdigest()
    assert abs(float(str(said["ctime"])) - datetime.now(UTC).timestamp()) < 60


def test_directories_links_sockets_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("elsewhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        said = paths.read_paths((str(tmp_path / name) for name in ("link", "socket", "absent", ".", "link/below")), {})
    kinds = [fact and fact["kind"] for fact in said.values()]
    assert kinds == ["link", "socket", None, "directory", None]
    link = said[str(tmp_path / "link")]
    assert link is not None
    assert link["target"] == "elsewhere"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A link to a small release tree."""
    tree = tmp_path / "releases" / "1"
    (tree / "venv" / "__pycache__").mkdir(parents=True)
    (tree / "venv" / "program").write_text("code")
    (tree / "venv" / "name with space").write_text("more")
    (tree / "venv" / "python").symlink_to("/usr/bin/python3")
    (tree / "venv" / "__pycache__" / "x.pyc").write_text("compiled")
    (tmp_path / "current").symlink_to("releases/1")
    return tmp_path / "current"


def _digest(release: Path) -> object:
    said = paths.read_release(str(release))
    assert said["error"] is None
    assert said["target"] == "releases/1"
    return said["digest"]


def test_a_release_has_a_digest_that_compiled_files_do_not_change(release: Path) -> None:
    before = _digest(release)
    (release / "venv" / "__pycache__" / "y.pyc").write_text("compiled")
    assert _digest(release) == before
    assert isinstance(before, str)
    assert len(before) == 64


def test_the_digest_is_the_one_the_deploy_takes(release: Path) -> None:
    """Of a tree with every kind of name a release may hold, by the deploy's own lines of shell."""
    for name in ("Ä", "a b", "a-b", "a.b", "A", "zz/deep/er"):
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        (release / name).write_text(name)
        (release / f"{name}.link").symlink_to(name)
    snippet = re.search(r"^digest=.*?cut -c1-64\)$", INSTALL.read_text(), re.MULTILINE | re.DOTALL)
    assert snippet is not None
    done = subprocess.run(
        ["sh", "-c", f'{snippet[0]}\necho "$digest"'], cwd=release, capture_output=True, text=True, check=True
    )
    assert _digest(release) == done.stdout.strip()


@pytest.mark.parametrize(
    "damage",
    [
        lambda tree: (tree / "program").write_text("c0de"),
        lambda tree: (tree / "added").write_text(""),
        lambda tree: (tree / "program").unlink(),
        lambda tree: (tree / "program").rename(tree / "programme"),
        lambda tree: ((tree / "python").unlink(), (tree / "python").symlink_to("/usr/bin/python2")),
    ],
)
def test_damage_changes_the_digest(release: Path, damage: Callable[[Path], object]) -> None:
    before = _digest(release)
    damage(release / "venv")
    assert _digest(release) != before


def test_a_link_to_nowhere_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("releases/0")
    said = paths.read_release(str(tmp_path / "current"))
    assert said["digest"] is None
    assert said["error"]


def test_an_account_and_what_it_may_write(tmp_path: Path) -> None:
    said = paths.read_account("root")
    assert said is not None
    assert said["uid"] == 0
    assert paths.read_account("nobody-of-that-name") is None
    assert paths.writable_by("nobody-of-that-name", ["/"]) == {"/": False}
    if os.getuid() == 0:
        tmp_path.chmod(0o755)
        assert paths.writable_by("nobody", [str(tmp_path), "/dev/null"]) == {str(tmp_path): False, "/dev/null": True}
        assert paths.writable_by("nobody", ["/dev/nul*", "/none*"]) == {"/dev/nul*": True, "/none*": False}


def test_own_listening_socket_is_found_with_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        mine = [{"pid": os.getpid(), "program": "me"}]
        found = [one for one in processes.listeners({"test.service": mine}) if one["port"] == port]
        strangers = [one for one in processes.listeners({}) if one["port"] == port]
    assert found == [
        {"address": "127.0.0.1", "port": port, "unit": "test.service", "pid": os.getpid(), "program": "me"}
    ]
    assert strangers[0]["unit"] is None


def test_a_process_is_described() -> None:
    said = processes._process(os.getpid())
    assert said["user"]
    assert 0 <= datetime.now(UTC).timestamp() - float(str(said["started"])) < 3600
    assert said["releases"] == []


def test_addresses_are_read_in_the_machines_own_order() -> None:
    assert processes._endpoint("0B00007F:240E", socket.AF_INET) == ("127.0.0.11", 9230)
    assert processes._endpoint("00000000000000000000000001000000:0016", socket.AF_INET6) == ("::1", 22)


def _log(folder: Path, *lines: str, end: str = "\n") -> str:
    (folder / "events-2026-11-21.jsonl").write_text("\n".join(lines) + end)
    link = folder / "events.jsonl"
    link.unlink(missing_ok=True)
    link.symlink_to("events-2026-11-21.jsonl")
    return str(link)


def _line(n: int, action: str = "heartbeat", run: str = "aa") -> str:
    return json.dumps({"ts": 1000.0 + n, "run": run, "n": n, "release": "1", "action": action})


def test_a_good_log(tmp_path: Path) -> None:
    said = eventlog.read_log(_log(tmp_path, _line(1), _line(2), _line(3, "FILL"), _line(1, "startup", "bb")))
    assert said["lines"] == 4
    assert said["heartbeat_ts"] == 1002.0
    assert (said["release"], said["run"]) == ("1", "bb")
    assert (said["invalid"], said["gaps"], said["error"]) == ([], [], None)


def test_a_line_that_is_still_being_written_does_not_count(tmp_path: Path) -> None:
    said = eventlog.read_log(_log(tmp_path, _line(1), '{"ts":1', end=""))
    assert (said["lines"], said["invalid"]) == (1, [])


def test_a_stray_line_and_a_gap_are_seen(tmp_path: Path) -> None:
    said = eventlog.read_log(_log(tmp_path, _line(1), "Traceback", "3", _line(4)))
    assert said["invalid"] == ["Traceback", "3"]
    assert said["gaps"] == ["run aa: 1 -> 4"]
    said = eventlog.read_log(_log(tmp_path, _line(1), _line(3)))
    assert said["gaps"] == ["run aa: 1 -> 3"], "one lost line is a gap"


def test_a_heartbeat_before_the_tail_is_still_found(tmp_path: Path) -> None:
    noise = [_line(n, "FILL") for n in range(2, 5000)]
    said = eventlog.read_log(_log(tmp_path, _line(1), *noise))
    assert said["heartbeat_ts"] == 1001.0


def test_the_log_says_why_the_last_run_ended(tmp_path: Path) -> None:
    ended = '{"run":"aa","n":2,"action":"shutdown","reason":"discovery"}'
    assert eventlog.read_log(_log(tmp_path, _line(1), ended, _line(1, "startup", "bb")))["ended"] == "discovery"
    assert eventlog.read_log(_log(tmp_path, _line(1)))["ended"] == ""


def test_no_log(tmp_path: Path) -> None:
    assert "no link" in str(eventlog.read_log(str(tmp_path / "events.jsonl"))["error"])
    (tmp_path / "events.jsonl").symlink_to("nowhere")
    assert eventlog.read_log(str(tmp_path / "events.jsonl"))["error"]


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" else 503)
        self.end_headers()
        self.wfile.write(b"body\r\n\r\nwith an empty line")

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_page_is_read() -> None:
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=lambda: [server.handle_request() for _ in range(2)])
        thread.start()
        ready = services.http_get("127.0.0.1", server.server_port, "/ready")
        other = services.http_get("127.0.0.1", server.server_port, "/other")
        thread.join()
    assert (ready["status"], ready["body"]) == (200, "body\r\n\r\nwith an empty line")
    assert (other["status"], other["error"]) == (503, None)


def test_no_page() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = services.http_get("127.0.0.1", port, "/")
    assert said["status"] is None
    assert "refused" in str(said["error"])


def test_dashboards_are_compared_but_for_their_links(tmp_path: Path) -> None:
    brought, folder = tmp_path / "venv/lib/python3.11/site-packages/dashboards/json", tmp_path / "grafana"
    folder.mkdir()
    assert boards.out_of_step(str(tmp_path), str(folder)) == [], "an older release brings none"
    shutil.copytree(REPOSITORY / "dashboards/json", brought)
    for path in brought.glob("*.json"):
        (folder / path.name).write_text(with_runbooks(path.read_text(), "https://git.example/"))
    assert boards.out_of_step(str(tmp_path), str(folder)) == []
    text = (folder / "mm-bot-orders.json").read_text()
    (folder / "mm-bot-orders.json").write_text(text.replace("mm-bot", "mm-bit"))
    (folder / "mm-bot-overview.json").unlink()
    (folder / "mm-bot-pipeline.json").write_text("{")
    (folder / "old.json").write_text("{}")
    assert boards.out_of_step(str(tmp_path), str(folder)) == [
        "mm-bot-orders.json differs",
        "mm-bot-overview.json is missing",
        "mm-bot-pipeline.json differs",
        "old.json is not in the release",
    ]


def test_a_control_socket_that_answers_nonsense(tmp_path: Path) -> None:
    path = str(tmp_path / "control.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        thread = threading.Thread(target=lambda: _answer(server, b"hello\n"))
        thread.start()
        said = services.ask_bot(path, {"op": "status"}, until=time.monotonic() + 2)
        thread.join()
    assert "not JSON" in str(said["error"])
    assert "error" in services.ask_bot(str(tmp_path / "absent"), {}, until=time.monotonic() + 2)


def _answer(server: socket.socket, line: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(line)


def test_a_missing_command_and_a_slow_one() -> None:
    assert services.run(["no-such-command-here"])[0] == 127
    assert services.run(["sleep", "5"], limit=0.01)[0] == 124
    with pytest.raises(OSError, match="ended with 127"):
        services.must(["no-such-command-here"])


def test_one_question_that_fails_does_not_hide_the_others() -> None:
    facts, errors = at_once({"good": lambda: 1, "bad": lambda: 1 / 0})
    assert facts == {"good": 1}
    assert errors == {"bad": "ZeroDivisionError: division by zero"}


def test_the_probe_travels(tmp_path: Path) -> None:
    """Unpacked by an interpreter that knows nothing of this project, it answers."""
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        pages = {"http": {"page": ("127.0.0.1", server.server_port, "/ready")}}
        shell = ["sh", "-c", PROGRAM]
        done = subprocess.run(shell, input=pack(pages, "glance"), capture_output=True, cwd=tmp_path, check=True)
        thread.join()
    assert json.loads(done.stdout)["page"]["status"] == 200


def test_the_whole_probe_imports_nothing_of_ours_but_itself() -> None:
    for module in (boards, eventlog, main, paths, processes, services):
        source = Path(str(module.__file__)).read_text()
        ours = [line for line in source.splitlines() if line.startswith(("from firedrill", "from bot", "import bot"))]
        assert all(line.startswith("from firedrill.checks.probe.") for line in ours)
