"""Which lines of one push Loki refused: it takes the others, and says why it refused one of them."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import datetime

from firedrill.shipping.entry import SECOND, Entry

_OLDEST = re.compile(r"oldest acceptable timestamp is: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_AHEAD = 600 * SECOND
_LONGEST = 64 * 1024


def refused(lines: Sequence[Entry], why: str) -> list[Entry]:
    """The lines that can be meant; all, where the reason is none we know.

    Loki says the oldest time it takes without its fraction: a line of that second is taken for refused, for one that is
    sent twice is better than one that is lost.
    """
    found = _OLDEST.search(why)
    oldest = int(datetime.fromisoformat(found.group(1)).timestamp() + 1) * SECOND if found else 0
    newest = time.time_ns() + _AHEAD
    meant = [line for line in lines if line.at < oldest or line.at > newest or len(line.text.encode()) > _LONGEST]
    return meant or list(lines)
