"""When two answers to one question are the same: equal labels, values as printed, and kinds of refusal.

Left out, since Loki itself leaves them open: the time of a scalar (Loki prints a wrong one), the order among equals in
a sorted answer, and the words of __error_details__. Where Loki added up floats in the order of a hash table and so
gave several answers, values agree to twelve digits.
"""

from __future__ import annotations

import math
import re
from typing import Any

from tests.firedrill.logql.differential.asking import Outcome

DETAILS = "__error_details__"
_KINDS = (
    (re.compile(r"pipeline error: '?(\w+)"), None),
    (re.compile(r"multiple matches|many-to-many|duplicate series"), "matching"),
    (re.compile(r"queries require at least one"), "selector"),
    (re.compile(r"log queries are not supported"), "log query"),
    (re.compile(r"error parsing regexp|parse error : stage .*: error parsing regexp"), "regexp"),
)


def refusal(outcome: Outcome) -> str | None:
    """The kind of a refusal; None for an answer. Loki's HTTP 500 for a query that cannot be answered is one too."""
    for state, text in outcome.items():
        if state == "refused" or state.startswith("failed 500"):
            for pattern, kind in _KINDS:
                if found := pattern.search(text):
                    return kind or found.group(1)
            return "syntax"
    return None


def same(ours: Outcome, theirs: Outcome, exact: bool = True) -> bool:
    """`exact`: values are equal as printed; otherwise to twelve digits."""
    if refusal(ours) or refusal(theirs):
        return refusal(ours) == refusal(theirs)
    if ours.get("resultType") != theirs.get("resultType"):
        return False
    if ours["resultType"] == "scalar":
        return bool(ours["result"][1] == theirs["result"][1])
    left, right = _plain(ours), _plain(theirs)
    return left == right or (not exact and _near(left, right))


def _plain(outcome: Outcome) -> list[Any]:
    if outcome["resultType"] == "streams":
        return _merged(outcome["result"])
    if outcome["resultType"] == "vector":
        return _ties_by_labels([(row["metric"], row["value"]) for row in outcome["result"]])
    return [(row["metric"], row["values"]) for row in outcome["result"]]


def _merged(rows: list[dict[str, Any]]) -> list[Any]:
    """Streams by their labels without the error's words."""
    found: dict[tuple[tuple[str, str], ...], list[list[str]]] = {}
    for row in rows:
        key = tuple(sorted((k, v) for k, v in row["stream"].items() if k != DETAILS))
        found.setdefault(key, []).extend(row["values"])
    return sorted((key, sorted(values)) for key, values in found.items())


def _ties_by_labels(rows: list[Any]) -> list[Any]:
    """Neighbours with one value in the order of their labels."""
    out: list[Any] = []
    for row in rows:
        at = len(out)
        while at and out[at - 1][1] == row[1] and sorted(row[0].items()) < sorted(out[at - 1][0].items()):
            at -= 1
        out.insert(at, row)
    return out


def _near(left: Any, right: Any) -> bool:
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_near, left, right))
    if isinstance(left, str) and isinstance(right, str) and left != right:
        try:
            return math.isclose(float(left), float(right), rel_tol=1e-12)
        except ValueError:
            return False
    return bool(left == right)
