"""A host deployed from a still copy of the working tree, shared by the tests of a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk
from tests.host.repository import copy_working_tree


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as it was when the session began."""
    return copy_working_tree(tmp_path_factory.mktemp("desk") / "mmstack")


@pytest.fixture(scope="session")
def desk(sandbox_host: Callable[..., Any], sandbox_dir: Path, checkout: Path) -> Desk:
    """A bare host that was deployed once."""
    desk = Desk(checkout, sandbox_dir, sandbox_host(prefix="desk").facts)
    said = desk.deploy()
    assert said.code == 0, said.text
    return desk
