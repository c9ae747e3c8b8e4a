"""A real Loki and a real Promtail as processes on loopback, with the settings a host gets, and a writer of numbered
lines. Paths and ports are the test's own; all else stands in them as the deploy renders it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.services import loki, promtail
from deploy.settings.contexts import Context, Ports, context
from deploy.templates import render
from firedrill.store.loki import Loki
from firedrill.store.store import Span
from tests.real_loki import _free_ports, _until_ready, artifact

HOST = "bot-1"
LABELS = f"job=bot,host={HOST}"
DATA = {
    "log_store": "loki",
    "log_shipper": "promtail",
    "alert_webhook_url": "http://127.0.0.1:9/",
    "install_source": "present",
}
SECOND = 1_000_000_000


def host_context() -> Context:
    """A host with Loki and Promtail on ports that are free here."""
    http, grpc, shipper, shipper_grpc = _free_ports(4)
    ports = Ports(store=http, loki_grpc=grpc, shipper=shipper, shipper_grpc=shipper_grpc)
    return replace(context(HOST, "prod", DATA, {"alert_webhook_token": "t"}), ports=ports)


@dataclass
class Rig:
    """Both programs below a folder; `logs` is where the bot would write."""

    folder: Path
    host: Context = field(default_factory=host_context)
    loki: subprocess.Popen[bytes] | None = None
    shipper: subprocess.Popen[bytes] | None = None
    backfills: list[dict[str, float]] = field(default_factory=list)
    peaks: dict[str, float] = field(default_factory=dict)
    loki_ends_with: int = signal.SIGTERM

    def __post_init__(self) -> None:
        for name in ("logs", "promtail", "loki", "rules"):
            (self.folder / name).mkdir()
        self._write("loki.yml", render("loki/config.yml", self.host, rules=loki.RULES))
        self._write("promtail.yml", render("promtail/config.yml", self.host, positions=promtail.POSITIONS))

    def _write(self, name: str, content: bytes) -> None:
        text = content.decode()
        moved = {
            loki.RULES: "rules",
            "/var/lib/loki": "loki",
            "/var/lib/promtail": "promtail",
            "/var/log/mm-bot": "logs",
        }
        for path, own in moved.items():
            text = text.replace(path, str(self.folder / own))
        (self.folder / name).write_text(text)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def positions(self) -> Path:
        return self.folder / "promtail/positions.yaml"

    @property
    def url(self) -> str:
        return self.host.store_url

    def start_loki(self) -> None:
        self.loki = self._start("loki", f"-config.file={self.folder}/loki.yml")
        _until_ready(self.url, self.loki, self.folder / "loki.log")

    def stop_loki(self) -> None:
        self._end("loki", self.loki_ends_with)

    def start_shipper(self, backfill: bool = True, until: float = 120) -> None:
        """As the unit does: first the backfill, again and again until Loki is there."""
        deadline = time.monotonic() + until
        while backfill and (done := self.backfill("--shipper-stopped", "--wait", "2s")).returncode > 1:
            assert time.monotonic() < deadline, done.stderr
        self.shipper = self._start("promtail", f"-config.file={self.folder}/promtail.yml")

    def kill_shipper(self) -> None:
        self._end("shipper", signal.SIGKILL)

    def backfill(self, *words: str, shipper: bool = True) -> subprocess.CompletedProcess[str]:
        """`firedrill backfill` on this rig; its figures are kept."""
        line = [sys.executable, "-m", "firedrill", "backfill", "--json", "--loki", self.url, "--labels", LABELS]
        line += ["--files", f"{self.logs}/events-*.jsonl*", *words]
        line += ["--settle", "2s", *(["--positions", str(self.positions)] if shipper else [])]
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode < 2:
            self.backfills.append(json.loads(done.stdout))
        return done

    def stop(self) -> None:
        for name in ("shipper", "loki"):
            if getattr(self, name):
                self._end(name, signal.SIGKILL)

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        binary = artifact(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", binary, *words], stdout=log, stderr=log, cwd=self.folder
            )

    def _end(self, name: str, signal_number: int) -> None:
        process = getattr(self, name)
        self.look(name)
        process.send_signal(signal_number)
        process.wait(60)
        setattr(self, name, None)

    def look(self, name: str) -> None:
        """Keeps the largest memory of a process, in MB."""
        process = getattr(self, name)
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        self.peaks[name] = max(peak, self.peaks.get(name, 0))

    def metric(self, query: str) -> float:
        """The value of a query that gives one number; 0 without a series."""
        asked = urllib.parse.urlencode({"query": query, "time": str(time.time_ns())})
        with urllib.request.urlopen(f"{self.url}/loki/api/v1/query?{asked}", timeout=60) as answer:
            found = json.load(answer)["data"]["result"]
        return float(found[0]["value"][1]) if found else 0

    def dropped(self) -> float:
        """Lines that Promtail gave up, by its own count."""
        address = f"http://{self.host.bind_address}:{self.host.ports.shipper}/metrics"
        with urllib.request.urlopen(address, timeout=5) as answer:
            found = re.findall(rb"(?m)^promtail_dropped_entries_total\{.*\} (\S+)$", answer.read())
        return sum(map(float, found))

    def stored(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Time and text of every line that Loki gives, in [start, end) nanoseconds."""
        store, limit = Loki(self.url), 5000
        while start < end:
            answer = store.logs('{job="bot"}', Span(start, end, limit, backward=False))
            page = sorted(line for stream in answer.streams for line in stream.lines)
            if len(page) < limit:
                yield from page
                return
            last = page[-1][0]  # of its lines some may be on the next page: all of them are taken there
            yield from (line for line in page if line[0] < last)
            start = last


