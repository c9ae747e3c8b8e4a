"""Changes of release on a real host, from a repository with tags of its own: a clone of this one may carry none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk
from tests.host.gap import gap_in_quoting
from tests.host.repository import copy_working_tree, git, tag

pytestmark = pytest.mark.host

WHEEL_THAT_DOES_NOT_START = ("bot/__init__.py", 'raise ImportError("this wheel does not start")\n')
BOT_THAT_IS_NEVER_READY = (
    "bot/__main__.py",
    "import sys\n\n\ndef main():\n    if 'run' in sys.argv:\n        sys.exit('this bot ends as soon as it runs')\n",
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as it stands, with v1.0.0 and v1.1.0 good, v2.0.0 and v2.1.0 broken, and v3.0.0 a liar."""
    root = copy_working_tree(tmp_path_factory.mktemp("releases") / "mmstack")
    tag(root, "1.0.0")
    tag(root, "1.1.0")
    good = {name: (root / name).read_text() for name in ("bot/__init__.py", "bot/__main__.py", "bot/release.py")}
    _break(root, "2.0.0", *WHEEL_THAT_DOES_NOT_START)
    (root / "bot/__init__.py").write_text(good["bot/__init__.py"])
    _break(root, "2.1.0", *BOT_THAT_IS_NEVER_READY)
    (root / "bot/__main__.py").write_text(good["bot/__main__.py"])
    _break(root, "3.0.0", "bot/release.py", good["bot/release.py"] + LIAR)
    git(root, "checkout", "-q", "v1.0.0")
    return root


LIAR = """

def read(folder: Path = Path(__file__).parent) -> Build:
    return Build(release="9.9.9+fffffff", commit="f" * 40)
"""
"""A release that starts and quotes, and says it is another one: only the proof after the deploy can see that."""


def _break(root: Path, version: str, path: str, content: str) -> None:
    (root / path).write_text(content)
    tag(root, version)


@pytest.fixture(scope="module")
def desk(sandbox_host: Callable[..., Any], sandbox_dir: Path, repository: Path) -> Desk:
    """A host that runs v1.0.0, deployed from the clone."""
    desk = Desk(repository, sandbox_dir, sandbox_host(prefix="releases").facts)
    said = desk.deploy("--data", "release=v1.0.0")
    assert said.code == 0, said.text
    return desk


def _release(desk: Desk) -> str:
    return str(desk.ctl("status")["release"])


def test_forward_and_back_by_the_same_command(desk: Desk) -> None:
    forward = desk.deploy("--data", "release=v1.1.0")
    assert forward.code == 0, forward.text
    assert _release(desk).startswith("1.1.0+")
    assert gap_in_quoting(desk) <= 3
    back = desk.deploy("--data", "release=v1.0.0")
    assert back.code == 0, back.text
    assert "unpack release" not in back.text, "a kept release is not built again"
    assert _release(desk).startswith("1.0.0+")
    assert gap_in_quoting(desk) <= 3
    assert desk.deploy("--data", "release=v1.0.0").changes == 0


def test_a_wheel_that_does_not_start_never_interrupts_quoting(desk: Desk) -> None:
    before = desk.ctl("status")
    said = desk.deploy("--data", "release=v2.0.0")
    assert said.code != 0
    assert "this wheel does not start" in said.text
    assert "nothing was changed on this host" in said.text
    after = desk.ctl("status")
    assert (after["pid"], after["release"]) == (before["pid"], before["release"])


def test_a_release_that_is_never_ready_goes_back_by_itself(desk: Desk) -> None:
    said = desk.deploy("--data", "release=v2.1.0")
    assert said.code != 0
    assert "Went back to the last good state by itself" in said.text
    assert _release(desk).startswith("1.0.0+")
    assert desk.red_checks() == {}


def test_a_release_that_does_not_prove_itself_goes_back_by_itself(desk: Desk) -> None:
    said = desk.deploy("--data", "release=v3.0.0")
    assert said.code != 0
    assert "build_id_agrees" in said.text
    assert "Went back to the last good state by itself" in said.text
    assert _release(desk).startswith("1.0.0+")
    assert desk.red_checks() == {}


def test_a_tag_that_does_not_exist_changes_nothing(desk: Desk) -> None:
    said = desk.deploy("--data", "release=v9.9.9")
    assert said.code != 0
    assert "there is no tag v9.9.9" in said.text
    assert "Traceback" not in said.text


def test_a_kept_release_can_be_named_by_its_id(desk: Desk) -> None:
    kept = [name for name in desk.ssh("ls /opt/mm-bot/releases").split() if name.startswith("1.1.0+")]
    said = desk.deploy("--data", f"release={kept[0]}")
    assert said.code == 0, said.text
    assert _release(desk) == kept[0]
