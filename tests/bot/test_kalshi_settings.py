"""VENUE=kalshi: what its settings come to, and what of them cannot be meant."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot import settings, wiring
from bot.errors import CannotStart, FixSettings
from bot.runtime.credentials import Credentials
from bot.strategy.edge_locked.params import SEED_GATES, Gate
from bot.strategy.edge_locked.params import Params as Edge
from bot.venues import connection
from bot.venues.kalshi.signing import new_pem
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from tests.bot.test_wiring import Patience

KEY = "6f6a5307-5e11-4000-8000-bfcff5dd3492"
KALSHI = f"VENUE=kalshi\nKALSHI_KEY_ID={KEY}\n"
LIVE = f"{KALSHI}LIVE_TRADING_ENABLED=true\n"
PRODUCTION = "https://external-api.kalshi.com/trade-api/v2"


def test_its_defaults_are_the_runbooks() -> None:
    config = settings.read(KALSHI)
    assert config.edge == Edge(gates=SEED_GATES)
    assert (config.mode, config.discovers, config.markets) == ("paper", True, ())
    assert config.limits.max_markets == 1
    assert settings.read(KALSHI + "MARKETS=KXNHLGAME-26OCT10UTAVGK-VGK").limits.max_inventory == {
        "KXNHLGAME-26OCT10UTAVGK-VGK": Decimal(20)
    }


def test_every_setting_of_the_strategy_reaches_it() -> None:
    text = """PRICE_GATES=NHL:0.40/0.70,NFL:0.44/0.72,CFB:0.42/0.75
