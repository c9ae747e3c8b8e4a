"""Fixtures for tests that need a real host: a sandbox directory for the session, hosts booted in it, always cleared.

`until` polls with a deadline, so that no test sleeps.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firedrill.sandbox import machine, processes
from firedrill.sandbox.mounts import mounts
from tests.real_loki import RealLoki, running_loki

REPOSITORY = Path(__file__).resolve().parents[1]
_PREFIX = "mmstack-test-"
# Overlay upper directories need an ordinary file system below them.
_PLACES = (Path("/var/lib"), Path("/var/tmp"))
_UNFIT = {"overlay", "tmpfs", "ramfs", "nfs", "nfs4", "9p", "virtiofs"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: downloads and takes its time; only run by `pytest -m thorough`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "thorough" in config.option.markexpr:
        return
    chosen = [item for item in items if item.get_closest_marker("thorough") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _until(predicate: Callable[[], object], seconds: float, what: str) -> object:
    """The first true value of `predicate`; fails the test, saying `what` never came true, after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := predicate():
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def real_loki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealLoki]:
    """A real Loki for the session; skips with the reason where the folder MMSTACK_ARTIFACTS has none."""
    with running_loki(tmp_path_factory.mktemp("loki")) as loki:
        yield loki


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object], float, str], object]:
    return _until


class Host:
    """A booted sandbox host. `with host:` takes it down early; the session's end takes down every other."""

    def __init__(self, facts: dict[str, object]) -> None:
        self.facts = facts
        self.name = str(facts["name"])
        self.address = str(facts["address"])
        self.root = Path(str(facts["root"]))
        self.ssh_config = Path(str(facts["ssh_config"]))

    def ssh(self, command: str, *, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a shell command there; fails the test on a non-zero exit unless told not to check."""
        line = ["ssh", "-F", str(self.ssh_config), self.name, command]
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(line, capture_output=True, text=True, **given)
        if check and done.returncode:
            pytest.fail(f"on {self.name}: {command!r} exited {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def down(self) -> None:
        sandbox("down", self.name)

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()


def sandbox(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run `firedrill sandbox ...` as an operator would, on the session's directory."""
    line = [sys.executable, "-m", "firedrill", "sandbox", *words]
    done = subprocess.run(line, capture_output=True, text=True, cwd=REPOSITORY, stdin=subprocess.DEVNULL)
    if check and done.returncode:
        pytest.fail(f"firedrill sandbox {' '.join(words)} exited {done.returncode}: {done.stdout}{done.stderr}")
    return done


@pytest.fixture(scope="session")
def sandbox_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    return sandbox


@pytest.fixture(scope="session")
def sandbox_dir() -> Iterator[Path]:
    """A fresh MMSTACK_SANDBOX_DIR for this session; skips, saying why, where no host can boot."""
    if reason := machine.obstacle():
        pytest.skip(reason)
    place = next((place for place in _PLACES if _file_system(place) not in _UNFIT), None)
    if place is None:
        pytest.skip(
            f"neither of {', '.join(map(str, _PLACES))} lies on a file system that can hold an overlay's changes"
        )
    _sweep(place)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MMSTACK_SANDBOX_DIR", str(directory))
        try:
            me = processes.process(os.getpid())
            assert me is not None
            processes.save(directory / "owner", me)
            yield directory
        finally:
            sandbox("down", "--all")
            shutil.rmtree(directory)


@pytest.fixture(scope="session")
def sandbox_host(sandbox_dir: Path) -> Callable[..., Host]:
    """Call it to boot a host: `sandbox_host(release="bookworm", prefix="test")`."""

    def boot(release: str = "bookworm", prefix: str = "test") -> Host:
        before = {facts["name"] for facts in _listed()}
        sandbox("up", "--release", release, "--name", prefix)
        (facts,) = [facts for facts in _listed() if facts["name"] not in before]
        return Host(facts)

    return boot


def _listed() -> list[dict[str, object]]:
    return json.loads(sandbox("ls", "--json").stdout)


def _file_system(directory: Path) -> str:
    holding = [mount for mount in mounts() if directory.is_relative_to(mount.point)]
    return max(holding, key=lambda mount: len(mount.point.parts)).kind


def _sweep(place: Path) -> None:
    """Clear what sessions that were killed left behind."""
    for left in place.glob(f"{_PREFIX}*"):
        owner = processes.load(left / "owner")
        if owner is not None and not owner.alive():
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("MMSTACK_SANDBOX_DIR", str(left))
                sandbox("down", "--all")
            shutil.rmtree(left)
