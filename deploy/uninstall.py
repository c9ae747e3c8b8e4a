"""The mirror of a deploy: `--data action=uninstall` takes everything away again, a backup first.

Logs and the bot's state stay on the host, root's from then on, unless `--data purge=true`; a backup of both goes to
the operator's side either way. What a host was before its first deploy was noted then (`on_host/remember.sh`).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pyinfra import logger
from pyinfra.api.command import FileDownloadCommand, FunctionCommand, PyinfraCommand, StringCommand
from pyinfra.api.host import Host
from pyinfra.api.operation import operation
from pyinfra.api.state import State
from pyinfra.context import host

from .host_script import BOT_DIRECTORIES
from .host_state import HostState
from .programs import vendor
from .service import Wanted
from .templates import ROOT

SCRIPT = Path(__file__).with_name("on_host") / "uninstall.sh"
ARCHIVE = "/var/lib/mmstack/uninstall.tar.gz"
BACKUPS = ROOT / "backups"

Commands = Generator[PyinfraCommand, None, None]


def uninstall(wanted: Wanted, found: HostState, data: Mapping[str, object]) -> None:
    """The operations that take away what the stamp lists, or, after a deploy that was cut, what would be there."""
    left = json.loads(found.stamp) if found.stamp else {}
    purge = str(data.get("purge", "")).lower() in ("true", "1", "yes")
    data_there = any(path in found.paths for path in BOT_DIRECTORIES)
    if not left and not found.releases and not (purge and data_there):
        logger.info(f"    {host.print_prefix}nothing of ours is there: nothing to do")
        return
    units = list(left.get("units") or [unit.name for unit in wanted.units])
    files = sorted({*left.get("files", {}), *(file.path for file in wanted.files), *vendor.FILES})
    directories = {*left.get("directories", []), *(directory.path for directory in wanted.directories)}
    files += sorted((f"{path}/" for path in directories), reverse=True)
    what = "purged" if purge else "kept, root's from now on"
    logger.info(
        f"    {host.print_prefix}plan: uninstall {left.get('release', 'what is left')}; logs and state are {what}"
    )
    stop(name="Stop ours, the bot first", units=units[::-1])
    back_up(name="Bring a backup to this side", to=_backup_path(host.name))
    take_away(name="Take away what deploys brought", files=files, purge=purge)
    take_packages(name="Take away the packages that came with it")


def _backup_path(name: str) -> Path:
    return BACKUPS / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


@operation()
def stop(units: list[str]) -> Commands:
    """In reverse start order; the bot takes its orders out of the book before it ends."""
    yield _step("stop", "keep", *units)


@operation()
def back_up(to: Path) -> Commands:
    """Logs, journal, settings and stamp, readable by the operator only."""
    yield _step("backup", "keep")
    yield FunctionCommand(_make_room, (to,), {})
    yield FileDownloadCommand(ARCHIVE, str(to))


@operation()
def take_away(files: list[str], purge: bool) -> Commands:
    """Files, releases, directories, accounts."""
    yield _step("remove", "purge" if purge else "keep", *files)


@operation()
def take_packages() -> Commands:
    """Packages, and the accounts they made."""
    yield _step("packages", "keep")


def _make_room(state: State, host: Host, to: Path) -> None:
    """pyinfra goes by the names of the first two."""
    to.parent.mkdir(mode=0o700, exist_ok=True)
    to.touch(mode=0o600)
    logger.info(f"{host.print_prefix}backup: {to.relative_to(ROOT)}")


def _step(step: str, data: str, *arguments: str) -> StringCommand:
    words = map(shlex.quote, (step, data, *arguments))
    return StringCommand("sh", "-s", "--", *words, _stdin=SCRIPT.read_text())
