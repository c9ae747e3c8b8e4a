"""A deploy that is killed with -9, wherever it is: the next one finishes its work, and the one after changes nothing.

In the ordinary run at three delicate places. In the thorough one at twenty random points, always the same, one in each
slice of the time that a deploy takes when nobody disturbs it.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk
from tests.host.repository import copy_working_tree, tag
from tests.real_loki import artifact

pytestmark = pytest.mark.host

STORES = ("mm-log-store", "loki")
LOKI_TAKES_S = 15.0
"""Longer than the embedded store to be ready."""
LATEST = 0.97
"""Part of the measured time up to which is cut; the rest is pyinfra's own leave-taking."""


def _points(seed: int, number: int) -> list[float]:
    drawn = random.Random(seed)
    return [round(LATEST * (n + drawn.random()) / number, 3) for n in range(number)]


@dataclass(slots=True)
class Yard:
    """A repository from which every deploy has everything to do, and a host.

    `stack` are settings of the next deploy, `other` those of the one after it, if they are to alternate.
    """

    desk: Desk
    versions: count[int] = field(default_factory=lambda: count(1))
    stack: tuple[str, ...] = ()
    other: tuple[str, ...] | None = None

    def news(self) -> list[str]:
        """A new release and new settings, as arguments of a deploy."""
        number, stack = next(self.versions), self.stack
        if self.other is not None:
            self.stack, self.other = self.other, self.stack
        tag(self.desk.checkout, f"1.{number}.0")
        told = (f"release=v1.{number}.0", f"log_retention_days={10 + number}", f"evaluation_interval={5 + number % 3}s")
        return [word for pair in (*told, *stack) for word in ("--data", pair)]


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory, sandbox_host: Callable[..., Any], sandbox_dir: Path) -> Yard:
    """The host is bare."""
    repository = copy_working_tree(tmp_path_factory.mktemp("interrupted") / "mmstack")
    return Yard(Desk(repository, sandbox_dir, sandbox_host(prefix="cut").facts))


@pytest.fixture(scope="module")
def undisturbed(yard: Yard) -> tuple[float, float]:
    """Seconds that a first deploy takes, and one that changes release and settings."""
    bare, change = (yard.desk.deploy(*yard.news()) for _ in range(2))
    assert (bare.code, change.code) == (0, 0), bare.text + change.text
    return bare.seconds, change.seconds


@pytest.mark.parametrize(
    ("operation", "after_s"),
    [
        ("Unpack the release beside the running one", 0.8),  # on the bare host
        ("Swap in what changed", 0.05),
        ("Restart what reads it, and wait until it is ready", 0.4),
    ],
)
def test_a_deploy_that_is_cut_in_a_delicate_place(operation: str, after_s: float, yard: Yard) -> None:
    news = yard.news()
    deploy = yard.desk.start(*news)
    assert deploy.stdout
    said = next(line for line in deploy.stdout if f"Starting operation: {operation}" in line)
    _finish(yard.desk, news, said + _cut(deploy, after_s))


@pytest.mark.thorough
@pytest.mark.parametrize("part", _points(2, 10))
def test_a_first_deploy_that_is_cut(
    part: float, yard: Yard, undisturbed: tuple[float, float], sandbox_host: Callable[..., Any]
) -> None:
    with sandbox_host(prefix="bare") as host:
        there = Yard(Desk(yard.desk.checkout, yard.desk.sandbox_dir, host.facts), yard.versions)
        _finish(there.desk, *_surely_cut(there, part * undisturbed[0]))


@pytest.mark.thorough
@pytest.mark.parametrize("part", _points(4, 10))
def test_a_change_of_release_and_settings_that_is_cut(
    part: float, yard: Yard, undisturbed: tuple[float, float]
) -> None:
    _finish(yard.desk, *_surely_cut(yard, part * undisturbed[1]))


@pytest.fixture(scope="module")
def loki() -> tuple[str, ...]:
    """Settings with which the log goes to a real Loki; skips, saying why, where there is none."""
    artifact("promtail")
    return ("log_store=loki", "install_source=archive", f"artifacts={artifact('loki').parent}")


@pytest.fixture(scope="module")
def moving(yard: Yard, loki: tuple[str, ...]) -> Yard:
    """The same host; every deploy moves its log to the other store."""
    return Yard(yard.desk, yard.versions, loki, other=())


@pytest.mark.thorough
@pytest.mark.parametrize("part", _points(5, 5))
def test_a_first_deploy_with_loki_that_is_cut(
    part: float, yard: Yard, undisturbed: tuple[float, float], loki: tuple[str, ...], sandbox_host: Callable[..., Any]
) -> None:
    with sandbox_host(prefix="bare") as host:
        there = Yard(Desk(yard.desk.checkout, yard.desk.sandbox_dir, host.facts), yard.versions, loki)
        _finish(there.desk, *_surely_cut(there, part * (undisturbed[0] + LOKI_TAKES_S)))


@pytest.mark.thorough
@pytest.mark.parametrize("part", _points(6, 6))
def test_a_move_of_the_log_to_loki_or_back_that_is_cut(
    part: float, moving: Yard, undisturbed: tuple[float, float]
) -> None:
    _finish(moving.desk, *_surely_cut(moving, part * (undisturbed[1] + LOKI_TAKES_S)))


def _surely_cut(yard: Yard, after_s: float) -> tuple[list[str], str]:
    """What was to be deployed, and what was said until the cut. A deploy that was faster this time is repeated."""
    said = ""
    while f"--- ended with {-signal.SIGKILL}" not in said:
        news = yard.news()
        said, after_s = _cut(yard.desk.start(*news), after_s), after_s * 0.8
    return news, said


def _cut(deploy: subprocess.Popen[str], after_s: float) -> str:
    """Let it work for `after_s`, then kill it; what it said until then."""
    started = time.monotonic()
    try:
        text, _ = deploy.communicate(timeout=after_s)
    except subprocess.TimeoutExpired:
        deploy.kill()
        text, _ = deploy.communicate(timeout=60)
    return f"{text}\n--- ended with {deploy.returncode} after {time.monotonic() - started:.2f} s ---\n"


def _finish(desk: Desk, news: list[str], before: str) -> None:
    finished = desk.deploy(*news)
    assert finished.code == 0, before + finished.text
    assert desk.ctl("status")["release"].startswith(news[1].removeprefix("release=v"))
    store, other = STORES if "log_store=loki" not in news else STORES[::-1]
    assert desk.ssh(f"systemctl is-active {store} {other}", check=False).split()[0] == "active"
    assert f"{store}.service" in desk.ssh("cat /var/lib/mmstack/stamp.json")
    assert f"{other}.service" not in desk.ssh("cat /var/lib/mmstack/stamp.json; ls /etc/systemd/system")
    again = desk.deploy(*news)
    assert (again.code, again.changes) == (0, 0), before + finished.text + again.text
