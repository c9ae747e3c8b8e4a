"""What to ask a host, from what is expected of it. Knows places and expectations, not how the answer travels."""

from __future__ import annotations

from firedrill.checks import places
from firedrill.checks.target import Target


def request(target: Target) -> dict[str, object]:
    """The probe's request for one host."""
    expected, address = target.expected, target.bind_address
    reads = [path for unit in expected.units.values() for path in unit.reads]
    paths = {*expected.files, *expected.programs, *expected.directories, *reads, *_OURS}
    return {
        "paths": sorted(paths),
        "sealed": {path: wanted.sealed for path, wanted in expected.files.items() if wanted.sealed},
        "listed": sorted({*expected.exclusive, places.CREDENTIALS, places.LOGS}),
        "writable": [places.LOGS, places.LOG_LINK, places.JOURNAL],
        "md5": [places.ALERTMANAGER_CONFIG],
        "units": sorted({*expected.units, *_ALWAYS}),
        "hardened": expected.hardened,
        "packages": sorted({*expected.packages, *expected.vendor}),
        "held": sorted(expected.vendor),
        "accounts": sorted(expected.accounts),
        "rotations": [path for path in expected.files if path.startswith("/etc/logrotate.d/")],
        "dashboards": expected.boards,
        "disks": list(DISKS),
        "http": {
            "healthz": (address, places.HEALTH_PORT, "/healthz"),
            "readyz": (address, places.HEALTH_PORT, "/readyz"),
            "store_ready": (address, places.STORE_PORT, "/ready"),
            "rules": (address, places.STORE_PORT, "/prometheus/api/v1/rules"),
            **_shipping(target),
            "alertmanager_ready": (address, places.ALERTMANAGER_PORT, "/-/ready"),
            "alertmanager_metrics": (address, places.ALERTMANAGER_PORT, "/metrics"),
            "alerts": (address, places.ALERTMANAGER_PORT, "/api/v2/alerts"),
        },
        "current": places.CURRENT,
        "control_socket": places.CONTROL_SOCKET,
        "log_link": places.LOG_LINK,
        "bot_user": places.BOT_USER,
        "rules": expected.store.rules,
        "stamp": places.STAMP,
        "table": places.FIREWALL_TABLE if expected.firewall else "",
        "drill_timers": places.DRILL_TIMERS,
    }


def _shipping(target: Target) -> dict[str, tuple[str, int, str]]:
    """What only a host with a shipper can be asked."""
    address, ready = target.bind_address, {"promtail.service": "/ready", "alloy.service": "/-/ready"}
    shipper = target.expected.store.shipper
    if not shipper:
        return {}
    return {
        "shipper_ready": (address, places.SHIPPER_PORT, ready[shipper]),
        "shipper_metrics": (address, places.SHIPPER_PORT, "/metrics"),
        "store_metrics": (address, places.STORE_PORT, "/metrics"),
    }


DISKS = ("/", places.LOGS, places.STATE, "/opt")
"""Paths whose file systems must have room; several may share one."""

_ALWAYS = (places.BOT, places.ALERTMANAGER, places.ROTATION_TIMER)
"""Units every host has, whatever this checkout thinks of it."""

_OURS = (
    places.CURRENT,
    places.STAMP,
    places.LOGS,
    places.CONTROL_SOCKET,
    places.CREDENTIALS,
    places.SETTINGS,
)
