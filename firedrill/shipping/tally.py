"""What a run of the comparison found and did, and its progress for people: a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

SAY_EVERY_S = 5.0


@dataclass(slots=True)
class Tally:
    """Lines of the files: compared with Loki; missing there; of these sent, some as `late`, and refused for good."""

    say: Callable[[str], None] = field(default=lambda text: None, repr=False)
    files: int = 0
    compared: int = 0
    missing: int = 0
    sent: int = 0
    late: int = 0
    refused: int = 0
    refusal: str = ""
    unreadable: dict[str, str] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic, repr=False)
    _told: float = field(default_factory=time.monotonic, repr=False)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def cannot_read(self, path: str, why: str) -> None:
        """Said once a file; the others go on."""
        if path not in self.unreadable:
            self.say(f"{path}: {why}")
        self.unreadable[path] = why

    def progress(self, at: int) -> None:
        """Called now and then with the time of the line that is looked at, in nanoseconds."""
        if time.monotonic() - self._told >= SAY_EVERY_S:
            self._told = time.monotonic()
            clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at // 1_000_000_000))
            self.say(f"at {clock}: {self.compared:,} lines compared, {self.missing:,} missing, {self.sent:,} sent")

    def facts(self) -> dict[str, object]:
        """For programs."""
        found = {name: value for name, value in asdict(self).items() if name != "say" and not name.startswith("_")}
        return {**found, "seconds": round(self.seconds, 3)}

    def text(self, dry_run: bool) -> str:
        """For people, one line."""
        skipped = f" ({len(self.unreadable)} file(s) could not be read)" if self.unreadable else ""
        told = f"{self.compared:,} lines of {self.files} file(s) compared in {self.seconds:.1f} s{skipped}"
        if not self.missing:
            return f"{told}: none is missing"
        if dry_run:
            return f"{told}: {self.missing:,} are missing in Loki (nothing was sent)"
        late = f", {self.late:,} of them as late lines" if self.late else ""
        refused = f"; {self.refused:,} REFUSED: {self.refusal}" if self.refused else ""
        return f"{told}: {self.missing:,} were missing, {self.sent:,} sent{late}{refused}"
