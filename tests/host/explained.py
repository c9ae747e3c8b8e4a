"""Why an order was refused, as the event log itself tells: what it does not tell is unexplained."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

Line = dict[str, Any]
CROSSED = re.compile(r"Post only order would have immediately matched, bbo was ([\d.]+)@([\d.]+)\. asset=\d+")
TOO_LATE = "Cannot modify canceled or filled order"


def unexplained(log: Sequence[Line]) -> list[Line]:
    """Refusals in the lines of one run that neither the market's move nor a fill in the meantime accounts for."""
    rejects = [line for line in log if line["action"] == "order_reject"]
    return [reject for reject in rejects if not (_moved_through(reject) or _filled_before(reject, log))]


def _moved_through(reject: Line) -> bool:
    """Post-only, and the best prices that the venue names are at its own or beyond."""
    found = CROSSED.fullmatch(reject["reason"])
    if reject["code"] != "E_POST_ONLY" or found is None:
        return False
    bid, ask = map(float, found.groups())
    return bool(reject["price"] >= ask if reject["side"] == "bid" else reject["price"] <= bid)


def _filled_before(reject: Line, log: Sequence[Line]) -> bool:
    """It was to come in the place of another one, and that was filled first."""
    if (reject["code"], reject["reason"]) != ("E_NO_SUCH_ORDER", TOO_LATE):
        return False
    where = next(n for n, line in enumerate(log) if _is(line, "quote_place") and line["cloid"] == reject["cloid"])
    same = (reject["market"], reject["side"])
    old = next(
        line["cloid"]
        for line in reversed(log[:where])
        if _is(line, "quote_cancel") and (line["market"], line["side"]) == same
    )
    return any(_is(line, "FILL") and line["cloid"] == old for line in log)


def _is(line: Line, action: str) -> bool:
    return bool(line["action"] == action)
