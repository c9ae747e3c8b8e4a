"""How an act is tried: in a process of its own, because some refusals are deaths. Runs on the host.

An act ends by returning (it went through), with an OSError (it was refused), or with Impossible (it cannot be tried
here). Every act is harmless where it goes through: nothing is left behind, no clock is set, nothing is loaded.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from typing import Any

GIVEN: dict[str, Any] = {}
"""What the acts are told of the host: its namespaces, a file in its /tmp, where control groups are."""


class Impossible(Exception):
    """There is nothing here to try it on."""


def libc() -> Any:
    """The C library, which keeps errno."""
    return ctypes.CDLL(None, use_errno=True)


def call(function: str, *arguments: object, reached: tuple[int, ...] = ()) -> None:
    """A call of libc. An errno in `reached` says that the kernel got as far as looking at what it was asked."""
    result = int(getattr(libc(), function)(*arguments))
    if result < 0 and ctypes.get_errno() not in reached:
        raise OSError(ctypes.get_errno(), function)


def first_that_works(try_one: Callable[[str], None], names: list[str]) -> None:
    """One that goes through is enough; else the last refusal is raised."""
    refused: OSError | None = None
    for name in names:
        try:
            return try_one(name)
        except OSError as error:
            refused = error
    raise refused or Impossible("there is none here")


def own_file() -> str:
    """Path of a fresh file, which goes when the act has ended."""
    descriptor, path = tempfile.mkstemp()
    os.close(descriptor)
    return path


def attempt(act: Callable[[], None]) -> tuple[str, str]:
    """permitted, refused or impossible, and why."""
    try:
        room = tempfile.mkdtemp()
    except OSError:  # nothing is writable here; acts that need a file say so themselves
        return _in_a_child(act, None)
    try:
        return _in_a_child(act, room)
    finally:
        shutil.rmtree(room)


def _in_a_child(act: Callable[[], None], room: str | None) -> tuple[str, str]:
    answer, tell = os.pipe()
    child = os.fork()
    if child == 0:
        tempfile.tempdir = room
        os.write(tell, json.dumps(_outcome(act)).encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(answer, "rb") as told:
        said = told.read()
    status = os.waitpid(child, 0)[1]
    if said:
        result, why = json.loads(said)
        return result, why
    return "refused", f"killed by {signal.Signals(os.WTERMSIG(status)).name}"


def _outcome(act: Callable[[], None]) -> tuple[str, str]:
    try:
        act()
    except OSError as error:
        return "refused", f"{errno.errorcode.get(error.errno or 0, '?')} ({error.strerror})"
    except Impossible as error:
        return "impossible", str(error)
    except Exception as error:  # noqa: BLE001  one act that cannot be tried must not hide the others
        return "impossible", f"{type(error).__name__}: {error}"
    return "permitted", ""
