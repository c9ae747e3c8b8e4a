"""The env file: what is read, what is refused with which words, what a reload takes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from bot import settings
from bot.errors import FixSettings
from bot.execution import retry_guard
from bot.market.overrides import Override
from bot.settings.syntax import pairs
from bot.venues import connection


def refusal(text: str) -> tuple[str, ...]:
    with pytest.raises(FixSettings) as refused:
        settings.read(text)
    return refused.value.reasons


def test_an_empty_file_means_the_defaults() -> None:
    config = settings.read("")
    assert config.markets == ("BTC", "ETH", "SOL")
    assert config.health == ("127.0.0.1", 9180)
    assert config.log_dir == Path("/var/log/mm-bot")
    assert config.limits.max_inventory == {"BTC": Decimal("0.05"), "ETH": Decimal("1.5"), "SOL": Decimal(30)}
    assert not config.quotes_off


def test_the_grammar_is_systemds() -> None:
    text = """
# a comment
; another
MARKETS="SOL"
 LOG_DIR='/srv/with space'
STATE_DIR="/srv/a \\"quoted\\" \\\\ name"
PAPER_SEED=42
"""
    config = settings.read(text)
    assert config.markets == ("SOL",)
    assert config.log_dir == Path("/srv/with space")
    assert config.state_dir == Path('/srv/a "quoted" \\ name')
    assert config.connection.paper_seed == 42


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("MARKET=BTC", "MARKET: no such setting, did you mean MARKETS?"),
        ("quote_size_usd=5", "quote_size_usd: no such setting, did you mean QUOTE_SIZE_USD?"),
        ("XYZZY=1", "XYZZY: no such setting; `mm-bot check --help` lists all"),
        ("MARKETS=BTC,DOGE,PEPE", "MARKETS: VENUE=paper lists BTC, ETH, SOL, not DOGE, PEPE"),
        ("MARKETS=BTC,BTC", "MARKETS: must be different names of markets with commas between, found 'BTC,BTC'"),
        ("MARKETS=", "MARKETS: must be different names of markets with commas between, found ''"),
        ("VENUE=hyperlikwid", "VENUE: must be paper, hyperliquid or kalshi, found 'hyperlikwid'"),
        ("DISABLE_NEW_QUOTES=yes", "DISABLE_NEW_QUOTES: must be true or false, found 'yes'"),
        ("HEALTH_PORT=0", "HEALTH_PORT: must be a whole number from 1 to 65535, found '0'"),
        ("HEALTH_PORT=99999", "HEALTH_PORT: must be a whole number from 1 to 65535, found '99999'"),
        ("HEALTH_PORT=9180 # ours", "HEALTH_PORT: must be a whole number from 1 to 65535, found '9180 # ours'"),
        ("HEALTH_ADDRESS=localhost", "HEALTH_ADDRESS: must be an IP address, found 'localhost'"),
        ("QUOTE_HALF_SPREAD_BPS=-1", "QUOTE_HALF_SPREAD_BPS: must be a number from 0.1 to 1000, found '-1'"),
        ("QUOTE_HALF_SPREAD_BPS=nan", "QUOTE_HALF_SPREAD_BPS: must be a number from 0.1 to 1000, found 'nan'"),
        ("QUOTE_SIZE_USD=1e99", "QUOTE_SIZE_USD: must be a number from 10 to 1000000, found '1e99'"),
        ("MAX_MARKETS_TO_TRADE=0", "MAX_MARKETS_TO_TRADE: must be a whole number from 1 to 100, found '0'"),
        (
            "MAX_INVENTORY_PER_MARKET=BTC:0.1,BTC:0.2",
            "MAX_INVENTORY_PER_MARKET: must be one number above 0, or MARKET:NUMBER with commas between, "
            "found 'BTC:0.1,BTC:0.2'",
        ),
        (
            "MAX_INVENTORY_PER_MARKET=BTC:1,ETH:1",
            "MAX_INVENTORY_PER_MARKET: no limit for SOL, which MARKETS names",
        ),
        (
            "MAX_INVENTORY_PER_MARKET=BTC:1,ETH:1,SOL:0.001",
            "MAX_INVENTORY_PER_MARKET: under one lot of SOL (0.01)",
        ),
        ("LOG_DIR=", "LOG_DIR: must be a path, found ''"),
        ("export MARKETS=BTC", "line 1: not KEY=value"),
        ("MARKETS", "line 1: not KEY=value"),
        ('LOG_DIR="/srv', 'LOG_DIR: a quote " that is not closed in line 1'),
        ("LOG_DIR=/srv\\", "LOG_DIR: a value must end on its own line (no trailing backslash) in line 1"),
        ("PAPER_SEED=1\nPAPER_SEED=2", "PAPER_SEED: set twice, in lines 1 and 2"),
    ],
)
def test_refused(line: str, reason: str) -> None:
    caps = "MAX_INVENTORY_PER_MARKET=1\n" if line.startswith("MARKETS=BTC,DOGE") else ""
    assert refusal(caps + line) == (reason,)


@pytest.mark.parametrize("before", ["KALSHI_KEY_ID=", 'KALSHI_KEY_ID="', ""])
def test_a_key_that_strayed_into_the_file_is_not_shown(before: str) -> None:
    pem = rsa.generate_private_key(65_537, 2_048).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    for text in (pem.decode(), "".join(pem.decode().splitlines()[1:-1])):
        said = "\n".join(refusal(f"VENUE=kalshi\n{before}{text}"))
        secret = text.replace("\n", "")[80:]
        assert said
        assert not any(secret[start : start + 41] in said for start in range(len(secret) - 40))


def test_all_reasons_come_at_once() -> None:
    found = refusal("MARKET=BTC\nHEALTH_PORT=x\nnonsense\nLIVE_TRADING_ENABLED=yes\n")
    assert len(found) == 4


def test_one_number_limits_every_market() -> None:
    config = settings.read("MAX_INVENTORY_PER_MARKET=20")
    assert config.limits.max_inventory == dict.fromkeys(("BTC", "ETH", "SOL"), Decimal(20))


@pytest.mark.parametrize(("text", "after"), [("VENUE=hyperliquid", 5), ("VENUE=paper\nQUOTE_ADVANCE_AFTER_S=7", 0)])
def test_requests_are_saved_where_a_venue_counts_them(text: str, after: int) -> None:
    assert settings.read(text).send.advance_after == after * 1_000_000_000


@pytest.mark.parametrize("name", settings.TABLE)
def test_every_default_is_shown_as_it_would_be_written(name: str) -> None:
    setting = settings.TABLE[name]
    assert settings.show(setting.parse(setting.default)) == setting.default


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match=r"env file .*/none\.env cannot be read: No such file or directory"):
        settings.read_file(tmp_path / "none.env")
    (tmp_path / "binary.env").write_bytes(b"MARKETS=\xff\xfe")
    with pytest.raises(FixSettings, match="not UTF-8"):
        settings.read_file(tmp_path / "binary.env")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    found, reasons = pairs(text)
    assert isinstance(found, dict)
    assert all(reasons)


def reread(tmp_path: Path, before: str, after: str | None) -> settings.Reread:
    path = tmp_path / "mm-bot.env"
    if after is not None:
        path.write_text(after)
    return settings.reread_file(path, settings.read(before))


def test_a_reload_takes_what_may_change_and_names_the_rest(tmp_path: Path) -> None:
    after = "QUOTE_SIZE_USD=900\nREQUOTE_BPS=none\nMARKETS=SOL\nDISABLE_NEW_QUOTES=true\nTYPO=1\n"
    found = reread(tmp_path, "REQUOTE_BPS=4\n", after)
    assert found.changed == ["DISABLE_NEW_QUOTES", "QUOTE_SIZE_USD"]
    assert found.refused == [
        "REQUOTE_BPS: must be a number from 0.1 to 1000, found 'none'",
        "TYPO: no such setting; `mm-bot check --help` lists all",
        "MARKETS: needs a restart; running with BTC,ETH,SOL",
    ]
    assert found.settings.quotes_off
    assert found.settings.maker.size_usd == 900
    assert found.settings.maker.requote_bps == 4
    assert found.settings.markets == ("BTC", "ETH", "SOL")


def test_a_reload_that_makes_no_sense_together_still_stops_quotes(tmp_path: Path) -> None:
    after = "MAX_INVENTORY_PER_MARKET=BTC:1\nDISABLE_NEW_QUOTES=true\nQUOTE_SIZE_USD=900\n"
    found = reread(tmp_path, "", after)
    assert found.changed == ["DISABLE_NEW_QUOTES"]
    assert found.settings.quotes_off
    assert found.settings.maker.size_usd == 500
    assert len(found.refused) == 2


def test_a_reload_without_its_file_changes_nothing(tmp_path: Path) -> None:
    found = reread(tmp_path, "PAPER_SEED=1", None)
    assert found.changed == []
    assert "cannot be read" in found.refused[0]
    assert found.settings.connection.paper_seed == 1


def test_a_removed_line_means_the_default_again(tmp_path: Path) -> None:
    found = reread(tmp_path, "DISABLE_NEW_QUOTES=true", "")
    assert found.changed == ["DISABLE_NEW_QUOTES"]
    assert not found.settings.quotes_off


HYPERLIQUID = "VENUE=hyperliquid\n"
ACCOUNT = f"HYPERLIQUID_ACCOUNT=0x{'Ab' * 20}\n"
LIVE = f"{HYPERLIQUID}LIVE_TRADING_ENABLED=true\n"


@pytest.mark.parametrize(
    ("text", "mode", "meaning"),
    [
        ("", "paper", "paper: orders stay on this machine, at our own exchange"),
        (HYPERLIQUID, "paper", "paper: prices of Hyperliquid's mainnet (https://api.hyperliquid.xyz); orders stay on"),
        (HYPERLIQUID + "SHADOW_MODE=true\n", "shadow", "shadow: prices of Hyperliquid's mainnet"),
        (
            LIVE + ACCOUNT,
            "live",
            "live: ORDERS GO to Hyperliquid's mainnet (https://api.hyperliquid.xyz) for the",
        ),
        (
            LIVE + ACCOUNT + "HYPERLIQUID_API_URL=https://api.hyperliquid-testnet.xyz/\n",
            "live",
            "live: ORDERS GO to Hyperliquid's testnet (https://api.hyperliquid-testnet.xyz) for the account 0xabab",
        ),
        (
            LIVE + ACCOUNT + "HYPERLIQUID_API_URL=http://127.0.0.1:8123\n",
            "live",
            "live: ORDERS GO to a simulated Hyperliquid on this machine (http://127.0.0.1:8123)",
        ),
        (
            LIVE + ACCOUNT + "HYPERLIQUID_API_URL=https://hyperliquid.example.net\n",
            "live",
            "live: ORDERS GO to a Hyperliquid elsewhere, not mainnet (https://hyperliquid.example.net)",
        ),
    ],
    ids=("own-exchange", "paper-on-feed", "shadow", "live", "testnet", "simulator", "elsewhere"),
)
def test_a_mode_says_what_it_means(text: str, mode: str, meaning: str) -> None:
    config = settings.read(text)
    assert config.mode == mode
    assert connection.meaning(config.connection).startswith(meaning)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "LIVE_TRADING_ENABLED=true",
            "LIVE_TRADING_ENABLED: VENUE=paper is our own exchange, always paper: name another VENUE, or set it false",
        ),
        (
            "SHADOW_MODE=true",
            "SHADOW_MODE: VENUE=paper is our own exchange, always paper: name another VENUE, or set it false",
        ),
        (
            LIVE + ACCOUNT + "SHADOW_MODE=true",
            "SHADOW_MODE: sends no order, LIVE_TRADING_ENABLED sends them: only one can be true",
        ),
        (LIVE, "HYPERLIQUID_ACCOUNT: LIVE_TRADING_ENABLED needs the address of the account that trades"),
        (
            LIVE + ACCOUNT + "QUOTE_MIN_EDGE_BPS=-1",
            "QUOTE_MIN_EDGE_BPS: below 0 each fill loses money by design; LIVE_TRADING_ENABLED takes 0 or more",
        ),
        (
            HYPERLIQUID + "HYPERLIQUID_API_URL=https://api.hyperliquid-testnet.xyz\n"
            "HYPERLIQUID_WS_URL=wss://api.hyperliquid.xyz/ws",
            "HYPERLIQUID_WS_URL: api.hyperliquid.xyz and HYPERLIQUID_API_URL's api.hyperliquid-testnet.xyz "
            "are different exchanges",
        ),
        (
            HYPERLIQUID + "HYPERLIQUID_API_URL=http://10.0.0.7:8123\nHYPERLIQUID_WS_URL=wss://10.0.0.7/ws",
            "HYPERLIQUID_API_URL: http://10.0.0.7:8123 is not encrypted, which is for a simulator on this machine only",
        ),
        ("HYPERLIQUID_API_URL=ftp://x", "HYPERLIQUID_API_URL: must be https://HOST or http://HOST, found 'ftp://x'"),
        ("HYPERLIQUID_API_URL=https://", "HYPERLIQUID_API_URL: must be https://HOST or http://HOST, found 'https://'"),
        ("HYPERLIQUID_WS_URL=wss://h:x", "HYPERLIQUID_WS_URL: must be wss://HOST or ws://HOST, found 'wss://h:x'"),
        ("HYPERLIQUID_ACCOUNT=0x12", "HYPERLIQUID_ACCOUNT: must be 0x and 40 hex digits, found '0x12'"),
        ("SPEC_OVERRIDE_SOL_TICK=0", "SPEC_OVERRIDE_SOL_TICK: must be a number from 0.00000001 to 1000000, found '0'"),
        ("SPEC_OVERRIDE_DOGE_LOT=1", "SPEC_OVERRIDE_DOGE_LOT: MARKETS does not name DOGE"),
        ("SPEC_OVERRIDE_SOL_TICKS=1", "SPEC_OVERRIDE_SOL_TICKS: no such setting; `mm-bot check --help` lists all"),
        ("RETRY_GUARD_MAX_RETRIES=11", "RETRY_GUARD_MAX_RETRIES: must be a whole number from 0 to 10, found '11'"),
        ("WATCHDOG_AFTER_S=1", "WATCHDOG_AFTER_S: must be a number from 3 to 600, found '1'"),
    ],
)
def test_a_mistake_is_not_traded_on(text: str, reason: str) -> None:
    assert refusal(text) == (reason,)


def test_hyperliquids_markets_are_the_venues_to_judge() -> None:
    config = settings.read(HYPERLIQUID + "MARKETS=HYPE,kPEPE\nMAX_INVENTORY_PER_MARKET=1000")
    assert config.markets == ("HYPE", "kPEPE")


def test_the_socket_is_the_servers_own_unless_named() -> None:
    here = HYPERLIQUID + "HYPERLIQUID_API_URL=http://127.0.0.1:8123/\n"
    assert settings.read(here).connection.ws_url == "ws://127.0.0.1:8123/ws"
    assert settings.read(HYPERLIQUID).connection.ws_url == "wss://api.hyperliquid.xyz/ws"
    named = settings.read(here + "HYPERLIQUID_WS_URL=ws://localhost:9/other")
    assert named.connection.ws_url == "ws://localhost:9/other"


def test_the_retry_guard_obeys_its_settings() -> None:
    text = "RETRY_GUARD_ENABLED=false\nRETRY_GUARD_MAX_RETRIES=3\nRETRY_GUARD_SPEC_TTL_MS=1500\n"
    assert settings.read(text).guard == retry_guard.Params(enabled=False, max_retries=3, spec_ttl=1_500_000_000)
    assert settings.read("").guard == retry_guard.Params()


def test_overrides_carry_a_markets_name_and_need_a_restart(tmp_path: Path) -> None:
    both = "SPEC_OVERRIDE_SOL_TICK=0.01\nSPEC_OVERRIDE_SOL_LOT=0.1\n"
    assert settings.read(both).overrides == {"SOL": Override(Decimal("0.01"), Decimal("0.1"))}
    found = reread(tmp_path, both, "SPEC_OVERRIDE_SOL_LOT=0.2\nSPEC_OVERRIDE_ETH_TICK=1\n")
    assert found.settings.overrides == settings.read(both).overrides
    assert found.refused == [
        "SPEC_OVERRIDE_SOL_LOT: needs a restart; running with 0.1",
        "SPEC_OVERRIDE_ETH_TICK: needs a restart; running without",
        "SPEC_OVERRIDE_SOL_TICK: needs a restart; running with 0.01",
    ]
