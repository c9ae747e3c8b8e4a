"""The transaction of `deploy/on_host`, loaded as a module and let loose on a scratch host."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from deploy.templates import ROOT
from tests.deploy.scratch import Host


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    spec = importlib.util.spec_from_file_location("transaction", ROOT / "deploy/on_host/transaction.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("STATE", "STAGE", "KEPT", "STAMP", "LOCK", "CURRENT", "RELEASES"):
        setattr(module, name, tmp_path / str(getattr(module, name)).lstrip("/"))
    made = Host(tmp_path, module)

    def restart(unit: dict[str, Any]) -> None:
        if problem := made.systemd.restart(unit):
            raise module.Failed(f"{unit['name']}: {problem}")

    monkeypatch.setattr(module, "_restart", restart)
    monkeypatch.setattr(module, "_systemctl", lambda *_, check=True: None)
    monkeypatch.setattr(module, "_is_known", lambda name: name not in made.systemd.unknown)
    monkeypatch.setattr(module, "_stop", made.systemd.stopped.append)
    return made
