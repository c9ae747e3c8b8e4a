"""Errors by what the caller must do. A message says what was found and what to change.

Nothing here knows where an error is raised; each room derives its own from these.
"""

from __future__ import annotations

from collections.abc import Iterable


class BotError(Exception):
    """Base of every error of ours; anything else that surfaces is a defect."""


class RetryLater(BotError):
    """The other side could not be reached: the same request may be made again."""


class MustReconcile(BotError):
    """What we believe and what the venue said cannot both be true: stop, start again, ask the venue."""


class FixSettings(BotError):
    """Start is refused; `reasons` holds one line for each thing to change."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class CannotStart(BotError):
    """Something outside the settings stands in the way: a taken port, a folder that cannot be written."""
