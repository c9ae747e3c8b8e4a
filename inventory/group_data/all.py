"""What holds for every host unless its group or the host says so. `deploy/settings/contexts.py` lists every name."""

bind_address = "127.0.0.1"
evaluation_interval = "5s"
log_retention_days = 14

bot = {
    "VENUE": "paper",
    "MARKETS": "BTC,ETH,SOL",
    "MAX_MARKETS_TO_TRADE": 3,
    "LIVE_TRADING_ENABLED": False,
    "SHADOW_MODE": False,
    "DISABLE_NEW_QUOTES": False,
}
