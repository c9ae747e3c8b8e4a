"""Why lines could not be compared or sent: the message says what was found and what to do."""

from __future__ import annotations


class CannotSay(Exception):
    """It cannot be told what Loki has, or Loki cannot be reached: the caller tries again later."""
