"""DESIGN.md's import table, held against the source: every import statement is read, none is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "dashboards", "deploy", "firedrill")

CORE = ("bot.market", "bot.errors")
WIRING = (
    *CORE,
    "bot.answers",
    "bot.bookkeeping",
    "bot.calls",
    "bot.clock",
    "bot.engine",
    "bot.events",
    "bot.execution",
    "bot.lifecycle",
    "bot.messages",
    "bot.readiness",
    "bot.release",
    "bot.risk",
    "bot.runtime",
    "bot.session",
    "bot.strategy",
    "bot.venues",
)
TABLE: dict[str, tuple[str, ...]] = {
    "bot": (),
    "bot.errors": (),
    "bot.clock": (),
    "bot.events": (),
    "bot.release": ("bot.errors",),
    "bot.market": ("bot.errors",),
    "bot.strategy": CORE,
    "bot.selection": CORE,
    "bot.risk": CORE,
    "bot.execution": CORE,
    # The seam: what a session hears and says, what it holds, and the session itself.
    "bot.messages": (*CORE, "bot.events", "bot.risk", "bot.strategy"),
    "bot.session": (
        *CORE,
        "bot.events",
        "bot.execution",
        "bot.messages",
        "bot.risk",
        "bot.selection",
        "bot.strategy",
    ),
    "bot.venues": ("bot.market", "bot.clock", "bot.events", "bot.errors"),
    "bot.runtime": ("bot.events", "bot.clock", "bot.errors"),
    "bot.settings": (
        *CORE,
        "bot.execution",
        "bot.risk",
        "bot.selection",
        "bot.strategy",
        "bot.venues",
    ),
    # What wires the rooms together may see them all, except the settings.
    "bot.bookkeeping": (*CORE, "bot.clock", "bot.messages", "bot.runtime", "bot.venues"),
    "bot.calls": (*CORE, "bot.clock", "bot.messages", "bot.venues"),
    "bot.engine": WIRING,
    "bot.lifecycle": (*WIRING, "bot.patience", "bot.scout"),
    "bot.scout": (*WIRING, "bot.patience", "bot.selection"),
    "bot.readiness": WIRING,
    "bot.recorded": (*CORE, "bot.events", "bot.messages", "bot.release", "bot.runtime", "bot.session", "bot.venues"),
    "bot.answers": WIRING,
    "bot.patience": ("bot.clock", "bot.errors", "bot.venues"),
    "bot.wiring": WIRING,
    "bot.quantize": ("bot.market", "bot.venues"),
    "bot.sanity": (*CORE, "bot.clock", "bot.events", "bot.risk", "bot.strategy", "bot.venues"),
    "bot.simulate": ("bot.clock", "bot.errors", "bot.recorded", "bot.venues"),
    "bot.watchdog": ("bot.clock", "bot.errors", "bot.runtime"),
    "bot.app": (*WIRING, "bot.recorded", "bot.patience", "bot.sanity", "bot.scout", "bot.settings", "bot.wiring"),
    "bot.__main__": (
        *WIRING,
        "bot.settings",
        "bot.app",
        "bot.quantize",
        "bot.recorded",
        "bot.sanity",
        "bot.simulate",
        "bot.watchdog",
    ),
    "deploy": ("bot.events",),
    "dashboards": ("bot.events",),
    "firedrill": ("bot.events",),
    "firedrill.logql": (),
}
"""Room -> what of ours it may import beside itself. The longest name that fits a module is its room."""

PURE = (
    "bot.errors",
    "bot.events",
    "bot.execution",
    "bot.market",
    "bot.messages",
    "bot.risk",
    "bot.selection",
    "bot.session",
    "bot.settings.syntax",
    "bot.strategy",
    "deploy.settings.contexts",
    "firedrill.logql",
)
IMPURE = {
    "aiohttp",
    "asyncio",
    "http",
    "httpx",
    "logging",
    "os",
    "paramiko",
    "random",
    "requests",
    "secrets",
    "select",
    "selectors",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "threading",
    "time",
    "urllib.request",
    "urllib3",
    "uvloop",
    "websockets",
}


def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def room_of(module: str) -> str:
    return max((room for room in TABLE if within(module, room)), key=len)


def imported(module: str, tree: ast.AST) -> Iterator[str]:
    """Full names; `from bot import session` gives bot.session where that is a module, else bot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, (parent(module, node.level), node.module)))
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield name if name in MODULES else base


def parent(module: str, level: int) -> str:
    """The package that `level` leading dots mean inside a module; nothing for an absolute import."""
    if not level:
        return ""
    is_package = MODULES[module].name == "__init__.py"
    steps = level - 1 if is_package else level
    return ".".join(module.split(".")[: len(module.split(".")) - steps])


def trespasses(module: str, names: Iterator[str]) -> list[str]:
    room = room_of(module)
    allowed = TABLE[room] if room == "bot" else (room, *TABLE[room])
    ours = (name for name in names if name.split(".")[0] in PACKAGES)
    return [name for name in ours if not any(within(name, place) for place in allowed)]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_room_may(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text())
    assert trespasses(module, imported(module, tree)) == [], (
        f"room {room_of(module)} may import {TABLE[room_of(module)]}"
    )


@pytest.mark.parametrize("module", [m for m in MODULES if any(within(m, room) for room in PURE)])
def test_a_pure_room_touches_no_world(module: str) -> None:
    names = imported(module, ast.parse(MODULES[module].read_text()))
    assert [name for name in names if any(within(name, bad) for bad in IMPURE)] == []


@pytest.mark.parametrize("room", TABLE)
def test_every_room_of_the_table_exists(room: str) -> None:
    assert any(within(module, room) for module in MODULES)


def test_only_the_entrances_import_settings() -> None:
    outside = {module: path for module, path in MODULES.items() if not within(module, "bot.settings")}
    takers = {
        module
        for module, path in outside.items()
        if any(within(name, "bot.settings") for name in imported(module, ast.parse(path.read_text())))
    }
    assert takers == {"bot.app", "bot.__main__"}


@pytest.mark.parametrize(
    ("module", "line", "found"),
    [
        ("bot.strategy.perp_maker", "from bot.risk import limits", ["bot.risk.limits"]),
        ("bot.market.book", "import bot.venues.paper", ["bot.venues.paper"]),
        ("bot.market.book", "from bot.market.units import Lots", []),
        ("bot.venues.paper", "from bot import session", ["bot.session"]),
        ("firedrill.drills.stage", "from deploy.host_state import parse", ["deploy.host_state"]),
        ("firedrill.drills.stage", "from deploy import plan", ["deploy.plan"]),
        ("deploy.plan", "from .releases import x", []),
        ("firedrill.drills.stage", "from ..logql import parse", []),
        ("firedrill.logql.parse", "from ..store import store", ["firedrill.store.store"]),
        ("deploy.plan", "from bot.settings import TABLE", ["bot.settings"]),
    ],
)
def test_the_reader_sees_a_trespass(module: str, line: str, found: list[str]) -> None:
    assert trespasses(module, imported(module, ast.parse(line))) == found
