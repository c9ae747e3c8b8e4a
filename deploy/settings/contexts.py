"""What one host is told: the inventory's data, checked and typed. Pure; every problem is reported, all at once."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .. import credentials
from ..errors import SettingsError
from ..versions import COMPONENTS
from . import egress, firewall_settings, grafana_settings, stack
from .channels import Channel, usable
from .egress import Egress
from .firewall_settings import FirewallSettings
from .grafana_settings import GrafanaSettings
from .stack import Stack, is_url
from .trading import Trading, delivered, key_problems, trading

BOT_SECRETS = "bot_"


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on the host's bind address."""

    health: int = 9180
    store: int = 3100
    alertmanager: int = 9093
    loki_grpc: int = 9096
    shipper: int = 9080
    shipper_grpc: int = 9081
    grafana: int = 3000


@dataclass(frozen=True, slots=True)
class Context:
    """All that templates and services may know about a host. Secret values are kept out of its repr."""

    host: str
    group: str
    bind_address: str
    bot: Mapping[str, str]
    trading: Trading
    alert_webhook_url: str
    evaluation_interval: str
    log_retention_days: int
    min_free_disk_mib: int
    max_clock_offset_s: float
    channels: tuple[Channel, ...]
    slack_channel: str
    runbook_base_url: str
    grafana_loki_url: str
    grafana: GrafanaSettings
    stack: Stack
    egress: Egress
    seal_with: str
    firewall: FirewallSettings
    warnings: tuple[str, ...]
    secrets: Mapping[str, str] = field(repr=False)
    ports: Ports = Ports()

    def without_sources(self) -> Context:
        """The same for a host that is left: whatever programs came from need not be there any more."""
        return replace(self, stack=replace(self.stack, source="present", sources={}))

    @property
    def alertmanager_url(self) -> str:
        """Base URL of the host's Alertmanager."""
        return f"http://{self.bind_address}:{self.ports.alertmanager}"

    @property
    def store_url(self) -> str:
        """Base URL of the log store the host's lines go to."""
        return self.stack.loki_url or f"http://{self.bind_address}:{self.ports.store}"

    @property
    def health_url(self) -> str:
        """Base URL of the bot's health endpoints."""
        return f"http://{self.bind_address}:{self.ports.health}"

    @property
    def bot_credentials(self) -> dict[str, str]:
        """Secrets handed to the bot as systemd credentials: those named BOT_SECRETS..., and its key if it has one."""
        named = [name for name in self.secrets if name.startswith(BOT_SECRETS)]
        return self._handed([*named, *self.trading.bot_keys])

    @property
    def watchdog_credentials(self) -> dict[str, str]:
        """The same for the watchdog."""
        return self._handed(self.trading.watchdog_keys)

    def _handed(self, names: Sequence[str]) -> dict[str, str]:
        return {name: delivered(name, self.secrets[name]) for name in names if name in self.secrets}

    @property
    def bot_egress(self) -> tuple[str, ...]:
        """Networks beside loopback that the bot may send to: none unless its venue is out there."""
        return self.egress.bot if self.trading.reaches_out else ()


DEFAULTS: dict[str, object] = {
    "bind_address": "127.0.0.1",
    "bot": {},
    "alert_channels": ("webhook",),
    "alert_webhook_url": "",
    "slack_channel": "#mm-bot",
    "runbook_base_url": "",
    "grafana_loki_url": "",
    **grafana_settings.SETTINGS,
    "evaluation_interval": "5s",
    "log_retention_days": 14,
    "min_free_disk_mib": 2048,
    "max_clock_offset_s": 2.0,
    **stack.SETTINGS,
    **egress.SETTINGS,
    **credentials.SETTINGS,
    **firewall_settings.SETTINGS,
}
"""Data an inventory may set, with what holds where it does not."""

OPERATOR_DATA = {"release", "release_source", "secrets_file", "secrets_generate", "action", "purge"}
"""Data about the deploy itself, not about the host."""

ACTIONS = ("install", "uninstall")


