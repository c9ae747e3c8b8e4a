"""What an operator can get wrong in an inventory: each mistake is told with its remedy, all in one go."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deploy import templates
from deploy.apply import wanted_of
from deploy.errors import SettingsError
from deploy.service import Wanted
from deploy.services import alert_rules, alertmanager, base, bot_release, bot_service, log_store, logrotate
from deploy.settings.contexts import Context, context
from deploy.settings.secrets import read as read_secrets

URL = "http://127.0.0.1:9190/alerts"
SECRETS = {"alert_webhook_token": "t0ps3cret"}
GOOD = {"alert_webhook_url": URL, "bot": {"MARKETS": "BTC", "LIVE_TRADING_ENABLED": False}}


def _context(**data: object) -> Context:
    return context("bot-1", "prod", {**GOOD, **data}, SECRETS)


def _wanted() -> Wanted:
    return wanted_of(_context(), (base, bot_release, alertmanager, log_store, bot_service, logrotate))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"bind_addres": "127.0.0.1"}, "unknown setting bind_addres .* did you mean bind_address"),
        ({"bind_address": "localhost"}, "not an IP address"),
        ({"bind_address": "0.0.0.0"}, "reachable from outside"),
        ({"alert_webhook_url": ""}, "alert_channels asks for webhook"),
        ({"alert_channels": ["webhook", "pager"]}, "alert_channels names 'pager'; known are webhook, slack"),
        ({"alert_channels": ["slack"]}, "slack_webhook_url is missing"),
        ({"alert_channels": []}, "no alarm would reach anybody"),
        ({"alert_webhook_url": "slack"}, "not an http"),
        ({"runbook_base_url": "git.example.net"}, "runbook_base_url='git.example.net' is not an http"),
        ({"action": "unistall"}, "action='unistall' is unknown; it is install or uninstall"),
        ({"bot": ["MARKETS"]}, "must be a table"),
        ({"bot": {"MARKETS": "BTC\nEVIL=1"}}, "MARKETS is not a KEY=value line"),
        ({"grafana_loki_url": "loki:3100"}, "grafana_loki_url='loki:3100' is not an http"),
        ({"log_retention_days": "two weeks"}, "log_retention_days='two weeks' is not a number"),
        ({"log_retention_days": 0}, "below 1"),
    ],
)
def test_a_wrong_setting_is_named(data: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        _context(**data)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        context("bot-1", "prod", {"bind_address": "x", "alert_webhook_url": "", "nonsense": 1}, {})
    assert len(caught.value.reasons) == 5, caught.value.reasons
    assert "bot-1" in str(caught.value)


def test_secrets_that_cannot_be_read_hide_no_other_mistake() -> None:
    with pytest.raises(SettingsError) as caught:
        context("bot-1", "prod", {"bind_address": "x", "alert_webhook_url": URL}, None, ["secrets file is missing"])
    assert caught.value.reasons == ["secrets file is missing", "bind_address='x' is not an IP address; use 127.0.0.1"]


def test_ssh_and_pyinfra_settings_are_not_ours_to_judge() -> None:
    assert _context(ssh_user="root", _sudo=True).bind_address == "127.0.0.1"


def test_booleans_are_written_as_the_seeds_write_them() -> None:
    assert _context().bot["LIVE_TRADING_ENABLED"] == "false"


def test_secrets_are_in_no_repr_and_in_no_readable_file() -> None:
    assert "t0ps3cret" not in repr(_context())
    for file in _wanted().files:
        if b"t0ps3cret" in file.content:
            assert file.secret
            assert file.mode & 0o007 == 0, file.path
        assert "t0ps3cret" not in repr(file)


def test_credentials_reach_the_unit_by_name_only() -> None:
    told = context("bot-1", "prod", GOOD, {**SECRETS, "bot_agent_key": "0xdeadbeef"})
    service = bot_service.service(told)
    unit = next(file for file in service.files if file.path == bot_service.UNIT)
    assert b"\nLoadCredentialEncrypted=bot_agent_key:/etc/mm-bot/credentials/bot_agent_key.host\n" in unit.content
    assert not any(b"0xdeadbeef" in file.content for file in service.files if not file.secret)


def test_a_channel_without_its_secret_is_left_out_with_a_warning() -> None:
    told = _context(alert_channels="webhook,slack")
    assert [channel.name for channel in told.channels] == ["webhook"]
    (warning,) = told.warnings
    assert "slack_webhook_url is missing" in warning
    assert "left out" in warning
    routes = alertmanager.service(told).files[0].content.decode()
    assert "slack_configs" not in routes


def test_only_critical_alarms_page_and_the_watchdog_goes_to_a_program() -> None:
    every = {"slack_webhook_url": "https://s", "pagerduty_routing_key": "k3y", "discord_webhook_url": "https://d"}
    names = ["webhook", "slack", "pagerduty", "discord"]
    told = context("bot-1", "prod", {**GOOD, "alert_channels": names}, {**SECRETS, **every})
    service = alertmanager.service(told)
    receivers = {r["name"]: set(r) - {"name"} for r in yaml.safe_load(service.files[0].content)["receivers"]}
    people = {"webhook_configs", "slack_configs", "discord_configs"}
    assert receivers == {"desk": people, "page": {*people, "pagerduty_configs"}, "watchdog": {"webhook_configs"}}
    for secret in ("k3y", "https://s", "t0ps3cret"):
        assert [f.path for f in service.files if f.content.decode() == secret], "each has a file of its own"
        assert secret not in service.files[0].content.decode()


def test_every_unit_is_judged_and_every_file_validated_or_read() -> None:
    wanted = _wanted()
    validated = {path for check in wanted.validations for path in check.files}
    read = {path for unit in wanted.units for path in unit.reads}
    assert {file.path for file in wanted.files} <= validated | read


def test_two_services_may_not_write_one_file() -> None:
    with pytest.raises(SettingsError, match="written by two services"):
        wanted_of(_context(), (logrotate, logrotate))


def test_an_undefined_name_in_a_template_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/x.conf.j2").write_text("a=1\nb={{ host.bind_adress }}\n")
    (tmp_path / "templates/y.conf.j2").write_text("{% if %}\n")
    monkeypatch.setattr(templates, "ROOT", tmp_path)
    with pytest.raises(SettingsError, match=r"x\.conf\.j2 line 2: .*bind_adress"):
        templates.render("x.conf", _context())
    with pytest.raises(SettingsError, match=r"y\.conf\.j2 line 1"):
        templates.render("y.conf", _context())


@pytest.mark.parametrize("rules", [None, ""])
def test_a_host_without_alarms_is_not_deployed(
    rules: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alerts/orders").mkdir(parents=True)
    if rules is not None:
        (tmp_path / "alerts/orders/rules.yaml").write_text(rules)
    monkeypatch.setattr(alert_rules, "ROOT", tmp_path)
    with pytest.raises(SettingsError, match=r"no alert rules|is empty"):
        alert_rules.rule_files("bot-1", "/etc/rules")


def test_a_missing_secrets_file_says_what_belongs_in_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"does not exist; create it .*alert_webhook_token"):
        read_secrets("bot-1", tmp_path / "prod.env")


def test_a_secrets_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prod.env"
    path.write_text("alert_webhook_token=x\n")
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="mode 0640, others can read it; chmod 600"):
        read_secrets("bot-1", path)


def test_a_broken_line_is_named_without_its_text(tmp_path: Path) -> None:
    path = tmp_path / "prod.env"
    path.touch(mode=0o600)
    path.write_text("# comment\n\nalert_webhook_token t0ps3cret\n")
    with pytest.raises(SettingsError) as caught:
        read_secrets("bot-1", path)
    assert "line 3" in str(caught.value)
    assert "t0ps3cret" not in str(caught.value)


def test_a_sandbox_makes_its_secrets_once(tmp_path: Path) -> None:
    path = tmp_path / "secrets/sandbox.env"
    first = read_secrets("s", path, generate=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(first["alert_webhook_token"]) >= 32
    assert read_secrets("s", path, generate=True) == first
