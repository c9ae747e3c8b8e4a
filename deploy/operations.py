"""The pyinfra operations of a deploy: each takes one part of a `Plan` and yields nothing when there is nothing to do.

Every operation is one command on the host. File contents and scripts go over standard input, inside the ssh
connection: they are in no command line, no process list and no output of pyinfra's.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Generator
from pathlib import Path

from pyinfra import logger
from pyinfra.api.command import FileUploadCommand, FunctionCommand, PyinfraCommand, StringCommand
from pyinfra.api.host import Host
from pyinfra.api.operation import operation
from pyinfra.api.state import State

from . import operators
from .host_script import FINGERPRINT, PRINT, PROGRAM_MARKERS, RELEASES
from .plan import Plan
from .releases import Bundle
from .service import NO_SHELL, Account, Artifact, Directory, File, Validation, Wanted
from .services.base import STATE

ON_HOST = Path(__file__).with_name("on_host")
STAGE = f"{STATE}/stage"

Commands = Generator[PyinfraCommand, None, None]


@operation()
def remember(plan: Plan) -> Commands:
    """What the host was before its first deploy, for `uninstall`; the first is one that finds no release."""
    if plan.first:
        yield _sh((ON_HOST / "remember.sh").read_text())


@operation()
def install_packages(names: list[str]) -> Commands:
    """Debian packages, without starting what they bring: it is not configured yet."""
    if names:
        yield _sh((ON_HOST / "install_packages.sh").read_text(), *names)


@operation()
def install_programs(artifacts: list[Artifact]) -> Commands:
    """Programs from release archives, each beside its other versions, and only if it arrived whole."""
    for artifact in artifacts:
        arriving = f"{STATE}/arriving"
        yield FileUploadCommand(str(artifact.source), arriving)
        script = (ON_HOST / "install_program.sh").read_text().replace("@PRINT@", PRINT)
        marker = f"{PROGRAM_MARKERS}/{Path(artifact.path).name}"
        yield _sh(script, arriving, artifact.path, artifact.sha256, marker, artifact.inside)


@operation()
def install_vendor(script: str) -> Commands:
    """Packages from the vendor's apt repository, after the accounts: the vendor would make theirs otherwise."""
    if script:
        yield _sh(script)


@operation()
def make_accounts(accounts: list[Account]) -> Commands:
    """System accounts with a group of their own, no home and no shell."""
    lines = []
    for account in accounts:
        create = "useradd --system --user-group --no-create-home --home-dir /nonexistent"
        lines.append(f"getent passwd {account.name} >/dev/null || {create} {account.name}")
        lines.append(f"usermod --shell {NO_SHELL} {account.name}")
        lines += [f"usermod --append --groups {group} {account.name}" for group in account.groups]
    if lines:
        yield _sh("\n".join(["set -e", *lines]))


@operation()
def make_directories(directories: list[Directory], foreign: list[str]) -> Commands:
    """Directories with owner and mode; files in the bot's directories that it cannot write are given back to it."""
    lines = []
    for d in directories:
        lines.append(f"[ -d {d.path} ] && [ ! -L {d.path} ] || rm -f {d.path}")
        lines.append(f"install -d -o {d.owner} -g {d.group} -m {d.mode:o} {d.path}")
    lines += [f"chown mm-bot:mm-bot {path}; chmod u=rw,g=r,o= {path}" for path in map(shlex.quote, foreign)]
    if lines:
        yield _sh("\n".join(["set -e", *lines]))


@operation()
def install_release(release: str, bundle: Bundle | None, wheels_there: bool) -> Commands:
    """Unpacks a release beside the running one."""
    if bundle is None:
        return
    house = f"{STATE}/wheelhouse/{bundle.wheels}"
    if not wheels_there:
        yield FileUploadCommand(str(bundle.wheelhouse), f"{house}.tar")
        yield _sh(
            'set -e; rm -rf "$1.new"; mkdir "$1.new"; tar -xf "$1.tar" -C "$1.new"; rm "$1.tar"; mv "$1.new" "$1"',
            house,
        )
    wheel = f"{STATE}/wheelhouse/{bundle.wheel.name}"
    yield FileUploadCommand(str(bundle.wheel), wheel)
    script = (ON_HOST / "install_release.sh").read_text().replace("@FINGERPRINT@", FINGERPRINT)
    yield _sh(script, release, wheel, house)


