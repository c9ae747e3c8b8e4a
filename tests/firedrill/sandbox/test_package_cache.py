"""Layers of downloaded packages: they grow, never change, and go when nobody reads them."""

from __future__ import annotations

import time

import pytest

from firedrill.sandbox import package_cache

ARCHIVES, LISTS = "var/cache/apt/archives", "var/lib/apt/lists"


class Debian:
    """The merged root of a stopped host and the layer of its own changes."""

    def __init__(self, folder) -> None:
        self.root, self.upper = folder / "root", folder / "upper"

    def downloaded(self, place: str, name: str, text: str = "x") -> None:
        for tree in (self.root, self.upper):
            (tree / place).mkdir(parents=True, exist_ok=True)
            (tree / place / name).write_text(text)


@pytest.fixture
def host(tmp_path):
    return Debian(tmp_path / "host")


def collect(cache, host):
    package_cache.collect(cache, "bookworm", host.root, host.upper)


def files(cache):
    with package_cache.layers(cache, "bookworm") as layers:
        return {str(path.relative_to(layer)) for layer in layers for path in layer.rglob("*") if path.is_file()}


def test_a_cold_cache_has_no_layers(tmp_path):
    assert files(tmp_path) == set()


def test_packages_and_lists_are_kept_and_nothing_else(tmp_path, host):
    for place, name in [(ARCHIVES, "a_1_amd64.deb"), (ARCHIVES, "lock"), (LISTS, "x_InRelease"), (LISTS, "lock")]:
        host.downloaded(place, name)
    collect(tmp_path, host)
    assert files(tmp_path) == {f"{ARCHIVES}/a_1_amd64.deb", f"{LISTS}/x_InRelease"}


def test_packages_add_up_while_lists_are_replaced(tmp_path, host):
    host.downloaded(ARCHIVES, "a_1_amd64.deb")
    host.downloaded(LISTS, "old_Packages")
    collect(tmp_path, host)
    later = Debian(tmp_path / "later")
    later.downloaded(ARCHIVES, "b_1_amd64.deb")
    later.downloaded(LISTS, "new_Packages")
    collect(tmp_path, later)
    assert files(tmp_path) == {f"{ARCHIVES}/a_1_amd64.deb", f"{ARCHIVES}/b_1_amd64.deb", f"{LISTS}/new_Packages"}


def test_a_host_that_downloaded_nothing_new_changes_nothing(tmp_path, host):
    host.downloaded(ARCHIVES, "a_1_amd64.deb")
    collect(tmp_path, host)
    with package_cache.layers(tmp_path, "bookworm") as before:
        pass
    collect(tmp_path, host)
    with package_cache.layers(tmp_path, "bookworm") as after:
        assert after == before


def test_lists_older_than_a_day_are_not_given_to_a_host(tmp_path, host, monkeypatch):
    host.downloaded(LISTS, "x_InRelease")
    host.downloaded(ARCHIVES, "a_1_amd64.deb")
    collect(tmp_path, host)
    tomorrow = time.time() + 25 * 3600
    monkeypatch.setattr(package_cache.time, "time", lambda: tomorrow)
    assert files(tmp_path) == {f"{ARCHIVES}/a_1_amd64.deb"}


def test_layers_nobody_reads_are_removed(tmp_path, host):
    host.downloaded(ARCHIVES, "a_1_amd64.deb")
    collect(tmp_path, host)
    host.downloaded(ARCHIVES, "b_1_amd64.deb")
    collect(tmp_path, host)
    assert len(list((tmp_path / "apt/bookworm").glob("packages-*"))) == 1
