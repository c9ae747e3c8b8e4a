"""Which logs are closed and want their Parquet form, and which Parquet files have been kept long enough.

A log whose name carries a day is closed once that day is over, any other when nobody has written to it for a while.
Nothing here touches a log: compressing and deleting them is logrotate's.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from firedrill.logql.syntax import SECOND
from firedrill.store.archive import Archive, Chosen
from firedrill.store.files import LogFile
from firedrill.store.parquet import Damaged

MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
RESTS_AFTER_ITS_DAY = 10 * MINUTE
RESTS = 60 * MINUTE
"""How long a log must not have been written to: one whose day is over, and one that names no day."""

_NAMED_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_closed(file: LogFile, now: int) -> bool:
    """Whether nobody writes to a log any more, by its name and the time of its last change."""
    rested = now - file.mtime
    day = _NAMED_DAY.search(file.stem)
    if day is None:
        return rested >= RESTS
    today = f"{datetime.fromtimestamp(now // SECOND, UTC):%Y-%m-%d}"
    return day.group() < today and rested >= RESTS_AFTER_ITS_DAY


def due(chosen: Chosen, now: int, keep: int) -> list[LogFile]:
    """Closed logs without a Parquet file that could stand for them, the oldest first; `keep` in nanoseconds."""
    logs = [part.file for part in chosen.parts if part.facts is None]
    named = Counter(part.file.stem for part in chosen.parts)
    wanted = [log for log in logs if named[log.stem] == 1 and log.size and log.mtime > now - keep]
    return sorted((log for log in wanted if is_closed(log, now)), key=lambda log: log.mtime)


def expired(archive: Archive, connection: duckdb.DuckDBPyConnection, now: int, keep: int) -> list[Path]:
    """Parquet files of the archive's folder whose lines are all older than `keep` and whose logs are gone."""
    found = archive.found()
    logs = {file.stem for file in found.files if not file.parquet}
    old = []
    for file in found.files:
        if file.parquet and file.stem not in logs and Path(file.path).parent == archive.folder:
            facts = archive.facts(connection, file)
            if not isinstance(facts, Damaged) and facts.last < now - keep:
                old.append(Path(file.path))
    return old
