"""What the bot's settings ask of its host: keys where a venue wants them, and a watchdog, each told by name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.venues.kalshi.signing import new_pem
from deploy.errors import SettingsError
from deploy.services import bot_service
from deploy.settings.contexts import Context, context
from deploy.settings.secrets_check import wanted
from deploy.settings.trading import AGENT, PEM, WATCHDOG, delivered, trading

DATA: dict[str, object] = {"alert_webhook_url": "http://127.0.0.1/"}
LIVE = {"VENUE": "hyperliquid", "LIVE_TRADING_ENABLED": True, "HYPERLIQUID_ACCOUNT": f"0x{'a' * 40}"}
SHADOW = {"VENUE": "hyperliquid", "SHADOW_MODE": True}
KALSHI = {"VENUE": "kalshi", "KALSHI_KEY_ID": "6f6a5307-5e11-4000-8000-bfcff5dd3492"}
KEY_FILE = new_pem().decode()
ONE_LINE = KEY_FILE.replace("\n", "\\n")
KEYS = (AGENT, WATCHDOG, PEM)
SECRETS = {"alert_webhook_token": "x", AGENT: f"0x{'1' * 64}", WATCHDOG: f"0x{'2' * 64}", PEM: ONE_LINE}


def _context(bot: dict[str, object], **secrets: str) -> Context:
    return context("bot-1", "prod", {**DATA, "bot": bot}, {**SECRETS, **secrets})


@pytest.mark.parametrize(
    ("bot", "reaches_out", "keys"),
    [
        ({}, False, ()),
        ({"VENUE": "paper", "LIVE_TRADING_ENABLED": "true"}, False, ()),
        ({"VENUE": "hyperliquid"}, True, ()),
        ({"VENUE": "hyperliquid", "HYPERLIQUID_API_URL": "http://localhost:1"}, False, ()),
        ({"VENUE": "hyperliquid", "HYPERLIQUID_API_URL": "https://10.0.0.1"}, True, ()),
        ({"VENUE": "hyperliquid", "LIVE_TRADING_ENABLED": "True"}, True, (AGENT, WATCHDOG)),
        ({"VENUE": "kalshi"}, True, (PEM,)),
        ({"VENUE": "kalshi", "LIVE_TRADING_ENABLED": "true"}, True, (PEM,)),
        ({"VENUE": "kalshi", "KALSHI_API_URL": "http://127.0.0.1:1/trade-api/v2"}, False, (PEM,)),
        ({"VENUE": "kalshi", "HYPERLIQUID_API_URL": "http://127.0.0.1:1"}, True, (PEM,)),
    ],
)
def test_the_settings_say_what_the_host_needs(bot: dict[str, str], reaches_out: bool, keys: tuple[str, ...]) -> None:
    found = trading(bot)
    assert (found.reaches_out, tuple(found.keys)) == (reaches_out, keys)


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


@pytest.mark.parametrize("mode", [{}, {"LIVE_TRADING_ENABLED": True}], ids=("paper", "live"))
def test_kalshis_key_reaches_the_bot_alone_with_its_lines_and_no_watchdog_stands_beside(
    mode: dict[str, object],
) -> None:
    service = bot_service.service(_context({**KALSHI, **mode}))
    files = {file.path: file.content.decode() for file in service.files}
    assert files[f"/etc/mm-bot/credentials/{PEM}.host"] == KEY_FILE
    assert f"LoadCredentialEncrypted={PEM}:/etc/mm-bot/credentials/{PEM}.host" in files[bot_service.UNIT]
    assert [unit.name for unit in service.units] == ["mm-bot.service"]
    assert not [path for path in files if "hyperliquid" in path]


@pytest.mark.parametrize("bot", [{}, SHADOW], ids=("paper", "shadow"))
def test_without_real_orders_no_key_reaches_the_host(bot: dict[str, object]) -> None:
    service = bot_service.service(_context(bot))
    assert [unit.name for unit in service.units] == ["mm-bot.service"]
    assert not [file.path for file in service.files if "hyperliquid" in file.path or "kalshi" in file.path]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hunter2",
        KEY_FILE.splitlines()[0],
        ONE_LINE.replace("-----END", "-----"),
        ONE_LINE.replace("PRIVATE", "PUBLIC"),
    ],
    ids=("none", "no-pem", "its-first-line", "cut", "the-public-one"),
)
def test_a_key_of_kalshis_that_would_not_do_stops_the_deploy_and_is_not_shown(value: str) -> None:
    with pytest.raises(SettingsError, match="kalshi_private_key") as refused:
        _context(KALSHI, **{PEM: value})
    assert not value or value not in str(refused.value)


def test_a_pem_file_in_one_line_is_what_awk_makes_of_it(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(KEY_FILE)
    made = subprocess.run(["awk", "-v", r"ORS=\\n", "1", str(tmp_path / "key.pem")], capture_output=True, check=True)
    assert made.stdout.decode() == ONE_LINE
    assert delivered(PEM, ONE_LINE) == KEY_FILE


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


def test_secrets_check_wants_them_where_they_are_used() -> None:
    assert {AGENT, WATCHDOG} == wanted({"bot": LIVE}).keys() & {*KEYS}
    assert {PEM} == wanted({"bot": KALSHI}).keys() & {*KEYS}
    assert not {*KEYS} & wanted({"bot": SHADOW}).keys()
    assert not {*KEYS} & wanted({}).keys()