def context(
    host: str,
    group: str,
    data: Mapping[str, object],
    secrets: Mapping[str, str] | None,
    known_problems: Sequence[str] = (),
) -> Context:
    """The context of one host. Raises SettingsError with every problem found, each with its remedy.

    `secrets` None: they could not be read, and `known_problems` says why; everything else is judged all the same.
    """
    problems = [*known_problems, *_unknown_names(data)]
    if (action := data.get("action", "install")) not in ACTIONS:
        problems.append(f"action={action!r} is unknown; it is {' or '.join(ACTIONS)}")
    merged = {**DEFAULTS, **{name: value for name, value in data.items() if name in DEFAULTS}}
    address = str(merged["bind_address"])
    problems += _address_problems(address)
    asked = words(merged["alert_channels"])
    channels, warnings, channel_problems = usable(asked, secrets or {})
    problems += channel_problems if secrets is not None else []
    if "webhook" in asked:
        url = str(merged["alert_webhook_url"])
        problems += (
            []
            if is_url(url)
            else [f"alert_webhook_url={url!r} is not an http(s) URL, and alert_channels asks for webhook"]
        )
    if (runbooks := str(merged["runbook_base_url"])) and not is_url(runbooks):
        problems.append(
            f"runbook_base_url={runbooks!r} is not an http(s) URL; where people read this repository, or empty"
        )
    if (source := str(merged["grafana_loki_url"])) and not is_url(source):
        problems.append(f"grafana_loki_url={source!r} is not an http(s) URL; a Loki's, or empty for our own store")
    bot, bot_problems = _bot_settings(merged["bot"])
    trades = trading(bot)
    problems += key_problems(trades, secrets) if secrets is not None else []
    numbers, number_problems = _numbers(merged)
    chosen, stack_problems, stack_warnings = stack.stack(merged, tuple(COMPONENTS))
    reach, reach_problems = egress.egress(merged)
    grafana, grafana_problems = grafana_settings.grafana_settings(merged, address)
    seal_with, seal_problems = credentials.key(merged)
    firewall, firewall_problems = firewall_settings.firewall_settings(merged)
    problems += firewall_problems
    problems += [*bot_problems, *number_problems, *stack_problems, *reach_problems, *grafana_problems, *seal_problems]
    if problems:
        raise SettingsError(host, problems)
    return Context(
        host=host,
        group=group,
        bind_address=address,
        bot=bot,
        trading=trades,
        alert_webhook_url=str(merged["alert_webhook_url"]),
        evaluation_interval=str(merged["evaluation_interval"]),
        log_retention_days=int(numbers["log_retention_days"]),
        min_free_disk_mib=int(numbers["min_free_disk_mib"]),
        max_clock_offset_s=numbers["max_clock_offset_s"],
        channels=channels,
        slack_channel=str(merged["slack_channel"]),
        runbook_base_url=_folder_url(str(merged["runbook_base_url"])),
        grafana_loki_url=str(merged["grafana_loki_url"]).rstrip("/"),
        grafana=grafana,
        stack=chosen,
        egress=reach,
        seal_with=seal_with,
        firewall=firewall,
        warnings=(*warnings, *stack_warnings),
        secrets=dict(secrets or {}),
    )


def _unknown_names(data: Mapping[str, object]) -> list[str]:
    known = sorted({*DEFAULTS, *OPERATOR_DATA})
    problems = []
    for name in sorted(data):
        if name in known or name.startswith(("ssh_", "_")):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known names: {', '.join(known)}"
        problems.append(f"unknown setting {name} in the inventory or on the command line; {hint}")
    return problems


def words(value: object) -> list[str]:
    """A list from an inventory file, or a,b,c from the command line."""
    return value.split(",") if isinstance(value, str) else [str(part) for part in value]  # type: ignore[attr-defined]


def _address_problems(address: str) -> list[str]:
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        return [f"bind_address={address!r} is not an IP address; use 127.0.0.1"]
    if not loopback:
        return [f"bind_address={address} is reachable from outside; the services have no TLS of their own: use 127.x"]
    return []


def _folder_url(text: str) -> str:
    """With a slash behind, so that a path can follow."""
    return f"{text.rstrip('/')}/" if text else ""


def _bot_settings(value: object) -> tuple[dict[str, str], list[str]]:
    if not isinstance(value, Mapping):
        return {}, [f"bot={value!r} must be a table of settings, as in inventory/group_data/all.py"]
    settings = env_texts(value)
    bad = [name for name, text in settings.items() if "\n" in text or not name.isidentifier()]
    return settings, [
        f"bot setting {name} is not a KEY=value line; remove the line break or odd characters" for name in bad
    ]


def env_texts(table: Mapping[object, object]) -> dict[str, str]:
    """The bot's settings as the env file has them."""
    return {str(name): str(v).lower() if isinstance(v, bool) else str(v) for name, v in table.items()}


def _numbers(merged: Mapping[str, object]) -> tuple[dict[str, float], list[str]]:
    numbers, problems = {}, []
    for name, least in (("log_retention_days", 1.0), ("min_free_disk_mib", 0.0), ("max_clock_offset_s", 0.1)):
        try:
            numbers[name] = float(str(merged[name]))
        except ValueError:
            problems.append(f"{name}={merged[name]!r} is not a number")
            continue
        if numbers[name] < least:
            problems.append(f"{name}={merged[name]} is below {least:g}")
    return numbers, problems
