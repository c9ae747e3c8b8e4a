"""The lock that one operator holds on a host, and what a second one is told of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.operators import _who, command

Until = Callable[[Callable[[], Any], float, str], Any]


@pytest.fixture
def holder(tmp_path: Path) -> Path:
    return tmp_path / "operator"


@contextmanager
def _asks(name: str, holder: Path, quiet_s: float = 60.0, patience_s: float = 0.05) -> Iterator[subprocess.Popen[str]]:
    words = command(name, str(holder), quiet_s, patience_s)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_one_holds_it_and_the_next_is_told_who(holder: Path) -> None:
    with ExitStack() as both:
        first = both.enter_context(_asks("ann@desk (pid 42)", holder))
        assert _answer(first) == "mine"
        second = both.enter_context(_asks("bob@home (pid 7)", holder))
        assert "ann@desk (pid 42) has been deploying to it since" in _who(_answer(second))


def test_it_is_free_when_the_connection_of_its_holder_ends(holder: Path) -> None:
    with _asks("ann", holder) as first:
        assert _answer(first) == "mine"
    assert holder.read_text() == ""
    with _asks("bob", holder) as second:
        assert _answer(second) == "mine"
        assert holder.read_text().endswith(" bob\n")


def test_it_is_free_when_nothing_is_heard_of_its_holder_any_more(holder: Path, until: Until) -> None:
    with ExitStack() as both:
        gone = both.enter_context(_asks("ann", holder, quiet_s=0.3))
        assert _answer(gone) == "mine"
        until(lambda: gone.poll() is not None, 10, "the lock of a vanished operator to be free")
        assert _answer(both.enter_context(_asks("bob", holder))) == "mine"


def test_a_sign_of_life_keeps_it(holder: Path) -> None:
    with _asks("ann", holder, quiet_s=5) as first:
        assert _answer(first) == "mine"
        assert first.stdin
        first.stdin.write("\n\n")
        first.stdin.flush()
        with _asks("bob", holder, patience_s=0.5) as second:
            assert _answer(second).startswith("held ")


@pytest.mark.parametrize("answer", ["held 1700000120 ", "held 1700000120 x y", "held"])
def test_a_holder_that_left_no_name_is_told_as_well(answer: str) -> None:
    assert _who(answer) == "another deploy is at work on it; deploy again when it has ended"


def test_since_when_is_the_hosts_own_time() -> None:
    assert _who("held 1700000120 1700000000 ann@desk (pid 42)") == (
        "ann@desk (pid 42) has been deploying to it since 2023-11-14 22:13:20 UTC (120 s ago); "
        "wait until that has ended, then deploy again"
    )
