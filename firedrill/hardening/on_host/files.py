"""Acts on files, devices and other processes. Runs on the host; the names are those of `firedrill.hardening.acts`."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import subprocess
import tempfile

from firedrill.hardening.on_host.trial import GIVEN, Impossible, call, first_that_works, own_file

DEVICES = ("kmsg", "mem", "console", "fuse", "net/tun", "vda", "sda", "nvme0n1", "rtc0")
MS_NOSUID = 2
PTRACE_ATTACH, PTRACE_DETACH = 16, 17


def _unnamed_file(directory: str) -> None:
    """A file without a name: nobody ever sees it."""
    os.close(os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600))


def write_usr() -> None:
    _unnamed_file("/usr")


def write_etc() -> None:
    _unnamed_file("/etc")


def write_var() -> None:
    _unnamed_file("/var/lib")


def read_home() -> None:
    if not stat.S_IMODE(os.stat("/home").st_mode):
        raise PermissionError(errno.EACCES, "/home is hidden")
    os.listdir("/home")


def others_tmp() -> None:
    if not os.path.exists(GIVEN["tmp"]):
        raise FileNotFoundError(errno.ENOENT, "a /tmp of its own")


def others_processes() -> None:
    mine = os.getuid()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid != mine:
                return
    raise PermissionError(errno.EPERM, "only its own are seen")


def kernel_facts() -> None:
    os.stat("/proc/meminfo")


def open_device() -> None:
    for name in DEVICES:
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.stat(f"/dev/{name}").st_mode):
                return
    raise FileNotFoundError(errno.ENOENT, "only pseudo devices are there")


def use_device() -> None:
    """Opened to read; nothing is read."""
    there = [f"/dev/{name}" for name in DEVICES if os.path.exists(f"/dev/{name}")]
    if not there:
        raise PermissionError(errno.EPERM, "only pseudo devices are there")
    first_that_works(lambda path: os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)), there)


def make_device() -> None:
    path = os.path.join(tempfile.mkdtemp(), "null")
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    os.unlink(path)


def give_away_file() -> None:
    path = own_file()
    try:
        os.chown(path, 12345, 12345)
    finally:
        os.unlink(path)


def setuid_file() -> None:
    path = own_file()
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


def world_readable_file() -> None:
    path = f"{own_file()}.new"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
    mode = stat.S_IMODE(os.stat(path).st_mode)
    os.unlink(path)
    if not mode & 0o004:
        raise PermissionError(errno.EPERM, f"made with mode {mode:04o}")


def gain_privileges() -> None:
    """Runs a setuid program and reads as whom it ran, once it has ended and before it is buried."""
    try:
        child = subprocess.Popen(["/usr/bin/su", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise Impossible("there is no setuid program here") from error
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{child.pid}/status", encoding="ascii") as file:
        effective = next(line.split()[2] for line in file if line.startswith("Uid:"))
    if int(effective) != 0:
        raise PermissionError(errno.EPERM, "the program stayed who it was")


def mount() -> None:
    place = tempfile.mkdtemp()
    call("mount", b"none", place.encode(), b"tmpfs", MS_NOSUID, b"")
    call("umount2", place.encode(), 0)


def trace_process() -> None:
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        call("ptrace", PTRACE_ATTACH, child, None, None)
        os.waitpid(child, 0)
        call("ptrace", PTRACE_DETACH, child, None, None)
    finally:
        os.kill(child, signal.SIGKILL)


def make_control_group() -> None:
    first_that_works(_make_control_group, GIVEN["cgroups"])


def _make_control_group(folder: str) -> None:
    path = f"{folder}/firedrill-attempt"
    os.mkdir(path)
    os.rmdir(path)


def own_state() -> None:
    """What it must be able to do: without that, a refusal elsewhere proves nothing."""
    folders = os.environ.get("STATE_DIRECTORY", "").split(":")
    _unnamed_file(folders[0] or tempfile.gettempdir())
