"""Packs the probe for its journey: sources and request as one JSON text, and the one-line program that unpacks it."""

from __future__ import annotations

import json
from pathlib import Path

MODULES = ("paths", "processes", "services", "eventlog", "boards", "glance", "main")
"""Modules of the probe, in the order in which they import each other."""

PACKAGE = "firedrill.checks.probe"

PROGRAM = 'python3 -I -c \'import sys, json; b = json.load(sys.stdin); exec(b["start"], {"bundle": b})\''
"""What the host's shell runs; everything else comes over standard input and leaves nothing behind."""

_START = """
import sys, types
for name, source in bundle["modules"]:
    sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name, "exec"), sys.modules[name].__dict__)
sys.modules[bundle["main"]].main(bundle["request"])
"""


def pack(request: object, main: str = "main") -> bytes:
    """What goes to the standard input of `PROGRAM`; `main` is the module that answers."""
    here = Path(__file__).parent / "probe"
    modules = [(f"{PACKAGE}.{name}", (here / f"{name}.py").read_text()) for name in MODULES]
    bundle = {"start": _START, "modules": modules, "main": f"{PACKAGE}.{main}", "request": request}
    return json.dumps(bundle).encode()
