"""Where alarms go: the channels there are, the secret each needs, and which of those asked for can be used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_IN_MEMORY = "/run/credentials/prometheus-alertmanager.service"


@dataclass(frozen=True, slots=True)
class Channel:
    """`secret` is its name in the secrets file; `file` is where Alertmanager reads it, "" if it must stand inline."""

    name: str
    secret: str
    purpose: str
    file: str = ""


CHANNELS = {
    channel.name: channel
    for channel in (
        Channel(
            "webhook",
            "alert_webhook_token",
            "bearer token Alertmanager sends to alert_webhook_url",
            f"{_IN_MEMORY}/alert_webhook_token",
        ),
        Channel(
            "slack",
            "slack_webhook_url",
            "incoming-webhook URL of the desk's Slack channel",
            f"{_IN_MEMORY}/slack_webhook_url",
        ),
        Channel(
            "pagerduty",
            "pagerduty_routing_key",
            "integration key of an Events API v2 service; it is paged for critical alarms only",
            f"{_IN_MEMORY}/pagerduty_routing_key",
        ),
        # Debian 12's Alertmanager 0.25 reads no file for it, so the URL stands in alertmanager.yml.
        Channel("discord", "discord_webhook_url", "webhook URL of the desk's Discord channel"),
    )
}
"""Every channel by its name in `alert_channels`."""


def usable(asked: Iterable[str], secrets: Mapping[str, str]) -> tuple[tuple[Channel, ...], list[str], list[str]]:
    """The channels that can be used, warnings about those left out, and problems that stop the deploy.

    A channel whose secret is missing is left out rather than rendered broken; that none is left is a problem.
    """
    names = list(dict.fromkeys(asked))
    problems = [
        f"alert_channels names {name!r}; known are {', '.join(CHANNELS)}" for name in names if name not in CHANNELS
    ]
    known = [CHANNELS[name] for name in names if name in CHANNELS]
    ready = tuple(channel for channel in known if secrets.get(channel.secret))
    missing = [
        f"secret {channel.secret} is missing ({channel.purpose}): add a line {channel.secret}=... to the secrets file"
        for channel in known
        if channel not in ready
    ]
    if not ready:
        return (), [], [*problems, *missing, "no channel is left: no alarm would reach anybody"]
    return ready, [f"{why}; until then that channel is left out" for why in missing], problems
