from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firedrill.shipping.rig import Rig
from tests.real_loki import artifact


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A running Loki with nothing in it, and a shipper to be started; skips where MMSTACK_ARTIFACTS has none."""
    for name in ("loki", "promtail"):
        artifact(name)
    made = Rig(tmp_path)
    try:
        made.start_loki()
        yield made
    finally:
        made.stop()