ENTRY_SIZE=7
SWEET_SPOT_FROM_MIN=1.5
SWEET_SPOT_TO_MIN=2
HARD_CAP_MIN=3
MAE_TRIM_RATE=0.05
MAE_TRIM_FROM_C=6
QUOTE_COOLDOWN_S=0.5
"""
    gates = {**SEED_GATES, "NHL": Gate(Decimal("0.40"), Decimal("0.70"))}
    assert settings.read(KALSHI + text).edge == Edge(
        gates=gates,
        size=Decimal(7),
        sweet_from_s=90,
        sweet_to_s=120,
        hard_cap_s=180,
        mae_rate=Decimal("0.05"),
        trim_from=Decimal("0.06"),
        cooldown_s=Decimal("0.5"),
    )


@pytest.mark.parametrize("text", ["", "VENUE=hyperliquid", KALSHI + "USE_LEGACY_LOGIC=true"])
def test_only_event_contracts_are_edge_locked_and_not_by_the_old_logic(text: str) -> None:
    assert settings.read(text).edge is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (KALSHI, f"paper: prices of Kalshi's production ({PRODUCTION}); orders stay on this machine"),
        (KALSHI + "SHADOW_MODE=true", f"shadow: prices of Kalshi's production ({PRODUCTION}); quotes are logged"),
        (LIVE, f"live: ORDERS GO to Kalshi's production ({PRODUCTION}) for the account of key {KEY}"),
        (
            LIVE + "KALSHI_API_URL=https://demo-api.kalshi.co/trade-api/v2",
            "live: ORDERS GO to Kalshi's demo (https://demo-api.kalshi.co/trade-api/v2)",
        ),
        (
            LIVE + "KALSHI_API_URL=http://127.0.0.1:8124/trade-api/v2",
            "live: ORDERS GO to a simulated Kalshi on this machine (http://127.0.0.1:8124/trade-api/v2)",
        ),
    ],
    ids=("paper", "shadow", "live", "demo", "simulator"),
)
def test_a_mode_says_what_it_means(text: str, said: str) -> None:
    assert connection.meaning(settings.read(text).connection).startswith(said)


@pytest.mark.parametrize(
    ("api_url", "ws_url"),
    [
        (PRODUCTION, "wss://external-api-ws.kalshi.com/trade-api/ws/v2"),
        ("https://external-api.demo.kalshi.co/trade-api/v2", "wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2"),
        ("https://demo-api.kalshi.co/trade-api/v2", "wss://demo-api.kalshi.co/trade-api/ws/v2"),
        ("http://127.0.0.1:8124/trade-api/v2", "ws://127.0.0.1:8124/trade-api/ws/v2"),
    ],
)
def test_the_socket_is_the_one_beside(api_url: str, ws_url: str) -> None:
    assert settings.read(f"{KALSHI}KALSHI_API_URL={api_url}").connection.ws_url == ws_url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("VENUE=kalshi", "KALSHI_KEY_ID: Kalshi's stream is signed: the id of an API key of the account"),
        (
            "VENUE=kalshi\nLIVE_TRADING_ENABLED=true",
            "KALSHI_KEY_ID: LIVE_TRADING_ENABLED sends signed orders: the id of an API key of the account",
        ),
        (
            "VENUE=kalshi\nKALSHI_KEY_ID=-----BEGIN RSA PRIVATE KEY-----",
            "KALSHI_KEY_ID: must be the id of an API key, 8 to 64 letters, digits and hyphens, "
            "found '-----BEGIN RSA PRIVATE KEY-----'",
        ),
        (
            KALSHI + "KALSHI_API_URL=https://external-api.kalshi.com",
            "KALSHI_API_URL: must end in /trade-api/v2, as that is what is signed, "
            "found https://external-api.kalshi.com",
        ),
        (
            KALSHI + "KALSHI_WS_URL=wss://demo-api.kalshi.co/trade-api/ws/v2",
            "KALSHI_WS_URL: demo-api.kalshi.co and KALSHI_API_URL's external-api.kalshi.com are different exchanges",
        ),
        (
            KALSHI + "KALSHI_API_URL=http://10.0.0.7/trade-api/v2\nKALSHI_WS_URL=wss://10.0.0.7/trade-api/ws/v2",
            "KALSHI_API_URL: http://10.0.0.7/trade-api/v2 is not encrypted, "
            "which is for a simulator on this machine only",
        ),
        (
            KALSHI + "PRICE_GATES=NHL:0.65/0.48",
            "PRICE_GATES: must be LEAGUE:LOW/HIGH with commas between, and 0 < LOW < HIGH < 1 dollar, "
            "found 'NHL:0.65/0.48'",
        ),
        (
            KALSHI + "PRICE_GATES=NHL:0.48/0.65,NFL:0.44/0.72",
            "PRICE_GATES: none for CFB, so that KXNCAAFGAME of KALSHI_SERIES could never be entered",
        ),
        (
            KALSHI + "KALSHI_SERIES=NHL:KXNHLGAME,NHL:KXNFLGAME",
            "KALSHI_SERIES: must be LEAGUE:SERIES with commas between, each named once, "
            "found 'NHL:KXNHLGAME,NHL:KXNFLGAME'",
        ),
        (KALSHI + "SWEET_SPOT_FROM_MIN=12", "SWEET_SPOT_FROM_MIN: 12 is not before SWEET_SPOT_TO_MIN (12)"),
        (
            KALSHI + "HARD_CAP_MIN=11",
            "HARD_CAP_MIN: 11 is before SWEET_SPOT_TO_MIN (12): positions would leave at any price",
        ),
        (
            KALSHI + "MARKETS=A-B\nMAX_INVENTORY_PER_MARKET=A-B:20",
            "MAX_INVENTORY_PER_MARKET: VENUE=kalshi takes one number of contracts for all markets",
        ),
        (KALSHI + "CB_SOFT_CANCELS=30", "CB_HARD_CANCELS: 20 is under CB_SOFT_CANCELS (30)"),
        (KALSHI + "CB_SOFT_CANCELS=9", "CB_SOFT_CANCELS: must be a whole number from 10 to 1000, found '9'"),
        (
            KALSHI + "FILL_LIMIT_15S=5",
            "FILL_LIMIT_15S: 5 is under ENTRY_SIZE (10): the first entry filled would end all others",
        ),
        (
            "VENUE=hyperliquid\nMARKETS=auto\nMAX_INVENTORY_PER_MARKET=1",
            "MARKETS: auto is for VENUE=kalshi; name what to quote on VENUE=hyperliquid",
        ),
    ],
)
def test_a_mistake_is_not_traded_on(text: str, reason: str) -> None:
    with pytest.raises(FixSettings) as refused:
        settings.read(text)
    assert refused.value.reasons == (reason,)


@pytest.mark.parametrize(
    ("text", "contracts"),
    [(KALSHI, 80), (KALSHI + "FILL_LIMIT_15S=33", 33), (KALSHI + "MAX_INVENTORY_PER_MARKET=0.1", 1), ("", 0)],
)
def test_kalshi_itself_stops_fills_that_come_too_fast(text: str, contracts: int) -> None:
    assert settings.read(text).connection.contracts_in_15_s == contracts


def test_a_reload_keeps_the_markets_that_were_found(tmp_path: Path) -> None:
    path = tmp_path / "mm-bot.env"
    path.write_text(KALSHI + "ENTRY_SIZE=5\n")
    running = settings.read(KALSHI).quoting(("A-B",))
    found = settings.reread_file(path, running)
    assert (found.changed, found.refused) == (["ENTRY_SIZE"], [])
    assert found.settings.markets == ("A-B",)
    assert found.settings.limits.max_inventory == {"A-B": Decimal(20)}


def means(folder: Path | None = None) -> wiring.Means:
    environment = {} if folder is None else {"CREDENTIALS_DIRECTORY": str(folder)}
    return wiring.Means(Patience(3), Credentials(environment), lambda said: None)


@pytest.mark.parametrize("text", [KALSHI, KALSHI + "SHADOW_MODE=true", LIVE], ids=("paper", "shadow", "live"))
def test_no_mode_does_without_the_key_nor_shows_it(text: str, tmp_path: Path) -> None:
    to = settings.read(text).connection
    with pytest.raises(CannotStart, match=r"no credential kalshi_private_key \(of KALSHI_KEY_ID: signs the stream"):
        wiring.venue_of(to, (), means())
    (tmp_path / "kalshi_private_key").write_text("hunter2")
    with pytest.raises(CannotStart, match="the credential kalshi_private_key: no private key in PEM form") as refused:
        wiring.venue_of(to, (), means(tmp_path))
    assert "hunter2" not in str(refused.value)
    (tmp_path / "kalshi_private_key").write_bytes(new_pem())
    venue = wiring.venue_of(to, (), means(tmp_path))
    kinds = {"paper": PaperOnFeed, "shadow": ShadowVenue}
    assert isinstance(venue, kinds[to.mode]) if to.mode in kinds else venue.name == "kalshi"


def test_every_key_and_mode_has_a_journal_of_its_own() -> None:
    demo = LIVE + "KALSHI_API_URL=https://demo-api.kalshi.co/trade-api/v2"
    names = [wiring.journal_of(settings.read(text).connection).name for text in (KALSHI, LIVE, demo)]
    assert names == [
        "journal-kalshi-paper-production.sqlite",
        "journal-kalshi-live-production-6f6a5307.sqlite",
        "journal-kalshi-live-demo-6f6a5307.sqlite",
    ]
