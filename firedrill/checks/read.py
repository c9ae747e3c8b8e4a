"""Reads a host: one command there, one JSON answer back. Knows nothing of how the command travels."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from firedrill.checks.facts import Facts, decode
from firedrill.checks.request import request
from firedrill.checks.shipment import PROGRAM, pack
from firedrill.checks.target import Target


class CannotRead(Exception):
    """The host answered, but not with facts."""


def read(target: Target, run: Callable[[str, bytes], tuple[int, str, str]]) -> Facts:
    """The facts of a host. `run` takes a command and its standard input, and gives status, output and errors."""
    asked = time.time()
    status, out, err = run(PROGRAM, pack(request(target)))
    answered = time.time()
    last = (err.strip().splitlines() or ["nothing"])[-1]
    if status == 127:
        raise CannotRead(f"{target.name} has no python3: {target.redeploy}")
    if status:
        raise CannotRead(f"{target.name} could not be read (exit status {status}, it said: {last})")
    try:
        facts = decode(out.encode())
    except msgspec.DecodeError as error:
        raise CannotRead(f"{target.name} answered something other than facts ({error})") from error
    facts.asked, facts.answered = asked, answered
    return facts
