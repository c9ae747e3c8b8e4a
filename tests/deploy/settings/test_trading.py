"""What the bot's settings ask of its host: keys and a watchdog for real orders only, each told by name."""

from __future__ import annotations

import pytest

from deploy.errors import SettingsError
from deploy.services import bot_service
from deploy.settings.contexts import Context, context
from deploy.settings.secrets_check import wanted
from deploy.settings.trading import AGENT, KEYS, WATCHDOG, trading

DATA: dict[str, object] = {"alert_webhook_url": "http://127.0.0.1/"}
LIVE = {"VENUE": "hyperliquid", "LIVE_TRADING_ENABLED": True, "HYPERLIQUID_ACCOUNT": f"0x{'a' * 40}"}
SHADOW = {"VENUE": "hyperliquid", "SHADOW_MODE": True}
SECRETS = {"alert_webhook_token": "x", AGENT: f"0x{'1' * 64}", WATCHDOG: f"0x{'2' * 64}"}


def _context(bot: dict[str, object], **secrets: str) -> Context:
    return context("bot-1", "prod", {**DATA, "bot": bot}, {**SECRETS, **secrets})


@pytest.mark.parametrize(
    ("bot", "reaches_out", "live"),
    [
        ({}, False, False),
        ({"VENUE": "paper", "LIVE_TRADING_ENABLED": "true"}, False, False),
        ({"VENUE": "hyperliquid"}, True, False),
        ({"VENUE": "hyperliquid", "HYPERLIQUID_API_URL": "http://localhost:1"}, False, False),
        ({"VENUE": "hyperliquid", "HYPERLIQUID_API_URL": "https://10.0.0.1"}, True, False),
        ({"VENUE": "hyperliquid", "LIVE_TRADING_ENABLED": "True"}, True, True),
    ],
)
def test_the_settings_say_what_the_host_needs(bot: dict[str, str], reaches_out: bool, live: bool) -> None:
    found = trading(bot)
    assert (found.reaches_out, found.live) == (reaches_out, live)


def test_each_process_of_a_live_bot_gets_its_own_key_and_no_other() -> None:
    service = bot_service.service(_context(LIVE))
    texts = {file.path: file.content.decode() for file in service.files}
    loads = {
        path: [line for line in texts[path].splitlines() if line.startswith("LoadCredential")]
        for path in (bot_service.UNIT, bot_service.WATCHDOG_UNIT)
    }
    folder = "/etc/mm-bot/credentials"
    assert loads[bot_service.UNIT] == [f"LoadCredentialEncrypted={AGENT}:{folder}/{AGENT}.host"]
    assert loads[bot_service.WATCHDOG_UNIT] == [f"LoadCredentialEncrypted={WATCHDOG}:{folder}/{WATCHDOG}.host"]
    assert [unit.name for unit in service.units] == ["mm-bot.service", "mm-bot-watchdog.service"]
    assert not any(SECRETS[name] in text for name in KEYS for path, text in texts.items() if "credentials" not in path)


@pytest.mark.parametrize("bot", [{}, SHADOW], ids=("paper", "shadow"))
def test_without_real_orders_no_key_reaches_the_host(bot: dict[str, object]) -> None:
    service = bot_service.service(_context(bot))
    assert [unit.name for unit in service.units] == ["mm-bot.service"]
    assert not [file.path for file in service.files if "hyperliquid" in file.path]


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        ({AGENT: ""}, "LIVE_TRADING_ENABLED wants the secret hyperliquid_agent_key, which signs the bot's orders"),
        ({WATCHDOG: ""}, "LIVE_TRADING_ENABLED wants the secret hyperliquid_watchdog_key, which signs the cancels"),
        ({AGENT: "hunter2"}, "the secret hyperliquid_agent_key is not 0x and 64 hex digits"),
        ({WATCHDOG: SECRETS[AGENT]}, "hyperliquid_agent_key and hyperliquid_watchdog_key are the same key"),
    ],
    ids=("no-agent", "no-watchdog", "no-key", "one-for-both"),
)
def test_keys_that_would_not_do_stop_the_deploy_and_are_not_shown(secrets: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as refused:
        _context(LIVE, **secrets)
    assert "hunter2" not in str(refused.value)


def test_secrets_check_wants_them_for_real_orders_only() -> None:
    assert KEYS.keys() <= wanted({"bot": LIVE}).keys()
    assert not KEYS.keys() & wanted({"bot": SHADOW}).keys()
    assert not KEYS.keys() & wanted({}).keys()
