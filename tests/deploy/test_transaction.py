"""The switch on the host: whole or not at all, and back again. Paths are moved below a scratch root; systemd is a
script that writes down what it was asked."""

from __future__ import annotations

import fcntl
import http.server
import importlib.util
import json
import os
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deploy.templates import ROOT


class Systemd:
    """Answers for systemctl: which units refuse to start."""

    def __init__(self) -> None:
        self.restarted: list[str] = []
        self.broken: set[str] = set()

    def restart(self, unit: dict[str, Any]) -> str:
        self.restarted.append(unit["name"])
        return "exit-code" if unit["name"] in self.broken else ""


class Host:
    """A scratch host with one release, one config file and one unit."""

    def __init__(self, root: Path, transaction: ModuleType) -> None:
        self.root, self.transaction, self.systemd = root, transaction, Systemd()
        self.config = root / "etc/app.conf"
        self.new = root / "etc/new.conf"
        self.stray = root / "etc/stray.conf"
        for path in (transaction.STAGE / "tree", root / "etc", transaction.RELEASES, transaction.STATE / "releases"):
            path.mkdir(parents=True)
        self.config.write_text("old")
        self.stray.write_text("stray")

    def release(self, name: str) -> None:
        (self.transaction.RELEASES / name).mkdir()
        (self.transaction.STATE / "releases" / name).write_text("fingerprint\ndigest\n")

    def point(self, name: str) -> None:
        """A deploy of that release has proved itself here."""
        self.transaction.STAMP.write_text("earlier")
        self.transaction._point(f"releases/{name}")

    @property
    def current(self) -> str:
        return os.readlink(self.transaction.CURRENT)

    def stage(self, link: str = "", **contents: str) -> dict[str, Any]:
        """Stages new contents by attribute name (config, new) and returns the plan."""
        entries = []
        for name, content in contents.items():
            path: Path = getattr(self, name)
            staged = self.transaction.STAGE / "tree" / str(path).lstrip("/")
            staged.parent.mkdir(parents=True, exist_ok=True)
            staged.write_text(content)
            entries.append({"path": str(path), "owner": os.getuid(), "group": os.getgid(), "mode": 0o640})
        plan = {
            "files": entries,
            "removals": [str(self.stray)],
            "link": link,
            "unmask": [],
            "enable": [],
            "restart": [{"name": "app.service", "ready_url": None}],
            "stamp": {"release": "1", "files": {}},
            "id": "mine",
        }
        (self.transaction.STAGE / "plan.json").write_text(json.dumps(plan))
        return plan


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    spec = importlib.util.spec_from_file_location("transaction", ROOT / "deploy/on_host/transaction.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("STATE", "STAGE", "KEPT", "STAMP", "LOCK", "CURRENT", "RELEASES"):
        setattr(module, name, tmp_path / str(getattr(module, name)).lstrip("/"))
    made = Host(tmp_path, module)

    def restart(unit: dict[str, Any]) -> None:
        if problem := made.systemd.restart(unit):
            raise module.Failed(f"{unit['name']}: {problem}")

    monkeypatch.setattr(module, "_restart", restart)
    monkeypatch.setattr(module, "_systemctl", lambda *_, check=True: None)
    return made


def test_a_switch_places_files_removes_strays_and_moves_the_link(host: Host) -> None:
    host.release("1")
    host.point("1")
    host.release("2")
    host.stage(link="releases/2", config="new", new="fresh")
    assert host.transaction.main("switch", "mine") == 0
    assert (host.config.read_text(), host.new.read_text(), host.current) == ("new", "fresh", "releases/2")
    assert host.config.stat().st_mode & 0o777 == 0o640
    assert not host.stray.exists()
    assert sorted(path.name for path in host.config.parent.iterdir()) == ["app.conf", "new.conf"], (
        "no temporary is left"
    )


def test_a_unit_that_does_not_become_ready_brings_everything_back(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.release("1")
    host.point("1")
    host.release("2")
    host.stage(link="releases/2", config="new", new="fresh")
    host.transaction.main("switch", "mine")
    host.systemd.broken.add("app.service")
    restart = host.transaction._restart

    def heal_after_one(unit: dict[str, Any]) -> None:
        try:
            restart(unit)
        finally:
            host.systemd.broken.clear()

    host.transaction._restart = heal_after_one  # type: ignore[attr-defined]
    assert host.transaction.main("activate", "mine") == 1
    assert (host.config.read_text(), host.stray.read_text(), host.current) == ("old", "stray", "releases/1")
    assert not host.new.exists()
    assert host.systemd.restarted == ["app.service", "app.service"]
    assert "Went back to the last good state by itself: releases/1 runs again." in capsys.readouterr().out


def test_a_first_deploy_that_fails_has_nothing_to_go_back_to(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.release("1")
    host.stage(link="releases/1", config="new")
    host.transaction.main("switch", "mine")
    host.systemd.broken.add("app.service")
    assert host.transaction.main("activate", "mine") == 1
    assert host.config.read_text() == "new"
    assert "no earlier good state" in capsys.readouterr().out


def test_what_a_cut_transaction_kept_is_what_the_next_one_goes_back_to(host: Host) -> None:
    for name in ("1", "2", "3"):
        host.release(name)
    host.point("1")
    host.stage(link="releases/2", config="second")
    host.transaction.main("switch", "mine")
    host.stage(link="releases/3", config="third")
    host.transaction.main("switch", "mine")
    host.transaction.restore()
    assert (host.config.read_text(), host.current) == ("old", "releases/1")


def test_the_stamp_is_put_back_too(host: Host) -> None:
    host.release("1")
    host.point("1")
    host.stage(config="new")
    host.transaction.main("stamp", "mine")
    left = json.loads(host.transaction.STAMP.read_text())
    assert (left["release"], left["release_sha256"]) == ("1", "digest")
    assert "deployed_at" in left
    host.transaction.restore()
    assert host.transaction.STAMP.read_text() == "earlier"


def test_a_commit_forgets_the_old_and_keeps_five_releases(host: Host) -> None:
    for number in range(8):
        host.release(str(number))
        os.utime(host.transaction.STATE / "releases" / str(number), (number, number))
    (host.transaction.RELEASES / "4.damaged.17").mkdir()
    host.point("0")
    host.stage(config="new")
    host.transaction.main("switch", "mine")
    assert host.transaction.main("commit") == 0
    assert sorted(path.name for path in host.transaction.RELEASES.iterdir()) == ["0", "4", "5", "6", "7"]
    assert not host.transaction.KEPT.exists()
    assert not host.transaction.STAGE.exists()


def test_a_directory_in_the_place_of_a_file_is_replaced(host: Host) -> None:
    host.config.unlink()
    host.config.mkdir()
    host.stage(config="new")
    host.transaction.main("switch", "mine")
    assert host.config.read_text() == "new"


def test_going_back_can_be_cut_anywhere_and_repeated(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.release("1")
    host.point("1")
    host.release("2")
    host.stage(link="releases/2", config="new", new="fresh")
    host.transaction.main("switch", "mine")

    def cut(_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(host.transaction, "_point", cut)
        with pytest.raises(KeyboardInterrupt):
            host.transaction.restore()
    host.transaction.restore()
    assert (host.config.read_text(), host.stray.read_text(), host.current) == ("old", "stray", "releases/1")
    assert not host.new.exists()


def test_a_commit_that_is_cut_leaves_nothing_to_go_back_to_by_halves(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.release("1")
    host.point("1")
    host.stage(config="new")
    host.transaction.main("switch", "mine")

    def cut(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(host.transaction.shutil, "rmtree", cut)
        with pytest.raises(KeyboardInterrupt):
            host.transaction.commit()
    assert not (host.transaction.KEPT / "kept.json").exists()


def test_a_file_among_the_releases_stops_no_commit(host: Host) -> None:
    host.release("1")
    host.point("1")
    (host.transaction.RELEASES / "notes.txt").touch()
    assert host.transaction.main("commit") == 0
    assert [path.name for path in host.transaction.RELEASES.iterdir()] == ["1"]


def test_a_plan_that_another_deploy_staged_is_not_carried_out(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.stage(config="theirs")
    assert host.transaction.main("switch", "another") == 1
    assert host.config.read_text() == "old"
    assert "Another deploy has staged its own files" in capsys.readouterr().out


def test_a_step_waits_until_another_one_has_ended(host: Host) -> None:
    """A step of a deploy that was killed goes on alone; two at once would undo each other."""
    host.stage(config="new")
    with host.transaction.LOCK.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = threading.Thread(target=host.transaction.main, args=("switch", "mine"), daemon=True)
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        assert host.config.read_text() == "old"
    waiting.join(10)
    assert host.config.read_text() == "new"


def test_readiness_is_asked_of_the_host_itself_and_not_of_a_proxy(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        answering = threading.Thread(target=server.handle_request, daemon=True)
        answering.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/none"
        assert host.transaction._ask(url).startswith(f"{url} answers 404")
        answering.join(10)
