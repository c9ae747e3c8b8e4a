"""Where no host can boot, the command says so in one sentence and nothing has been touched."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from firedrill.sandbox import machine, teardown
from firedrill.sandbox.command import command


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("MMSTACK_SANDBOX_DIR", str(tmp_path / "sandbox"))
    monkeypatch.setenv("MMSTACK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(teardown, "MACHINE_LOCK", tmp_path / "run/lock")
    return lambda *words: CliRunner().invoke(command, words)


def everything_installed(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda tool: f"/usr/bin/{tool}")


def test_an_ordinary_user_is_told_to_be_root(run, monkeypatch, tmp_path):
    everything_installed(monkeypatch)
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    result = run("up")
    assert result.exit_code == 2
    assert "as root" in result.output
    assert "mm-bot run" in result.output
    assert list(tmp_path.iterdir()) == []


def test_missing_packages_are_named(run, monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda tool: "/usr/bin/apt-get" if tool == "apt-get" else None)
    result = run("up")
    assert result.exit_code == 2
    assert "apt-get install mmdebstrap openssh-client systemd-container util-linux" in result.output


def test_another_distribution_and_another_system_are_told_what_to_use(run, monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda tool: None)
    assert "Debian 12" in run("up").output
    monkeypatch.setattr(machine.sys, "platform", "darwin")
    result = run("up")
    assert result.exit_code == 2
    assert "need Linux and this is darwin" in result.output


def test_down_without_a_name_says_what_it_wants(run):
    result = run("down")
    assert result.exit_code == 1
    assert "--all" in result.output


def test_down_is_idempotent_and_ls_and_ssh_know_no_host(run):
    assert run("down", "--all").exit_code == 0
    assert run("down", "--all").output == "no host was there\n"
    assert run("ls", "--json").output == "[]\n"
    result = run("ssh", "sandbox-1", "true")
    assert result.exit_code == 1
    assert "no host sandbox-1" in result.output


@pytest.mark.parametrize("name", ["..", ".", "../other", "/etc", ""])
def test_a_name_that_leads_elsewhere_deletes_nothing(run, tmp_path, name):
    precious = tmp_path / "sandbox/other/precious"
    precious.parent.mkdir(parents=True)
    precious.write_text("")
    (tmp_path / "sandbox/hosts").mkdir()
    assert run("down", name).exit_code == 1
    assert run("ssh", name, "true").exit_code == 1
    assert precious.exists()


def test_a_prefix_that_is_no_host_name_is_refused(run, monkeypatch, tmp_path):
    everything_installed(monkeypatch)
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    assert run("up", "--name", "../etc").exit_code == 1
    assert list(tmp_path.iterdir()) == []
