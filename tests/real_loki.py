"""A real Loki for tests that compare with it, out of the folder MMSTACK_ARTIFACTS; they skip where it is absent.

It runs on loopback with free ports, one tenant for each test, and stores below a temporary directory. Its limits are
wide, so that what it refuses is the language and not the size of an answer.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_BATCH = 5000  # lines in one push
_CONFIG = """
auth_enabled: true
target: all
server: {{http_listen_address: 127.0.0.1, http_listen_port: {http}, grpc_listen_address: 127.0.0.1,
         grpc_listen_port: {grpc}, log_level: error, grpc_server_max_recv_msg_size: 104857600,
         grpc_server_max_send_msg_size: 104857600}}
common:
  instance_addr: 127.0.0.1
  path_prefix: {folder}
  replication_factor: 1
  ring: {{kvstore: {{store: inmemory}}}}
  storage: {{filesystem: {{chunks_directory: {folder}/chunks, rules_directory: {folder}/rules}}}}
memberlist: {{bind_addr: [127.0.0.1], bind_port: {gossip}}}
schema_config:
  configs:
    - {{from: "2024-01-01", store: tsdb, object_store: filesystem, schema: v13, index: {{prefix: index_, period: 24h}}}}
ingester: {{max_chunk_age: 200000h, chunk_idle_period: 200000h, lifecycler: {{min_ready_duration: 0s}}}}
querier: {{query_ingesters_within: 0}}
limits_config:
  reject_old_samples: false
  creation_grace_period: 10000h
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  max_query_series: 100000
  max_query_length: 0
  max_entries_limit_per_query: 100000
  discover_service_name: []
  discover_log_levels: false
pattern_ingester: {{enabled: false}}
query_range: {{cache_results: false, parallelise_shardable_queries: false, max_retries: 1}}
analytics: {{reporting_enabled: false}}
ui: {{enabled: false}}
"""


def artifact(name: str) -> Path:
    """The binary of that name in the folder MMSTACK_ARTIFACTS; skips the test where there is none."""
    folder = os.environ.get("MMSTACK_ARTIFACTS")
    if not folder:
        pytest.skip(f"needs a real {name}: set MMSTACK_ARTIFACTS to a folder that holds it")
    path = Path(folder, name)
    if not os.access(path, os.X_OK):
        pytest.skip(f"MMSTACK_ARTIFACTS={folder} holds no executable {name}")
    return path


@dataclass(frozen=True, slots=True)
class RealLoki:
    """A running Loki at `url`; what is pushed for one tenant is not seen by another."""

    url: str

    def push(self, tenant: str, streams: Sequence[tuple[Mapping[str, str], Sequence[tuple[int, str]]]]) -> None:
        """Stores lines, for each stream its labels and (nanoseconds, text); queryable when this returns."""
        for labels, lines in streams:
            for first in range(0, len(lines), _BATCH):
                values = [[str(at), text] for at, text in lines[first : first + _BATCH]]
                body = json.dumps({"streams": [{"stream": dict(labels), "values": values}]}).encode()
                headers = {"Content-Type": "application/json", "X-Scope-OrgID": tenant}
                request = urllib.request.Request(f"{self.url}/loki/api/v1/push", body, headers)
                with urllib.request.urlopen(request, timeout=30) as answer:
                    assert answer.status == 204


@contextmanager
def running_loki(folder: Path) -> Iterator[RealLoki]:
    """A Loki that stores below `folder`, stopped at the end."""
    binary = artifact("loki")
    http, grpc, gossip = _free_ports(3)
    config = folder / "loki.yaml"
    config.write_text(_CONFIG.format(http=http, grpc=grpc, gossip=gossip, folder=folder))
    with (
        (folder / "loki.log").open("w") as log,
        subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", binary, f"-config.file={config}"], stdout=log, stderr=log, cwd=folder
        ) as process,
    ):
        try:
            _until_ready(f"http://127.0.0.1:{http}", process, folder / "loki.log")
            yield RealLoki(f"http://127.0.0.1:{http}")
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"Loki did not become ready:\n{log.read_text()[-2000:]}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
