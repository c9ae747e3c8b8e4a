"""Loki, Promtail and Alloy as they are rendered: the golden files hold every byte for one host.

Are they meant to change? `python -m tests.deploy.services.test_log_services` writes them anew; read the diff. Where
MMSTACK_ARTIFACTS has the real programs, they check what was rendered for them.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from bot.events import STREAM_LABELS
from deploy.errors import SettingsError
from deploy.service import File, Present, Service
from deploy.services import alloy, log_shipper, log_store, loki, promtail
from deploy.settings.contexts import Context, context
from tests.real_loki import artifact

GOLDEN = Path(__file__).parents[1] / "golden" / "log"
SECRETS = {"alert_webhook_token": "t0ps3cret", "loki_s3_access_key": "AKIA-ours", "loki_s3_secret_key": "s3cr3t"}
BUCKET = {"loki_s3": "http://127.0.0.1:9000/logs"}
VARIANTS: dict[str, dict[str, object]] = {
    "promtail": {},
    "alloy": {"log_shipper": "alloy"},
    "bucket": BUCKET,
    "remote": {"log_store": "remote", "loki_url": "https://loki.example"},
}


def _context(**data: object) -> Context:
    given = {"log_store": "loki", "install_source": "present", "alert_webhook_url": "http://127.0.0.1:9190/", **data}
    return context("desk-1", "prod", {**given, "bot": {}}, SECRETS)


def _files(variant: str) -> dict[str, File]:
    told = _context(**VARIANTS[variant])
    services = (log_store.service(told), log_shipper.service(told))
    return {file.path: file for service in services for file in service.files}


def _rendered(variant: str) -> dict[str, bytes]:
    """What is neither a rule, which stands in alerts/, nor a secret, nor the same as in the first variant."""
    first = {path: file.content for path, file in _files("promtail").items()} if variant != "promtail" else {}
    return {
        f"{variant}{path}": file.content
        for path, file in _files(variant).items()
        if not path.startswith(loki.RULES) and not file.secret and first.get(path) != file.content
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_files_are_the_golden_ones(variant: str) -> None:
    folder = GOLDEN / variant
    there = {str(path.relative_to(GOLDEN)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert _rendered(variant) == there, "if that is meant: python -m tests.deploy.services.test_log_services"


@pytest.mark.parametrize("variant", ["promtail", "bucket"])
def test_a_real_loki_accepts_its_settings(variant: str, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_bytes(_files(variant)[loki.CONFIG].content)
    said = subprocess.run(
        [artifact("loki"), "-verify-config", f"-config.file={config}"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr


def test_a_real_promtail_gives_a_line_its_labels_and_its_time(tmp_path: Path) -> None:
    """Its own checker misses a wrong stage; a dry run over a line does not."""
    config = tmp_path / "config.yml"
    config.write_bytes(_files("promtail")[promtail.CONFIG].content)
    line = '{"ts":1795262400.123456,"level":"info","run":"r","n":1,"release":"1","action":"heartbeat"}\n'
    command = [artifact("promtail"), "-dry-run", "-stdin", f"-config.file={config}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(line)
        process.stdin.flush()  # and open: at its end Promtail stops, maybe before it has shown the line
        said = next(text for text in process.stdout if "heartbeat" in text)
        process.stdin.close()
    assert "2026-11-21T12:00:00.123456" in said
    assert 'action="heartbeat"' in said
    assert 'level="info"' in said
    assert "cloid" not in said


def test_a_shipper_gives_the_labels_of_the_events_and_no_others() -> None:
    (job,) = yaml.safe_load(_files("promtail")[promtail.CONFIG].content)["scrape_configs"]
    static = {name for name in job["static_configs"][0]["labels"] if not name.startswith("__")}
    staged = next(set(stage["labels"]) for stage in job["pipeline_stages"] if "labels" in stage)
    assert static | staged == set(STREAM_LABELS)
    text = _files("alloy")[alloy.CONFIG].content.decode()
    assert all(f'{name} = "' in text for name in STREAM_LABELS)


def test_nothing_listens_beyond_the_address_it_was_given() -> None:
    told = _context(bind_address="127.0.0.7")
    config = yaml.safe_load(next(f.content for f in loki.service(told).files if f.path == loki.CONFIG))
    assert config["server"]["http_listen_address"] == config["server"]["grpc_listen_address"] == "127.0.0.7"
    assert config["memberlist"]["bind_addr"] == ["127.0.0.7"]
    shipper = yaml.safe_load(next(f.content for f in promtail.service(told).files if f.path == promtail.CONFIG))
    assert {shipper["server"]["http_listen_address"], shipper["server"]["grpc_listen_address"]} == {"127.0.0.7"}


def test_the_keys_of_a_bucket_are_a_secret_of_the_unit_alone() -> None:
    files = _files("bucket")
    (keys,) = [file for path, file in files.items() if path.startswith(loki.CREDENTIALS)]
    assert keys.sealed is not None
    assert [path for path, file in files.items() if b"s3cr3t" in file.content] == [keys.path]
    assert f"\nLoadCredentialEncrypted=s3:{keys.path}\n" in files[loki.UNIT].content.decode()


def test_a_bucket_without_keys_is_refused() -> None:
    told = context("desk-1", "prod", {"log_store": "loki", **BUCKET, "install_source": "present"} | HOOK, ONLY_HOOK)
    with pytest.raises(SettingsError, match="loki_s3_access_key is missing"):
        log_store.service(told)


HOOK: dict[str, object] = {"alert_webhook_url": "http://127.0.0.1:9190/", "bot": {}}
ONLY_HOOK = {"alert_webhook_token": "t"}


def test_debian_has_none_of_them_and_that_is_said() -> None:
    with pytest.raises(SettingsError, match=r"Debian has no package of loki; .*vendor or archive"):
        log_store.service(_context(install_source="package"))


def test_a_program_that_others_brought_must_say_the_pinned_version() -> None:
    service: Service = log_store.service(_context())
    (program,) = service.present
    assert isinstance(program, Present)
    assert (program.name, program.version) == ("loki", "3.6.15")
    assert "ExecStart=loki " in _files("promtail")[loki.UNIT].content.decode()


if __name__ == "__main__":
    for name in VARIANTS:
        for path, content in _rendered(name).items():
            (GOLDEN / path).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / path).write_bytes(content)
