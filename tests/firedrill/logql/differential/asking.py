"""Questions put to real Loki and to this engine; both answers in one form.

An answer is the `data` object of Loki's API, its series in the order of their labels except where the query asks for
an order; or {"refused": text}. Loki's counts of work done are left out.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal
from typing import Any

from firedrill.logql.syntax import SECOND, QueryError
from firedrill.store.store import Span, Store
from tests.firedrill.logql.differential.questions import Question
from tests.real_loki import RealLoki

Outcome = dict[str, Any]
_PATIENCE_S = 20
_ORDERED = re.compile(r"\s*(topk|bottomk|sort|sort_desc|approx_topk)\b")


def ask_loki(loki: RealLoki, tenant: str, question: Question) -> Outcome:
    """Loki's own answer. What is neither success nor HTTP 400 is a failure of its own and kept as such."""
    path, asked = _request(question)
    url = f"{loki.url}/loki/api/v1/{path}?{urllib.parse.urlencode({'query': question.query, **asked})}"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"X-Scope-OrgID": tenant}), timeout=_PATIENCE_S
        ) as answer:
            data = json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        with error:
            text = error.read().decode(errors="replace").strip()
        return {"refused" if error.code == 400 else f"failed {error.code}": text}
    except TimeoutError:
        return {f"failed after {_PATIENCE_S} s": ""}
    return _in_order(question, {"resultType": data["resultType"], "result": data["result"]})


def _request(question: Question) -> tuple[str, dict[str, str]]:
    if question.kind == "instant":
        return "query", {"time": str(question.times[0])}
    start, end, last = question.times
    span = {"start": str(start), "end": str(end)}
    if question.kind == "range":
        return "query_range", {**span, "step": f"{Decimal(last) / SECOND:f}"}
    return "query_range", {**span, "limit": str(last), "direction": "backward" if question.backward else "forward"}


def ask_ours(store: Store, question: Question) -> Outcome:
    try:
        return _in_order(question, _ours(store, question))
    except QueryError as error:
        return {"refused": str(error)}


def _ours(store: Store, question: Question) -> Outcome:
    if question.kind == "instant":
        return store.instant(question.query, question.times[0]).data()
    start, end, last = question.times
    if question.kind == "range":
        return store.range(question.query, start, end, last).data()
    return store.logs(question.query, Span(start, end, last, question.backward)).data()


def _in_order(question: Question, data: Outcome) -> Outcome:
    if data["resultType"] == "scalar" or (question.kind == "instant" and _ORDERED.match(question.query)):
        return data
    name = "stream" if data["resultType"] == "streams" else "metric"
    return {**data, "result": sorted(data["result"], key=lambda row: sorted(row[name].items()))}
