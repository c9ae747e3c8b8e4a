"""The transaction of `deploy/on_host`, loaded as a module and let loose on a scratch host."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from deploy.templates import ROOT
from tests.deploy.scratch import Host


def _on_host(name: str, root: Path) -> Any:
    """A module of `deploy/on_host`, every path of it below `root`."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"deploy/on_host/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for constant, value in list(vars(module).items()):
        if constant.isupper() and isinstance(value, Path):
            setattr(module, constant, root / str(value).lstrip("/"))
    return module


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    module = _on_host("transaction", tmp_path)
    made = Host(tmp_path, module, _on_host("prune", tmp_path))

    def restart(unit: dict[str, Any]) -> None:
        if problem := made.systemd.restart(unit):
            raise module.Failed(f"{unit['name']}: {problem}")

    monkeypatch.setattr(module, "_restart", restart)
    monkeypatch.setattr(module, "_systemctl", made.systemd.control)
    monkeypatch.setattr(module, "_is_known", lambda name: name not in made.systemd.unknown)
    monkeypatch.setattr(module, "_stop", made.systemd.stopped.append)
    return made
