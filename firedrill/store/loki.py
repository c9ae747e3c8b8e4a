"""The store interface over Loki's HTTP API; the embedded store's own API answers as well."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from firedrill.logql.syntax import SECOND, QueryError
from firedrill.store.loki_tail import frames
from firedrill.store.store import Labels, Matrix, Scalar, Series, Span, StoreError, Stream, Streams, Vector

TIMEOUT_S = 60


class Loki:
    """A Loki, or whatever answers like one, at `url`; `tenant` becomes the header X-Scope-OrgID."""

    def __init__(self, url: str, tenant: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise StoreError(f"{url!r} is no URL of a Loki: write http://host:3100")
        self.url, self.tenant = url.rstrip("/"), tenant

    def instant(self, query: str, at: int) -> Scalar | Vector:
        data = self._get("query", [("query", query), ("time", str(at))])
        if data["resultType"] == "scalar":
            return Scalar(*_point(data["result"]))
        return Vector(tuple(Series(row["metric"], (_point(row["value"]),)) for row in data["result"]))

    def range(self, query: str, start: int, end: int, step: int) -> Matrix:
        asked = [("query", query), ("start", str(start)), ("end", str(end)), ("step", f"{Decimal(step) / SECOND:f}")]
        rows = self._get("query_range", asked)["result"]
        return Matrix(tuple(Series(row["metric"], tuple(_point(p) for p in row["values"])) for row in rows))

    def logs(self, query: str, span: Span) -> Streams:
        direction = "backward" if span.backward else "forward"
        asked = [("query", query), ("start", str(span.start)), ("end", str(span.end)), ("limit", str(span.limit))]
        rows = self._get("query_range", [*asked, ("direction", direction)])["result"]
        return Streams(
            tuple(Stream(row["stream"], tuple((int(at), line) for at, line in row["values"])) for row in rows)
        )

    def label_sets(self, selectors: Sequence[str], start: int, end: int) -> list[Labels]:
        chosen = [("match[]", text) for text in selectors]
        found: list[Labels] = self._get("series", [*chosen, ("start", str(start)), ("end", str(end))])
        return found

    def tail(self, query: str, start: int, limit: int = 100) -> Iterator[Streams]:
        while True:  # a Loki ends a tail after an hour, or when it is restarted
            asked = urllib.parse.urlencode([("query", query), ("start", str(start)), ("limit", str(limit))])
            for found in frames(f"{self.url}/loki/api/v1/tail?{asked}", self._headers()):
                start = max([start, *(at + 1 for stream in found.streams for at, _ in stream.lines)])
                yield found

    def _headers(self) -> dict[str, str]:
        return {"X-Scope-OrgID": self.tenant} if self.tenant else {}

    def _get(self, path: str, asked: Sequence[tuple[str, str]]) -> Any:
        address = f"{self.url}/loki/api/v1/{path}"
        request = urllib.request.Request(f"{address}?{urllib.parse.urlencode(asked)}", headers=self._headers())
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode(errors="replace").strip()
            if error.code == 400:
                raise QueryError(text) from None
            if error.code == 401 and not self.tenant:
                raise StoreError(f"{self.url} has tenants: say whose logs with --tenant NAME") from None
            raise StoreError(f"{address} answered HTTP {error.code}: {text[:200]}") from None
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{address} gave no answer of Loki's API: {error}") from None


def _point(pair: Sequence[Any]) -> tuple[int, float]:
    return round(Decimal(str(pair[0])) * SECOND), float(pair[1])
