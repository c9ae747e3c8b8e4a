"""What an operator waits for: a deploy with nothing to do, the checks, a host from bare, a rollback."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.apply import wanted_of
from deploy.service import Wanted
from deploy.settings.contexts import context
from deploy.settings.secrets import read as read_secrets
from tests.bench.ansible import Ansible
from tests.bench.measure import BUDGET, Row, seconds
from tests.host.desk import Desk
from tests.host.gap import gap_in_quoting
from tests.host.repository import copy_working_tree, tag

PLAIN_CHECKS = Path(__file__).with_name("plain_testinfra.py")


def rows() -> Iterator[Row]:
    """Every measurement, as soon as it is made."""
    with tempfile.TemporaryDirectory(dir="/var/lib", prefix="mmstack-bench-") as name:
        folder = Path(name)
        os.environ["MMSTACK_SANDBOX_DIR"] = str(folder / "sandboxes")
        try:
            yield from _rows(folder)
        finally:
            _sandbox("down", "--all")


def _rows(folder: Path) -> Iterator[Row]:
    checkout = copy_working_tree(folder / "mmstack")
    tag(checkout, "1.0.0")
    tag(checkout, "1.1.0")
    _warm(folder, checkout)
    started = time.perf_counter()
    desk = _host(folder, checkout, "bench")
    _deploy(desk, "v1.0.0")
    ring, _ = desk.firedrill("--drill", "etick_error")
    _check(ring.code == 0, ring.text)
    yield Row("bare host to an alarm that rang", time.perf_counter() - started, 60, BUDGET, "s")
    yield from _nothing_to_do(folder, desk)
    yield from _checks(desk)
    yield from _rollback(desk)


def _warm(folder: Path, checkout: Path) -> None:
    """Base image, wheels and apt cache are there afterwards: what is measured is the second host of a desk."""
    desk = _host(folder, checkout, "warm")
    _deploy(desk, "v1.0.0")
    _sandbox("down", str(desk.host["name"]))


def _nothing_to_do(folder: Path, desk: Desk) -> Iterator[Row]:
    (folder / "ansible").mkdir()
    ansible = Ansible(folder / "ansible", desk, _wanted(desk))
    ours = seconds(lambda: _deploy(desk, "v1.0.0"))
    yield Row("deploy with nothing to do", ours, seconds(ansible.run, runs=3), "Ansible with pipelining", "s")


def _checks(desk: Desk) -> Iterator[Row]:
    said, host = desk.firedrill("--no-drills")
    _check(said.code == 0, said.text)
    ours = seconds(lambda: desk.firedrill("--no-drills"))
    options = ["--hosts", f"ssh://{desk.host['name']}", "--ssh-config", str(desk.host["ssh_config"])]
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(PLAIN_CHECKS)]
    other = seconds(lambda: _run(plain), runs=3)
    yield Row(f"checks ({len(host['checks'])} ours, 25 theirs)", ours, other, "testinfra over ssh://, as it comes", "s")


def _rollback(desk: Desk) -> Iterator[Row]:
    _deploy(desk, "v1.1.0")
    started = time.perf_counter()
    _deploy(desk, "v1.0.0")
    yield Row("rollback to a kept release", time.perf_counter() - started, 10, BUDGET, "s")
    yield Row("seconds without quotes in it", gap_in_quoting(desk), 3, BUDGET, "s")


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _wanted(desk: Desk) -> Wanted:
    """The host's wanted state, as its own checkout says it."""
    root = Path(__file__).resolve().parents[2]
    services = runpy.run_path(str(root / "deploy.py"), run_name="describe")["SERVICES"]
    with _in(desk.checkout):
        inventory = runpy.run_path("inventory/sandbox.py")
        groups = [runpy.run_path(f"inventory/group_data/{name}.py") for name in ("all", "sandbox")]
    data: dict[str, Any] = {}
    for group in groups:
        data |= {name: value for name, value in group.items() if not name.startswith("_")}
    data |= dict(inventory["sandbox"])[desk.host["name"]]
    secrets = read_secrets("bench", desk.checkout / data["secrets_file"])
    return wanted_of(context(str(desk.host["name"]), "sandbox", data, secrets), services)


def _host(folder: Path, checkout: Path, prefix: str) -> Desk:
    _sandbox("up", "--name", prefix)
    (facts,) = [f for f in json.loads(_sandbox("ls", "--json")) if f["name"].startswith(prefix)]
    return Desk(checkout, folder / "sandboxes", facts)


def _deploy(desk: Desk, release: str) -> None:
    said = desk.deploy("--data", f"release={release}")
    _check(said.code == 0, said.text)


def _sandbox(*words: str) -> str:
    return _run([sys.executable, "-m", "firedrill", "sandbox", *words])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    _check(done.returncode == 0, done.stdout + done.stderr)
    return done.stdout


def _check(good: bool, said: str) -> None:
    if not good:
        raise RuntimeError(f"nothing can be measured, because a step failed:\n{said}")
