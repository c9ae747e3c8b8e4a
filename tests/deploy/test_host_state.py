"""The script and its parser, on this very machine: it is a Linux host like any other."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import subprocess
import time
from pathlib import Path

import pytest

from deploy import host_script
from deploy.host_script import FINGERPRINT, LOCK_WITHIN_S, MARKERS, PRINT, RELEASES, script
from deploy.host_state import HostState, parse


def _read(text: str) -> HostState:
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True)
    return parse(done.stdout.splitlines())


def test_it_tells_the_files_as_they_are(tmp_path: Path) -> None:
    plain, odd, link = tmp_path / "plain", tmp_path / "with space 'and' quotes", tmp_path / "link"
    for path in (plain, odd):
        path.write_bytes(b"content of " + path.name.encode())
    odd.chmod(0o600)
    link.symlink_to("plain")
    before = time.time()
    state = _read(script(files=[str(plain), str(odd), str(tmp_path / "absent")], others=[str(tmp_path), str(link)]))
    assert state.paths[str(plain)].sha256 == hashlib.sha256(b"content of plain").hexdigest()
    assert state.paths[str(odd)].mode == 0o600
    assert state.paths[str(odd)].kind == "file"
    assert state.paths[str(link)].target == "plain"
    assert state.paths[str(tmp_path)].kind == "directory"
    assert str(tmp_path / "absent") not in state.paths
    assert abs(state.paths[str(plain)].ctime - before) < 5
    assert before - 1 <= state.clock <= time.time() + 1
    assert state.uid == os.getuid()


def test_a_link_in_place_of_a_file_is_seen_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.symlink_to("/etc/passwd")
    found = _read(script(files=[str(path)])).paths[str(path)]
    assert (found.kind, found.sha256, found.target) == ("link", "", "/etc/passwd")


def test_entries_of_an_exclusive_directory_are_listed(tmp_path: Path) -> None:
    (tmp_path / "stray.txt").touch()
    assert _read(script(exclusive=[str(tmp_path), str(tmp_path / "absent")])).entries == [str(tmp_path / "stray.txt")]


def test_units_are_told_apart() -> None:
    lines = [
        "unit\tId=a.service",
        *("unit\t" + pair for pair in ("LoadState=loaded", "ActiveState=active", "SubState=running", "NRestarts=3")),
        *("unit\t" + pair for pair in ("UnitFileState=enabled", "NeedDaemonReload=no", "MainPID=7", "Result=success")),
        "unit\tExecMainStartTimestamp=Sat 2026-11-21 11:44:14.123456 UTC",
        "unit\t",
        *("unit\t" + pair for pair in ("Id=b.timer", "LoadState=not-found", "ActiveState=inactive", "SubState=dead")),
        *("unit\t" + pair for pair in ("UnitFileState=", "NeedDaemonReload=no")),
    ]
    units = parse(lines).units
    assert set(units) == {"a.service", "b.timer"}
    assert (units["a.service"].restarts, units["a.service"].pid, units["b.timer"].load) == (3, 7, "not-found")
    assert units["a.service"].started == pytest.approx(1795261454.123456)
    assert units["b.timer"].started == 0.0


def test_listeners_and_stamp_are_read() -> None:
    state = parse(
        [
            "listen\t[::1]:9180\t42\tmm-bot\tmm-bot.service",
            "listen\t127.0.0.1:3100\t\t\t",
            'stamp\t{"release": "1.0"}',
            "release\t1.0.0+abcdef0\twhole\td1ge57",
            "package\tpython3\tinstalled\t3.11.2",
            "package\tlogrotate\tnot-installed\t",
        ]
    )
    assert [(x.address, x.port, x.unit) for x in state.listeners] == [
        ("[::1]", 9180, "mm-bot.service"),
        ("127.0.0.1", 3100, ""),
    ]
    assert state.stamp == '{"release": "1.0"}'
    assert state.releases == {"1.0.0+abcdef0": ("whole", "d1ge57")}
    assert state.packages == {"python3": "3.11.2"}


def test_files_the_bot_could_not_write_are_told(tmp_path: Path) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    for name, mode in (("mine", 0o600), ("read only", 0o400)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    text = script().replace("/var/log/mm-bot", str(tmp_path)).replace("-user mm-bot", f"-user {me}")
    assert _read(text.replace("id mm-bot", f"id {me}")).foreign == [str(tmp_path / "read only")]


def test_a_release_is_whole_only_as_it_was_installed(tmp_path: Path) -> None:
    release, markers = tmp_path / "opt/1.0.0+abcdef0", tmp_path / "markers"
    release.mkdir(parents=True)
    markers.mkdir()
    (release / "app.py").write_text("good")
    installed = subprocess.run(["sh", "-c", FINGERPRINT], cwd=release, capture_output=True, text=True, check=True)
    (markers / release.name).write_text(f"{installed.stdout.strip()}\nd1ge57\n")
    text = script(releases=[release.name]).replace(RELEASES, str(release.parent)).replace(MARKERS, str(markers))
    assert _read(text).releases == {release.name: ("whole", "d1ge57")}
    before = (release / "app.py").stat()
    (release / "app.py").write_text("evil")
    os.utime(release / "app.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert _read(text).releases == {release.name: ("damaged", "d1ge57")}


def test_what_a_cut_deploy_left_is_told(tmp_path: Path) -> None:
    text = script().replace("/var/lib/mmstack", str(tmp_path))
    assert not _read(text).unproved
    (tmp_path / "stage").mkdir()
    staged = _read(text)
    assert (staged.unproved, staged.release_to_go_back_to) == (True, "")
    (tmp_path / "previous").mkdir()
    kept = {"paths": {"/etc/a": "0"}, "link": "releases/0.9.0+abcdef0", "restart": []}
    (tmp_path / "previous/kept.json").write_text(json.dumps(kept))
    assert _read(text).release_to_go_back_to == "0.9.0+abcdef0"


def test_a_step_of_another_deploy_is_waited_for_and_told(tmp_path: Path) -> None:
    text = script().replace("/var/lib/mmstack", str(tmp_path)).replace(f"-w {LOCK_WITHIN_S}", "-w 0.1")
    with (tmp_path / "lock").open("a") as lock:
        assert not _read(text).busy
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert _read(text).busy


def test_a_line_nobody_asked_for_is_not_swallowed() -> None:
    with pytest.raises(ValueError, match="not asked for"):
        parse(["bash: warning: setlocale: cannot change locale"])


def test_a_program_is_told_by_its_marker_until_anybody_touches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_script, "PROGRAM_MARKERS", str(tmp_path / "markers"))
    (tmp_path / "markers").mkdir()
    program = tmp_path / "loki-1-abc"
    program.write_text("#!/bin/sh\necho 'loki, version 1.2.3'\n")
    program.chmod(0o755)
    assert _read(script(artifacts=[str(program)])).programs == {}, "without a marker nobody knows that it is whole"
    printed = subprocess.run(["sh", "-c", f"{PRINT} {program}"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "markers/loki-1-abc").write_text(f"abc\n{printed}")
    assert _read(script(artifacts=[str(program)])).programs == {str(program): "abc"}
    program.write_text("#!/bin/sh\necho 'loki, version 6.6.6'\n")
    assert _read(script(artifacts=[str(program)])).programs == {}


def test_a_program_that_is_present_says_its_version(tmp_path: Path) -> None:
    program = tmp_path / "loki"
    program.write_text("#!/bin/sh\necho 'loki, version 1.2.3'\necho more\n")
    program.chmod(0o755)
    said = _read(script(present=[str(program), str(tmp_path / "absent")])).says
    assert said == {str(program): "loki, version 1.2.3"}
