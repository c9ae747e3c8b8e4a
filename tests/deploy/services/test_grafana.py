"""What Grafana would read: YAML of the shape it wants, the same channels as Alertmanager, and no secret in the open.

The golden files hold every byte for one host with all channels. Are they meant to change? `python -m
tests.deploy.services.test_grafana` writes them anew; read the diff.
"""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.errors import SettingsError
from deploy.service import File, Service
from deploy.services import grafana
from deploy.services.alertmanager import service as alertmanager
from deploy.services.grafana_import import service as grafana_import
from deploy.settings.channels import CHANNELS
from deploy.settings.contexts import Context, context
from deploy.templates import ROOT
from firedrill.logql.rules import read_rules

GOLDEN = Path(__file__).parents[1] / "golden" / "grafana"
OWN = {name: f"s3cret-{name}" for name in grafana.OWN}
SECRETS = {channel.secret: f"s3cret-{name}" for name, channel in CHANNELS.items()} | OWN
BASE = "https://git.example/desk/mmstack/blob/main"
HOOK = "http://127.0.0.1:9190/hook?a=$b"


def _context(channels: tuple[str, ...] = tuple(CHANNELS), **more: object) -> Context:
    data = {"alert_webhook_url": HOOK, "alert_channels": channels, "runbook_base_url": BASE, "bot": {}, **more}
    return context("desk-1", "prod", data, SECRETS)


def _files(channels: tuple[str, ...] = tuple(CHANNELS), **more: object) -> dict[str, File]:
    return {file.path: file for file in grafana.files(_context(channels, **more))}


def _yaml(name: str, channels: tuple[str, ...] = tuple(CHANNELS), **more: object) -> Any:
    return yaml.safe_load(_files(channels, **more)[f"{grafana.PROVISIONING}/{name}.yaml"].content)


def _provisioned() -> dict[str, bytes]:
    head = f"{grafana.PROVISIONING}/"
    return {path.removeprefix(head): file.content for path, file in _files().items() if path.startswith(head)}


def test_files_are_the_golden_ones() -> None:
    there = {str(path.relative_to(GOLDEN)): path.read_bytes() for path in GOLDEN.rglob("*.yaml")}
    assert _provisioned() == there, "if that is meant: python -m tests.deploy.services.test_grafana"


@pytest.mark.parametrize("name", _provisioned())
def test_each_is_a_provisioning_file(name: str) -> None:
    assert yaml.safe_load(_provisioned()[name])["apiVersion"] == 1


def test_dashboards_and_the_rule_find_the_data_source_by_its_uid() -> None:
    (source,) = _yaml("datasources/mm-bot")["datasources"]
    boards = [json.loads(path.read_text()) for path in (ROOT / "dashboards/json").glob("*.json")]
    used = {target["datasource"]["uid"] for board in boards for panel in board["panels"] for target in panel["targets"]}
    rule = _yaml("alerting/mm-bot-etick")["groups"][0]["rules"][0]
    assert used == {source["uid"]} == {rule["data"][0]["datasourceUid"]}


@pytest.mark.parametrize(
    ("asked", "found"),
    [({}, "http://127.0.0.1:3100"), ({"grafana_loki_url": "https://loki.example/"}, "https://loki.example")],
)
def test_the_data_source_is_the_hosts_store_or_the_loki_of_the_setting(asked: dict[str, object], found: str) -> None:
    assert _yaml("datasources/mm-bot", **asked)["datasources"][0]["url"] == found


def test_the_provider_reads_the_folder_that_the_dashboards_are_imported_to() -> None:
    (provider,) = _yaml("dashboards/mm-bot")["providers"]
    (unit,) = [file for file in grafana_import(_context(grafana_import=True)).files if file.path.endswith(".service")]
    assert f"--to {provider['options']['path']} " in unit.content.decode()
    assert not [path for path in _files() if path.endswith(".json")]


def test_the_rule_asks_what_the_alert_asks_and_rings_within_a_minute() -> None:
    (group,) = _yaml("alerting/mm-bot-etick")["groups"]
    (rule,) = group["rules"]
    path = ROOT / "alerts/orders/rules.yaml"
    (alert,) = [r for g in read_rules(path.read_text(), str(path))[0] for r in g.rules if r.alert == "ETickError"]
    (query,) = rule["data"]
    assert query["model"]["expr"].split() == alert.expr.split()
    assert query["relativeTimeRange"] == {"from": 300, "to": 0}
    assert query["model"]["queryType"] == "instant"
    assert rule["labels"] == alert.labels
    seconds = sum(int(text.removesuffix("s")) for text in (group["interval"], rule["for"], _critical()["group_wait"]))
    assert seconds <= 30


