"""Ends one question from another thread, and no other that the same connection answers later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from firedrill.store.store import StoreError


class Interrupted(StoreError):
    """The question was ended before its answer was found: it took too long, or nobody waits for it."""

    def __init__(self) -> None:
        super().__init__(
            "request timed out, decrease the duration of the request or add more label matchers (exact match preferred)"
            " to reduce the amount of data processed"
        )


class Interrupt:
    """`cancel()` ends the statement that runs under it, and refuses those that would."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._cancelled = False

    @contextmanager
    def over(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While a statement runs on this connection."""
        with self._lock:
            if self._cancelled:
                raise Interrupted
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._connection:
                self._connection.interrupt()
