"""What holds for every host unless its group or the host says so. `deploy/settings/contexts.py` lists every name."""

bind_address = "127.0.0.1"
evaluation_interval = "5s"
log_retention_days = 14

# The way to real orders, a word at a time: VENUE "paper" (our own exchange); "hyperliquid" or "kalshi" (its prices,
# still paper); SHADOW_MODE (quotes are logged, not sent); LIVE_TRADING_ENABLED, instead of SHADOW_MODE. Hyperliquid
# wants HYPERLIQUID_ACCOUNT and two secrets for live, hyperliquid_agent_key and hyperliquid_watchdog_key; Kalshi in
# every mode KALSHI_KEY_ID and the secret kalshi_private_key. `mm-bot check --help` lists every setting.
bot = {
    "VENUE": "paper",
    "SHADOW_MODE": False,
    "LIVE_TRADING_ENABLED": False,
    "MARKETS": "BTC,ETH,SOL",
    "MAX_MARKETS_TO_TRADE": 3,
    "DISABLE_NEW_QUOTES": False,
}
