"""The way to a host: testinfra's paramiko backend, but with strict host keys, TCP_NODELAY and standard input.

One connection serves the probe and the drills. Knows commands and bytes, not what they mean.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import paramiko
from testinfra.backend.paramiko import ParamikoBackend
from testinfra.host import Host as TestinfraHost

from firedrill.checks.target import Target

CONNECT_LIMIT = 10.0
COMMAND_LIMIT = 60.0


class Unreachable(Exception):
    """The host cannot be reached or does not do what it is told; the message says how to see why."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The last line of either stream, for a message."""
        lines = [line for line in (self.out + "\n" + self.err).splitlines() if line.strip()]
        return lines[-1].strip() if lines else "nothing"


class Backend(ParamikoBackend):  # type: ignore[misc]  # testinfra ships no type information
    """testinfra's backend over a connection that is made our way."""

    NAME = "paramiko"

    def __init__(self, target: Target) -> None:
        self.target = target
        super().__init__(target.ssh.hostname, sudo=target.ssh.sudo, timeout=int(CONNECT_LIMIT))

    @cached_property
    def client(self) -> paramiko.SSHClient:
        """Connects at first use. Raises Unreachable."""
        ssh = self.target.ssh
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            _know_hosts(client, ssh.known_hosts)
            connection = socket.create_connection((ssh.hostname, ssh.port), CONNECT_LIMIT)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.connect(
                ssh.hostname,
                port=ssh.port,
                username=ssh.user or None,
                key_filename=ssh.key or None,
                sock=connection,
                timeout=CONNECT_LIMIT,
                allow_agent=not ssh.key,
                look_for_keys=not ssh.key,
            )
        except (OSError, paramiko.SSHException) as error:
            client.close()
            where = f"{ssh.user or 'root'}@{ssh.hostname}"
            raise Unreachable(
                f"{self.target.name} cannot be reached as {where} port {ssh.port} ({error or type(error).__name__}): "
                f"try `ssh -p {ssh.port} {where}`, and see that the host is up and its key is known"
            ) from error
        return client


class Host:
    """A host commands are run on, as root."""

    def __init__(self, target: Target) -> None:
        self.name = target.name
        self._backend = Backend(target)
        self.testinfra = TestinfraHost(self._backend)

    def run(self, script: str, stdin: bytes = b"", limit: float = COMMAND_LIMIT) -> Output:
        """Run a shell script. Raises Unreachable when the connection breaks or the limit (s) is over."""
        channel = self._open(script, limit)
        try:
            channel.sendall(stdin)
            channel.shutdown_write()
            errors: list[bytes] = []
            reader = threading.Thread(target=lambda: errors.extend(channel.makefile_stderr("rb")), daemon=True)
            reader.start()
            out = b"".join(channel.makefile("rb"))
            reader.join(limit)
            status = channel.recv_exit_status()
        except (OSError, paramiko.SSHException) as error:
            raise Unreachable(f"{self.name} broke off within a command ({error or 'no answer in time'})") from error
        finally:
            channel.close()
        return Output(status, out.decode(errors="replace"), b"".join(errors).decode(errors="replace"))

    @contextlib.contextmanager
    def stream(self, command: str) -> Iterator[Iterator[str]]:
        """Lines a long command prints; leaving the block closes its standard input, which must end it."""
        channel = self._open(f"exec {command}", None)
        channel.set_combine_stderr(True)
        try:
            yield (line.decode(errors="replace") for line in channel.makefile("rb"))
        finally:
            channel.shutdown_write()
            channel.close()

    def close(self) -> None:
        """End the connection, if there is one."""
        client = self._backend.__dict__.get("client")
        if client is not None:
            client.close()

    def _open(self, script: str, limit: float | None) -> paramiko.Channel:
        transport = self._backend.client.get_transport()
        if transport is None:
            raise Unreachable(f"{self.name}: the connection is closed")
        command = f"sudo -n -- sh -c {shlex.quote(script)}" if self._backend.sudo else script
        try:
            channel = transport.open_session(timeout=CONNECT_LIMIT)
            channel.settimeout(limit)
            channel.exec_command(command)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"{self.name} broke off ({error or 'connection lost'})") from error
        return channel


def _know_hosts(client: paramiko.SSHClient, known_hosts: str) -> None:
    if not known_hosts:
        client.load_system_host_keys()
    elif Path(known_hosts).is_file():
        client.load_host_keys(known_hosts)
    else:
        raise paramiko.SSHException(f"its file of known host keys, {known_hosts}, is not there")
