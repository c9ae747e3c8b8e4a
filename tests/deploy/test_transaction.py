"""The switch on the host: whole or not at all, and back again."""

from __future__ import annotations

import errno
import json
from typing import Any

import pytest

from tests.deploy.scratch import Host


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


def test_a_disk_that_fills_up_half_way_brings_everything_back(
    host: Host, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host.release("1")
    host.point("1")
    host.release("2")
    host.stage(link="releases/2", config="new", new="fresh")

    remove = host.transaction._remove

    def full(_: str) -> None:
        monkeypatch.setattr(host.transaction, "_remove", remove)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(host.transaction, "_remove", full)
    assert host.transaction.main("switch", "mine") == 1
    assert (host.config.read_text(), host.stray.read_text(), host.current) == ("old", "stray", "releases/1")
    assert not host.new.exists()
    said = capsys.readouterr().out
    assert "No space left on device" in said
    assert "Went back to the last good state by itself" in said


def test_a_restart_that_fails_without_a_change_says_so(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.release("1")
    host.point("1")
    host.stage()
    host.systemd.broken.add("app.service")
    assert host.transaction.main("activate", "mine") == 1
    assert "No file was swapped in, so there is nothing to go back to." in capsys.readouterr().out


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


def test_a_commit_forgets_the_old(host: Host) -> None:
    host.release("0")
    host.point("0")
    host.stage(config="new")
    host.transaction.main("switch", "mine")
    assert host.transaction.main("commit") == 0
    assert not host.transaction.KEPT.exists()
    assert not host.transaction.STAGE.exists()


def test_a_retired_unit_stops_for_good_and_comes_back_with_the_rest(host: Host) -> None:
    host.release("1")
    host.point("1")
    host.systemd.unknown.add("app.service")
    host.stage(config="new", retire=["store.service"])
    host.transaction.main("switch", "mine")
    assert host.transaction.main("activate", "mine") == 0
    assert (host.systemd.disabled, host.systemd.stopped) == (["store.service"], ["store.service"])
    host.transaction.restore()
    assert host.systemd.enabled == ["store.service"]
    assert host.systemd.restarted == ["app.service", "store.service"], "what was not there before is not started again"
    assert host.systemd.stopped == ["store.service", "app.service"]


def test_a_directory_in_the_place_of_a_file_is_replaced(host: Host) -> None:
    host.config.unlink()
    host.config.mkdir()
    host.stage(config="new")
    host.transaction.main("switch", "mine")
    assert host.config.read_text() == "new"
