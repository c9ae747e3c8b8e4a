"""What can go wrong with a sandbox, classed by what the caller must do."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox could not do what was asked; the message says what was found and what to do."""

    exit_code = 1


class NotHere(SandboxError):
    """This machine cannot hold sandbox hosts at all; nothing was attempted."""

    exit_code = 2
