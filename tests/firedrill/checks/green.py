"""A host on which every check is green: hand-made facts, and the expectations they meet."""

from __future__ import annotations

import json

import msgspec

from firedrill.checks import places
from firedrill.checks.facts import (
    Account,
    Clock,
    Disk,
    Exposure,
    Facts,
    Http,
    Listener,
    Log,
    Memory,
    Path,
    Process,
    Release,
    Sockets,
    Stamp,
    StampedFile,
    Unit,
)
from firedrill.checks.target import Expected, ExpectedPath, ExpectedStore, ExpectedUnit, Ssh, Target

NOW = 1_795_262_400.0
"""Noon, UTC."""
DAY = "2026-11-21"
RELEASE = "1.4.0+abc1234"
COMMIT = "abc1234" + "0" * 33
ADDRESS = "127.0.0.11"
UNIT_FILE = "/etc/systemd/system/mm-bot.service"
RULE_FILE = f"{places.RULES}/orders.yaml"
ROTATION = "/etc/logrotate.d/mm-bot"
WEBHOOK_TOKEN = "/etc/prometheus/credentials/alert_webhook_token.host"
FIREWALL = "mmstack 0123456789abcdef"
CREDENTIAL = f"{places.CREDENTIALS}/bot_key"
PORTS = {"9180": places.BOT, "3100": places.STORE, "9093": places.ALERTMANAGER}
PIDS = {places.BOT: 100, places.STORE: 200, places.ALERTMANAGER: 300}
MD5 = "0123456789abcdef0123456789abcdef"
CONFIG_HASH = 0xAB8967452301
RULES = """
groups:
  - name: orders
    rules:
      - {alert: ETickError, expr: "1"}
      - {alert: Watchdog, expr: "1"}
"""
FILES = {
    places.SETTINGS: ("0640", "root", "mm-bot", False),
    CREDENTIAL: ("0600", "root", "root", True),
    WEBHOOK_TOKEN: ("0600", "root", "root", True),
    UNIT_FILE: ("0644", "root", "root", False),
    RULE_FILE: ("0644", "root", "root", False),
    places.ALERTMANAGER_CONFIG: ("0644", "root", "root", False),
    ROTATION: ("0644", "root", "root", False),
}


def digest(path: str) -> str:
    """The content hash a file has in these facts."""
    return path.encode().hex().ljust(64, "0")[-64:]


def target() -> Target:
    """What the host should be."""
    return Target(
        name="desk-1",
        ssh=Ssh(hostname=ADDRESS),
        inventory="inventory/prod.py",
        data={"bind_address": ADDRESS, "alert_webhook_url": f"http://{ADDRESS}:9190/alerts"},
        expected=Expected(
            firewall=FIREWALL,
            files={
                path: ExpectedPath(mode=int(mode, 8), owner=owner, group=group, sha256=digest(path), secret=secret)
                for path, (mode, owner, group, secret) in FILES.items()
            },
            directories={
                places.CREDENTIALS: ExpectedPath(mode=0o700, owner="root", group="root", exclusive=True),
                places.RULES: ExpectedPath(mode=0o755, owner="root", group="root", exclusive=True),
            },
            units={
                places.BOT: ExpectedUnit(reads=[places.SETTINGS, UNIT_FILE], max_exposure=1.5),
                places.STORE: ExpectedUnit(),
                places.ALERTMANAGER: ExpectedUnit(reads=[places.ALERTMANAGER_CONFIG]),
                places.ROTATION_TIMER: ExpectedUnit(),
                f"{places.IMPORT}.timer": ExpectedUnit(),
            },
            ports=PORTS,
            rules={RULE_FILE: ["ETickError", "Watchdog"]},
            store=ExpectedStore(shipper="promtail.service"),
            accounts={places.BOT_USER: [], places.STORE_USER: ["mm-bot"]},
            packages=["logrotate"],
            vendor={"alloy": "1.18.1"},
            programs={PROGRAM: ExpectedPath(owner="root", group="root", mode=0o755, sha256=digest(PROGRAM))},
        ),
    )


PROGRAM = "/opt/mmstack/bin/loki-3.6.15-aa3186e73d88"