def _critical() -> dict[str, Any]:
    (route,) = _yaml("alerting/mm-bot-policies")["policies"][0]["routes"]
    assert route["object_matchers"] == [["severity", "=", "critical"]]
    return dict(route)


def test_the_rule_points_at_its_panel_and_its_runbook() -> None:
    (rule,) = _yaml("alerting/mm-bot-etick")["groups"][0]["rules"]
    board = json.loads((ROOT / f"dashboards/json/{rule['dashboardUid']}.json").read_text())
    (panel,) = [panel for panel in board["panels"] if panel["id"] == rule["panelId"]]
    assert 'code="E_TICK"' in panel["targets"][0]["expr"]
    assert rule["annotations"]["runbook"] == f"{BASE}/alerts/orders/ETickError.md"
    assert "$" not in json.dumps(rule["annotations"]), "Grafana would take it for a variable of the environment"


def _receivers(channels: tuple[str, ...]) -> dict[str, set[str]]:
    points = _yaml("alerting/mm-bot-contact-points", channels)["contactPoints"]
    uids = [one["uid"] for point in points for one in point["receivers"]]
    assert len(uids) == len(set(uids))
    return {point["name"].removeprefix("mm-bot "): {one["type"] for one in point["receivers"]} for point in points}


@pytest.mark.parametrize("channels", [tuple(CHANNELS), ("slack", "pagerduty"), ("webhook",), ("discord", "slack")])
def test_contact_points_are_alertmanagers_receivers(channels: tuple[str, ...]) -> None:
    (config,) = [f for f in alertmanager(_context(channels)).files if f.path.endswith("alertmanager.yml")]
    theirs = {
        receiver["name"]: {key.removesuffix("_configs") for key in receiver if key != "name"}
        for receiver in yaml.safe_load(config.content)["receivers"]
        if receiver["name"] != "watchdog"
    }
    assert _receivers(channels) == theirs


def test_pagerduty_alone_hears_of_everything() -> None:
    """A contact point needs a receiver, and Grafana refuses the file without."""
    assert _receivers(("pagerduty",)) == {"desk": {"pagerduty"}, "page": {"pagerduty"}}


def test_policies_name_contact_points_that_are_there() -> None:
    (policy,) = _yaml("alerting/mm-bot-policies")["policies"]
    points = {point["name"] for point in _yaml("alerting/mm-bot-contact-points")["contactPoints"]}
    assert {policy["receiver"], _critical()["receiver"]} == points


def test_no_secret_stands_where_others_can_read_it() -> None:
    for path, file in _files().items():
        shown = [value for value in SECRETS.values() if value.encode() in file.content]
        assert bool(shown) == path.startswith(grafana.SECRETS)
        if shown:
            assert file.secret
            assert (file.owner, file.group, file.mode) == ("root", "root", 0o600)


def test_every_secret_that_is_named_is_a_credential_with_its_file() -> None:
    made = {file.path: file for file in _service().files}
    named = set(re.findall(rb"\$__file\{([^}]+)\}", b"".join(file.content for file in made.values())))
    credentials = dict(re.findall(rb"(?m)^LoadCredentialEncrypted=(.*):(.*)$", made[grafana.UNIT].content))
    assert named == {f"{grafana.CREDENTIALS}/".encode() + name for name in credentials}
    assert {path.decode() for path in credentials.values()} == {
        path for path in made if path.startswith(grafana.SECRETS)
    }
    assert len(credentials) == len(CHANNELS) + len(OWN)


def test_a_channel_without_its_secret_is_left_out() -> None:
    data = {"alert_channels": ("slack", "discord"), "bot": {}}
    partly = context("desk-1", "prod", data, {"slack_webhook_url": "s3cret"})
    content = b"".join(file.content for file in grafana.files(partly))
    assert b"slack" in content
    assert b"discord" not in content


def test_a_dollar_in_a_setting_stays_one() -> None:
    text = _provisioned()["alerting/mm-bot-contact-points.yaml"].decode()
    assert HOOK.replace("$", "$$") in text


