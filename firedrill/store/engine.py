"""DuckDB as the store uses it: capped, offline, writing nothing, and its errors in our words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from firedrill.logql import quote
from firedrill.logql.functions import MACROS
from firedrill.logql.syntax import QueryError
from firedrill.store.interrupt import Interrupted
from firedrill.store.store import StoreError

UNTIMED = "a line without a time of its own"
"""What a statement stops with on such a line, where none was expected."""


class OddText(StoreError):
    """A log file is no clean text, so DuckDB cannot read it by itself; or it has lines without a time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one store may take: DuckDB's threads and memory, and the recent lines kept, in bytes and seconds."""

    threads: int = 2
    memory_mb: int = 512
    recent_mb: int = 64
    recent_s: int = 1200


DEFAULTS = Limits()
BESIDE_MB = 250
"""What a store takes at most beside DuckDB's memory, which holds its window: Python, and what DuckDB does not count."""


def connect(limits: Limits, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory database that downloads no extensions, and writes to disk what does not fit only into `spill`."""
    connection = duckdb.connect(
        config={
            "threads": limits.threads,
            "memory_limit": f"{limits.memory_mb}MB",
            "temp_directory": str(spill or ""),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
        }
    )
    built_in = "SELECT count(*) FROM duckdb_extensions() WHERE loaded AND extension_name IN ('json', 'parquet')"
    if connection.execute(built_in).fetchone() != (2,):
        raise StoreError(
            "this build of DuckDB has no json and parquet compiled in: install the version in requirements.lock"
        )
    for macro in MACROS:
        connection.execute(macro)
    connection.execute("SET lock_configuration = true")
    return connection


@cache
def _database(limits: Limits) -> duckdb.DuckDBPyConnection:
    return connect(limits)


def share(limits: Limits) -> duckdb.DuckDBPyConnection:
    """A connection for who keeps no tables: to one database of this process, because opening one takes 40 ms."""
    return _database(limits).cursor()


def ask(connection: duckdb.DuckDBPyConnection, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement. QueryError for what Loki answers with 400, StoreError for the rest."""
    try:
        return connection.execute(statement, list(values)).fetchall()
    except duckdb.InvalidInputException as error:
        _, marked, message = str(error).partition(quote.ERROR_MARK)
        if marked:
            raise QueryError(message.strip()) from None
        if "CSV" in str(error).partition("\n")[0] or UNTIMED in str(error):
            raise OddText(str(error)) from None
        if "regexp" in statement:
            raise QueryError(f"error parsing regexp: {str(error).removeprefix('Invalid Input Error: ')}") from None
        raise StoreError(str(error)) from None
    except duckdb.InterruptException:
        raise Interrupted from None
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"the question needs more memory than the store may take ({str(error).splitlines()[0]}):"
            " ask for a shorter time, or start the store with a larger --memory-mb"
        ) from None
    except duckdb.Error as error:
        raise StoreError(f"{type(error).__name__}: {error}") from None
