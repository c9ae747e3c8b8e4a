"""Why an order was refused, as the event log itself tells: what it does not tell is unexplained."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

Line = dict[str, Any]
CROSSED = re.compile(r"Post only order would have immediately matched, bbo was ([\d.]+)@([\d.]+)\. asset=\d+")


def unexplained(log: Sequence[Line]) -> list[Line]:
    """Refusals that the market's move does not account for, and late replacements that no fill does."""
    rejects = [line for line in log if _is(line, "order_reject") and not _moved_through(line)]
    filled = {line["cloid"] for line in log if _is(line, "FILL")}
    return rejects + [line for line in log if _is(line, "order_moot") and line["replaces"] not in filled]


def _moved_through(reject: Line) -> bool:
    """Post-only, and the best prices that the venue names are at its own or beyond."""
    found = CROSSED.fullmatch(reject["reason"])
    if reject["code"] != "E_POST_ONLY" or found is None:
        return False
    bid, ask = map(float, found.groups())
    return bool(reject["price"] >= ask if reject["side"] == "bid" else reject["price"] <= bid)


def _is(line: Line, action: str) -> bool:
    return bool(line["action"] == action)
