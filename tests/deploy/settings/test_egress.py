"""Where services that must reach the world may send to: everywhere but to a machine's own secrets."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import preflight
from deploy.errors import SettingsError
from deploy.service import Wanted
from deploy.settings.contexts import context
from deploy.settings.egress import DEFAULT, allowed, egress, reaches
from deploy.templates import render
from tests.deploy.hosts import deployed

DATA: dict[str, object] = {"alert_webhook_url": "http://127.0.0.1/", "bot": {"VENUE": "hyperliquid"}}
SECRETS = {
    "alert_webhook_token": "x",
    "kalshi_private_key": r"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
}
CLOSED = ("169.254.0.0/16", "224.0.0.0/3", "0.0.0.0/8", "100.100.100.200/32", "fd00:ec2::/32", "fe80::/10", "ff00::/8")


@given(st.ip_addresses(v=4) | st.ip_addresses(network="2000::/3") | st.ip_addresses(network="fc00::/7"))
def test_every_address_is_either_closed_or_reached(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    closed = any(address in ipaddress.ip_network(network) for network in CLOSED)
    assert reaches(allowed([DEFAULT]), str(address)) is (address.is_loopback or not closed)


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "fe80::1%eth0", "100.100.100.200"])
def test_where_clouds_hand_out_credentials_is_closed(address: str) -> None:
    assert not reaches(allowed([DEFAULT]), address)


def test_an_operator_adds_to_the_default_or_replaces_it() -> None:
    assert reaches(allowed([DEFAULT, "169.254.169.253"]), "169.254.169.253")
    assert allowed(["10.1.0.0/16"]) == ("10.1.0.0/16",)
    found, problems = egress({"bot_egress": "10.0.0.0/8,192.0.2.7"})
    assert (found.bot, problems) == (("10.0.0.0/8", "192.0.2.7/32"), [])
    assert found.alertmanager == allowed([DEFAULT])


def test_a_word_that_is_no_network_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"alertmanager_egress: 'slack.com' .* name networks such as 10.1.0.0/16"):
        context("bot-1", "prod", {**DATA, "alertmanager_egress": ["slack.com"]}, SECRETS)


def test_a_name_server_that_could_not_be_asked_stops_the_deploy() -> None:
    """At Google the name server is the metadata server: without a word, no alarm would find Slack."""
    state = deployed()
    state.name_servers = ["127.0.0.53", "10.0.0.2", "169.254.169.254"]
    clock = (state.clock - 0.1, state.clock + 0.1)
    reasons = preflight.reasons(context("bot-1", "prod", DATA, SECRETS), Wanted(()), state, clock)
    assert [reason.partition(",")[0] for reason in reasons] == [
        "its name server 169.254.169.254 is outside alertmanager_egress",
        "its name server 169.254.169.254 is outside bot_egress",
    ]
    more = {"alertmanager_egress": [DEFAULT, "169.254.169.254"], "bot_egress": [DEFAULT, "169.254.169.254"]}
    assert preflight.reasons(context("bot-1", "prod", {**DATA, **more}, SECRETS), Wanted(()), state, clock) == []


def test_the_units_have_it() -> None:
    told = context("bot-1", "prod", DATA, SECRETS)
    for template in ("alertmanager/hardening.conf", "mm-bot/mm-bot.service"):
        lines = render(template, told, loads=[]).decode().splitlines()
        words = [word for line in lines if line.startswith("IPAddressAllow=") for word in line[15:].split()]
        assert "IPAddressDeny=any" in lines
        assert words == ["localhost", *allowed([DEFAULT])]


@pytest.mark.parametrize(
    "bot",
    [
        {"VENUE": "paper"},
        {"VENUE": "hyperliquid", "HYPERLIQUID_API_URL": "http://127.0.0.1:8123"},
        {"VENUE": "kalshi", "KALSHI_API_URL": "http://127.0.0.1:8124/trade-api/v2"},
        {},
    ],
    ids=("own-exchange", "simulator", "simulated-kalshi", "nothing-said"),
)
def test_a_bot_whose_venue_is_on_the_host_reaches_nothing_else(bot: dict[str, object]) -> None:
    told = context("bot-1", "prod", {**DATA, "bot": bot}, SECRETS)
    lines = render("mm-bot/mm-bot.service", told, loads=[]).decode().splitlines()
    assert [line for line in lines if line.startswith("IPAddressAllow=")] == ["IPAddressAllow=localhost"]
    state = deployed()
    state.name_servers = ["169.254.169.254"]
    clock = (state.clock - 0.1, state.clock + 0.1)
    assert not [why for why in preflight.reasons(told, Wanted(()), state, clock) if "bot_egress" in why]