def facts() -> Facts:
    """What the host is."""
    return Facts(
        errors={},
        clock_start=NOW - 0.4,
        clock_end=NOW,
        asked=NOW - 0.5,
        answered=NOW + 0.1,
        paths=_paths(),
        entries={places.CREDENTIALS: [CREDENTIAL], places.RULES: [RULE_FILE], places.LOGS: [_log_file()]},
        texts={RULE_FILE: RULES},
        md5={places.ALERTMANAGER_CONFIG: MD5},
        units={name: _unit(name) for name in (*PIDS, places.ROTATION_TIMER, f"{places.IMPORT}.timer")},
        exposure={places.BOT: Exposure(score=1.1)},
        failed_units=[],
        timers=[],
        packages={"logrotate": "3.21.0-1", "alloy": "1.18.1-1"},
        held=["alloy"],
        sockets=Sockets(
            processes={unit: [_process(unit, pid)] for unit, pid in PIDS.items()},
            listeners=[
                Listener(address=ADDRESS, port=int(port), unit=unit, pid=PIDS[unit], program="x")
                for port, unit in PORTS.items()
            ],
        ),
        http=_pages(),
        bot={"release": RELEASE, "ready": True, "quotes_enabled": True, "open_orders": 6, "venue_orders": 6},
        release=Release(target=f"releases/{RELEASE}", digest="d" * 64),
        stamp=Stamp(
            release=RELEASE,
            commit=COMMIT,
            release_sha256="d" * 64,
            files={path: StampedFile(sha256=digest(path)) for path in FILES},
        ),
        log=Log(target=f"events-{DAY}.jsonl", lines=100, heartbeat_ts=NOW - 0.7, release=RELEASE, run="0" * 8),
        writable={places.LOGS: True, places.LOG_LINK: True, places.JOURNAL: True},
        accounts={
            places.BOT_USER: Account(shell="/usr/sbin/nologin", uid=990),
            places.STORE_USER: Account(shell="/usr/sbin/nologin", uid=991, groups=["mm-bot"]),
        },
        rotation={ROTATION: (0, "reading config file")},
        dashboards={places.DASHBOARDS: []},
        disks={path: _disk() for path in ("/", places.LOGS, places.STATE, "/opt")},
        memory=Memory(total=4 << 30, available=2 << 30),
        container=False,
        clock=Clock(synchronised=True),
        firewall=f'table inet mmstack {{ comment "{FIREWALL}" chain input {{ type filter hook input }} }}',
    )


def path(kind: str, mode: str, owner: str = "root", group: str = "root", **rest: object) -> Path:
    """A path as the probe would describe it."""
    return msgspec.convert(
        {"kind": kind, "mode": mode, "owner": owner, "group": group, "size": 1, "ctime": NOW - 3600, **rest}, Path
    )


def _paths() -> dict[str, Path | None]:
    files = {p: path("file", mode, owner, group, sha256=digest(p)) for p, (mode, owner, group, _) in FILES.items()}
    return {
        **files,
        places.CREDENTIALS: path("directory", "0700"),
        places.RULES: path("directory", "0755"),
        PROGRAM: path("file", "0755", sha256=digest(PROGRAM)),
        places.LOGS: path("directory", "0750", "mm-bot", "mm-bot"),
        places.CURRENT: path("link", "0777", target=f"releases/{RELEASE}"),
        places.STAMP: path("file", "0644"),
        places.CONTROL_SOCKET: path("socket", "0660", "mm-bot", "mm-bot"),
    }


def _unit(name: str) -> Unit:
    return Unit(
        load_state="loaded",
        active_state="active",
        sub_state="running",
        unit_file_state="enabled",
        fragment_path=f"/etc/systemd/system/{name}",
        main_pid=PIDS.get(name, 0),
        files={f"/etc/systemd/system/{name}": path("file", "0644")},
    )


def _process(unit: str, pid: int) -> Process:
    releases = [RELEASE] if unit != places.ALERTMANAGER else []
    return Process(pid=pid, program="x", user="mm-bot", started=NOW - 600, releases=releases)


def _log_file() -> str:
    return f"{places.LOGS}/events-{DAY}.jsonl"


def _disk() -> Disk:
    return Disk(free=10 << 30, total=20 << 30, inodes_free=900, inodes_total=1000)


def rule(name: str, **rest: object) -> dict[str, object]:
    """A rule as the store lists it."""
    return {"name": name, "health": "ok", "lastEvaluation": f"{DAY}T11:59:57.1Z", **rest}


def rules_page(*rules: dict[str, object]) -> Http:
    """What /prometheus/api/v1/rules answers."""
    groups = [{"name": "orders", "file": RULE_FILE, "rules": list(rules)}]
    return Http(status=200, body=json.dumps({"status": "success", "data": {"groups": groups}}))


def shipper_page(dropped: int = 0, unread: int = 100) -> Http:
    """Promtail's metrics, with one log file."""
    path = f"{places.LOGS}/{_log_file().rpartition('/')[2]}"
    return Http(
        status=200,
        body=f"""# TYPE promtail_dropped_entries_total counter
promtail_dropped_entries_total{{host="{ADDRESS}:3100",reason="line_too_long",tenant=""}} 0
promtail_dropped_entries_total{{host="{ADDRESS}:3100",reason="ingester_error",tenant=""}} {dropped}
promtail_file_bytes_total{{path="{path}"}} 5e+06
promtail_read_bytes_total{{path="{path}"}} {5_000_000 - unread}
""",
    )


def _pages() -> dict[str, Http]:
    metrics = f"alertmanager_config_hash {CONFIG_HASH:e}\nalertmanager_config_last_reload_successful 1\n"
    metrics = metrics.replace(f"{CONFIG_HASH:e}", repr(float(CONFIG_HASH)))
    return {
        "healthz": Http(status=200, body=json.dumps({"release": RELEASE, "commit": COMMIT})),
        "readyz": Http(status=200, body='{"ready":true}'),
        "store_ready": Http(status=200, body="ready"),
        "rules": rules_page(rule("ETickError"), rule("Watchdog")),
        "shipper_ready": Http(status=200, body="Ready"),
        "shipper_metrics": shipper_page(),
        "store_metrics": Http(status=200, body="loki_ingester_wal_disk_full_failures_total 0\n"),
        "alertmanager_ready": Http(status=200, body="OK"),
        "alertmanager_metrics": Http(status=200, body=metrics),
        "alerts": Http(status=200, body=json.dumps([{"labels": {"alertname": "Watchdog"}}])),
    }
