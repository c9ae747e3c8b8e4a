"""The cached base image: a bare Debian with systemd, sshd and Python, and nothing of ours in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firedrill.sandbox import processes
from firedrill.sandbox.errors import SandboxError
from firedrill.sandbox.locks import held
from firedrill.sandbox.mounts import in_use

RELEASES = ("bookworm", "trixie")
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "python3",
    "ca-certificates",
    "iproute2",
    "procps",
)
# Raise it when what is done to the fresh root below changes; the package list counts by itself.
_RECIPE = 1
_BUILD_SECONDS = 900.0
_DRAFT = ".building-"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Image:
    release: str
    root: Path


def stamp(release: str) -> str:
    """Changes when the image would come out different, so that an old one is not taken for it."""
    recipe = json.dumps([_RECIPE, release, PACKAGES])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def ensure(cache: Path, release: str, say: Say) -> Image:
    """The image, built first if need be. Of several callers at once, one builds and the others wait for it."""
    home = cache / "base" / release
    image = Image(release, home / stamp(release))
    if image.root.is_dir():
        return image
    with held(
        cache / "base" / f"{release}.lock",
        seconds=_BUILD_SECONDS,
        what=f"the base image of {release}",
        waiting=lambda: say(f"base image {release}: another process builds it, waiting"),
    ):
        if not image.root.is_dir():
            _clear_drafts(home)
            _build(home, image, say)
            _clear_outdated(home, image)
    return image


def clear_interrupted(cache: Path) -> list[Path]:
    """Remove what builders that were killed left behind; a build in progress is left alone."""
    removed = []
    for release in RELEASES:
        home = cache / "base" / release
        if any(home.glob(f"{_DRAFT}*")):
            removed += _clear_if_unattended(cache, release, home)
    return removed


def _clear_if_unattended(cache: Path, release: str, home: Path) -> list[Path]:
    try:
        with held(cache / "base" / f"{release}.lock", seconds=0, what="a build"):
            return _clear_drafts(home)
    except SandboxError:
        return []


def _build(home: Path, image: Image, say: Say) -> None:
    home.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=home))
    begun = time.monotonic()
    try:
        _mmdebstrap(image.release, draft, say)
        _make_anonymous(draft)
        draft.chmod(0o755)
        draft.rename(image.root)
    except BaseException:  # Ctrl-C too: a half-built tree must not stay
        shutil.rmtree(draft, ignore_errors=True)
        raise
    say(f"base image {image.release}: built in {time.monotonic() - begun:.0f} s, kept in {image.root}")


def _mmdebstrap(release: str, draft: Path, say: Say) -> None:
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(PACKAGES)}", release, str(draft)]
    # Its own process tree in its own pid namespace: if we are killed the kernel ends all of it.
    leash = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
    with tempfile.TemporaryFile("w+") as log:
        builder = subprocess.Popen(
            leash + command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _watch(builder, release, say)
        finally:
            builder.kill()
            builder.wait()
        if builder.returncode:
            log.seek(0)
            tail = "".join(log.readlines()[-8:])
            raise SandboxError(
                f"mmdebstrap could not build the {release} image (exit {builder.returncode}); its last lines:\n{tail}"
                "It needs the network, or an apt proxy in http_proxy."
            )


def _watch(builder: subprocess.Popen[bytes], release: str, say: Say) -> None:
    begun = time.monotonic()
    while True:
        say(f"\rbase image {release}: mmdebstrap runs, {time.monotonic() - begun:.0f} s")
        try:
            builder.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            continue
        return


def _make_anonymous(root: Path) -> None:
    """What every host must have of its own is taken out, so that none can share it by accident."""
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for copied in ("etc/resolv.conf", "etc/hostname", "etc/machine-id"):
        (root / copied).unlink(missing_ok=True)


def _clear_drafts(home: Path) -> list[Path]:
    drafts = list(home.glob(f"{_DRAFT}*"))
    for draft in drafts:
        # A builder killed before its leash was on has left an mmdebstrap that still writes into the draft.
        writers = processes.with_argument(str(draft))
        processes.kill(writers)
        processes.gone(writers, seconds=5)
        shutil.rmtree(draft)
    return drafts


def _clear_outdated(home: Path, image: Image) -> None:
    for other in home.iterdir():
        if other != image.root and not in_use(other):
            shutil.rmtree(other)
