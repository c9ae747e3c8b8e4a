"""What `review` found complete in one Loki: logs of days that are over by name, others up to an offset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from firedrill.shipping.errors import CannotSay
from firedrill.store.closed_logs import is_closed
from firedrill.store.files import LogFile


class Reviewed:
    """Remembered in a file; for another Loki, or with other labels, nothing is. Raises CannotSay where it cannot be."""

    def __init__(self, path: Path | None, url: str, given: Mapping[str, str]) -> None:
        self._path, self._where = path, {"loki": url, "labels": dict(given)}
        self._done: set[str] = set()
        self._offsets: dict[str, int] = {}
        if path:
            self._load(path)

    def done(self, file: LogFile) -> bool:
        return file.stem in self._done

    def offset(self, file: LogFile) -> int:
        found = self._offsets.get(file.path, 0)
        return found if found <= file.size else 0

    def add(self, ends: Mapping[LogFile, int | None], now: int) -> None:
        """These files, up to these offsets."""
        for file, end in ends.items():
            if file.compressed or (is_closed(file, now) and end is not None and end >= file.size):
                self._done.add(file.stem)
                self._offsets.pop(file.path, None)
            elif end is not None:
                self._offsets[file.path] = end
        if self._path:
            self._save(self._path)

    def forget(self) -> None:
        """Everything is looked at again."""
        self._done.clear()
        self._offsets.clear()

    def keep(self, files: list[LogFile]) -> None:
        """Of files that are gone nothing is remembered."""
        self._done &= {file.stem for file in files}
        self._offsets = {path: end for path, end in self._offsets.items() if path in {file.path for file in files}}

    def _load(self, path: Path) -> None:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        except OSError as error:
            raise CannotSay(f"{path} cannot be read: {error.strerror}; run as the shipper") from None
        if isinstance(found, dict) and found.get("where") == self._where:
            self._done, self._offsets = set(found["done"]), dict(found["offsets"])

    def _save(self, path: Path) -> None:
        aside = path.with_name(f".{path.name}.new")
        text = json.dumps({"where": self._where, "done": sorted(self._done), "offsets": self._offsets}, indent=1)
        try:
            aside.write_text(text + "\n", encoding="utf-8")
            aside.replace(path)
        except OSError as error:
            raise CannotSay(f"{path} cannot be written: {error.strerror}; run as the shipper") from None
