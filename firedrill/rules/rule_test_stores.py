"""Where the lines of a rule test are asked: in files of its own, or in a real Loki, as a tenant of its own.

Both give a store in which the test's lines stand at the test's times.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Protocol

from firedrill.logql.syntax import SECOND
from firedrill.rules.rule_test_file import Line, fields_of
from firedrill.store.embedded import Embedded
from firedrill.store.lines import FROM_LINE
from firedrill.store.loki import TIMEOUT_S, Loki
from firedrill.store.store import Labels, Store, StoreError

START = 1_767_225_600 * SECOND
"""When a test on files begins, or a little before, where the steps do not meet it: 2026-01-01T00:00:00Z."""
BATCH = 5000
Stream = tuple[Labels, list[tuple[str, str]]]


class Stores(Protocol):
    """A place for tests: `begin` says when one that lasts so long starts, `holding` gives its store."""

    def begin(self, lasts: int, step: int) -> int: ...

    def holding(self, lines: Sequence[Line], labels: Mapping[str, str]) -> AbstractContextManager[Store]: ...


class OnFiles:
    """Each test on the embedded store, over files that live as long as the test."""

    def begin(self, lasts: int, step: int) -> int:
        return START - START % step

    @contextmanager
    def holding(self, lines: Sequence[Line], labels: Mapping[str, str]) -> Iterator[Store]:
        with tempfile.TemporaryDirectory() as folder:
            write(lines, Path(folder))
            yield Embedded((f"{folder}/*.jsonl",), labels)


def write(lines: Sequence[Line], folder: Path) -> None:
    """The lines as files: those that say their time in one, each other time's in one of that time."""
    _write(folder / "timed.jsonl", [line.text for line in lines if line.timed])
    untimed = sorted((line for line in lines if not line.timed), key=lambda line: line.at)
    for at, found in groupby(untimed, key=lambda line: line.at):
        path = folder / f"{at}.jsonl"
        _write(path, [line.text for line in found])
        os.utime(path, ns=(at, at))


def _write(path: Path, texts: Sequence[str]) -> None:
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


class OnLoki:
    """Each test as a tenant of a Loki, with times that just passed: it refuses old lines. StoreError: it cannot be."""

    def __init__(self, url: str) -> None:
        self.url, self._run = Loki(url).url, uuid.uuid4().hex[:8]
        self._count = 0
        self._check_tenants()

    def begin(self, lasts: int, step: int) -> int:
        found = time.time_ns() - lasts - SECOND
        return found - found % step

    @contextmanager
    def holding(self, lines: Sequence[Line], labels: Mapping[str, str]) -> Iterator[Store]:
        self._count += 1
        tenant = f"rule-test-{self._run}-{self._count}"
        for streams in _batches(lines, labels):
            self._push(tenant, streams)
        yield Loki(self.url, tenant)

    def _check_tenants(self) -> None:
        """A Loki that answers without a tenant's name has one tenant for all."""
        try:
            with urllib.request.urlopen(f"{self.url}/loki/api/v1/labels", timeout=TIMEOUT_S):
                pass
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 401:
                    return
            raise StoreError(f"{self.url} answered HTTP {error.code}: give the URL of a running Loki") from None
        except OSError as error:
            raise StoreError(f"{self.url} gave no answer of Loki's API: {error}") from None
        raise StoreError(
            f"{self.url} mixes tenants, so the lines of one test would be counted in the next:"
            " start a Loki with auth_enabled: true for tests"
        )

    def _push(self, tenant: str, streams: Sequence[Stream]) -> None:
        body = json.dumps({"streams": [{"stream": labels, "values": values} for labels, values in streams]}).encode()
        headers = {"Content-Type": "application/json", "X-Scope-OrgID": tenant}
        request = urllib.request.Request(f"{self.url}/loki/api/v1/push", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):
                pass
        except urllib.error.HTTPError as error:
            with error:
                reason = error.read().decode(errors="replace").strip()
            raise StoreError(f"{self.url} took the lines of a test with HTTP {error.code}: {reason[:200]}") from None
        except OSError as error:
            raise StoreError(f"{self.url} took no lines of a test: {error}") from None


def _batches(lines: Sequence[Line], labels: Mapping[str, str]) -> Iterator[list[Stream]]:
    """The lines with the labels that a shipper would give them, so many at once."""
    for first in range(0, len(lines), BATCH):
        streams: dict[tuple[tuple[str, str], ...], list[tuple[str, str]]] = {}
        for line in lines[first : first + BATCH]:
            streams.setdefault(_labels(line.text, labels), []).append((str(line.at), line.text))
        yield [(dict(key), values) for key, values in streams.items()]


def _labels(text: str, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    fields = fields_of(text)
    own = {name: str(fields[name]) for name in FROM_LINE if isinstance(fields.get(name), str | int)}
    return tuple(sorted((name, value) for name, value in {**labels, **own}.items() if value))
