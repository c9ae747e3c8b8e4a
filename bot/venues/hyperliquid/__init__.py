"""Hyperliquid's perpetual futures. So far the price grid; the adapter that trades there is not written yet."""
