"""Where this engine may answer otherwise than Loki: `known.txt`, reasons and below each the queries it excuses.

A query listed under a reason that starts with "not supported" is refused here with a clear message; one under any
other reason is answered, but not as Loki does, or not always to the last digit. Whatever is not listed must agree.
"""

from __future__ import annotations

from pathlib import Path

_LISTED = Path(__file__).with_name("known.txt")
REFUSED = "not supported: "
LAST_DIGITS = "the last digits "


def listed() -> dict[str, str]:
    """The reason of every listed query."""
    found: dict[str, str] = {}
    reason = ""
    for line in _LISTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            reason = line.removeprefix("## ")
        elif line:
            assert line not in found, f"listed twice: {line}"
            found[line] = reason
    return found