@operation()
def stage(plan: Plan, wanted: Wanted, release: str) -> Commands:
    """All files of the host in one upload, readable by root only, beside the plan of what to do with them."""
    if not plan.works:
        return
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for file in _staged(plan, wanted):
            _add(tar, f"tree{file.path}", file.content)
        wanted_there = [directory.path for directory in wanted.directories]
        manifest = {**_manifest(plan, release), "id": _id(plan), "directories": wanted_there}
        _add(tar, "plan.json", json.dumps(manifest).encode())
    packed = base64.encodebytes(archive.getvalue()).decode()
    yield FunctionCommand(_still_alone, (), {})
    sealed = [(file.path, file.sealed.name, file.sealed.key) for file in plan.files if file.sealed]
    words = [word for one in sealed for word in one]
    script = (ON_HOST / "stage.sh").read_text()
    yield StringCommand("sh", "-c", shlex.quote(script), STAGE, *map(shlex.quote, words), _stdin=packed)


def _staged(plan: Plan, wanted: Wanted) -> list[File]:
    """Validations look at all files together; a sealed one that does not change is of no use to them."""
    changed = {file.path for file in plan.files}
    return [file for file in wanted.files if not file.sealed or file.path in changed]


@operation()
def validate(validations: list[Validation], release: str) -> Commands:
    """Every validation runs, every failure is told; one failure and nothing is swapped in."""
    lines = [_CHECK.replace("@STAGE@", f"{STAGE}/tree")]
    for check in validations:
        command = check.command.format(stage=f"{STAGE}/tree", release=f"{RELEASES}/{release}")
        lines.append(f"check {shlex.quote(check.name)} {shlex.quote(command)}")
    lines.append(f'[ $failed = 0 ] || {{ rm -rf {STAGE}; echo "nothing was changed on this host"; exit 1; }}')
    if validations:
        yield _sh("\n".join(lines))


@operation()
def switch(plan: Plan) -> Commands:
    """Everything validated is swapped in, each file by a rename."""
    if plan.switches:
        yield _transaction("switch", _id(plan))


@operation()
def activate(plan: Plan) -> Commands:
    """Only what reads something that changed is restarted, in start order, each until it is ready."""
    if plan.activates:
        yield _transaction("activate", _id(plan))


@operation()
def leave_stamp(plan: Plan) -> Commands:
    """Says on the host what this deploy left there."""
    if plan.stamp is not None:
        yield _transaction("stamp", _id(plan))


@operation()
def prove(plan: Plan, arguments: list[str]) -> Commands:
    """Checks the whole host when anything changed; red after a change of release brings the last good one back."""
    if not (plan.changes or plan.prove):
        return
    red: list[str] = []
    yield FunctionCommand(_prove, (arguments, red, plan.release_changed), {})
    if red:
        yield _transaction("restore")
        return
    yield StringCommand("python3", "-", _stdin=(ON_HOST / "prune.py").read_text())
    yield _transaction("commit")


def _still_alone(state: State, host: Host) -> bool:
    """pyinfra goes by the names of the first two. A plan that waited too long for its `y` may be out of date."""
    if operators.lost(host):
        logger.error(f"{host.print_prefix}the host heard nothing of this deploy for {operators.QUIET_S} s; start again")
        return False
    return True


def _prove(state: State, host: Host, arguments: list[str], red: list[str], go_back: bool) -> bool:
    """`firedrill run` as a process of its own (pyinfra patches sockets). False fails the operation at once."""
    command = [sys.executable, "-m", "firedrill", "run", *arguments, "--no-drills", "--host", host.name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in done.stdout.splitlines():
        logger.info(f"{host.print_prefix}{line}")
    if done.returncode != 0:
        red.append(host.name)
    return done.returncode == 0 or go_back


def _id(plan: Plan) -> str:
    """Names a plan on the host: two deploys at once must not carry out each other's."""
    return hashlib.sha256(json.dumps(_manifest(plan, ""), sort_keys=True).encode()).hexdigest()[:16]


def _manifest(plan: Plan, release: str) -> dict[str, object]:
    return {
        "files": [{"path": f.path, "owner": f.owner, "group": f.group, "mode": f.mode} for f in plan.files],
        "removals": plan.removals,
        "link": f"releases/{release}" if plan.link else "",
        "unmask": plan.unmask,
        "enable": plan.enable,
        "restart": [{"name": unit.name, "ready_url": unit.ready_url} for unit in plan.restart],
        "retire": plan.retire,
        "stamp": plan.stamp,
    }


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def _sh(script: str, *arguments: str) -> StringCommand:
    return StringCommand("sh", "-s", "--", *map(shlex.quote, arguments), _stdin=script)


def _transaction(step: str, *plan_id: str) -> StringCommand:
    return StringCommand("python3", "-", step, *plan_id, _stdin=(ON_HOST / "transaction.py").read_text())


_CHECK = r"""
failed=0
check() {
  if ! said=$(sh -c "$2" 2>&1); then
    failed=1; echo "$1 refused:"; printf '%s\n' "$said" | sed 's#@STAGE@##g; s/^/    /'
  fi
}
"""
