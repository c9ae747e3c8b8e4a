"""The bad day, on which every panel has something to show, as a file and as a store over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedrill.store.embedded import Embedded
from tests.dashboards.days import bad_day, good_day

LABELS = {"job": "bot", "host": "desk-1"}


@pytest.fixture(scope="session")
def bad_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_day().write(tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="session")
def good_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_day().write(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="session")
def bad_store(bad_file: Path) -> Embedded:
    return Embedded((str(bad_file),), LABELS)
