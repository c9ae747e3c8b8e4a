"""`firedrill secrets check`: what is wanted and how it is kept, told by name, never by value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy import apply
from deploy.settings import secrets_check
from deploy.settings.secrets_check import SecretsFile, check, lines
from tests.conftest import REPOSITORY

VALUE = "hunter2-hunter2"


@dataclass
class Data:
    values: dict[str, Any]

    def dict(self) -> dict[str, Any]:
        return self.values


@dataclass
class FakeHost:
    """As much of pyinfra's host as is looked at."""

    name: str
    data: Data
    groups: tuple[str, ...] = field(default=("all", "prod"))


def _host(name: str = "bot-1", **data: object) -> Any:
    return FakeHost(name, Data(dict(data)))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with nothing but a .gitignore like ours."""
    for module in (apply, secrets_check):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "inventory" / "secrets").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("/inventory/secrets/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def _write(root: Path, text: str, mode: int = 0o600) -> Path:
    path = root / "inventory" / "secrets" / "prod.env"
    path.write_text(text)
    path.chmod(mode)
    return path


def _only(*hosts: Any) -> SecretsFile:
    (file,) = check(hosts)
    assert VALUE not in "\n".join(lines(file)) + json.dumps(file.as_dict()) + repr(file)
    return file


def test_what_is_there_and_well_kept_is_green(root: Path) -> None:
    _write(root, f"# ours\nalert_webhook_token={VALUE}\nbot_agent_key={VALUE}\n")
    file = _only(_host(), _host("bot-2"))
    assert {name: state for name, (state, _) in file.names.items()} == {
        "alert_webhook_token": "present",
        "bot_agent_key": "present",
    }
    assert (file.mode, file.git, file.hosts, file.problems) == ("0600", "ignored by git", ("bot-1", "bot-2"), ())


def test_each_service_says_what_it_wants(root: Path) -> None:
    _write(root, f"slack_webhook_url={VALUE}\npagerduty_routing_key=\nold_name={VALUE}\n")
    settings = {"alert_channels": "slack,pagerduty", "grafana": True, "loki_s3": "https://s3.example/logs"}
    file = _only(_host(**settings))
    states = {name: state for name, (state, _) in file.names.items()}
    assert states.pop("slack_webhook_url") == "present"
    assert states.pop("old_name") == "unused"
    assert states == dict.fromkeys(
        (
            "pagerduty_routing_key",  # there, but empty
            "grafana_admin_password",
            "grafana_secret_key",
            "loki_s3_access_key",
            "loki_s3_secret_key",
        ),
        "missing",
    )
    assert len(file.problems) == len(states), "an unused one is told, and is no problem"


def test_a_file_that_others_can_read_is_told(root: Path) -> None:
    _write(root, f"alert_webhook_token={VALUE}\n{VALUE}\n", 0o640)
    assert _only(_host()).problems == (
        "inventory/secrets/prod.env has mode 0640, others can read it: chmod 600 inventory/secrets/prod.env",
        "inventory/secrets/prod.env line 2 is not NAME=value (its text is not shown)",
    )


def test_a_file_that_git_would_take_is_told(root: Path) -> None:
    path = _write(root, f"alert_webhook_token={VALUE}\n")
    (root / ".gitignore").write_text("")
    (problem,) = _only(_host()).problems
    assert "not ignored by git" in problem
    subprocess.run(["git", "-C", str(root), "add", str(path)], check=True)
    (problem,) = _only(_host()).problems
    assert "is committed: git rm --cached" in problem
    elsewhere = root.parent / "elsewhere.env"
    elsewhere.write_text(f"alert_webhook_token={VALUE}\n")
    elsewhere.chmod(0o600)
    assert _only(_host(secrets_file=str(elsewhere))).git == "outside the checkout"


def test_a_file_that_is_not_there_is_missing_unless_a_deploy_makes_it(root: Path) -> None:
    problems = _only(_host()).problems
    assert problems[0].startswith("inventory/secrets/prod.env does not exist")
    assert problems[1].startswith("alert_webhook_token is missing")
    made = _only(_host(secrets_generate=True))
    assert (made.mode, made.problems) == ("made by the first deploy", ())


def _command(*words: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "firedrill", "secrets", "check", *words]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_the_command_says_it_by_its_exit_status(tmp_path: Path) -> None:
    inventory, secrets = tmp_path / "hosts.py", tmp_path / "prod.env"
    inventory.write_text(f'prod = [("bot-1", {{"secrets_file": {str(secrets)!r}}})]\n')
    secrets.write_text(f"alert_webhook_token={VALUE}\n")
    secrets.chmod(0o600)
    done = _command(str(inventory))
    assert (done.returncode, done.stderr) == (0, "")
    assert "alert_webhook_token  present" in done.stdout
    done = _command(str(inventory), "--data", "alert_channels=slack", "--json")
    assert done.returncode == 1
    (file,) = json.loads(done.stdout)
    assert file["names"]["slack_webhook_url"][0] == "missing"
    assert file["names"]["alert_webhook_token"][0] == "unused"
    assert VALUE not in done.stdout
    for words, said in ((("no.py",), "there is no inventory"), (("README.md",), "cannot be read")):
        done = _command(*words)
        assert done.returncode == 2
        assert said in done.stderr
