"""Acts on the kernel, and sockets. Runs on the host; the names are those of `firedrill.hardening.acts`."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket

from firedrill.hardening.on_host.trial import GIVEN, Impossible, call, first_that_works, libc, own_file

DELETE_MODULE, CLOCK_SETTIME, REBOOT, SYSLOG = 176, 227, 169, 103
CLONE_NEWUSER = 0x10000000
GETPID_THE_32_BIT_WAY = bytes.fromhex("b814000000cd80c3")
SETTINGS_OF_THE_KERNEL = ("kernel/domainname", "kernel/panic", "vm/swappiness", "net/ipv4/ip_forward")
DISCARD = 9


def reboot() -> None:
    """With a number that is none of the kernel's: whoever may reboot hears that it is wrong, nothing else happens."""
    call("syscall", REBOOT, 1, 2, 3, None, reached=(errno.EINVAL,))


def raise_priority() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) - 1)


def load_module() -> None:
    """Unloads one that there is not."""
    call("syscall", DELETE_MODULE, b"firedrill_none", 0, reached=(errno.ENOENT, errno.EWOULDBLOCK))


def set_clock() -> None:
    """To a time that there is not: the kernel refuses it as such where the call reaches it."""
    call("syscall", CLOCK_SETTIME, 0, (ctypes.c_long * 2)(0, -1), reached=(errno.EINVAL,))


def set_hostname() -> None:
    """To what it is."""
    name = socket.gethostname().encode()
    call("sethostname", name, len(name))


def kernel_log() -> None:
    call("syscall", SYSLOG, 3, ctypes.create_string_buffer(64), 64)


def kernel_setting() -> None:
    """Opened for writing; nothing is written."""
    paths = [f"/proc/sys/{name}" for name in SETTINGS_OF_THE_KERNEL]
    first_that_works(lambda path: os.close(os.open(path, os.O_WRONLY)), paths)


def other_personality() -> None:
    call("personality", 0x0040000)
    call("personality", 0)


def new_namespace() -> None:
    call("unshare", CLONE_NEWUSER)


def realtime() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def writable_code() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def foreign_calls() -> None:
    """getpid by the 32-bit door, from code that lies in a file."""
    path = own_file()
    with open(path, "r+b") as file:
        file.write(GETPID_THE_32_BIT_WAY.ljust(4096, b"\xc3"))
        file.flush()
        code = libc().mmap
        code.restype = ctypes.c_void_p
        address = code(None, ctypes.c_size_t(4096), 5, mmap.MAP_PRIVATE, file.fileno(), ctypes.c_long(0))
    os.unlink(path)
    if address in (None, ctypes.c_void_p(-1).value):
        raise Impossible("code cannot be mapped from a file")
    answer = ctypes.PYFUNCTYPE(ctypes.c_int)(address)()
    if answer < 0:
        raise OSError(-answer, "int 0x80")


def packet_socket() -> None:
    socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()


def netlink_socket() -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


def local_socket() -> None:
    socket.socket(socket.AF_UNIX).close()


def raw_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def _datagram(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        try:
            connection.sendto(b"", (address, DISCARD))
        except OSError as error:
            if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
                raise Impossible("no route leads there") from error
            raise


def reach_outside() -> None:
    """One empty datagram to an address that documentation reserves (RFC 5737), discard port."""
    _datagram("192.0.2.1")


def reach_metadata() -> None:
    """One empty datagram to where clouds keep a machine's credentials, discard port."""
    _datagram("169.254.169.254")


def listen_elsewhere() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))


def _same_namespace(kind: str) -> None:
    if os.readlink(f"/proc/self/ns/{kind}") != GIVEN["namespaces"][kind]:
        raise PermissionError(errno.EPERM, "a namespace of its own")


def share_ipc() -> None:
    _same_namespace("ipc")


def share_network() -> None:
    _same_namespace("net")


def share_users() -> None:
    _same_namespace("user")
