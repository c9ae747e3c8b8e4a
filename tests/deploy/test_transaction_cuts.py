"""The switch when it is cut, repeated, or met by another deploy."""

from __future__ import annotations

import fcntl
import http.server
import threading
from pathlib import Path

import pytest

from tests.deploy.scratch import Host


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
