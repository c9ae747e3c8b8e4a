"""Twenty-five checks of a deployed host as the documentation of testinfra writes them, to compare ours with."""

from __future__ import annotations

from typing import Any

import pytest

FILES = (
    "/etc/mm-bot/mm-bot.env",
    "/etc/prometheus/alertmanager.yml",
    "/etc/systemd/system/mm-bot.service",
    "/etc/systemd/system/mm-log-store.service",
    "/etc/logrotate.d/mm-bot",
)
UNITS = ("mm-bot", "mm-log-store", "prometheus-alertmanager")
PACKAGES = ("python3", "logrotate", "prometheus-alertmanager", "iproute2", "ca-certificates")


@pytest.mark.parametrize("path", FILES)
def test_file(host: Any, path: str) -> None:
    file = host.file(path)
    assert file.user == "root"
    assert file.mode in (0o644, 0o640)


@pytest.mark.parametrize("path", FILES)
def test_content(host: Any, path: str) -> None:
    assert host.file(path).sha256sum


@pytest.mark.parametrize("name", UNITS)
def test_running(host: Any, name: str) -> None:
    assert host.service(name).is_running


@pytest.mark.parametrize("name", UNITS)
def test_enabled(host: Any, name: str) -> None:
    assert host.service(name).is_enabled


@pytest.mark.parametrize("name", PACKAGES)
def test_package(host: Any, name: str) -> None:
    assert host.package(name).is_installed


@pytest.mark.parametrize("name", ["mm-bot", "mm-store"])
def test_user(host: Any, name: str) -> None:
    assert host.user(name).shell == "/usr/sbin/nologin"


def test_current(host: Any) -> None:
    assert host.file("/opt/mm-bot/current").is_symlink


def test_log(host: Any) -> None:
    assert host.file("/var/log/mm-bot/events.jsonl").exists