def _service(**more: object) -> Service:
    return grafana.service(_context(**{"grafana": True, "install_source": "present", **more}))


def _text(made: Service, path: str) -> str:
    (file,) = [file for file in made.files if file.path == path]
    return file.content.decode()


def _refused(**data: object) -> str:
    with pytest.raises(SettingsError) as refusal:
        _service(**data)
    return "\n".join(refusal.value.reasons)


def test_a_host_without_grafana_gets_nothing_of_it() -> None:
    assert grafana.service(_context()) == Service("Grafana")


@pytest.mark.parametrize("name", list(grafana.OWN))
def test_grafana_is_refused_without_its_own_secrets(name: str) -> None:
    told = context("desk-1", "prod", {"grafana": True, "alert_webhook_url": HOOK}, {**SECRETS, name: ""})
    with pytest.raises(SettingsError, match=name):
        grafana.service(told)


def test_it_is_closed_quiet_and_on_loopback() -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read_string("[DEFAULT]\n" + _text(_service(), grafana.CONFIG))
    told = {f"{section}.{name}": value for section in settings for name, value in settings[section].items()}
    assert (told["server.http_addr"], told["server.protocol"]) == ("127.0.0.1", "http")
    assert told["server.root_url"] == "http://127.0.0.1:3000/"
    off = ("auth.anonymous.enabled", "users.allow_sign_up", "users.allow_org_create", "news.news_feed_enabled")
    off += ("analytics.reporting_enabled", "analytics.check_for_updates", "analytics.check_for_plugin_updates")
    off += ("plugins.plugin_admin_enabled", "plugins.preinstall_auto_update", "snapshots.external_enabled")
    assert {name: told[name] for name in off} == dict.fromkeys(off, "false")
    assert told["plugins.preinstall_disabled"] == "true"
    assert "security.cookie_secure" not in told
    assert told["paths.provisioning"] == grafana.PROVISIONING


def test_it_is_restarted_when_anything_it_reads_at_its_start_changes() -> None:
    made = _service()
    (unit,) = made.units
    assert set(unit.reads) == {file.path for file in made.files}
    assert unit.ready_url == "http://127.0.0.1:3000/api/health"


def test_behind_tls_it_may_be_reached_from_outside() -> None:
    made = _service(
        grafana_address="192.0.2.7", grafana_tls_cert="/etc/tls/desk.pem", grafana_tls_key="/etc/tls/desk.key"
    )
    assert "cert_key = /run/credentials/grafana-server.service/tls_key" in _text(made, grafana.CONFIG)
    assert "cookie_secure = true" in _text(made, grafana.CONFIG)
    assert "LoadCredential=tls_key:/etc/tls/desk.key\n" in _text(made, grafana.UNIT)
    (port,) = made.ports
    assert (port.address, made.units[0].ready_url) == ("192.0.2.7", None)
    assert {v.name for v in made.validations} >= {f"TLS of Grafana, /etc/tls/desk.{kind}" for kind in ("pem", "key")}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"grafana_address": "192.0.2.7"}, "passwords would pass in clear"),
        ({"grafana_address": "desk"}, "is not an IP address"),
        ({"grafana_tls_cert": "/etc/c.pem"}, "grafana_tls_key is missing"),
        ({"grafana_tls_cert": "c.pem", "grafana_tls_key": "/k"}, "grafana_tls_cert='c.pem' is not an absolute path"),
        ({"grafana_url": "desk.example"}, "is not an http(s) URL"),
    ],
)
def test_what_cannot_be_is_refused_with_its_remedy(data: dict[str, object], words: str) -> None:
    assert words in _refused(**data)


def test_vendor_and_present_run_the_same_program() -> None:
    vendor, present = (grafana.service(_context(grafana=True, install_source=word)) for word in ("vendor", "present"))
    assert [package.name for package in vendor.vendor] == ["grafana"]
    assert [program.name for program in present.present] == ["/usr/share/grafana/bin/grafana"]
    assert _text(vendor, grafana.UNIT) == _text(present, grafana.UNIT)
    assert "ExecStart=/usr/share/grafana/bin/grafana server " in _text(vendor, grafana.UNIT)


if __name__ == "__main__":
    for name, content in _provisioned().items():
        (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
        (GOLDEN / name).write_bytes(content)