class Writer(threading.Thread):
    """Numbered lines at a rate, in files that change; none is ever renamed. Each line has the time of its writing."""

    def __init__(self, folder: Path, lines: int, files: int, rate: int) -> None:
        super().__init__(daemon=True)
        self.folder, self.lines, self.files, self.rate = folder, lines, files, rate
        self.written = 0
        self.started = time.time_ns()
        self.start()

    def run(self) -> None:
        begun = time.monotonic()
        while self.written < self.lines:
            self._write(min(self.lines, int((time.monotonic() - begun) * self.rate)))
            time.sleep(0.01)

    def _write(self, due: int) -> None:
        while self.written < due:
            number = self.written * self.files // self.lines
            last = min(due, -(-(number + 1) * self.lines // self.files))
            with (self.folder / f"events-2026-11-21-{number:03}.jsonl").open("ab") as log:
                log.write(b"".join(map(line, range(self.written + 1, last + 1))))
            self.written = last

    def share(self, part: float) -> Callable[[], bool]:
        """Whether so much of it is written."""
        return lambda: self.written >= self.lines * part


ACTIONS = ("quote_place", "order_ack", "quote_cancel", "fill", "order_reject", "heartbeat", "position", "inventory")
LEVELS = ("info", "info", "info", "info", "error", "info", "info", "warn")


def line(n: int, at: int | None = None) -> bytes:
    """A line as the bot writes it, of an ordinary length; `n` is its number."""
    now = time.time_ns() if at is None else at
    kind = n * 7 % len(ACTIONS)
    head = b'{"ts":%d.%06d,"level":"%s","run":"0a1b2c3d","n":%d,"release":"1.4.0+abc1234",' % (
        now // SECOND,
        now % SECOND // 1000,
        LEVELS[kind].encode(),
        n,
    )
    tail = b'"action":"%s","market":"BTC","side":"bid","price":64250.5,"size":0.01,"cloid":"0x%032x","seq":%d}\n'
    return head + tail % (ACTIONS[kind].encode(), n, n)


def numbers(lines: Iterator[tuple[int, str]]) -> list[int]:
    return [int(text.partition('"n":')[2].partition(",")[0]) for _, text in lines]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
