"""A folder served over HTTP on loopback, and programs to put into it that say which version they are."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from deploy.versions import Component


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path, address: str = "127.0.0.1") -> Iterator[str]:
    """The URL under which a folder is to be had for as long as the block lasts."""
    server = ThreadingHTTPServer((address, 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def program(version: str) -> bytes:
    """What a Go program of this family says to --version."""
    return f"#!/bin/sh\necho 'thing, version {version} (branch: HEAD, revision: 0)'\n".encode()


def zipped(member: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, content)
    return packed.getvalue()


def tarred(member: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(member)
        entry.size, entry.mode = len(content), 0o755
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def thing(archive: str = "thing-linux-amd64.zip", pin: str = "", url: str = "", version: str = "1.2.3") -> Component:
    """A component that needs no network."""
    return Component(
        name="thing",
        version=version,
        binary="thing",
        member="thing-linux-amd64",
        archive=archive,
        url=url or f"http://127.0.0.1:9/{archive}",
        sha256=pin,
        also=("1.2.9",),
    )
