"""Completion with TAB in a real bash: what `eval "$(_FIREDRILL_COMPLETE=bash_source firedrill)"` brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firedrill.__main__ import COMMANDS
from firedrill.store.cookbook import QUERIES

REPOSITORY = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash")
SCRIPT = """
eval "$(_FIREDRILL_COMPLETE=bash_source firedrill)"
function=$(complete -p firedrill) && function=${function##*-F } && function=${function%% *}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"$function" firedrill
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program as an installation has it."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "firedrill"
    program.write_text(f"#!{sys.executable}\nfrom firedrill.__main__ import main\nmain()\n")
    program.chmod(0o755)
    return folder


def complete(programs: Path, *words: str) -> set[str]:
    assert BASH
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}
    line = [BASH, "--norc", "-c", SCRIPT, "bash", *words]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


@pytest.mark.skipif(not BASH, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["firedrill", "query", "ack-"], {"ack-p50", "ack-p95", "ack-p99"}),
        (["firedrill", "query", "--files", "*.jsonl", "rejects"], {"rejects", "rejects-by-code"}),
        (["firedrill", "query", ""], set(QUERIES)),
        (["firedrill", ""], set(COMMANDS)),
        (["firedrill", "store", "se"], {"serve"}),
        (["firedrill", "store", "serve", "--rul"], {"--rules"}),
    ],
)
def test_bash_offers_what_fits(programs: Path, words: list[str], offered: set[str]) -> None:
    assert complete(programs, *words) == offered
