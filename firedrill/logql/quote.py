"""SQL text for values that come from a query: the only place where text becomes part of a statement."""

from __future__ import annotations

import json
import math

ERROR_MARK = "logql: "
"""Starts every message a compiled statement raises by itself, so that it can be told from DuckDB's own."""


def text(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A SQL identifier."""
    return '"' + value.replace('"', '""') + '"'


def number(value: float) -> str:
    """A SQL double literal."""
    if math.isnan(value) or math.isinf(value):
        return f"'{value}'::DOUBLE"
    return f"{value!r}::DOUBLE"


def path(steps: tuple[str | int, ...]) -> str:
    """A SQL string literal holding a JSON path."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{json.dumps(step, ensure_ascii=False)}" for step in steps]
    return text("$" + "".join(parts))


def error(message: str) -> str:
    """An expression that stops the statement with `message`, itself a SQL expression."""
    return f"error({text(ERROR_MARK)} || {message})"
