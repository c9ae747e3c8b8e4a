"""Schedules at Hyperliquid."""
