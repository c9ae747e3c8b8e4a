"""Where a program comes from, by the word in install_source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import SettingsError
from deploy.programs import install
from deploy.programs.install import program
from deploy.services import alertmanager
from deploy.services.alertmanager_program import UNIT_FILE
from deploy.versions import COMPONENTS
from tests.deploy.programs.mirrors import program as said_to_be
from tests.deploy.programs.mirrors import sha256, tarred
from tests.deploy.settings.test_contexts import _context


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMSTACK_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, version in (("loki", "3.6.15"), ("alertmanager", "0.33.1"), ("amtool", "0.33.1")):
        (folder / name).write_bytes(said_to_be(version))
    return folder


def test_a_program_from_a_folder_has_version_and_content_in_its_path(folder: Path) -> None:
    found = program(_context(install_source="archive", artifacts=str(folder)), "loki")
    (artifact,) = found.artifacts
    assert artifact.path == found.program == f"/opt/mmstack/bin/loki-3.6.15-{artifact.sha256[:12]}"
    assert artifact.source == folder / "loki"


def test_a_program_that_needs_the_files_beside_it_comes_as_a_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grafana = COMPONENTS["grafana"]
    content = tarred(grafana.member, said_to_be("13.2.2"))
    (folder / grafana.archive).write_bytes(content)
    monkeypatch.setitem(COMPONENTS, "grafana", replace(grafana, sha256=sha256(content)))
    found = program(_context(install_source="archive", artifacts=str(folder)), "grafana")
    (artifact,) = found.artifacts
    assert (artifact.source, artifact.inside) == (folder / grafana.archive, "bin/grafana")
    assert found.program == f"/opt/mmstack/bin/grafana-13.2.2-{sha256(content)[:12]}/bin/grafana"


def test_a_vendors_program_lies_where_its_package_puts_it() -> None:
    found = program(_context(install_source="vendor"), "alloy")
    assert (found.program, found.vendor[0].name, found.vendor[0].version) == ("/usr/bin/alloy", "alloy", "1.18.1-1")


def test_what_is_there_is_found_by_its_name() -> None:
    found = program(_context(install_source="present"), "promtail")
    assert (found.program, found.present[0].version, found.present[0].also) == ("promtail", "3.6.11", ("3.6.15",))


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("loki", "package", "Debian has no package of loki; install_source=vendor or archive"),
        ("grafana", "archive", r"has no grafana_13\.2\.2_34846740809_linux_amd64\.tar\.gz; bring it"),
        (
            "promtail",
            "archive",
            "has neither promtail-linux-amd64.zip nor promtail; bring it: firedrill artifacts fetch",
        ),
    ],
)
def test_what_a_source_has_not_is_one_sentence(name: str, source: str, words: str, folder: Path) -> None:
    with pytest.raises(SettingsError, match=words):
        program(_context(install_source=source, artifacts=str(folder)), name)


def test_debians_alertmanager_needs_nothing_of_ours() -> None:
    wanted = alertmanager.service(_context(install_source="archive", artifacts="/nowhere"))
    assert wanted.packages == ("prometheus-alertmanager",)
    assert UNIT_FILE not in [file.path for file in wanted.files]


def test_upstreams_alertmanager_brings_unit_account_and_its_own_amtool(folder: Path) -> None:
    wanted = alertmanager.service(_context(install_source="alertmanager:archive", artifacts=str(folder)))
    server, amtool = wanted.artifacts
    (unit,) = [file.content.decode() for file in wanted.files if file.path == UNIT_FILE]
    assert f"ExecStart={server.path} --config.file=/etc/prometheus/alertmanager.yml" in unit
    assert wanted.validations[0].command.startswith(f"{amtool.path} check-config ")
    assert (wanted.packages, [account.name for account in wanted.accounts]) == ((), ["prometheus"])
    assert server.path in wanted.units[0].reads


def test_the_vendor_has_no_alertmanager() -> None:
    with pytest.raises(SettingsError, match="alertmanager:package or alertmanager:archive"):
        alertmanager.service(_context(install_source="alertmanager:vendor"))


def test_how_a_program_was_judged_is_told_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(install.logger, "info", told.append)
    install._tell_once.cache_clear()
    for _ in range(2):
        program(_context(install_source="archive", artifacts=str(folder)), "loki")
    (sentence,) = told
    assert "held to no SHA-256" in sentence
