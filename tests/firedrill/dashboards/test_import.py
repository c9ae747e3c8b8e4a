"""`firedrill dashboards import`: a folder holds exactly the dashboards of the release, or is not touched."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firedrill.dashboards.command import command
from firedrill.dashboards.publish import RELEASED, with_runbooks

BASE = "https://git.example/desk/mmstack/blob/main"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "grafana").mkdir()
    return tmp_path / "grafana"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two dashboards."""
    (tmp_path / "release").mkdir()
    for name in ("mm-bot-orders.json", "mm-bot-overview.json"):
        (tmp_path / "release" / name).write_bytes((RELEASED / name).read_bytes())
    return tmp_path / "release"


def _imported(folder: Path, *more: str | Path) -> Result:
    return CliRunner().invoke(command, ["import", "--to", str(folder), *map(str, more)])


def _there(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_what_is_imported_is_what_the_release_brings(folder: Path) -> None:
    done = _imported(folder)
    assert done.exit_code == 0, done.output
    assert sorted(os.listdir(folder)) == sorted(path.name for path in RELEASED.glob("*.json"))
    assert len(os.listdir(folder)) == 5
    assert "added mm-bot-orders.json\n" in done.output
    assert done.output.endswith(f"{folder}: 5 changed\n")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_a_second_run_touches_nothing(folder: Path) -> None:
    _imported(folder)
    before = _there(folder)
    done = _imported(folder)
    assert (done.exit_code, done.output) == (0, f"{folder}: 0 changed\n")
    assert _there(folder) == before


def test_dashboards_that_are_gone_or_were_changed_by_hand_are_put_right(folder: Path, release: Path) -> None:
    _imported(folder)
    (folder / "mm-bot-orders.json").write_text("{}")
    (folder / "notes.txt").write_text("not ours to judge")
    (folder / ".mm-bot-orders.json.new").write_text("cut in the middle")
    done = _imported(folder, "--from", release)
    assert done.exit_code == 0, done.output
    said = done.output.splitlines()[:-1]
    assert said[0] == "changed mm-bot-orders.json"
    assert said[1:] == [f"removed mm-bot-{name}.json" for name in ("pipeline", "rotation", "strategy")]
    assert sorted(os.listdir(folder)) == ["mm-bot-orders.json", "mm-bot-overview.json", "notes.txt"]


def test_a_link_is_replaced_and_not_followed(folder: Path, release: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (folder / "mm-bot-orders.json").symlink_to(victim)
    assert _imported(folder, "--from", release).exit_code == 0
    assert not (folder / "mm-bot-orders.json").is_symlink()
    assert victim.read_text() == "kept"


@pytest.mark.parametrize("broken", ["{", "[]", '{"uid": "x"}', ""])
def test_a_broken_dashboard_is_named_and_nothing_is_touched(folder: Path, release: Path, broken: str) -> None:
    _imported(folder)
    before = _there(folder)
    (release / "mm-bot-overview.json").write_text(broken)
    done = _imported(folder, "--from", release)
    assert done.exit_code == 1
    assert "mm-bot-overview.json is no dashboard" in done.output
    assert "nothing was changed" in done.output
    assert _there(folder) == before


def test_a_release_without_dashboards_does_not_empty_the_folder(folder: Path, tmp_path: Path) -> None:
    _imported(folder)
    (tmp_path / "nothing").mkdir()
    assert _imported(folder, "--from", tmp_path / "nothing").exit_code == 1
    assert len(os.listdir(folder)) == 5


def test_checking_changes_nothing_and_exits_with_the_answer(folder: Path) -> None:
    done = _imported(folder, "--check")
    assert done.exit_code == 1
    assert "would be added mm-bot-orders.json\n" in done.output
    assert os.listdir(folder) == []
    _imported(folder)
    assert _imported(folder, "--check").exit_code == 0


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = _imported(tmp_path / "none")
    assert done.exit_code == 2
    assert "make it first" in done.output


def test_links_lead_to_the_runbooks_with_or_without_a_slash(folder: Path) -> None:
    _imported(folder, "--runbooks", BASE)
    text = (folder / "mm-bot-orders.json").read_text()
    assert f'"{BASE}/"' in text
    assert "0 changed" in _imported(folder, "--runbooks", f"{BASE}/").output
    assert "5 changed" in _imported(folder).output


def test_links_lead_to_the_runbooks_or_are_not_there() -> None:
    text = (RELEASED / "mm-bot-orders.json").read_text()
    with_links = json.loads(with_runbooks(text, f"{BASE}/"))
    (variable,) = [one for one in with_links["templating"]["list"] if one["name"] == "runbooks"]
    assert variable["query"] == f"{BASE}/"
    assert any(panel["links"] for panel in with_links["panels"])
    without = json.loads(with_runbooks(text, ""))
    assert "runbooks" not in json.dumps(without)
    assert all("links" in panel and panel["links"] == [] for panel in without["panels"])
    assert "Runbook: alerts/orders/ETickError.md" in json.dumps(without)
