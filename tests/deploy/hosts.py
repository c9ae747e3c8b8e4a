"""Builders of hosts for the deploy's tests: what is wanted, and a host that is exactly that."""

from __future__ import annotations

import dataclasses

from deploy.host_script import CURRENT
from deploy.host_state import HostState, Listener, PathState, UnitState
from deploy.plan import Plan, diff
from deploy.service import NO_SHELL, Account, Directory, File, Port, Service, Unit, Validation, Wanted

RELEASE = "1.0.0+abcdef0"
STAMP: dict[str, object] = {"release": RELEASE, "files": {}}

WANTED = Wanted(
    (
        Service(
            "bot",
            packages=("python3",),
            accounts=(Account("mm-bot"), Account("mm-store", groups=("mm-bot",))),
            directories=(Directory("/etc/rules", exclusive=True), Directory("/etc/mm-bot", group="mm-bot", mode=0o750)),
            files=(
                File("/etc/mm-bot/mm-bot.env", b"A=1\n", group="mm-bot", mode=0o640),
                File("/etc/rules/orders.yaml", b"groups: []\n"),
                File("/etc/token", b"hunter2", mode=0o600, secret=True),
            ),
            validations=(
                Validation("settings", "check {stage}", files=("/etc/mm-bot/mm-bot.env",), on_release=True),
                Validation("rules", "lint {stage}", files=("/etc/rules/orders.yaml",)),
            ),
            units=(
                Unit("alerts.service", reads=("/etc/token",)),
                Unit("bot.service", reads=("/etc/mm-bot/mm-bot.env", CURRENT), ready_url="http://127.0.0.1:1/readyz"),
            ),
            ports=(Port(9180, "bot.service"),),
        ),
    )
)

STARTED = 1_000.0
RUNNING = UnitState("loaded", "active", "running", "enabled", False, 0, 42, STARTED, "success")


def deployed() -> HostState:
    """A host to which WANTED was deployed and on which nothing has happened since."""
    state = HostState(
        clock=2_000.0,
        os=("debian", "12"),
        arch="x86_64",
        uid=0,
        init="systemd",
        python="3.11",
        disk_free_kib={"/": 50_000_000},
        accounts={"mm-bot": ({"mm-bot"}, NO_SHELL), "mm-store": ({"mm-store", "mm-bot"}, NO_SHELL)},
        packages={"python3": "3.11.2"},
        units={"alerts.service": RUNNING, "bot.service": RUNNING},
        listeners=[Listener("127.0.0.1", 9180, 42, "mm-bot", "bot.service")],
        releases={RELEASE: ("whole", "d1ge57")},
        stamp='{"release": "1.0.0+abcdef0", "files": {}, "release_sha256": "d1ge57", "deployed_at": "2026-01-01"}',
    )
    for file in WANTED.files:
        state.paths[file.path] = PathState("file", file.mode, file.owner, file.group, STARTED - 10, file.sha256)
        state.entries += [file.path] if file.path.startswith("/etc/rules/") else []
    for directory in WANTED.directories:
        state.paths[directory.path] = PathState(
            "directory", directory.mode, directory.owner, directory.group, STARTED - 10
        )
    state.paths[CURRENT] = PathState("link", 0o777, "root", "root", STARTED - 10, target=f"releases/{RELEASE}")
    return state


def change(state: HostState, path: str, **what: object) -> None:
    """Alter one path of a host by hand."""
    state.paths[path] = dataclasses.replace(state.paths[path], **what)  # type: ignore[arg-type]


def plan(state: HostState, release: str = RELEASE) -> Plan:
    """The plan for WANTED on `state`."""
    return diff(WANTED, release, {**STAMP, "release": release}, state)
