"""What the deploy told this host's own review: its labels, its Loki and where its shipper notes how far it has read."""

from __future__ import annotations

import re
from pathlib import Path

UNIT = Path("/etc/systemd/system/mm-log-review.service")
_COMMAND = re.compile(r"^ExecStart=\S*/firedrill backfill (.*?[^\\])$", re.MULTILINE | re.DOTALL)


def options() -> dict[str, str]:
    """Options of `firedrill backfill` by name, without their dashes; none where no deploy put a review."""
    try:
        found = _COMMAND.search(UNIT.read_text(encoding="utf-8"))
    except OSError:
        return {}
    return dict(re.findall(r"--([a-z-]+) ([^\s\\]+)", found.group(1))) if found else {}
