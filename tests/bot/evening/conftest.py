"""The evening of all eight markets is played once for all tests over its log."""

from __future__ import annotations

import pytest

from tests.bot.evening.world import Evening, Played


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The whole of it, recorded as `evening.rec` beside its log."""
    folder = tmp_path_factory.mktemp("evening")
    return Evening(folder, record=folder / "evening.rec").play()
