"""Secrets as credentials: sealed unless told otherwise, compared by what is inside, and never traced."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from deploy import preflight
from deploy.apply import stamp_of
from deploy.credentials import KEYS, credential, load_line
from deploy.errors import SettingsError
from deploy.host_script import script
from deploy.host_state import parse
from deploy.releases import Release
from deploy.service import File, Wanted
from deploy.services import alertmanager, bot_service
from deploy.settings.contexts import context
from tests.deploy.hosts import deployed

DATA: dict[str, object] = {"alert_webhook_url": "http://127.0.0.1/", "alert_channels": "webhook,slack,pagerduty"}
SECRETS = {
    "alert_webhook_token": "t0k3n",
    "slack_webhook_url": "https://s",
    "pagerduty_routing_key": "k3y",
    "bot_a": "b",
}


def _secret_files(**data: object) -> list[File]:
    told = context("bot-1", "prod", {**DATA, **data}, SECRETS)
    services = (alertmanager.service(told), bot_service.service(told))
    return [file for service in services for file in service.files if file.secret and file.path != alertmanager.CONFIG]


def test_every_secret_with_a_file_of_its_own_is_sealed_and_handed_over_by_name() -> None:
    files = _secret_files()
    assert sorted(file.sealed.name for file in files if file.sealed) == sorted(SECRETS)
    for file in files:
        assert file.sealed is not None
        assert (file.owner, file.mode) == ("root", 0o600)
        assert load_line(file.sealed.name, file) == f"LoadCredentialEncrypted={file.sealed.name}:{file.path}"


def test_another_key_is_another_file_and_none_leaves_it_plain() -> None:
    paths = {key: credential(key, "/etc/x", "bot_a", b"b").path for key in KEYS}
    assert len(set(paths.values())) == len(KEYS)
    assert [file.sealed for file in _secret_files(seal_secrets_with="none")] == [None] * len(SECRETS)
    assert load_line("a", credential("none", "/etc/x", "a", b"")) == "LoadCredential=a:/etc/x/a"
    with pytest.raises(SettingsError, match="seal_secrets_with='gpg' is unknown; it is host, host"):
        _secret_files(seal_secrets_with="gpg")


def test_a_host_that_cannot_seal_is_refused_with_the_remedy() -> None:
    state, clock = deployed(), (1_999.9, 2_000.1)

    def reasons(**data: object) -> list[str]:
        told = context("bot-1", "prod", {**DATA, **data}, SECRETS)
        return preflight.reasons(told, Wanted((bot_service.service(told),)), state, clock)

    state.listeners.clear()
    assert reasons() == ["it has no systemd-creds to seal secrets with: seal_secrets_with = 'none' leaves them plain"]
    assert reasons(seal_secrets_with="none") == []
    state.seals = True
    assert reasons() == []
    assert reasons(seal_secrets_with="host+tpm2") == [
        "it has no TPM that systemd could use: seal_secrets_with = 'host'",
    ]
    state.tpm = True
    assert reasons(seal_secrets_with="tpm2") == []


def test_no_hash_of_a_secret_is_left_in_the_stamp() -> None:
    told = context("bot-1", "prod", DATA, SECRETS)
    wanted = Wanted((bot_service.service(told),))
    left = str(stamp_of(told, wanted, Release("1.0.0+abcdef0", "abcdef0", None)))  # type: ignore[arg-type]
    assert hashlib.sha256(b"b").hexdigest() not in left
    assert "/etc/mm-bot/credentials/bot_a.host" in left


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A credential that this machine sealed, in a place of the test's own."""
    path = tmp_path / "bot_a.host"
    command = ["systemd-creds", "encrypt", "--with-key=tpm2-absent", "--name=bot_a", "-", str(path)]
    try:
        done = subprocess.run(command, input=b"hunter2", capture_output=True)
    except FileNotFoundError:
        pytest.skip("no systemd-creds on this machine")
    if done.returncode:
        pytest.skip(f"this machine cannot seal: {done.stderr.decode().strip()[-200:]}")
    return path


def _sum(path: Path, name: str = "bot_a") -> str:
    text = script(files=[str(path)], sealed={str(path): name})
    said = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True)
    return parse(said.stdout.splitlines()).paths[str(path)].sha256


def test_a_host_is_read_by_what_is_inside(sealed: Path, tmp_path: Path) -> None:
    assert _sum(sealed) == hashlib.sha256(b"hunter2").hexdigest()
    foreign = _sum(sealed, "another_name")
    plain = tmp_path / "plain"
    plain.write_bytes(b"hunter2")
    assert foreign == _sum(plain), "what cannot be opened is told by the same words"
    assert foreign != hashlib.sha256(b"hunter2").hexdigest()
    assert foreign != hashlib.sha256(b"").hexdigest(), "an empty secret is not a broken one"
