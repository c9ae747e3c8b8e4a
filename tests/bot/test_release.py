"""Which build this is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import release
from bot.errors import CannotStart
from bot.release import Build


def test_a_wheel_says_what_was_built_into_it(tmp_path: Path) -> None:
    (tmp_path / "build.json").write_text('{"release": "1.4.0+0123abc", "commit": "0123abc"}')
    assert release.read(tmp_path) == Build("1.4.0+0123abc", "0123abc")


def test_a_checkout_says_source_and_its_projects_version(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "7.8.9"\n')
    (tmp_path / "bot").mkdir()
    assert release.read(tmp_path / "bot") == Build("7.8.9+source", "source")


@pytest.mark.parametrize("text", ["", "{}", '{"release": 1, "commit": "x"}'])
def test_a_damaged_build_id_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "build.json").write_text(text)
    with pytest.raises(CannotStart, match="install the release again"):
        release.read(tmp_path)
