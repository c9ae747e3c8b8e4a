"""Asks one host: the programs go there over standard input, one JSON answer comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from .acts import ACTS, WORKS
from .judge import Answer, alone_name, plain_name
from .vendors import VENDORS

PROGRAM = (
    "python3 -I -c 'import sys, json; b = json.load(sys.stdin); m = {}; "
    'exec(compile(b["stage"], "stage", "exec"), m); m["main"](b["request"])\''
)
"""What the host's shell runs."""


PACKAGE = "firedrill.hardening.on_host"
MODULES = ("trial", "files", "kernel", "attempts")
"""In the order in which they import each other."""


class CannotAsk(Exception):
    """The host gave no answer; the message says why."""


def ask(units: Sequence[str], run: Callable[[str, bytes], tuple[int, str, str]]) -> Answer:
    """What the acts came to in copies of `units`. `run` takes a command and its input, and gives status and streams."""
    status, out, err = run(PROGRAM, json.dumps(bundle(units)).encode())
    if status:
        last = (err.strip().splitlines() or ["nothing"])[-1]
        raise CannotAsk(f"the attempts could not be made (exit status {status}, it said: {last})")
    try:
        answer = msgspec.json.decode(out, type=Answer)
    except msgspec.DecodeError as error:
        raise CannotAsk(f"the host answered something else ({error})") from error
    broken = [f"{name}: {found['error']}" for name, found in answer.alone.items() if "error" in found]
    if broken:  # without what a directive does alone, no refusal says anything
        raise CannotAsk(f"{len(broken)} of {len(answer.alone)} controls did not run; {broken[0]}")
    return answer


_START = """
import json, sys, types
def start(given):
    for name, source in MODULES:
        module = types.ModuleType(name)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, module)
        exec(compile(source, name, "exec"), module.__dict__)
    module.main(json.loads(given))
"""


def bundle(units: Sequence[str]) -> dict[str, object]:
    """The programs, and what is asked of them."""
    folder = Path(__file__).parent / "on_host"
    alone: dict[str, dict[str, object]] = {}
    for act in ACTS:
        for name, given in ((alone_name(act), act.alone), (plain_name(act), ())):
            one = alone.setdefault(name, {"lines": list(given), "user": act.user, "acts": []})
            tried = one["acts"]
            assert isinstance(tried, list)
            tried.append(act.name)
    request = {
        "units": list(units),
        "shipped": VENDORS,
        "acts": [*(act.name for act in ACTS), WORKS],
        "alone": alone,
        "program": _program(folder),
    }
    return {"stage": (folder / "stage.py").read_text(), "request": request}


def _program(folder: Path) -> str:
    """The attempts as one text: their modules, each with its own name, and what starts the last."""
    names = ("firedrill", "firedrill.hardening", PACKAGE)
    modules = [(name, "") for name in names]
    modules += [(f"{PACKAGE}.{name}", (folder / f"{name}.py").read_text()) for name in MODULES]
    return f"MODULES = {modules!r}\n{_START}"
