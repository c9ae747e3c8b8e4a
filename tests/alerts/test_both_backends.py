"""The rules' own tests on a real Loki: the two stores agree on every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedrill.store.rule_test_stores import OnLoki
from firedrill.store.rule_tests import run_file
from tests.alerts.test_alerts import ALERTS
from tests.real_loki import RealLoki


@pytest.mark.parametrize("file", sorted(ALERTS.glob("*/tests.yaml")), ids=lambda path: path.parent.name)
def test_rule_tests_hold_on_a_real_loki(file: Path, real_loki: RealLoki) -> None:
    assert run_file(file, stores=OnLoki(real_loki.url)) == []
